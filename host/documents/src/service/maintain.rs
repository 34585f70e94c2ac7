//! What is done beside requests: removing what has expired.

use std::time::Duration;

use super::DocumentService;

/// Between two rounds when there is nothing to do.
const PAUSE: Duration = Duration::from_secs(2);
/// Between two transactions when there is more: others write meanwhile.
const BREATH: Duration = Duration::from_millis(20);
/// After a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// Most rows of a transaction.
const ROWS: u32 = 200;

impl DocumentService {
    /// Removes what nobody can see any more, some at a time, for as long as it is awaited. Cheap while there is nothing; may
    /// run in every process.
    pub async fn maintain(&self) {
        loop {
            let pause = match self.maintain_once().await {
                Ok(true) => BREATH,
                Ok(false) => PAUSE,
                Err(error) => {
                    tracing::warn!(%error, "documents: what expired or was deleted could not be removed; trying again");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// One round of it. Whether there may be more to do at once.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn maintain_once(&self) -> Result<bool, hearth_state::StateError> {
        let expired = self.0.database.documents().purge_expired(ROWS).await?;
        Ok(expired > 0)
    }
}
