//! The zip's directory: counted before it is read, then checked entry by entry.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek, SeekFrom};

use zip::read::ZipFileEntry;
use zip::{CompressionMethod, ZipArchive};

use super::limits::RATIO_JUDGED_ABOVE;
use super::path::{EntryPath, accept, folded, shown};
use super::{LOCAL_SETTINGS, PackageError, PackageLimits};

/// What a directory lists, once checked.
pub(super) struct Listing {
    pub(super) files: BTreeMap<String, u64>,
    pub(super) positions: BTreeMap<String, usize>,
    pub(super) warnings: Vec<String>,
}

/// Refuses a zip that declares too many entries without reading its directory: the count stands in the records at the
/// file's end. Finding no such record is left to the reader of the zip to tell.
pub(super) fn check_entry_count(reader: &mut (impl Read + Seek), limit: usize) -> Result<(), PackageError> {
    const RECORD: usize = 22;
    const LOCATOR: usize = 20;
    let length = reader.seek(SeekFrom::End(0)).map_err(PackageError::Io)?;
    let start = length.saturating_sub((RECORD + LOCATOR + usize::from(u16::MAX)) as u64);
    let tail = read_range(reader, start, length - start)?;
    for at in (0..tail.len().saturating_sub(RECORD - 1)).rev() {
        let record = &tail[at..];
        if !record.starts_with(b"PK\x05\x06") || !matches!(le(&record[4..6]), 0 | 0xffff) {
            continue;
        }
        let mut count = le(&record[10..12]);
        if let Some(locator) = at.checked_sub(LOCATOR).map(|from| &tail[from..at])
            && locator.starts_with(b"PK\x06\x07")
        {
            let wide = read_range(reader, le(&locator[8..16]).min(length), 56)?;
            if wide.len() == 56 && wide.starts_with(b"PK\x06\x06") {
                count = count.max(le(&wide[32..40]));
            }
        }
        check_count(count, limit)?;
    }
    reader.seek(SeekFrom::Start(0)).map_err(PackageError::Io)?;
    Ok(())
}

fn check_count(count: u64, limit: usize) -> Result<(), PackageError> {
    if count <= limit as u64 {
        return Ok(());
    }
    Err(PackageError::Limit {
        what: "the number of entries in the zip".to_owned(),
        value: count.to_string(),
        limit_name: "max_entries",
        limit: limit.to_string(),
        remedy: "leave out what the app does not need at run time (.funcignore), or bundle it",
    })
}

fn read_range(reader: &mut (impl Read + Seek), start: u64, length: u64) -> Result<Vec<u8>, PackageError> {
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(start)).map_err(PackageError::Io)?;
    reader.take(length).read_to_end(&mut bytes).map_err(PackageError::Io)?;
    Ok(bytes)
}

/// A little-endian number of up to eight bytes.
fn le(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Checks every entry and lists the files.
pub(super) fn check<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    limits: &PackageLimits,
) -> Result<Listing, PackageError> {
    check_count(archive.len() as u64, limits.max_entries)?;
    if archive.has_duplicate_names() {
        return Err(PackageError::Zip { reason: "two of its entries have the same name".to_owned() });
    }
    let mut listing = Listing { files: BTreeMap::new(), positions: BTreeMap::new(), warnings: Vec::new() };
    let mut names = Names::default();
    let (mut unpacked, mut packed) = (0_u64, 0_u64);
    for position in 0..archive.len() {
        let entry = archive.by_index_data(position).map_err(PackageError::from_zip)?;
        let refuse = |problem: String| PackageError::Entry { entry: shown(entry.name_raw()), problem };
        let path = accept(entry.name_raw()).map_err(refuse)?;
        check_kind(&entry, &path).map_err(refuse)?;
        let path = match path {
            EntryPath::Folder(path) => {
                names.add_folder(&path).map_err(refuse)?;
                continue;
            }
            EntryPath::File(path) => path,
        };
        names.add_file(&path).map_err(refuse)?;
        check_size(&entry, &path, limits)?;
        unpacked = unpacked.saturating_add(entry.size());
        packed = packed.saturating_add(entry.compressed_size());
        if path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case(LOCAL_SETTINGS)) {
            listing.warnings.push(format!(
                "'{path}' was left out: it holds secrets for development and does not belong in a package; exclude it when packing"
            ));
            continue;
        }
        listing.positions.insert(path.clone(), position);
        listing.files.insert(path, entry.size());
    }
    check_total(unpacked, packed, limits)?;
    if archive.has_overlapping_entries().map_err(PackageError::from_zip)? {
        return Err(PackageError::Zip { reason: "some of its entries share the same bytes".to_owned() });
    }
    Ok(listing)
}

/// Refuses links, devices, encrypted entries and unknown compression.
fn check_kind(entry: &ZipFileEntry<'_>, path: &EntryPath) -> Result<(), String> {
    const KIND: u32 = 0o170_000;
    let kind = entry.unix_mode().map_or(0, |mode| mode & KIND);
    let is_folder = matches!(path, EntryPath::Folder(_));
    match kind {
        0o120_000 => return Err("it is a symbolic link; put the file itself into the zip".to_owned()),
        0 | 0o100_000 if !is_folder => {}
        0 | 0o040_000 | 0o100_000 if is_folder => {}
        0o040_000 => return Err("it is marked as a folder but has a file's name; make the zip again".to_owned()),
        _ => return Err("it is a device, pipe or socket; only files and folders are accepted".to_owned()),
    }
    if is_folder {
        return if entry.size() == 0 {
            Ok(())
        } else {
            Err("it is a folder with content; make the zip again".to_owned())
        };
    }
    if entry.encrypted() {
        return Err("it is encrypted; make the zip without a password".to_owned());
    }
    match entry.compression() {
        CompressionMethod::Stored | CompressionMethod::Deflated => Ok(()),
        other => Err(format!("its compression ({other}) is not read; use 'stored' or 'deflate'")),
    }
}

fn check_size(entry: &ZipFileEntry<'_>, path: &str, limits: &PackageLimits) -> Result<(), PackageError> {
    if entry.size() > limits.max_file_bytes {
        return Err(PackageError::Limit {
            what: format!("the unpacked size of '{path}'"),
            value: bytes(entry.size()),
            limit_name: "max_file_bytes",
            limit: bytes(limits.max_file_bytes),
            remedy: "leave the file out, or make it smaller",
        });
    }
    check_ratio(&format!("'{path}'"), entry.size(), entry.compressed_size(), limits)
}

fn check_total(unpacked: u64, packed: u64, limits: &PackageLimits) -> Result<(), PackageError> {
    if unpacked > limits.max_unpacked_bytes {
        return Err(PackageError::Limit {
            what: "the unpacked size of the package".to_owned(),
            value: bytes(unpacked),
            limit_name: "max_unpacked_bytes",
            limit: bytes(limits.max_unpacked_bytes),
            remedy: "leave out what the app does not need at run time (.funcignore)",
        });
    }
    check_ratio("the package", unpacked, packed, limits)
}

fn check_ratio(what: &str, unpacked: u64, packed: u64, limits: &PackageLimits) -> Result<(), PackageError> {
    if unpacked <= RATIO_JUDGED_ABOVE || unpacked / limits.max_ratio.max(1) <= packed {
        return Ok(());
    }
    Err(PackageError::Limit {
        what: format!("the compression ratio of {what}"),
        value: format!("{} : 1", unpacked / packed.max(1)),
        limit_name: "max_ratio",
        limit: format!("{} : 1", limits.max_ratio),
        remedy: "a file that unpacks to so much is taken for an attack; store it uncompressed if it is genuine",
    })
}

/// A size for people: exact in bytes where small, else in MiB, rounded up.
fn bytes(size: u64) -> String {
    const MIB: u64 = 1 << 20;
    if size < MIB { format!("{size} bytes") } else { format!("{} MiB", size.div_ceil(MIB)) }
}

/// Names seen so far, compared without regard to case: no two files may be one on some disk, and no file may be where a
/// folder is.
#[derive(Default)]
struct Names {
    /// Folded path, and whether it is a file.
    seen: HashMap<String, (String, bool)>,
}

impl Names {
    fn add_file(&mut self, path: &str) -> Result<(), String> {
        if let Some((other, is_file)) = self.seen.insert(folded(path), (path.to_owned(), true)) {
            return Err(if !is_file {
                format!("the zip also holds a folder '{other}'; rename one of them")
            } else if other == path {
                "the zip holds this name twice; make the zip again".to_owned()
            } else {
                format!("it differs from '{other}' only by letter case; rename one of them")
            });
        }
        path.rsplit_once('/').map_or(Ok(()), |(folder, _)| self.add_folder(folder))
    }

    fn add_folder(&mut self, path: &str) -> Result<(), String> {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for folder in ends.map(|end| &path[..end]).filter(|folder| !folder.is_empty()) {
            let (other, is_file) = self.seen.entry(folded(folder)).or_insert_with(|| (folder.to_owned(), false));
            if *is_file {
                return Err(format!("the zip also holds a file '{other}'; rename one of them"));
            }
            if *other != folder {
                return Err(format!("the folder '{other}' differs from it only by letter case; rename one of them"));
            }
        }
        Ok(())
    }
}
