//! The installation's secrets, for whoever starts management and workers and must know them before either runs.

use hearth_state::{Database, Keyring};

use crate::ManagementError;
use crate::secret;

/// Name in host state of the key for the management API.
pub(crate) const ADMIN_KEY: &str = "admin-key";
/// Name in host state of the token with which workers join.
pub(crate) const JOIN_TOKEN: &str = "join-token";

/// What opens the management API, and what lets workers join. Not `Debug`.
#[derive(Clone)]
pub struct Secrets {
    /// Key for the management API.
    pub admin_key: String,
    /// Token with which workers join.
    pub join_token: String,
}

impl Secrets {
    /// The secrets kept sealed in state, made there when they are missing; [`crate::run`] uses the same ones unless its
    /// options name others.
    ///
    /// # Errors
    /// When state can't be read or written, or was sealed with another installation key.
    pub async fn load_or_create(state: &Database, keyring: &Keyring) -> Result<Self, ManagementError> {
        Ok(Self {
            admin_key: secret::of_installation(state, keyring, ADMIN_KEY, None).await?,
            join_token: secret::of_installation(state, keyring, JOIN_TOKEN, None).await?,
        })
    }
}
