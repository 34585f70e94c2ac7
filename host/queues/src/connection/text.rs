//! Connection strings (reference: section 4.6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{
    Address, DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY, QueueConnection, QueueCredential, QueueTarget, check_account,
};

/// Where queues are on an emulator.
const DEVELOPMENT_PORT: u16 = 10001;

/// Keys with their values, which may hold `=`.
struct Parts<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Result<Self, String> {
        let mut parts: Vec<(&str, &str)> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| {
                "it is no connection string: one is Key=value;Key=value, for example AccountName=...;AccountKey=..."
                    .to_owned()
            })?;
            let key = key.trim();
            if parts.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
                return Err(format!("the key {} stands in it twice", shown(key)));
            }
            parts.push((key, value.trim()));
        }
        Ok(Self(parts))
    }

    /// The value of a key that is there and not empty.
    fn get(&self, key: &str) -> Option<&'t str> {
        self.0
            .iter()
            .find(|(known, value)| known.eq_ignore_ascii_case(key) && !value.is_empty())
            .map(|(_, value)| *value)
    }
}

/// A key for a message. What is not one of the known ones may be part of a secret that was broken in two.
fn shown(key: &str) -> &str {
    const KNOWN: [&str; 12] = [
        "UseDevelopmentStorage",
        "DevelopmentStorageProxyUri",
        "DefaultEndpointsProtocol",
        "AccountName",
        "AccountKey",
        "EndpointSuffix",
        "SharedAccessSignature",
        "QueueEndpoint",
        "BlobEndpoint",
        "TableEndpoint",
        "FileEndpoint",
        "QueueSecondaryEndpoint",
    ];
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(key)).unwrap_or("(one that is not known here)")
}

/// What a connection string says; the error is public text.
pub(super) fn read(text: &str) -> Result<QueueTarget, String> {
    let parts = Parts::of(text)?;
    if let Some(word) = parts.get("UseDevelopmentStorage") {
        if !word.eq_ignore_ascii_case("true") {
            return Err("UseDevelopmentStorage must be true; for another storage take it out".to_owned());
        }
        return development(parts.get("DevelopmentStorageProxyUri"));
    }
    let endpoint = parts.get("QueueEndpoint").map(|url| Address::of("QueueEndpoint", url)).transpose()?;
    let account = match (parts.get("AccountName"), &endpoint) {
        (Some(name), _) => {
            check_account("AccountName", name)?;
            name
        }
        (None, Some(endpoint)) => endpoint.account(),
        (None, None) => return Err("it has neither AccountName nor QueueEndpoint, so it leads to no queues".to_owned()),
    };
    let credential = match (parts.get("SharedAccessSignature"), parts.get("AccountKey")) {
        (Some(signature), _) => {
            QueueCredential::SharedAccessSignature(signature.trim_start_matches('?').to_owned()).checked()?
        }
        (None, Some(key)) => QueueCredential::SharedKey(
            STANDARD.decode(key).map_err(|_| "AccountKey is not base64; copy the whole key".to_owned())?,
        ),
        (None, None) => {
            return Err("it has neither AccountKey nor SharedAccessSignature, so nothing opens it".to_owned());
        }
    };
    let endpoint = match endpoint {
        Some(endpoint) => endpoint.base(),
        None => by_account(account, &parts)?,
    };
    Ok(QueueTarget::Endpoint(QueueConnection { endpoint, account: account.to_owned(), credential }))
}

impl QueueCredential {
    fn checked(self) -> Result<Self, String> {
        match &self {
            Self::SharedAccessSignature(text) if !text.split('&').any(|part| part.starts_with("sig=")) => {
                Err("SharedAccessSignature has no sig=; copy the whole signature".to_owned())
            }
            _ => Ok(self),
        }
    }
}

/// The address that follows from an account's name.
fn by_account(account: &str, parts: &Parts<'_>) -> Result<String, String> {
    let protocol = match parts.get("DefaultEndpointsProtocol") {
        None => "https",
        Some(word) => ["https", "http"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(word))
            .ok_or("DefaultEndpointsProtocol must be https or http")?,
    };
    let suffix = parts.get("EndpointSuffix").unwrap_or("core.windows.net");
    let url = format!("{protocol}://{account}.queue.{suffix}");
    let address = Address::of("EndpointSuffix", &url)
        .map_err(|_| "EndpointSuffix must be the end of a host name such as core.windows.net".to_owned())?;
    Ok(address.base())
}

fn development(proxy: Option<&str>) -> Result<QueueTarget, String> {
    let key = STANDARD.decode(DEVELOPMENT_KEY).map_err(|error| error.to_string())?;
    let connection = |base: String| QueueConnection {
        endpoint: format!("{base}:{DEVELOPMENT_PORT}/{DEVELOPMENT_ACCOUNT}"),
        account: DEVELOPMENT_ACCOUNT.to_owned(),
        credential: QueueCredential::SharedKey(key),
    };
    match proxy {
        None => Ok(QueueTarget::Development(connection("http://127.0.0.1".to_owned()))),
        // As with the original the proxy's host and scheme count, its port and path do not.
        Some(url) => {
            let address = Address::of("DevelopmentStorageProxyUri", url)?;
            let scheme = if address.secure { "https" } else { "http" };
            Ok(QueueTarget::Endpoint(connection(format!("{scheme}://{}", address.host()))))
        }
    }
}
