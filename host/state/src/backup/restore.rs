//! Puts a backup in the place of a SQLite state that nobody uses.
//!
//! Everything is done to a copy beside the old file: it is compared with the manifest, brought to this version's schema,
//! opened with the installation key and given its new generation. One renaming then puts it in place, and the old file
//! keeps its content under another name. Whoever is killed before that has changed nothing.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::manifest::{Backup, compact};
use super::{digest, file_of};
use crate::migrations::{THIS_BINARY, check_compatible};
use crate::sqlite::Replacement;
use crate::{Database, Keyring, OpenOptions, StateError, StateUrl, platform, rotation};

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The generation of the state from now on.
    pub generation: u64,
    /// How many secrets the installation key opened.
    pub secrets: u64,
    /// Where the state that was there before is kept.
    pub kept: Option<PathBuf>,
}

/// Puts the backup at `source` in the place of the state at `url`. Nothing may use that state, and no other process of
/// Hearth may start meanwhile: this is refused on both sides.
///
/// # Errors
/// [`StateError::Conflict`] while the state is in use, or when it exists and `replace` is false;
/// [`StateError::Rejected`] for a backup that is not what its manifest says; [`StateError::Corrupt`] when the
/// installation key does not open its secrets; [`StateError::Incompatible`] for the backup of a newer Hearth; those of
/// [`super::backup`] otherwise. Then nothing was changed.
pub async fn restore(
    url: &StateUrl,
    source: &Path,
    backup: &Backup,
    keyring: &Keyring,
    replace: bool,
    options: OpenOptions,
) -> Result<Restored, StateError> {
    let path = file_of(url)?;
    check_compatible(&[(0, backup.oldest_hearth.clone())], THIS_BINARY)?;
    let replacement = Replacement::begin(path)?;
    if path.exists() && !replace {
        return Err(StateError::Conflict(format!(
            "the state database '{}' exists: say --replace to put the backup in its place; it is kept under another name",
            path.display()
        )));
    }
    let now = options.clock.now();
    replacement.clear()?;
    let prepared = prepare(&replacement, source, backup, keyring, options).await;
    let (generation, secrets) = prepared.inspect_err(|_| {
        replacement.clear().ok();
    })?;
    let kept = replacement.finish(&format!(".before-{}", compact(now)))?;
    Ok(Restored { generation, secrets, kept })
}

async fn prepare(
    replacement: &Replacement,
    source: &Path,
    backup: &Backup,
    keyring: &Keyring,
    options: OpenOptions,
) -> Result<(u64, u64), StateError> {
    let prepared = replacement.prepared();
    copy(source, &prepared, backup).await?;
    let before = replacement.generation_before().await;
    let database = Database::open_alone(&prepared, options).await?;
    let done = async {
        let secrets = check_key(&database, keyring).await?;
        let generation = database.installation().restored(before.max(backup.generation)).await?;
        Ok((generation, secrets))
    };
    let done: Result<_, StateError> = done.await;
    database.close().await;
    let done = done?;
    let unusable = |error| StateError::unusable("state file", &prepared, &error);
    File::open(&prepared).and_then(|file| file.sync_all()).map_err(unusable)?;
    Ok(done)
}

/// Copies the backup and compares the copy with the manifest.
async fn copy(source: &Path, prepared: &Path, backup: &Backup) -> Result<(), StateError> {
    let unreadable = |error| StateError::unusable("backup", source, &error);
    let unwritable = |error| StateError::unusable("state file", prepared, &error);
    let mut from = File::open(source).map_err(unreadable)?;
    let mut to = platform::create_private(prepared).map_err(unwritable)?;
    if let Some(directory) = prepared.parent() {
        // Run by the superuser, it is still the service's user who must open it.
        platform::keep_owner(directory, &to).ok();
    }
    let copied = tokio::task::spawn_blocking(move || std::io::copy(&mut from, &mut to)).await;
    copied.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(unwritable)?;
    let (bytes, sha256) = digest(File::open(prepared).map_err(unwritable)?).await.map_err(unwritable)?;
    if bytes != backup.bytes || sha256 != backup.sha256 {
        return Err(StateError::Rejected(format!(
            "'{}' is not the backup that its manifest describes ({bytes} of {} bytes, SHA-256 {sha256}): it was changed or cut \
             off; take another",
            source.display(),
            backup.bytes
        )));
    }
    Ok(())
}

/// Opens every secret in the database with the installation key; answers how many there are.
///
/// # Errors
/// [`StateError::Corrupt`] for one that does not open: the key file is not the one that belongs to this state.
pub async fn check_key(database: &Database, keyring: &Keyring) -> Result<u64, StateError> {
    rotation::check(database, keyring).await
}
