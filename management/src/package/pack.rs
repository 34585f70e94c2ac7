//! A zip of a directory. The same files give the same bytes, so that publishing them again stores nothing new: entries are
//! in order of name and carry no time.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::ignored::Ignored;
use crate::exit::Failure;

/// Packs `root` into a temporary file that goes away with its handle. Links are followed; what they lead to is packed.
pub(super) fn pack(root: &Path) -> Result<File, Failure> {
    let ignored = Ignored::of(root)?;
    let mut files = Vec::new();
    collect(root, &ignored, &mut Vec::new(), &mut files)?;
    let temporary = tempfile::tempfile()
        .map_err(|error| Failure::general(format_args!("a temporary file for the package can't be made: {error}")))?;
    let mut zip = ZipWriter::new(BufWriter::new(temporary));
    for file in &files {
        add(&mut zip, root, file)
            .map_err(|error| Failure::general(format_args!("'{}' can't be packed: {error}", file.display())))?;
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

fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, root: &Path, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(if is_executable(&metadata) { 0o755 } else { 0o644 })
        .large_file(metadata.len() >= u64::from(u32::MAX));
    zip.start_file(entry_name(root, path)?, options)?;
    io::copy(&mut file, zip)?;
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
