//! What the first worker tells the second of a call, so that it is answered as if it had come there.

use std::net::IpAddr;
use std::time::Duration;

use hearth_model::ids::AppName;
use http::header::{CONNECTION, CONTENT_LENGTH, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::front::Caller;
use crate::hop::proof::{HopKey, Numbers, is};

/// The header that carries it. From anywhere else than a worker it is taken away.
pub(crate) const HOP: HeaderName = HeaderName::from_static("x-hearth-hop");

/// Headers that are about one connection, or about how a body is sent on it. Those of the caller's connection are told as facts.
const OF_A_CONNECTION: [HeaderName; 7] = [
    CONNECTION,
    CONTENT_LENGTH,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) app: AppName,
    https: bool,
    host: String,
    prefix: String,
    client: IpAddr,
    /// How long the caller still waits for the answer to begin.
    wait_millis: u64,
    /// What the caller's connection had of [`OF_A_CONNECTION`].
    headers: Vec<(String, String)>,
}

impl Facts {
    pub(super) fn new(app: &AppName, caller: &Caller, wait: Duration, headers: &HeaderMap) -> Self {
        let own = headers.iter().filter(|(name, _)| OF_A_CONNECTION.contains(name));
        Self {
            app: app.clone(),
            https: caller.scheme == "https",
            host: caller.host.clone(),
            prefix: caller.prefix.clone(),
            client: caller.client,
            wait_millis: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            headers: own
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect(),
        }
    }

    /// The caller, as the first worker saw it; it waits no longer than `longest`.
    pub(crate) fn caller(&self, longest: Duration) -> Caller {
        Caller {
            scheme: if self.https { "https" } else { "http" },
            host: self.host.clone(),
            prefix: self.prefix.clone(),
            client: self.client,
            patience: Duration::from_millis(self.wait_millis).min(longest),
        }
    }

    /// The value of [`HOP`] for the call at this place of a connection.
    pub(super) fn seal(
        &self,
        key: &HopKey,
        numbers: &Numbers,
        place: u64,
        method: &str,
        target: &str,
    ) -> Option<HeaderValue> {
        let facts = serde_json::to_vec(self).ok()?;
        let code = key.of_call(numbers, place, method, target, &facts);
        HeaderValue::try_from(format!("{}.{}", hex::encode(&facts), hex::encode(code))).ok()
    }

    /// The facts of a value that a worker of this installation made for this very call.
    pub(super) fn open(
        value: &HeaderValue,
        key: &HopKey,
        numbers: &Numbers,
        place: u64,
        method: &str,
        target: &str,
    ) -> Option<Self> {
        let (facts, code) = value.to_str().ok()?.split_once('.')?;
        let facts = hex::decode(facts).ok()?;
        let right = is(code, &key.of_call(numbers, place, method, target, &facts));
        if right { serde_json::from_slice(&facts).ok() } else { None }
    }

    /// Gives a request the headers that it had on the caller's connection.
    pub(super) fn restore(&self, headers: &mut HeaderMap) {
        strip(headers);
        headers.remove(HOP);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
                && OF_A_CONNECTION.contains(&name)
            {
                headers.append(name, value);
            }
        }
    }
}

/// Takes away what is about one connection.
pub(super) fn strip(headers: &mut HeaderMap) {
    for name in &OF_A_CONNECTION {
        headers.remove(name);
    }
}
