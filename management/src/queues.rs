//! Accounts of the queue service as people and their programs are told of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_state::{Database, Keyring, QueueAccount, StateError};

use crate::ManagementError;

/// The account that is the installation's own, for programs that belong to no app.
pub const OWN_ACCOUNT: &str = "hearth";
/// Port of the queue service when nothing else is known.
const PORT: u16 = 10001;

/// The installation's own account, made where it is missing.
///
/// # Errors
/// When state can't be read or written, or was sealed with another installation key.
pub async fn own_account(state: &Database, keyring: &Keyring) -> Result<QueueAccount, ManagementError> {
    let accounts = state.queue_accounts();
    accounts.create(keyring, OWN_ACCOUNT).await?;
    found(accounts.get(keyring, OWN_ACCOUNT).await?)
}

/// The account that every development tool knows (`UseDevelopmentStorage=true`), made where it is missing.
///
/// # Errors
/// As [`own_account`].
pub async fn development_account(state: &Database, keyring: &Keyring) -> Result<QueueAccount, ManagementError> {
    let wrong = |error: base64::DecodeError| StateError::Corrupt(error.to_string());
    let key = STANDARD.decode(hearth_queues::DEVELOPMENT_KEY).map_err(wrong)?;
    let (accounts, name) = (state.queue_accounts(), hearth_queues::DEVELOPMENT_ACCOUNT);
    accounts.ensure_known(keyring, name, &key).await?;
    found(accounts.get(keyring, name).await?)
}

fn found(account: Option<QueueAccount>) -> Result<QueueAccount, ManagementError> {
    let gone = || StateError::Conflict("the queue account was deleted at this very moment; try again".to_owned());
    account.ok_or_else(|| gone().into())
}

/// What the public SDKs take; `base` is where the queue service is reached, without a slash at its end.
pub fn connection_string(base: &str, account: &QueueAccount) -> String {
    let scheme = base.split_once("://").map_or("http", |(scheme, _)| scheme);
    let key = account.keys.first().map(|key| STANDARD.encode(key.as_slice())).unwrap_or_default();
    let name = &account.name;
    format!("DefaultEndpointsProtocol={scheme};AccountName={name};AccountKey={key};QueueEndpoint={base}/{name};")
}

/// Where the queue service is when nobody said so: beside function HTTP of a worker.
pub(crate) fn beside(http_url: Option<&str>) -> String {
    let url = http_url.and_then(|url| url.parse::<http::Uri>().ok());
    let scheme = url.as_ref().and_then(http::Uri::scheme_str).unwrap_or("http").to_owned();
    let host = url.as_ref().and_then(http::Uri::host).unwrap_or("127.0.0.1").to_owned();
    format!("{scheme}://{host}:{PORT}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_looked_for_beside_function_http() {
        assert_eq!(beside(Some("https://10.0.0.7:7071")), "https://10.0.0.7:10001");
        assert_eq!(beside(Some("http://[::1]:7071")), "http://[::1]:10001");
        assert_eq!(beside(None), "http://127.0.0.1:10001");
    }
}
