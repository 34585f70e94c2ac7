//! Where a connection leads: an account's endpoint with its key (reference: Azure Functions, section 1.6; Cosmos DB, section 9.1).
//!
//! Errors name the setting and the key in it, never a value.

#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use hearth_model::settings::{self, Connection, Settings};

/// Name of the connection of bindings that name none.
pub const DEFAULT_CONNECTION: &str = "CosmosDB";

/// What a binding's `connection` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CosmosTarget {
    /// Nothing is said of Cosmos DB at all: the app's own account in the embedded store.
    Own,
    /// An endpoint. It may turn out to be one of the embedded store, by its key.
    Endpoint(CosmosConnection),
}

impl CosmosTarget {
    /// What a binding's `connection` leads to under the settings of its app. A connection that is named must be there; without a
    /// name `CosmosDB` counts, which need not.
    ///
    /// # Errors
    /// The setting is not there, is empty, or is no connection string.
    pub fn find(settings: &Settings, name: Option<&str>) -> Result<Self, CosmosConnectionError> {
        let asked = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT_CONNECTION);
        let is_default = asked.eq_ignore_ascii_case(DEFAULT_CONNECTION);
        let names = [
            "ConnectionStrings:AzureWebJobsCosmosDB",
            "AzureWebJobsCosmosDB",
            "ConnectionStrings:CosmosDB",
            "CosmosDB",
        ];
        let found = match settings::connection(settings, Some(asked), DEFAULT_CONNECTION) {
            Ok(found) => found,
            // An empty setting is a mistake; none at all means that the app has no documents elsewhere.
            Err(_) if is_default && names.iter().all(|name| settings.get(name).is_none()) => return Ok(Self::Own),
            Err(error) => return Err(CosmosConnectionError(error)),
        };
        let (place, read) = match &found {
            Connection::Text { setting, value } => (format!("the app setting '{setting}'"), value.parse()),
            Connection::Identity { section, .. } => (
                format!("the settings '{section}__...'"),
                Err(CosmosConnectionError(format!(
                    "identities do not open Cosmos DB here; set '{section}' to a connection string with the account's key, \
                     AccountEndpoint=...;AccountKey=..."
                ))),
            ),
        };
        read.map(Self::Endpoint).map_err(|reason| {
            CosmosConnectionError(format!("the connection '{asked}' ({place}) can't be used: {reason}"))
        })
    }
}

/// The endpoint of an account and the key that opens it. It is read from a connection string by [`str::parse`].
#[derive(Clone, PartialEq, Eq)]
pub struct CosmosConnection {
    /// Base URL without a slash at its end, for example `https://shop.documents.azure.com:443`.
    pub endpoint: String,
    /// The account's key, decoded: requests are signed with it.
    pub key: Vec<u8>,
    /// Whether a certificate that nobody vouches for will do. Only an endpoint on this machine may say so.
    pub accepts_any_certificate: bool,
}

impl CosmosConnection {
    /// Host of the endpoint without its port, as the change feed's leases name it; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        let rest = self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        }
    }

    /// Whether the endpoint is on this machine: `localhost`, 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        hearth_outbound::is_loopback(self.host())
    }
}

/// Without the key.
impl fmt::Debug for CosmosConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CosmosConnection")
            .field("endpoint", &self.endpoint)
            .field("accepts_any_certificate", &self.accepts_any_certificate)
            .finish_non_exhaustive()
    }
}

/// Why a connection leads nowhere; public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CosmosConnectionError(pub String);
