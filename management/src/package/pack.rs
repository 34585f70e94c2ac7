//! A zip of a directory. The same files give the same bytes, so that publishing them again stores nothing new: entries are
//! in order of name and carry no time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::ignored::Ignored;
use crate::exit::Failure;

/// What an entry of the zip holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A file on disk.
    File(PathBuf),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// Entries by their names in the zip.
pub(super) type Entries = BTreeMap<String, Content>;

/// Packs `root` into a temporary file that goes away with its handle. Links are followed; what they lead to is packed.
pub(super) fn pack(root: &Path) -> Result<File, Failure> {
    zip(&entries(root, &Ignored::of(root)?)?)
}

/// What of `root` is packed.
pub(super) fn entries(root: &Path, ignored: &Ignored) -> Result<Entries, Failure> {
    let mut files = Vec::new();
    collect(root, ignored, &mut Vec::new(), &mut files)?;
    let named = |file: PathBuf| match entry_name(root, &file) {
        Ok(name) => Ok((name, Content::File(file))),
        Err(error) => Err(Failure::general(format_args!("'{}' can't be packed: {error}", file.display()))),
    };
    files.into_iter().map(named).collect()
}

/// Writes entries to a temporary file that goes away with its handle.
pub(super) fn zip(entries: &Entries) -> Result<File, Failure> {
    let temporary = tempfile::tempfile()
        .map_err(|error| Failure::general(format_args!("a temporary file for the package can't be made: {error}")))?;
    let mut zip = ZipWriter::new(BufWriter::new(temporary));
    for (name, content) in entries {
        add(&mut zip, name, content)
            .map_err(|error| Failure::general(format_args!("'{name}' can't be packed: {error}")))?;
    }
    let finish = || -> io::Result<File> {
        let mut file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    };
    finish().map_err(|error| Failure::general(format_args!("the package can't be written: {error}")))
}

/// Adds the files below `directory` in order of name. `above` holds the real paths of the directories on the way, to
/// notice a link that leads back.
fn collect(
    directory: &Path,
    ignored: &Ignored,
    above: &mut Vec<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let fail =
        |path: &Path, error: io::Error| Failure::general(format_args!("'{}' can't be read: {error}", path.display()));
    let real = fs::canonicalize(directory).map_err(|error| fail(directory, error))?;
    if above.contains(&real) {
        return Err(Failure::general(format_args!(
            "'{}' is a link to a directory that contains it; name it in .funcignore",
            directory.display()
        )));
    }
    above.push(real);
    let mut entries = fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>())
        .map_err(|error| fail(directory, error))?;
    entries.sort();
    for path in entries {
        // A link that leads nowhere may still be ignored by name.
        let metadata = fs::metadata(&path);
        if ignored.is_ignored(&path, metadata.as_ref().is_ok_and(fs::Metadata::is_dir)) {
            continue;
        }
        let metadata = metadata.map_err(|error| fail(&path, error))?;
        if metadata.is_dir() {
            collect(&path, ignored, above, files)?;
        } else if metadata.is_file() {
            files.push(path);
        } else {
            return Err(Failure::general(format_args!(
                "'{}' is neither file nor directory; name it in .funcignore",
                path.display()
            )));
        }
    }
    above.pop();
    Ok(())
}

fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, content: &Content) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    match content {
        Content::File(path) => {
            let mut file = File::open(path)?;
            let metadata = file.metadata()?;
            let options = options
                .unix_permissions(if is_executable(&metadata) { 0o755 } else { 0o644 })
                .large_file(metadata.len() >= u64::from(u32::MAX));
            zip.start_file(name, options)?;
            io::copy(&mut file, zip)?;
        }
        Content::Bytes(bytes) => {
            zip.start_file(name, options.unix_permissions(0o644))?;
            zip.write_all(bytes)?;
        }
    }
    Ok(())
}

fn entry_name(root: &Path, path: &Path) -> io::Result<String> {
    let relative = path.strip_prefix(root).map_err(io::Error::other)?;
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    match parts {
        Some(parts) => Ok(parts.join("/")),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "its name is not UTF-8")),
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}
