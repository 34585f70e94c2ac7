//! What is done beside requests: removing what has expired, history that is too old, and what deleted containers left.

use std::time::Duration;

use hearth_state::StateError;

use super::{DocumentService, lock};
use crate::protocol::{ContainerDefinition, Rid};

/// Between two rounds when there is nothing to do.
const PAUSE: Duration = Duration::from_secs(2);
/// Between two transactions when there is more: others write meanwhile.
const BREATH: Duration = Duration::from_millis(20);
/// After a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How often it is looked for history that is too old.
const HISTORY_EVERY: Duration = Duration::from_secs(30);
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
    pub async fn maintain_once(&self) -> Result<bool, StateError> {
        let documents = self.0.database.documents();
        let expired = documents.purge_expired(ROWS).await? > 0;
        let swept = documents.sweep().await?;
        Ok(self.forget_history().await? || expired || swept)
    }

    /// Removes changes that are older than their containers keep them, or all of them where a container does not keep them any more.
    async fn forget_history(&self) -> Result<bool, StateError> {
        let now = self.0.clock.now();
        if lock(&self.0.history_looked_at).is_some_and(|at| now.since(at) < HISTORY_EVERY) {
            return Ok(false);
        }
        let documents = self.0.database.documents();
        let mut more = false;
        for place in documents.ranges_with_history().await? {
            let rid = Rid::from_container_number(place.container).to_hex();
            let stored = self.0.database.document_resources().get_by_rid(&rid).await?;
            let definition = stored.and_then(|stored| ContainerDefinition::stored(&stored.body).ok());
            let minutes = definition.and_then(|definition| definition.change_feed_retention()).unwrap_or(0);
            let keep = Duration::from_secs(u64::try_from(minutes).unwrap_or(0).saturating_mul(60));
            more |= documents.purge_history(place.container, place.range, keep).await?;
        }
        if !more {
            *lock(&self.0.history_looked_at) = Some(now);
        }
        Ok(more)
    }
}
