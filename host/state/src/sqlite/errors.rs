//! The database file's place, and what SQLite's error codes mean for whoever configured it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{StateError, platform};

/// Below this many free bytes an I/O error is taken for a full disk: SQLite reports some of those as plain I/O errors.
const NEARLY_FULL_BYTES: u64 = 1 << 18;

/// Where the database file is.
#[derive(Clone, Debug)]
pub(super) struct Place(Arc<PathBuf>);

impl Place {
    /// Makes sure that the directory can hold a database that several processes share.
    pub(super) fn check(path: &Path) -> Result<Self, StateError> {
        let path = std::path::absolute(path).map_err(|error| StateError::unusable("state file", path, &error))?;
        let Some(directory) = path.parent().filter(|_| path.file_name().is_some()) else {
            return Err(StateError::Configuration(format!("'{}' names no state file", path.display())));
        };
        let in_directory = |error| StateError::unusable("state directory", directory, &error);
        if let Some(kind) = platform::network_file_system(directory).map_err(in_directory)? {
            return Err(StateError::Configuration(format!(
                "state directory '{}' is on a network file system ({kind}), where SQLite would be damaged: put it on a \
                 local disk; to share state between machines use SQL Server in a version that has it",
                directory.display()
            )));
        }
        platform::check_writable(directory).map_err(in_directory)?;
        if path.is_dir() {
            return Err(StateError::Configuration(format!(
                "state file '{}' is a directory: name a file in it",
                path.display()
            )));
        }
        if path.exists() {
            platform::check_writable(&path).map_err(|error| StateError::unusable("state file", &path, &error))?;
        }
        Ok(Self(Arc::new(path)))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A file beside the database: its name with something appended.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.0.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    }

    pub(super) fn not_ours(&self) -> StateError {
        StateError::Configuration(format!(
            "state file '{}' is a SQLite database of another program: name another file",
            self.0.display()
        ))
    }

    pub(super) fn no_shared_memory(&self) -> StateError {
        StateError::Configuration(format!(
            "state file '{}' is on a file system without shared memory, which SQLite's write-ahead log needs: put it on a \
             local disk",
            self.0.display()
        ))
    }

    /// The error in the words of the operator; what cannot be put so is logged with the driver's own text.
    pub(super) fn explain(&self, error: &sqlx::Error) -> StateError {
        let path = self.0.display();
        let Some(code) = code(error) else {
            tracing::warn!(%error, path = %path, "state database: driver error");
            return match error {
                sqlx::Error::PoolTimedOut => StateError::Unavailable("all of its readers are busy".to_owned()),
                sqlx::Error::PoolClosed => StateError::Unavailable("it was closed".to_owned()),
                _ => StateError::Unavailable(format!("'{path}' does not answer")),
            };
        };
        match code & 0xff {
            5 | 6 => StateError::Unavailable(format!("'{path}' is locked by another program")),
            8 => StateError::Configuration(format!(
                "state file '{path}' is read-only: give the user that runs hearth write access to it and its directory"
            )),
            11 => StateError::Corrupt(format!("state file '{path}' is damaged: restore it from a backup")),
            13 => self.full(),
            10 if platform::free_bytes(&self.0).is_some_and(|free| free < NEARLY_FULL_BYTES) => self.full(),
            14 => StateError::Configuration(format!(
                "state file '{path}' cannot be opened: check that its directory exists and that the user that runs hearth \
                 may write there"
            )),
            26 => StateError::Configuration(format!("file '{path}' is not a SQLite database: name another state file")),
            _ => {
                tracing::error!(%error, code, path = %path, "state database: SQLite error");
                StateError::Unavailable(format!("'{path}' answered SQLite error {code}"))
            }
        }
    }

    fn full(&self) -> StateError {
        StateError::Full(format!("'{}' cannot grow", self.0.display()))
    }
}

/// SQLite's extended result code.
pub(super) fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
