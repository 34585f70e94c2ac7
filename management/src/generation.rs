//! Notices that a backup took the place of host state under a running role.

use std::time::Duration;

use hearth_state::Database;
use tokio_util::sync::CancellationToken;

use crate::ManagementError;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Ends the role when host state is of another generation than `loaded`: all that it holds in memory is of before, so it
/// begins anew as after any other end. While host state does not answer nothing is known, and the role goes on.
pub(crate) async fn watch(state: Database, loaded: u64, stop: CancellationToken) -> Result<(), ManagementError> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
        if state.installation().generation().await.is_ok_and(|generation| generation != loaded) {
            tracing::warn!("host state was restored from a backup: management begins anew");
            stop.cancel();
            return Err(ManagementError::Restored);
        }
    }
}
