//! Accounts of the document store as people and their programs are told of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_documents::protocol::account::{DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY};
use hearth_documents::protocol::signature::AccountKey;
use hearth_state::documents::{DocumentAccount, DocumentKeyName};
use hearth_state::{Database, Keyring, StateError};

use crate::ManagementError;

/// The account that is the installation's own, for programs that belong to no app.
pub const OWN_ACCOUNT: &str = "hearth";
/// Port of the document store when nothing else is known.
const PORT: u16 = 8081;

/// The installation's own account, made where it is missing.
///
/// # Errors
/// When state can't be read or written, or was sealed with another installation key.
pub async fn own_account(state: &Database, keyring: &Keyring) -> Result<DocumentAccount, ManagementError> {
    let accounts = state.document_accounts();
    accounts.create(keyring, OWN_ACCOUNT).await?;
    found(accounts.get(keyring, OWN_ACCOUNT).await?)
}

/// The account whose key every development tool knows, made where it is missing.
///
/// # Errors
/// As [`own_account`].
pub async fn emulator_account(state: &Database, keyring: &Keyring) -> Result<DocumentAccount, ManagementError> {
    let key = AccountKey::from_base64(DEVELOPMENT_KEY)
        .ok_or_else(|| StateError::Corrupt("the key of the emulator's account is not base64".to_owned()))?;
    let accounts = state.document_accounts();
    accounts.ensure_known(keyring, DEVELOPMENT_ACCOUNT, key.as_bytes()).await?;
    found(accounts.get(keyring, DEVELOPMENT_ACCOUNT).await?)
}

fn found(account: Option<DocumentAccount>) -> Result<DocumentAccount, ManagementError> {
    let gone = || StateError::Conflict("the document account was deleted at this very moment; try again".to_owned());
    account.ok_or_else(|| gone().into())
}

/// What the public SDKs take; `base` is where the document store is reached, without a slash at its end.
pub fn connection_string(base: &str, account: &DocumentAccount) -> String {
    with_key(base, account.key(DocumentKeyName::Primary))
}

/// The same with a key by which nothing can be changed.
pub(crate) fn read_only_connection_string(base: &str, account: &DocumentAccount) -> String {
    with_key(base, account.key(DocumentKeyName::PrimaryReadonly))
}

fn with_key(base: &str, key: &[u8]) -> String {
    format!("AccountEndpoint={base}/;AccountKey={};", STANDARD.encode(key))
}

/// Where the document store is when nobody said so: beside function HTTP of a worker.
pub(crate) fn beside(http_url: Option<&str>) -> String {
    let url = http_url.and_then(|url| url.parse::<http::Uri>().ok());
    let host = url.as_ref().and_then(http::Uri::host).unwrap_or("127.0.0.1").to_owned();
    format!("http://{host}:{PORT}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_looked_for_beside_function_http() {
        assert_eq!(beside(Some("https://10.0.0.7:7071")), "http://10.0.0.7:8081");
        assert_eq!(beside(Some("http://[::1]:7071")), "http://[::1]:8081");
        assert_eq!(beside(None), "http://127.0.0.1:8081");
    }

    #[test]
    fn a_connection_string_is_as_clients_take_it() {
        assert_eq!(
            with_key("http://127.0.0.1:8081", b"key"),
            "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5;"
        );
    }
}
