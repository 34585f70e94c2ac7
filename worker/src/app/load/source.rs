//! Where an app's files are read from: by the index when the app is loaded, and by its scripts while they run.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use hearth_engine::{AppFiles, FileKind};
use hearth_model::ids::Digest;
use hearth_model::package::{Package, PackageError, PackageFiles, PackageLimits};

/// Largest file that scripts can read, in bytes: it is in memory whole.
const MAX_READ_BYTES: u64 = 64 << 20;

/// The files of one version of an app.
pub(crate) trait Source: PackageFiles + Send + 'static {
    /// Digest under which what is made of its scripts may be kept on disk; `None` where files change.
    fn version(&self) -> Option<[u8; 32]>;

    /// The same files for scripts while they run.
    fn into_files(self) -> Arc<dyn AppFiles>;
}

/// A published package in the cache of this machine.
pub(super) struct PublishedPackage {
    package: Package<BufReader<File>>,
    version: Option<[u8; 32]>,
}

impl PublishedPackage {
    /// Opens a package whose digest was verified. The error is public text.
    pub(super) fn open(file: File, digest: &Digest) -> Result<Self, String> {
        let package =
            Package::open(BufReader::new(file), &PackageLimits::default()).map_err(|error| error.to_string())?;
        let mut version = [0; 32];
        let version = hex::decode_to_slice(digest.as_str(), &mut version).ok().map(|()| version);
        Ok(Self { package, version })
    }
}

impl PackageFiles for PublishedPackage {
    fn files(&self) -> &BTreeMap<String, u64> {
        self.package.files()
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, PackageError> {
        self.package.read(path)
    }

    fn warnings(&self) -> &[String] {
        self.package.warnings()
    }
}

impl Source for PublishedPackage {
    fn version(&self) -> Option<[u8; 32]> {
        self.version
    }

    fn into_files(self) -> Arc<dyn AppFiles> {
        let listing = self.package.files().clone();
        Arc::new(ZipFiles { listing, package: Mutex::new(self.package) })
    }
}

/// The files of a zip, read when they are asked for, one at a time. Their listing stays in memory.
struct ZipFiles {
    listing: BTreeMap<String, u64>,
    package: Mutex<Package<BufReader<File>>>,
}

impl AppFiles for ZipFiles {
    fn kind(&self, path: &str) -> Option<FileKind> {
        kind(&self.listing, path)
    }

    fn names(&self, path: &str) -> Vec<String> {
        names(&self.listing, path)
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(bytes) = self.listing.get(path) else { return Ok(None) };
        if *bytes > MAX_READ_BYTES {
            let limit = MAX_READ_BYTES >> 20;
            return Err(io::Error::other(format!("it is larger than the {limit} MiB that a script can read")));
        }
        let mut package = self.package.lock().unwrap_or_else(PoisonError::into_inner);
        package.read(path).map(Some).map_err(io::Error::other)
    }
}

/// What is at a path of a listing of files.
pub(crate) fn kind(files: &BTreeMap<String, u64>, path: &str) -> Option<FileKind> {
    if path.is_empty() {
        return Some(FileKind::Directory);
    }
    if files.contains_key(path) {
        return Some(FileKind::File);
    }
    let within = format!("{path}/");
    let (first, _) = files.range(within.clone()..).next()?;
    first.starts_with(&within).then_some(FileKind::Directory)
}

/// Names in a folder of a listing of files, sorted.
pub(crate) fn names(files: &BTreeMap<String, u64>, folder: &str) -> Vec<String> {
    let within = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut names = Vec::new();
    let mut from = Bound::Included(within.clone());
    while let Some((path, _)) = files.range((from, Bound::Unbounded)).next() {
        let Some(rest) = path.strip_prefix(&within) else { break };
        from = match rest.split_once('/') {
            // Past everything in that folder: `0` comes after `/`.
            Some((name, _)) => {
                names.push(name.to_owned());
                Bound::Included(format!("{within}{name}0"))
            }
            None => {
                names.push(rest.to_owned());
                Bound::Excluded(path.clone())
            }
        };
    }
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_of_files_has_folders() {
        let paths = ["a.js", "a/b.js", "a/b/c.js", "a/b/d.js", "a0.js", "node_modules/@x/y/index.js", "ä/b"];
        let files: BTreeMap<String, u64> = paths.iter().map(|path| ((*path).to_owned(), 1)).collect();
        assert_eq!(names(&files, ""), ["a", "a.js", "a0.js", "node_modules", "ä"]);
        assert_eq!(names(&files, "a"), ["b", "b.js"]);
        assert_eq!(names(&files, "a/b"), ["c.js", "d.js"]);
        assert_eq!(names(&files, "node_modules/@x"), ["y"]);
        assert_eq!(names(&files, "a.js"), Vec::<String>::new());
        assert_eq!(names(&files, "nowhere"), Vec::<String>::new());
        for (path, expected) in [
            ("", Some(FileKind::Directory)),
            ("a", Some(FileKind::Directory)),
            ("a/b", Some(FileKind::Directory)),
            ("a/b.js", Some(FileKind::File)),
            ("node_modules/@x", Some(FileKind::Directory)),
            ("node_modules/@", None),
            ("b", None),
        ] {
            assert_eq!(kind(&files, path), expected, "{path}");
        }
    }
}
