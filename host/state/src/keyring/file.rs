//! The key file: read, made once, and replaced as a whole.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KEY_BYTES, Master};
use crate::faults::FaultPoint;
use crate::{Faults, StateError, platform};

/// The key and the previous one, if the file holds two. None when there is no file.
///
/// # Errors
/// [`StateError::Configuration`] for a file that others may read, of another length, or that cannot be read.
pub(crate) fn read(path: &Path) -> Result<Option<(Master, Option<Master>)>, StateError> {
    let unusable = |error| StateError::unusable("key file", path, &error);
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    if !platform::is_private(&file).map_err(unusable)? {
        return Err(StateError::Configuration(format!(
            "key file '{}' may be read by others: run chmod 600 on it, and replace the key if others had it",
            path.display()
        )));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES + 1));
    (&mut file).take(2 * KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unusable)?;
    let wrong = || {
        StateError::Configuration(format!(
            "key file '{}' does not hold exactly {KEY_BYTES} bytes, nor twice as many: restore it from its backup; \
             without it the secrets in the state database are lost",
            path.display()
        ))
    };
    let (first, rest) = bytes.split_first_chunk::<KEY_BYTES>().ok_or_else(wrong)?;
    let previous = match rest {
        [] => None,
        _ => Some(Zeroizing::new(rest.try_into().map_err(|_| wrong())?)),
    };
    Ok(Some((Zeroizing::new(*first), previous)))
}

/// A new random key.
pub(crate) fn generate() -> std::io::Result<Master> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(key.as_mut_slice()).map_err(std::io::Error::other)?;
    Ok(key)
}

/// Writes a new key beside the path and links it there, so that the file appears complete and never replaces another.
pub(super) fn create(path: &Path) -> std::io::Result<()> {
    let key = generate()?;
    let temporary = beside(path, &format!(".{}.new", uuid::Uuid::new_v4().simple()));
    let mut file = platform::create_private(&temporary)?;
    let linked = file.write_all(key.as_slice()).and_then(|()| file.sync_all()).and_then(|()| {
        match std::fs::hard_link(&temporary, path) {
            // Another process made it first: its key counts.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    });
    std::fs::remove_file(&temporary)?;
    linked?;
    sync_names(path)
}

/// Puts these keys in place of those in the file, which exists: either all of the old or all of the new is there, also
/// after a loss of power. Owner and permissions stay. The caller is the only one to do this.
pub(crate) fn replace(path: &Path, keys: &[&Master], faults: Option<&dyn Faults>) -> Result<(), StateError> {
    let unusable = |error| StateError::unusable("key file", path, &error);
    let fault = |point| faults.map_or(Ok(()), |faults| faults.at(point));
    // Where the file is a symbolic link, what it points to is replaced.
    let path = path.canonicalize().map_err(unusable)?;
    let temporary = beside(&path, ".rotation");
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unusable(error)),
        _ => {}
    }
    fault(FaultPoint::BeforeFile("key-file.write"))?;
    let mut file = platform::create_private(&temporary).map_err(unusable)?;
    for key in keys {
        file.write_all(key.as_slice()).map_err(unusable)?;
    }
    platform::keep_owner(&path, &file).and_then(|()| file.sync_all()).map_err(unusable)?;
    fault(FaultPoint::AfterFile("key-file.write"))?;
    fault(FaultPoint::BeforeFile("key-file.rename"))?;
    std::fs::rename(&temporary, &path).map_err(unusable)?;
    fault(FaultPoint::AfterFile("key-file.rename"))?;
    sync_names(&path).map_err(unusable)
}

/// Writes the file as a whole in place of one that may be there.
pub(super) fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = beside(path, &format!(".{}.new", uuid::Uuid::new_v4().simple()));
    let mut file = platform::create_private(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // What is left of it would be of no use to anybody.
        let _ = std::fs::remove_file(&temporary);
    }
    written?;
    sync_names(path)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn sync_names(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => platform::sync_directory(directory),
        _ => Ok(()),
    }
}
