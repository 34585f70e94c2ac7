//! Where a storage connection leads: an endpoint with a credential (reference: sections 1.6 and 4.6).
//!
//! Errors name the setting and the key in it, never a value.

mod identity;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use hearth_model::settings::{self, Connection, Settings};

pub use identity::{Identity, IdentityKind};

/// Name of the connection of bindings that name none.
pub const DEFAULT_CONNECTION: &str = "Storage";

/// Account of `UseDevelopmentStorage=true`.
pub const DEVELOPMENT_ACCOUNT: &str = "devstoreaccount1";

/// Its well-known key, in base64.
pub const DEVELOPMENT_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// What a binding's `connection` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueTarget {
    /// Nothing is said of storage at all: the app's own account in the embedded service.
    Own,
    /// `UseDevelopmentStorage=true`: the embedded service under `hearth start`, elsewhere what this connection says, an emulator
    /// on this machine.
    Development(QueueConnection),
    /// An endpoint. It may turn out to be one of the embedded service, by its address and account.
    Endpoint(QueueConnection),
}

impl QueueTarget {
    /// What a binding's `connection` leads to under the settings of its app.
    pub fn find(settings: &Settings, name: Option<&str>) -> Result<Self, QueueConnectionError> {
        let asked = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT_CONNECTION);
        let is_default =
            asked.eq_ignore_ascii_case(DEFAULT_CONNECTION) || asked.eq_ignore_ascii_case("AzureWebJobsStorage");
        let names =
            ["ConnectionStrings:AzureWebJobsStorage", "AzureWebJobsStorage", "ConnectionStrings:Storage", "Storage"];
        let found = match settings::connection(settings, Some(asked), DEFAULT_CONNECTION) {
            Ok(found) => found,
            // An empty setting is a mistake; none at all means that the app has no storage elsewhere.
            Err(_) if is_default && names.iter().all(|name| settings.get(name).is_none()) => return Ok(Self::Own),
            Err(error) => return Err(QueueConnectionError(error)),
        };
        let (place, read) = match &found {
            Connection::Text { setting, value } => (format!("the app setting '{setting}'"), text::read(value)),
            Connection::Identity { section, .. } => {
                (format!("the settings '{section}__...'"), identity::read(&found, settings).map(Self::Endpoint))
            }
        };
        read.map_err(|reason| {
            QueueConnectionError(format!("the connection '{asked}' ({place}) can't be used: {reason}"))
        })
    }
}

/// A queue endpoint and what opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConnection {
    /// Base URL without a slash at its end; with path-style addresses it ends with the account's name.
    pub endpoint: String,
    /// Name of the account; empty where only a shared access signature tells.
    pub account: String,
    /// What opens it.
    pub credential: QueueCredential,
}

/// What opens a queue endpoint.
#[derive(Clone, PartialEq, Eq)]
pub enum QueueCredential {
    /// The account's key, decoded: requests are signed with it.
    SharedKey(Vec<u8>),
    /// Query parameters of a shared access signature, without the question mark.
    SharedAccessSignature(String),
    /// A token of Microsoft Entra ID, of this identity.
    Identity(Identity),
}

/// Without the secret.
impl fmt::Debug for QueueCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedKey(_) => f.write_str("SharedKey(..)"),
            Self::SharedAccessSignature(_) => f.write_str("SharedAccessSignature(..)"),
            Self::Identity(identity) => f.debug_tuple("Identity").field(identity).finish(),
        }
    }
}

/// Why a connection leads nowhere; public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueueConnectionError(pub String);

/// A URL's scheme, its host and port as written, and its path without slashes at the end.
struct Address<'t> {
    secure: bool,
    authority: &'t str,
    path: &'t str,
}

impl<'t> Address<'t> {
    /// Of a base URL under this key; the error says what it must be.
    fn of(key: &str, url: &'t str) -> Result<Self, String> {
        let wrong = || format!("{key} must be a URL such as https://shop.queue.core.windows.net, without a query");
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong()),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && !b"?#@\\\"<>".contains(&b));
        let uri: Result<http::Uri, _> = format!("http://{authority}/").parse();
        if authority.is_empty() || !is_plain(authority) || !is_plain(path) || uri.is_err() {
            return Err(wrong());
        }
        Ok(Self { secure, authority, path: path.trim_end_matches('/') })
    }

    /// The host without its port.
    fn host(&self) -> &'t str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => self.authority,
        }
    }

    fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    }

    /// The account's name, from the path or the first label of the host.
    fn account(&self) -> &'t str {
        match self.path.split('/').next_back() {
            Some(account) if !account.is_empty() => account,
            _ => self.host().split('.').next().unwrap_or_default(),
        }
    }

    fn base(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        match self.path {
            "" => format!("{scheme}://{}", self.authority),
            path => format!("{scheme}://{}/{path}", self.authority),
        }
    }
}

/// Whether a text can be an account's name in a URL; real ones have 3 to 24 lower-case letters and digits.
fn check_account(key: &str, name: &str) -> Result<(), String> {
    let valid = (1..=63).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if valid { Ok(()) } else { Err(format!("{key} must be the name of a storage account: letters and digits")) }
}
