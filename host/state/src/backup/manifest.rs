//! What a backup says of itself: `<backup>.json`, written last, so that a backup which has one is whole.

use std::io::Write;
use std::path::{Path, PathBuf};

use hearth_model::clock::Timestamp;
use hearth_model::ids::Digest;
use serde::{Deserialize, Serialize};

use crate::migrations::THIS_BINARY;
use crate::sqlite::Copied;
use crate::{StateError, platform};

/// Version of the manifest's form.
const FORMAT: u32 = 1;
/// Largest manifest read.
const MAX_BYTES: u64 = 1 << 16;

/// A backup's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// Version of this form.
    pub format: u32,
    /// The backup's file name, in the folder of the manifest.
    pub file: String,
    /// When the copy began, RFC 3339; it holds everything that was acknowledged before.
    pub taken: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Version of Hearth that made it.
    pub hearth: String,
    /// Number of the last schema step.
    pub schema: u32,
    /// Oldest version of Hearth that can use it.
    pub oldest_hearth: String,
    /// Generation of the state that was backed up.
    pub generation: u64,
}

impl Backup {
    pub(super) fn new(
        target: &Path,
        taken: Timestamp,
        bytes: u64,
        sha256: Digest,
        copied: &Copied,
    ) -> Result<Self, StateError> {
        let file = target.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            StateError::Configuration(format!("'{}' is no name for a backup: choose another", target.display()))
        })?;
        Ok(Self {
            format: FORMAT,
            file: file.to_owned(),
            taken: taken.rfc3339(),
            bytes,
            sha256,
            hearth: THIS_BINARY.to_owned(),
            schema: copied.schema,
            oldest_hearth: copied.oldest_binary.clone(),
            generation: copied.generation,
        })
    }

    /// The usual name of a backup that is made at this time, for example `hearth-20261123T120000Z.db`.
    pub fn file_name(at: Timestamp) -> String {
        format!("hearth-{}.db", compact(at))
    }

    /// Writes the manifest beside the backup, which is there already; both then survive a loss of power.
    pub(super) fn write(&self, target: &Path) -> Result<(), StateError> {
        let path = beside(target);
        let unusable = |error| StateError::unusable("manifest", &path, &error);
        let text = serde_json::to_vec_pretty(self).map_err(|error| unusable(error.into()))?;
        let mut file = platform::create_private(&path).map_err(unusable)?;
        let written = file.write_all(&text).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all());
        let written = written.and_then(|()| match path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => platform::sync_directory(directory),
            _ => platform::sync_directory(Path::new(".")),
        });
        written.map_err(|error| {
            std::fs::remove_file(&path).ok();
            unusable(error)
        })
    }

    /// The manifest of the backup at `source`, a backup or a folder of them: the newest counts. Answers the backup's path too.
    ///
    /// # Errors
    /// [`StateError::Missing`] when there is none, [`StateError::Rejected`] for one that is no manifest,
    /// [`StateError::Incompatible`] for the form of a newer Hearth.
    pub fn find(source: &Path) -> Result<(PathBuf, Self), StateError> {
        if !source.is_dir() {
            return Self::read(&beside(source)).map(|backup| (source.to_path_buf(), backup));
        }
        let unusable = |error| StateError::unusable("folder", source, &error);
        let mut newest: Option<(Timestamp, PathBuf, Self)> = None;
        for entry in std::fs::read_dir(source).map_err(unusable)? {
            let manifest = entry.map_err(unusable)?.path();
            let Some(path) = manifest.to_str().and_then(|path| path.strip_suffix(".json")) else { continue };
            let path = PathBuf::from(path);
            // Other files in the folder are nobody's business.
            let Ok(backup) = Self::read(&manifest) else { continue };
            let Some(taken) = Timestamp::parse_rfc3339(&backup.taken).filter(|_| path.exists()) else { continue };
            if newest.as_ref().is_none_or(|(at, ..)| *at < taken) {
                newest = Some((taken, path, backup));
            }
        }
        newest.map(|(_, path, backup)| (path, backup)).ok_or_else(|| {
            StateError::Missing(format!(
                "there is no backup in '{}': name a folder or a file that 'hearth backup' has written",
                source.display()
            ))
        })
    }

    fn read(path: &Path) -> Result<Self, StateError> {
        let rejected = |why: &dyn std::fmt::Display| {
            StateError::Rejected(format!("'{}' is not the manifest of a backup: {why}", path.display()))
        };
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StateError::Missing(format!(
                    "there is no manifest '{}': a backup consists of two files, keep them together",
                    path.display()
                )));
            }
            Err(error) => return Err(StateError::unusable("manifest", path, &error)),
            Ok(found) if found.len() > MAX_BYTES => return Err(rejected(&"it is too long")),
            Ok(_) => {}
        }
        let text = std::fs::read(path).map_err(|error| StateError::unusable("manifest", path, &error))?;
        let backup: Self = serde_json::from_slice(&text).map_err(|error| rejected(&error))?;
        if backup.format > FORMAT {
            return Err(StateError::Incompatible(format!(
                "the manifest '{}' has format {}, this Hearth knows {FORMAT}: run hearth {} or later",
                path.display(),
                backup.format,
                backup.hearth
            )));
        }
        Ok(backup)
    }
}

/// Where the manifest of a backup is.
pub(super) fn beside(backup: &Path) -> PathBuf {
    appended(backup, ".json")
}

/// A path with something appended to its last name.
pub(super) fn appended(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A time for a file name.
pub(super) fn compact(at: Timestamp) -> String {
    let text = at.rfc3339();
    let seconds = text.split(['.', 'Z']).next().unwrap_or(&text);
    format!("{}Z", seconds.replace(['-', ':'], ""))
}
