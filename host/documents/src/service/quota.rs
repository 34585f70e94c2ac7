//! How much an account may keep.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use http::StatusCode;

use super::{Container, DocumentService, DocumentsError, lock};
use crate::protocol::DocumentError;

/// How long it is remembered how much an account keeps; so much it may be beyond its quota.
const REMEMBERED_FOR: Duration = Duration::from_secs(1);
/// Accounts that are remembered.
const REMEMBERED: usize = 10_000;

/// When an account was looked at, and the bytes it keeps.
#[derive(Debug, Default)]
pub(super) struct Quotas(Mutex<HashMap<std::sync::Arc<str>, (Instant, u64)>>);

impl DocumentService {
    /// Bytes that an account may keep, where there is a limit.
    async fn quota_of(&self, account: &str) -> Result<Option<u64>, DocumentsError> {
        let own = self.account(account).await?.and_then(|account| account.properties.quota_bytes);
        Ok(own.or(self.0.options.storage_quota))
    }

    /// Refuses a write that makes an account's data more when it has as much as it may.
    ///
    /// # Errors
    /// 403; those of host state.
    pub(super) async fn within_quota(&self, container: &Container) -> Result<(), DocumentsError> {
        self.within_quota_of(&container.account).await
    }

    /// As [`Self::within_quota`], by the account's name.
    ///
    /// # Errors
    /// As [`Self::within_quota`].
    pub(super) async fn within_quota_of(&self, account: &str) -> Result<(), DocumentsError> {
        let Some(quota) = self.quota_of(account).await? else { return Ok(()) };
        let known = lock(&self.0.quotas.0).get(account).copied();
        let bytes = match known {
            Some((at, bytes)) if at.elapsed() < REMEMBERED_FOR => bytes,
            _ => {
                let bytes = self.0.database.documents().usage(account).await?;
                let mut all = lock(&self.0.quotas.0);
                if all.len() >= REMEMBERED {
                    all.clear();
                }
                all.insert(account.into(), (Instant::now(), bytes));
                bytes
            }
        };
        if bytes < quota {
            return Ok(());
        }
        let message = format!(
            "The account '{account}' keeps {bytes} bytes of items, and its quota is {quota}: delete items, or ask the operator to raise it."
        );
        Err(DocumentError::new(StatusCode::FORBIDDEN, message).into())
    }
}
