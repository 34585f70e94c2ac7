//! The turn to write, taken by one process at a time: an exclusive lock on `<database>.writer-lock`.
//!
//! A blocking file lock wakes the next process at once and dies with its holder; SQLite's own busy handler would poll
//! with sleeps. The database file itself must never be opened outside SQLite: closing it would drop SQLite's locks.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::errors::Place;
use crate::{StateError, platform};

/// A handle on the lock.
#[derive(Debug)]
pub(super) struct Turn {
    place: Place,
    file: Arc<File>,
}

/// The turn, held until dropped.
#[derive(Debug)]
pub(super) struct Held(Arc<File>);

impl Drop for Held {
    fn drop(&mut self) {
        // Fails only for a file that is not open; closing it frees the lock all the same.
        self.0.unlock().ok();
    }
}

impl Turn {
    pub(super) fn open(place: &Place) -> Result<Self, StateError> {
        let file = open_lock(&place.beside(".writer-lock"))?;
        Ok(Self { place: place.clone(), file: Arc::new(file) })
    }

    /// A handle of its own, which excludes this one.
    pub(super) fn another(&self) -> Result<Self, StateError> {
        Self::open(&self.place)
    }

    /// Waits for the turn on this thread.
    pub(super) fn take(&self) -> Result<Held, StateError> {
        take(&self.place, &self.file)
    }

    /// Waits for the turn on a thread made for blocking.
    pub(super) async fn take_blocking(&self) -> Result<Held, StateError> {
        let (place, file) = (self.place.clone(), Arc::clone(&self.file));
        tokio::task::spawn_blocking(move || take(&place, &file))
            .await
            .unwrap_or_else(|_| Err(StateError::Unavailable("the process is shutting down".to_owned())))
    }
}

/// A file that is only locked, made where there is none. It belongs to whoever owns the directory, so that a command run by
/// the superuser does not lock out the service's user.
pub(super) fn open_lock(path: &Path) -> Result<File, StateError> {
    let unusable = |error| StateError::unusable("lock file", path, &error);
    let made = path.exists();
    let file = File::options().create(true).truncate(false).read(true).write(true).open(path).map_err(unusable)?;
    if !made && let Some(directory) = path.parent() {
        platform::keep_owner(directory, &file).ok();
    }
    Ok(file)
}

fn take(place: &Place, file: &Arc<File>) -> Result<Held, StateError> {
    loop {
        match file.lock() {
            Ok(()) => return Ok(Held(Arc::clone(file))),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StateError::unusable("lock file", &place.beside(".writer-lock"), &error)),
        }
    }
}
