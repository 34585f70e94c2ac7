//! Notices that files of the folder changed, and waits until whoever writes is through.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::bell::Bell;
use super::snapshot::Snapshot;
use crate::app::Apps;

/// Nothing may change for this long before a change counts: editors and tools write several files, one after the other.
const QUIET: Duration = Duration::from_millis(60);
/// What goes on changing is taken as it is after this long.
const LONGEST: Duration = Duration::from_secs(1);

/// Watches until `stop`; every change has the app loaded again.
pub(crate) async fn watch(folder: PathBuf, apps: Arc<Apps>, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        let (mut bell, mut known) = follow(Bell::new(), look(&folder).await, &folder).await;
        loop {
            bell.rung().await;
            let now = look(&folder).await;
            if now == known {
                continue;
            }
            let settled = settle(&folder, now).await;
            let changes = settled.changes(&known);
            if !changes.is_empty() {
                tracing::debug!(category = "Host.Startup", "changed: {}", changes.join(", "));
                apps.files_changed();
            }
            (bell, known) = follow(bell, settled, &folder).await;
        }
    })
    .await;
}

/// Has the bell ring for the folders of a look. What changes in a new one before that is found by the next look, for which it rings.
async fn follow(mut bell: Bell, known: Snapshot, folder: &Path) -> (Bell, Snapshot) {
    let root = folder.to_owned();
    let followed = tokio::task::spawn_blocking(move || {
        bell.follow(&root, known.folders.iter().chain(known.dependencies.keys()));
        bell.ring();
        (bell, known)
    });
    followed.await.unwrap_or_else(|_| (Bell::new(), Snapshot::default()))
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
