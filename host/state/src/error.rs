//! What can go wrong, told apart by what the caller must do.
//!
//! The text of every variant is fit to be shown: it says what is wrong, where, and what to do, and holds no secret and no
//! SQL. The driver's own message is logged where it happens.

use std::path::Path;

/// Failure of a state operation. Unless a variant says otherwise, nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The database cannot be reached or answered too late. The outcome of a write is unknown: retry it later with a
    /// back-off; every operation may be repeated.
    #[error("the state database is unavailable: {0}; the operation may be retried")]
    Unavailable(String),
    /// No space is left for the database. Writes fail until space returns, then go on by themselves; reads still work.
    #[error("no space is left for the state database: {0}; free space on its file system, then retry")]
    Full(String),
    /// The request contradicts what is stored (a name in use, a deployment in progress). Retrying does not help.
    #[error("{0}")]
    Conflict(String),
    /// What the operation is about does not exist.
    #[error("{0}")]
    Missing(String),
    /// What the caller handed over is not what it said (size or digest of a package), or could not be read.
    #[error("{0}")]
    Rejected(String),
    /// What is stored is damaged or was made with another key: an operator must look.
    #[error("{0}")]
    Corrupt(String),
    /// The database needs another version of Hearth: run the version that the text names.
    #[error("{0}")]
    Incompatible(String),
    /// The database or key file cannot be used as configured (URL, file system, permissions): change the configuration.
    #[error("{0}")]
    Configuration(String),
}

impl StateError {
    /// Whether trying the same operation again, later, can succeed without anyone changing anything else.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_))
    }

    /// A file or directory that cannot be used, with the reason in the operator's words.
    pub(crate) fn unusable(what: &str, path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.display();
        match error.kind() {
            ErrorKind::PermissionDenied => Self::Configuration(format!(
                "{what} '{path}' may not be written by this user: give the user that runs hearth read and write access"
            )),
            ErrorKind::ReadOnlyFilesystem => Self::Configuration(format!(
                "{what} '{path}' is on a read-only file system: choose a data directory that can be written"
            )),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(format!("{what} '{path}' cannot grow")),
            ErrorKind::NotFound => {
                Self::Configuration(format!("{what} '{path}' does not exist: create it, or name another"))
            }
            _ => Self::Configuration(format!("{what} '{path}' cannot be used: {error}")),
        }
    }
}
