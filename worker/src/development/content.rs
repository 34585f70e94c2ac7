//! The files of an app under development as one version of it sees them.
//!
//! Scripts and JSON are read when the version is loaded, so that a version which goes on serving after a broken save goes on as it was:
//! its next instance does not find the broken file. Large files, components and packages below `node_modules` are read when they are asked
//! for.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearth_engine::{AppFiles, FileKind};
use hearth_model::package::{LOCAL_SETTINGS, PackageError, PackageFiles};

use crate::app::{Source, kind, names};

use super::snapshot::{DEPENDENCIES, Snapshot, Stamp};

/// Files that scripts are made of.
const KEPT: [&str; 8] = [".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".json", ".map"];
/// Largest file that is kept in memory, in bytes.
const KEPT_SIZE: u64 = 8 << 20;
/// All of them together.
const KEPT_TOGETHER: u64 = 256 << 20;
/// Largest file that is read at all, as in a package.
const READ_SIZE: u64 = 512 << 20;

/// See the module's documentation.
pub(crate) struct Content {
    folder: PathBuf,
    snapshot: Snapshot,
    sizes: BTreeMap<String, u64>,
    kept: HashMap<String, Arc<[u8]>>,
}

impl Content {
    /// The files as they are now; bytes of files that are as in `before` are taken over.
    pub(super) fn read(folder: &Path, before: Option<&Self>) -> io::Result<Self> {
        let mut snapshot = Snapshot::take(folder)?;
        snapshot.files.retain(|path, _| !path.eq_ignore_ascii_case(LOCAL_SETTINGS));
        let sizes = snapshot.files.iter().map(|(path, stamp)| (path.clone(), stamp.size)).collect();
        let mut kept = HashMap::new();
        let mut room = KEPT_TOGETHER;
        for (path, stamp) in &snapshot.files {
            if stamp.size > KEPT_SIZE.min(room) || !KEPT.iter().any(|end| path.ends_with(end)) {
                continue;
            }
            let known = before.and_then(|before| before.kept(path, stamp));
            // What went away since the look is away.
            let Some(bytes) = known.or_else(|| std::fs::read(folder.join(path)).ok().map(Arc::from)) else { continue };
            room = room.saturating_sub(bytes.len() as u64);
            kept.insert(path.clone(), bytes);
        }
        Ok(Self { folder: folder.to_owned(), snapshot, sizes, kept })
    }

    fn kept(&self, path: &str, stamp: &Stamp) -> Option<Arc<[u8]>> {
        let same = self.snapshot.files.get(path) == Some(stamp);
        self.kept.get(path).filter(|_| same).cloned()
    }

    fn bytes(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if let Some(bytes) = self.kept.get(path) {
            return Ok(Some(bytes.to_vec()));
        }
        if !self.sizes.contains_key(path) && !is_dependency(path) {
            return Ok(None);
        }
        let mut file = match std::fs::File::open(self.folder.join(path)) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        if (&mut file).take(READ_SIZE + 1).read_to_end(&mut bytes)? as u64 > READ_SIZE {
            return Err(io::Error::other(format!("{path} is larger than {} MiB", READ_SIZE >> 20)));
        }
        Ok(Some(bytes))
    }

    /// The rest of the path of every `node_modules` below a folder.
    fn dependencies_below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let from = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.snapshot.dependencies.keys().filter_map(move |path| path.strip_prefix(&*from))
    }
}

impl AppFiles for Content {
    fn kind(&self, path: &str) -> Option<FileKind> {
        if is_dependency(path) {
            let metadata = std::fs::metadata(self.folder.join(path)).ok()?;
            return Some(if metadata.is_dir() { FileKind::Directory } else { FileKind::File });
        }
        let above = || self.dependencies_below(path).next().map(|_| FileKind::Directory);
        kind(&self.sizes, path).or_else(above)
    }

    fn names(&self, path: &str) -> Vec<String> {
        let mut names: Vec<String> = if is_dependency(path) {
            let entries = std::fs::read_dir(self.folder.join(path)).into_iter().flatten().flatten();
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
        } else {
            let mut names = names(&self.sizes, path);
            names.extend(self.dependencies_below(path).filter_map(|rest| rest.split('/').next()).map(str::to_owned));
            names
        };
        names.sort();
        names.dedup();
        names
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.bytes(path)
    }
}

/// Whether a path is that of a `node_modules` or below one; such a path is looked up on disk. One that leads out of the folder is none.
fn is_dependency(path: &str) -> bool {
    let mut parts = path.split('/');
    let plain = path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']));
    plain && parts.any(|part| part == DEPENDENCIES)
}

/// The same files, as what an app is loaded from.
pub(crate) struct FolderPackage(Arc<Content>);

impl FolderPackage {
    pub(crate) fn of(content: Arc<Content>) -> Self {
        Self(content)
    }
}

impl Source for FolderPackage {
    fn version(&self) -> Option<[u8; 32]> {
        None
    }

    fn into_files(self) -> Arc<dyn AppFiles> {
        self.0
    }
}

impl PackageFiles for FolderPackage {
    fn files(&self) -> &BTreeMap<String, u64> {
        &self.0.sizes
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, PackageError> {
        let read = self
            .0
            .bytes(path)
            .map_err(|error| PackageError::Io(io::Error::new(error.kind(), format!("{path}: {error}"))))?;
        read.ok_or_else(|| PackageError::NoSuchFile { path: path.to_owned() })
    }

    fn warnings(&self) -> &[String] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_version_keeps_its_scripts_when_the_files_change() {
        let folder = folder(&[("host.json", "{}"), ("hello/index.js", "good"), ("data.bin", "old")]);
        let first = Content::read(folder.path(), None).unwrap();
        std::fs::write(folder.path().join("hello/index.js"), "broken").unwrap();
        std::fs::remove_file(folder.path().join("host.json")).unwrap();
        let second = Content::read(folder.path(), Some(&first)).unwrap();
        assert_eq!(first.read("hello/index.js").unwrap().unwrap(), b"good");
        assert_eq!(first.kind("host.json"), Some(FileKind::File));
        assert_eq!(second.read("hello/index.js").unwrap().unwrap(), b"broken");
        assert_eq!(second.kind("host.json"), None);
        assert_eq!(second.read("data.bin").unwrap().unwrap(), b"old");
    }

    #[test]
    fn scripts_see_the_app_and_nothing_else() {
        let folder = folder(&[
            ("host.json", "{}"),
            ("local.settings.json", "{}"),
            (".hearth/state.db", "secret"),
            ("node_modules/pad/index.js", "pad"),
            ("lib/node_modules/own/index.js", "own"),
            ("lib/a.js", "a"),
        ]);
        let content = Content::read(folder.path(), None).unwrap();
        assert_eq!(content.names(""), ["host.json", "lib", "node_modules"]);
        assert_eq!(content.names("lib"), ["a.js", "node_modules"]);
        assert_eq!(content.names("node_modules/pad"), ["index.js"]);
        assert_eq!(content.kind(""), Some(FileKind::Directory));
        assert_eq!(content.kind("lib"), Some(FileKind::Directory));
        assert_eq!(content.kind("node_modules/pad"), Some(FileKind::Directory));
        assert_eq!(content.read("node_modules/pad/index.js").unwrap().unwrap(), b"pad");
        assert_eq!(content.read("lib/node_modules/own/absent.js").unwrap(), None);
        for hidden in [
            "local.settings.json",
            ".hearth/state.db",
            "node_modules/../.hearth/state.db",
            "/etc/passwd",
            "lib/../host.json",
        ] {
            assert_eq!(content.read(hidden).unwrap(), None, "{hidden}");
            assert_eq!(content.kind(hidden), None, "{hidden}");
        }
    }
}
