//! Where a storage connection leads: an endpoint with a credential (reference: sections 1.6 and 4.6).

use std::fmt;

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
}

/// Without the secret.
impl fmt::Debug for QueueCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SharedKey(_) => "SharedKey(..)",
            Self::SharedAccessSignature(_) => "SharedAccessSignature(..)",
        })
    }
}

/// Why a connection leads nowhere; public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueueConnectionError(pub String);
