//! What each sealed value is sealed for: its place is part of it, so that no value can be put in the place of another.

use hearth_model::ids::AppName;
use hearth_model::keys::KeyScope;

/// The publish credential of an app.
pub fn publish_credential(app: &AppName) -> String {
    format!("publish-credential/{app}")
}

/// A secret of the installation, such as the admin key.
pub fn installation(name: &str) -> String {
    format!("installation/{name}")
}

/// An app setting; `folded` is the name in the form in which names are compared.
pub(crate) fn app_setting(app: &AppName, folded: &str) -> String {
    format!("app setting {app}/{folded}")
}

/// A key; `folded` is the name in the form in which names are compared.
pub(crate) fn app_key(app: &AppName, scope: &KeyScope, folded: &str) -> String {
    format!("app key {app}/{scope}/{folded}")
}

/// A key of a queue account.
pub(crate) fn queue_account_key(account: &str, key: &str) -> String {
    format!("queue account key {account}/{key}")
}

/// A key of a document account.
pub(crate) fn document_account_key(account: &str, key: &str) -> String {
    format!("document account key {account}/{key}")
}
