//! Accounts of the document store and of the queue service as the management API shows and takes them.

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/documents`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentAccountList {
    /// In order of name.
    pub accounts: Vec<DocumentAccountView>,
}

/// An account of the document store. Not `Debug` with its secrets.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentAccountView {
    /// Its name.
    pub account: String,
    /// The app whose own it is.
    pub app: Option<String>,
    /// What reads promise unless they ask for less. Absent in lists, as is all that follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_consistency: Option<String>,
    /// Most bytes of items and attachments; absent for the limit of the installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<u64>,
    /// Where it is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// What the public SDKs take; holds the primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_string: Option<String>,
    /// The same with a key that changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_connection_string: Option<String>,
    /// What opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<DocumentKeys>,
}

/// Without the keys.
impl std::fmt::Debug for DocumentAccountView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentAccountView")
            .field("account", &self.account)
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

/// The four keys of a document account, in base64. Not `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentKeys {
    /// Opens everything.
    pub primary: String,
    /// The same, for the time in which the first is replaced.
    pub secondary: String,
    /// Reads everything.
    pub primary_readonly: String,
    /// The same.
    pub secondary_readonly: String,
}

/// Body of `PUT /api/documents/{account}` and of `PATCH`: what is absent stays, or is the default of a new account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DocumentAccountChange {
    /// `Strong`, `BoundedStaleness`, `Session`, `ConsistentPrefix` or `Eventual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_consistency: Option<String>,
    /// Most bytes of items and attachments; 0 for the limit of the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<u64>,
}
