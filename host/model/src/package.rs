//! A function app's package: a zip that has been checked before anything in it is used.
//!
//! Nothing is unpacked to disk; files are read from the zip by name. Every limit is enforced on what is declared when the
//! package is opened and on what really comes out when a file is read.

mod directory;
mod error;
mod limits;
mod path;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use zip::ZipArchive;

pub use error::PackageError;
pub use limits::PackageLimits;

/// Name of the development settings file, which holds secrets and is never taken from a package.
pub const LOCAL_SETTINGS: &str = "local.settings.json";

/// The files of an app, wherever they lie: in a package, or in a folder on disk during development.
pub trait PackageFiles {
    /// Files by path (separated by `/`), with their sizes in bytes. Folders are not listed, nor is a
    /// `local.settings.json`.
    fn files(&self) -> &BTreeMap<String, u64>;

    /// Reads one file whole.
    ///
    /// # Errors
    /// [`PackageError::NoSuchFile`] for a path that is not among [`PackageFiles::files`].
    fn read(&mut self, path: &str) -> Result<Vec<u8>, PackageError>;

    /// What is worth telling the app's author though it stops nothing.
    fn warnings(&self) -> &[String];
}

impl<R: Read + Seek> PackageFiles for Package<R> {
    fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    /// Verifies the file's size and checksum.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, PackageError> {
        let mut content = Vec::new();
        self.copy(path, &mut content)?;
        Ok(content)
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// An opened package.
#[derive(Debug)]
pub struct Package<R> {
    archive: ZipArchive<R>,
    /// Unpacked size by path.
    files: BTreeMap<String, u64>,
    /// Position in the zip's directory by path.
    positions: BTreeMap<String, usize>,
    warnings: Vec<String>,
}

impl<R: Read + Seek> Package<R> {
    /// Opens a zip and checks its directory: names, kinds of entries, declared sizes. The content of files is checked
    /// when they are read, or all at once by [`Package::verify`].
    pub fn open(mut reader: R, limits: &PackageLimits) -> Result<Self, PackageError> {
        directory::check_entry_count(&mut reader, limits.max_entries)?;
        let mut archive = ZipArchive::new(reader).map_err(PackageError::from_zip)?;
        let listing = directory::check(&mut archive, limits)?;
        Ok(Self { archive, files: listing.files, positions: listing.positions, warnings: listing.warnings })
    }

    /// Reads every file to its end, keeping nothing, and verifies sizes and checksums. Takes as long as unpacking does.
    pub fn verify(&mut self) -> Result<(), PackageError> {
        let paths: Vec<String> = self.files.keys().cloned().collect();
        paths.iter().try_for_each(|path| self.copy(path, &mut std::io::sink()))
    }

    fn copy(&mut self, path: &str, target: &mut impl std::io::Write) -> Result<(), PackageError> {
        let (Some(&position), Some(&declared)) = (self.positions.get(path), self.files.get(path)) else {
            return Err(PackageError::NoSuchFile { path: path.to_owned() });
        };
        let mut file = self.archive.by_index(position).map_err(|e| PackageError::from_entry(path, e))?;
        // One byte more than declared: a file that goes on is a lie, and it is stopped here.
        let copied = std::io::copy(&mut (&mut file).take(declared.saturating_add(1)), target)
            .map_err(|e| PackageError::from_read(path, e))?;
        if copied != declared {
            let more = if copied > declared { "more than" } else { "less than" };
            return Err(PackageError::Entry {
                entry: path.to_owned(),
                problem: format!("it unpacks to {more} the {declared} bytes that the zip declares"),
            });
        }
        Ok(())
    }
}
