//! Rings when the system says that something happened in the folder.
//!
//! Each folder is watched by itself, so that those without content of the app, `node_modules` above all, take none of the watches that the
//! system allows a user. What rings is looked into, so a ring too many does no harm; for places where the system tells nothing (network
//! and container mounts) there is a look from time to time without one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Between two looks where the system tells of changes.
const LOOK: Duration = Duration::from_secs(2);
/// The same where it does not.
const LOOK_UNTOLD: Duration = Duration::from_millis(200);

pub(super) struct Bell {
    rung: Arc<Notify>,
    /// `None` when the system can't tell.
    watcher: Option<RecommendedWatcher>,
}

impl Bell {
    pub(super) fn new() -> Self {
        let rung = Arc::new(Notify::new());
        let ring = rung.clone();
        let told = move |event: notify::Result<notify::Event>| {
            if event.is_err() || event.is_ok_and(|event| is_change(event.kind)) {
                ring.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(told);
        let mut bell = Self { rung, watcher: None };
        match watcher {
            Ok(watcher) => bell.watcher = Some(watcher),
            Err(error) => bell.give_up(&error),
        }
        bell
    }

    /// Watches these folders, paths relative to the first argument; those that are watched already stay so. Blocking.
    pub(super) fn follow<'a>(&mut self, root: &Path, folders: impl Iterator<Item = &'a String>) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in folders {
            let path = root.join(folder);
            match watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                // It went away since the look; what it was in rings.
                Err(_) if !path.is_dir() => {}
                Err(error) => return self.give_up(&error),
            }
        }
    }

    /// Has the next wait end at once.
    pub(super) fn ring(&self) {
        self.rung.notify_one();
    }

    fn give_up(&mut self, error: &notify::Error) {
        self.watcher = None;
        let limit = match error.kind {
            notify::ErrorKind::MaxFilesWatch => "; raise fs.inotify.max_user_watches",
            _ => "",
        };
        tracing::warn!(
            category = "Host.Startup",
            "the system does not tell of changed files, so the folder is looked at all the time: {error}{limit}"
        );
    }

    /// Resolves when something may have changed.
    pub(super) async fn rung(&self) {
        let pause = if self.watcher.is_some() { LOOK } else { LOOK_UNTOLD };
        let _in_time = tokio::time::timeout(pause, self.rung.notified()).await;
    }
}

/// Reading is none; that a file was closed after writing is the end of one.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}
