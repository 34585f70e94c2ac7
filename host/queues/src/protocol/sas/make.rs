//! Makes shared access signatures.

use hearth_model::clock::Timestamp;

use super::token::SasToken;
use crate::protocol::AccountKey;

/// The version whose form of signatures is made.
const VERSION: &str = "2022-11-02";

/// A SAS for kinds of resources of an account.
#[derive(Clone, Debug, Default)]
pub struct AccountSas {
    /// Letters of `rwdlacup`.
    pub permissions: String,
    /// Letters of `sco`: service, containers (queues), objects (messages).
    pub resource_types: String,
    /// When it begins; none for at once.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub expiry: Timestamp,
    /// The caller's address, or a range `first-last`; empty for any.
    pub ip: String,
    /// Whether only over TLS.
    pub https_only: bool,
}

/// A SAS for one queue.
#[derive(Clone, Debug, Default)]
pub struct ServiceSas {
    /// Letters of `raup`; empty where the policy tells.
    pub permissions: String,
    /// When it begins; none for at once, or when the policy tells.
    pub start: Option<Timestamp>,
    /// When it ends; none where the policy tells.
    pub expiry: Option<Timestamp>,
    /// A stored access policy of the queue; empty for none.
    pub identifier: String,
    /// The caller's address, or a range `first-last`; empty for any.
    pub ip: String,
    /// Whether only over TLS.
    pub https_only: bool,
}

impl AccountSas {
    /// Signs it; [`SasToken::to_query`] is what goes into a URL.
    pub fn sign(&self, account: &str, key: &AccountKey) -> SasToken {
        let mut token = SasToken {
            version: VERSION.to_owned(),
            services: "q".to_owned(),
            resource_types: ordered(&self.resource_types, "sco"),
            permissions: ordered(&self.permissions, "rwdlacup"),
            start: self.start.map(time).unwrap_or_default(),
            expiry: time(self.expiry),
            ip: self.ip.clone(),
            protocol: protocol(self.https_only),
            ..SasToken::default()
        };
        token.signature = key.sign(&token.account_text(account));
        token
    }
}

impl ServiceSas {
    /// Signs it; [`SasToken::to_query`] is what goes into a URL.
    pub fn sign(&self, account: &str, queue: &str, key: &AccountKey) -> SasToken {
        let mut token = SasToken {
            version: VERSION.to_owned(),
            permissions: ordered(&self.permissions, "raup"),
            start: self.start.map(time).unwrap_or_default(),
            expiry: self.expiry.map(time).unwrap_or_default(),
            identifier: self.identifier.clone(),
            ip: self.ip.clone(),
            protocol: protocol(self.https_only),
            ..SasToken::default()
        };
        token.signature = key.sign(&token.service_text(account, queue));
        token
    }
}

/// Letters once each, in the order that the service wants.
fn ordered(letters: &str, order: &str) -> String {
    order.chars().filter(|letter| letters.contains(*letter)).collect()
}

/// In whole seconds.
fn time(at: Timestamp) -> String {
    Timestamp::from_micros(at.as_micros().div_euclid(1_000_000) * 1_000_000).rfc3339()
}

fn protocol(https_only: bool) -> String {
    if https_only { "https".to_owned() } else { String::new() }
}
