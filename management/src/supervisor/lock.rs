//! One `hearth up` or `hearth start` per data directory: an exclusive lock on `up.lock`, which the kernel frees however its holder ends.
//!
//! The file holds the holder's process id, for the message to whoever comes second. A holder that stops in good order
//! empties it, so what is found in it tells whether the one before was killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

use crate::config::data::DataDir;
use crate::exit::Failure;

/// The held lock; dropping it gives the directory free.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    file: File,
    /// Whether the last holder was killed, so that what it had started may still be stopping.
    pub(crate) after_kill: bool,
}

impl DirectoryLock {
    /// Takes the lock, or says who holds it.
    pub(crate) fn take(data: &DataDir) -> Result<Self, Failure> {
        Self::take_or(data, |directory, whose| {
            format!(
                "the data directory '{directory}' is in use by another 'hearth up'{whose}; stop that one, or choose another with --data"
            )
        })
    }

    /// Takes the lock; `in_use` has the words for a directory that is taken, and its holder in parentheses or nothing.
    pub(crate) fn take_or(data: &DataDir, in_use: impl Fn(&str, &str) -> String) -> Result<Self, Failure> {
        let path = data.lock_file();
        let directory = data.path().display();
        let unusable = |error: std::io::Error| match error.kind() {
            // Not a matter of configuration: a service manager may try again.
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure::general(format_args!(
                "no space is left for the data directory '{directory}'; free space on its file system, then start again"
            )),
            _ => Failure::configuration(format_args!(
                "the data directory '{directory}' can't be written: {error}; give this user write access, or choose another with --data"
            )),
        };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(unusable)?;
        let taken = file.try_lock();
        let mut holder = String::new();
        file.read_to_string(&mut holder).map_err(unusable)?;
        let holder = holder.trim();
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let whose = if holder.is_empty() { String::new() } else { format!(" (process {holder})") };
                return Err(Failure::configuration(in_use(&directory.to_string(), &whose)));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let mut lock = Self { file, after_kill: !holder.is_empty() };
        lock.put(&format!("{}\n", std::process::id())).map_err(unusable)?;
        Ok(lock)
    }

    /// Gives the directory free in good order.
    pub(crate) fn release(mut self) {
        // Unlocked rather than only closed: a child that is just being started still holds a copy of the descriptor.
        if let Err(error) = self.put("").and_then(|()| self.file.unlock()) {
            tracing::debug!(category = "Supervisor", "the lock file can't be emptied: {error}");
        }
    }

    fn put(&mut self, text: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Kind;

    #[test]
    fn a_second_holder_is_told_who_is_first() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::new(Some(directory.path()));
        let first = DirectoryLock::take(&data).unwrap();
        assert!(!first.after_kill);
        let refused = DirectoryLock::take(&data).unwrap_err();
        assert_eq!(refused.kind(), Kind::Configuration);
        let text = refused.to_string();
        assert!(text.contains(&directory.path().display().to_string()), "{text}");
        assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
        first.release();
        assert!(!DirectoryLock::take(&data).unwrap().after_kill);
    }

    #[test]
    fn a_killed_holder_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::new(Some(directory.path()));
        drop(DirectoryLock::take(&data).unwrap());
        // Other tests start processes, which hold a copy of the descriptor for the moment of their start.
        let second = loop {
            match DirectoryLock::take(&data) {
                Ok(lock) => break lock,
                Err(_) => std::thread::yield_now(),
            }
        };
        assert!(second.after_kill);
    }
}
