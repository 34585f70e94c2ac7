//! Who uses the database file: every process that has it open holds a shared lock on `<database>.in-use`, and whoever
//! puts another file in its place needs it alone. The kernel frees it with the process, however that ends.

use std::fs::{File, TryLockError};

use super::errors::Place;
use super::turn::open_lock;
use crate::StateError;

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct Presence(File);

impl Drop for Presence {
    fn drop(&mut self) {
        // A child that is just being started may hold a copy of the descriptor.
        self.0.unlock().ok();
    }
}

impl Presence {
    /// Together with other users of the file.
    pub(super) fn with_others(place: &Place) -> Result<Self, StateError> {
        let path = place.beside(".in-use");
        let file = open_lock(&path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StateError::Unavailable(format!(
                "a backup is being put in the place of '{}'",
                place.path().display()
            ))),
            Err(TryLockError::Error(error)) => Err(StateError::unusable("lock file", &path, &error)),
        }
    }

    /// As the only one; None while anybody else uses the file.
    pub(super) fn alone(place: &Place) -> Result<Option<Self>, StateError> {
        let path = place.beside(".in-use");
        let file = open_lock(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StateError::unusable("lock file", &path, &error)),
        }
    }
}
