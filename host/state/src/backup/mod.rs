//! Backups of a SQLite state while it is in use, and putting one in its place.
//!
//! A backup is one moment of the database in a file of its own, with a manifest beside it that says what it is. It appears under its
//! name complete, checked and flushed, or not at all. The installation key is never in it: whoever finds both can open
//! every secret, so they are kept apart. A SQL Server has tools of its own for this.

mod manifest;
mod restore;

use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use hearth_model::clock::Clock;
use hearth_model::ids::Digest;
use sha2::Digest as _;

use crate::sqlite::copy_into;
use crate::{StateError, StateUrl, platform};

pub use manifest::Backup;
pub use restore::{Restored, check_key, restore};

/// Copies the state at `url` to the file `target`, which must not exist, while everything runs. `target` gets a manifest
/// beside it. Neither this machine's clock nor another process is waited for; writers go on.
///
/// # Errors
/// [`StateError::Configuration`] for a state that is not SQLite's, or a target that cannot be written or exists;
/// [`StateError::Missing`] where there is no state; [`StateError::Corrupt`] for a state that is damaged;
/// [`StateError::Full`]. Then there is no backup, and nothing is left but the lock of another one that is being made.
pub async fn backup(url: &StateUrl, target: &Path, clock: &dyn Clock) -> Result<Backup, StateError> {
    let source = file_of(url)?;
    let exists = |path: &Path| {
        StateError::Configuration(format!("'{}' exists: name another file for the backup", path.display()))
    };
    for path in [target.to_path_buf(), manifest::beside(target)] {
        if path.exists() {
            return Err(exists(&path));
        }
    }
    let unusable = |error| StateError::unusable("backup", target, &error);
    let partial = Partial::begin(target)?;
    let taken = clock.now();
    let copied = copy_into(source, &partial.path).await?;
    let file = File::open(&partial.path).map_err(unusable)?;
    file.sync_all().map_err(unusable)?;
    let (bytes, sha256) = digest(file).await.map_err(unusable)?;
    let backup = Backup::new(target, taken, bytes, sha256, &copied)?;
    // A link, not a renaming: what has come there meanwhile stays.
    std::fs::hard_link(&partial.path, target).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(target),
        _ => unusable(error),
    })?;
    backup.write(target).inspect_err(|_| {
        std::fs::remove_file(target).ok();
    })?;
    Ok(backup)
}

/// The file of a SQLite state.
fn file_of(url: &StateUrl) -> Result<&Path, StateError> {
    match url {
        StateUrl::Sqlite(path) => Ok(path),
        StateUrl::SqlServer(_) => Err(StateError::Configuration(
            "host state is in SQL Server: back up and restore it with its own tools (BACKUP DATABASE, RESTORE DATABASE), then run \
             'hearth restore --restored' before Hearth starts; keep the installation key apart"
                .to_owned(),
        )),
    }
}

/// A backup being made: `<target>.partial`, locked, and removed at the end however that comes. What a killed process left
/// is taken over.
struct Partial {
    path: PathBuf,
    /// Kept open to the end: closing it would drop the locks of the driver, which opens the file too.
    _file: File,
}

impl Partial {
    fn begin(target: &Path) -> Result<Self, StateError> {
        let path = manifest::appended(target, ".partial");
        let unusable = |error| StateError::unusable("backup", target, &error);
        let file = match platform::create_private(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                File::options().write(true).open(&path).map_err(unusable)?
            }
            other => other.map_err(unusable)?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StateError::Conflict(format!(
                    "another process is making the backup '{}'",
                    target.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let partial = Self { path, _file: file };
        partial._file.set_len(0).map_err(unusable)?;
        Ok(partial)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        std::fs::remove_file(&self.path).ok();
    }
}

/// Length and SHA-256 of a file, read to its end on a thread made for blocking.
async fn digest(mut file: File) -> std::io::Result<(u64, Digest)> {
    let read = move || {
        let (mut hash, mut bytes, mut buffer) = (sha2::Sha256::new(), 0, vec![0; 1 << 18]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok((bytes, Digest::from_bytes(&hash.finalize().into()))),
                read => {
                    bytes += read as u64;
                    hash.update(&buffer[..read]);
                }
            }
        }
    };
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}
