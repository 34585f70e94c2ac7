//! Notices that files of the folder changed, and waits until whoever writes is through.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::snapshot::Snapshot;
use crate::app::Apps;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Nothing may change for this long before a change counts: editors and tools write several files, one after the other.
const QUIET: Duration = Duration::from_millis(60);
/// What goes on changing is taken as it is after this long.
const LONGEST: Duration = Duration::from_secs(1);

/// Watches until `stop`; every change has the app loaded again.
pub(crate) async fn watch(folder: PathBuf, apps: Arc<Apps>, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        let mut known = look(&folder).await;
        loop {
            tokio::time::sleep(LOOK).await;
            let now = look(&folder).await;
            if now.changes(&known).is_empty() {
                continue;
            }
            let settled = settle(&folder, now).await;
            let changes = settled.changes(&known);
            known = settled;
            if !changes.is_empty() {
                tracing::debug!(category = "Host.Startup", "changed: {}", changes.join(", "));
                apps.files_changed();
            }
        }
    })
    .await;
}

/// The folder once nothing changes any more.
async fn settle(folder: &Path, mut last: Snapshot) -> Snapshot {
    let end = tokio::time::Instant::now() + LONGEST;
    loop {
        tokio::time::sleep(QUIET).await;
        let now = look(folder).await;
        if now == last || tokio::time::Instant::now() >= end {
            return now;
        }
        last = now;
    }
}

/// The folder as it is; one that can't be read is empty.
async fn look(folder: &Path) -> Snapshot {
    let folder = folder.to_owned();
    let taken = tokio::task::spawn_blocking(move || Snapshot::take(&folder).unwrap_or_default()).await;
    taken.unwrap_or_default()
}
