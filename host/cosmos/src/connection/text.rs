//! Connection strings: `AccountEndpoint=https://…;AccountKey=…;`, keys in any case and order.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CosmosConnection, CosmosConnectionError};

/// Keys that may stand in a message; another may be part of a secret that was broken in two.
const KNOWN: [&str; 6] =
    ["AccountEndpoint", "AccountKey", "DisableServerCertificateValidation", "ApiKind", "Database", "ResourceToken"];

impl FromStr for CosmosConnection {
    type Err = CosmosConnectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).map_err(CosmosConnectionError)
    }
}

fn read(text: &str) -> Result<CosmosConnection, String> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').ok_or(
            "it is no connection string: one is Key=value;Key=value, for example AccountEndpoint=https://...;AccountKey=...",
        )?;
        let key = key.trim();
        if parts.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
            let shown = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(key));
            return Err(format!("the key {} stands in it twice", shown.unwrap_or("(one that is not known here)")));
        }
        parts.push((key, value.trim().trim_matches('"')));
    }
    let get = |key: &str| {
        parts
            .iter()
            .find(|(known, value)| known.eq_ignore_ascii_case(key) && !value.is_empty())
            .map(|(_, value)| *value)
    };
    let endpoint = endpoint(get("AccountEndpoint").ok_or("it has no AccountEndpoint, so it leads nowhere")?)?;
    let key = get("AccountKey").ok_or("it has no AccountKey, so nothing opens the account")?;
    let key = STANDARD.decode(key).ok().filter(|key| !key.is_empty());
    let key = key.ok_or("AccountKey is not base64; copy the whole key")?;
    let accepts_any_certificate = match get("DisableServerCertificateValidation") {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("false") => false,
        Some(word) if word.eq_ignore_ascii_case("true") => true,
        Some(_) => return Err("DisableServerCertificateValidation must be true or false".to_owned()),
    };
    let connection = CosmosConnection { endpoint, key, accepts_any_certificate };
    if accepts_any_certificate && !connection.is_loopback() {
        return Err(
            "DisableServerCertificateValidation is only for endpoints on this machine (localhost, 127.0.0.1, ::1), \
                    because anybody on the way could answer; elsewhere let the machine trust the endpoint's certificate"
                .to_owned(),
        );
    }
    Ok(connection)
}

/// A base URL without slashes at its end.
fn endpoint(url: &str) -> Result<String, String> {
    let wrong = "AccountEndpoint must be a URL such as https://shop.documents.azure.com:443/, without a query";
    let (scheme, rest) = url.split_once("://").ok_or(wrong)?;
    let scheme = ["https", "http"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme)).ok_or(wrong)?;
    let url = format!("{scheme}://{}", rest.trim_end_matches('/'));
    let uri: http::Uri = url.parse().map_err(|_| wrong)?;
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if rest.contains(['?', '#', '\\']) || has_user || uri.host().is_none_or(str::is_empty) {
        return Err(wrong.to_owned());
    }
    Ok(url)
}
