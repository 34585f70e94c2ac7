//! Secrets that are mounted as files, for settings such as `@file:/run/secrets/db`.
//!
//! Whoever may set an app's settings must not thereby read any file of the machine: only regular files below the operator's
//! directories are read, and none of Hearth's own, and that is judged after every link is resolved. What is read is never told
//! in an error.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Greatest secret, in bytes.
const MAX_BYTES: u64 = 64 * 1024;
/// Where systemd puts the credentials of a service.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

pub(crate) struct SecretFiles {
    directories: Vec<PathBuf>,
    /// Never read, wherever they are: a service may get its own secrets in the same directory.
    own: Vec<PathBuf>,
}

impl SecretFiles {
    /// The operator's directories and, where there are any, systemd's for this service; without Hearth's `own` files.
    pub(crate) fn below(directories: &[PathBuf], own: &[PathBuf]) -> Self {
        let mut directories: Vec<PathBuf> =
            directories.iter().filter(|directory| directory.is_absolute()).cloned().collect();
        if !directories.is_empty() {
            directories
                .extend(std::env::var_os(CREDENTIALS_DIRECTORY).map(PathBuf::from).filter(|dir| dir.is_absolute()));
        }
        Self { directories, own: own.to_vec() }
    }

    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { directories: Vec::new(), own: Vec::new() }
    }

    /// The text of a file, without the newline at its end. The error is public text. Blocking; files are small and local.
    pub(super) fn read(&self, path: &str) -> Result<String, String> {
        if self.directories.is_empty() {
            return Err("references to files are switched off on this worker (operator's setting: secret-files)".into());
        }
        let unusable = |error: &std::io::Error| format!("the file {path} can't be read: {error}");
        let outside = || {
            let directories: Vec<String> = self.directories.iter().map(|dir| dir.display().to_string()).collect();
            format!("the file {path} is not below {} (operator's setting: secret-files)", directories.join(" or "))
        };
        let found = Path::new(path).canonicalize().map_err(|error| {
            // What is elsewhere on the machine is not told apart from what is not there at all.
            let named = self.directories.iter().any(|directory| Path::new(path).starts_with(directory));
            if named { unusable(&error) } else { outside() }
        })?;
        // Mounts come and go, so that the directories are looked at anew each time.
        let allowed = |directory: &PathBuf| {
            directory.canonicalize().is_ok_and(|directory| found.starts_with(&directory) && found != directory)
        };
        if !self.directories.iter().any(allowed) {
            return Err(outside());
        }
        let owned = |own: &PathBuf| own.canonicalize().is_ok_and(|own| found.starts_with(own));
        if self.own.iter().any(owned) {
            return Err(format!("the file {path} is one of Hearth's own, which no app may read"));
        }
        // Opening something else, a pipe for example, could wait for ever.
        let regular = |metadata: std::io::Result<std::fs::Metadata>| {
            metadata
                .is_ok_and(|metadata| metadata.is_file())
                .then_some(())
                .ok_or(format!("{path} is not a regular file"))
        };
        regular(found.metadata())?;
        let file = File::open(&found).map_err(|error| unusable(&error))?;
        regular(file.metadata())?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unusable(&error))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("the file {path} is larger than {} KiB", MAX_BYTES / 1024));
        }
        let mut text = String::from_utf8(bytes).map_err(|_| format!("the file {path} is not text in UTF-8"))?;
        if text.contains('\0') {
            return Err(format!("the file {path} holds a zero byte, which no setting can"));
        }
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::write;

    use super::*;

    #[test]
    fn only_regular_files_below_the_directories_are_read() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let text = |name: &str| at(name).display().to_string();
        std::fs::create_dir_all(at("secrets/folder")).unwrap();
        std::fs::create_dir(at("secrets-too")).unwrap();
        write(at("secrets/db"), "top-secret\r\n").unwrap();
        write(at("secrets/lines"), "a\n\n").unwrap();
        write(at("secrets/bytes"), [0xff]).unwrap();
        write(at("secrets/exact"), vec![b'x'; 65_536]).unwrap();
        write(at("secrets/large"), vec![b'x'; 65_537]).unwrap();
        write(at("secrets-too/db"), "outside").unwrap();
        std::os::unix::fs::symlink(at("secrets-too/db"), at("secrets/out")).unwrap();
        std::os::unix::fs::symlink(at("secrets/db"), at("secrets-too/in")).unwrap();
        write(at("secrets/installation.key"), "key").unwrap();
        std::os::unix::fs::symlink(at("secrets/installation.key"), at("secrets/link-to-key")).unwrap();
        let files = SecretFiles {
            directories: vec![at("missing"), at("secrets")],
            own: vec![at("data"), at("secrets/installation.key")],
        };

        assert_eq!(files.read(&text("secrets/db")).as_deref(), Ok("top-secret"));
        assert_eq!(files.read(&text("secrets/lines")).as_deref(), Ok("a\n"), "one newline only");
        assert_eq!(files.read(&text("secrets-too/in")).as_deref(), Ok("top-secret"), "where it really is counts");
        assert_eq!(files.read(&text("secrets/exact")).map(|text| text.len()), Ok(65_536));
        for (name, reason) in [
            ("secrets/out", "secret-files"),
            ("secrets-too/db", "secret-files"),
            ("secrets", "secret-files"),
            ("secrets/folder", "regular file"),
            ("secrets/none", "can't be read"),
            ("elsewhere/none", "secret-files"),
            ("secrets/bytes", "UTF-8"),
            ("secrets/large", "64 KiB"),
            ("secrets/installation.key", "Hearth's own"),
            ("secrets/link-to-key", "Hearth's own"),
        ] {
            let error = files.read(&text(name)).unwrap_err();
            assert!(error.contains(reason) && !error.contains("outside"), "{name}: {error}");
        }
        assert!(SecretFiles::none().read(&text("secrets/db")).unwrap_err().contains("switched off"));
    }
}
