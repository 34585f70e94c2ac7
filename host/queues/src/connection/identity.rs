//! Identity-based sections: `N__accountName`, `N__queueServiceUri`, `N__credential`, `N__clientId` (reference: section 1.6), and
//! `N__tenantId` with `N__clientSecret`, as the original takes them where there is no managed identity.

use std::fmt;

use hearth_model::settings::{Connection, Settings};

use super::{Address, QueueConnection, QueueCredential, check_account};

/// Whose tokens open an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which kind.
    pub kind: IdentityKind,
}

/// The kinds of identity.
#[derive(Clone, PartialEq, Eq)]
pub enum IdentityKind {
    /// The managed identity of the machine or service that the worker runs on.
    Managed {
        /// Which of several; `None` for the one that the system assigned.
        client_id: Option<String>,
    },
    /// An app registration with a secret.
    ClientSecret {
        /// The directory.
        tenant: String,
        /// The app registration.
        client_id: String,
        /// Its secret.
        secret: String,
        /// Base URL of the token service without a slash at its end, mostly `https://login.microsoftonline.com`.
        authority: String,
    },
}

/// Without the secret.
impl fmt::Debug for IdentityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed { client_id } => f.debug_struct("Managed").field("client_id", client_id).finish(),
            Self::ClientSecret { tenant, client_id, .. } => f
                .debug_struct("ClientSecret")
                .field("tenant", tenant)
                .field("client_id", client_id)
                .finish_non_exhaustive(),
        }
    }
}

/// What a section says; the error is public text.
pub(super) fn read(section: &Connection, settings: &Settings) -> Result<QueueConnection, String> {
    let property = |name: &str| section.property(name).map(str::trim).filter(|value| !value.is_empty());
    let named = [("queueServiceUri", property("queueServiceUri")), ("serviceUri", property("serviceUri"))];
    let (endpoint, account) = match named.into_iter().find_map(|(key, url)| url.map(|url| (key, url))) {
        Some((key, url)) => {
            let address = Address::of(key, url)?;
            // A token in the clear would be anybody's.
            if !address.secure && !address.is_loopback() {
                return Err(format!("{key} must begin with https://, because the identity's token is sent to it"));
            }
            (address.base(), address.account().to_owned())
        }
        None => {
            let account = property("accountName").ok_or("it has neither accountName nor queueServiceUri")?;
            check_account("accountName", account)?;
            (format!("https://{account}.queue.core.windows.net"), account.to_owned())
        }
    };
    let kind = kind(&property, settings)?;
    Ok(QueueConnection { endpoint, account, credential: QueueCredential::Identity(Identity { kind }) })
}

fn kind<'s>(property: &impl Fn(&str) -> Option<&'s str>, settings: &Settings) -> Result<IdentityKind, String> {
    let client_id = property("clientId").map(str::to_owned);
    match property("credential") {
        Some(word) if word.eq_ignore_ascii_case("managedidentity") => return Ok(IdentityKind::Managed { client_id }),
        Some(_) => return Err("credential must be managedidentity, or not be there".to_owned()),
        None => {}
    }
    let setting = |name: &str| settings.get(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
    let authority = || {
        let given = setting("AZURE_AUTHORITY_HOST").unwrap_or_else(|| "https://login.microsoftonline.com".to_owned());
        Address::of("AZURE_AUTHORITY_HOST", &given).map(|address| address.base())
    };
    if let Some(secret) = property("clientSecret") {
        let (Some(client_id), Some(tenant)) = (client_id, property("tenantId")) else {
            return Err("clientSecret needs tenantId and clientId beside it".to_owned());
        };
        let (tenant, secret) = (tenant.to_owned(), secret.to_owned());
        return Ok(IdentityKind::ClientSecret { tenant, client_id, secret, authority: authority()? });
    }
    let from_settings = (setting("AZURE_TENANT_ID"), setting("AZURE_CLIENT_ID"), setting("AZURE_CLIENT_SECRET"));
    if let (None, (Some(tenant), Some(client_id), Some(secret))) = (&client_id, from_settings) {
        return Ok(IdentityKind::ClientSecret { tenant, client_id, secret, authority: authority()? });
    }
    Ok(IdentityKind::Managed { client_id })
}
