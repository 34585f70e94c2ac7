//! Names of zip entries: which are accepted, and how they are written afterwards.
//!
//! The rules are those of the strictest file system a package may meet, so that an accepted package means the same
//! everywhere and can be written to any disk.

/// Longest accepted path, in bytes.
const MAX_BYTES: usize = 1024;

/// What an entry's name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EntryPath {
    File(String),
    Folder(String),
}

/// The path an entry's raw name stands for, with `/` between its parts: `\` is read as `/`, as some zip tools for Windows
/// write it, and a leading `./` is left out. The error says what is wrong and what to do.
pub(super) fn accept(raw: &[u8]) -> Result<EntryPath, String> {
    let name = std::str::from_utf8(raw).map_err(|_| "its name is not UTF-8; rename the file".to_owned())?;
    if name.len() > MAX_BYTES {
        return Err(format!("its name is longer than {MAX_BYTES} bytes; shorten it"));
    }
    if name.chars().any(char::is_control) {
        return Err("its name holds a NUL or another control character; rename the file".to_owned());
    }
    let name = name.replace('\\', "/");
    if name.starts_with('/') {
        return Err("its path is absolute; paths must be relative to the app's folder".to_owned());
    }
    let is_folder = name.ends_with('/');
    let mut parts = Vec::new();
    let trimmed = name.strip_suffix('/').unwrap_or(&name);
    for part in trimmed.split('/') {
        if part == "." {
            continue;
        }
        check_part(part)?;
        parts.push(part);
    }
    let path = parts.join("/");
    match (is_folder || path.is_empty(), path) {
        (true, path) => Ok(EntryPath::Folder(path)),
        (false, path) => Ok(EntryPath::File(path)),
    }
}

fn check_part(part: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err("its path has an empty part; write one '/' between folders".to_owned());
    }
    if part == ".." {
        return Err("its path leaves the app's folder by '..'; paths must stay inside".to_owned());
    }
    if part.contains(':') {
        return Err("its name holds ':', which is a drive or a stream on Windows; rename the file".to_owned());
    }
    if part.ends_with(['.', ' ']) {
        return Err("its name ends with a dot or a space, which Windows drops; rename the file".to_owned());
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    if is_device(stem) {
        return Err(format!("'{stem}' is a device name on Windows; rename the file"));
    }
    Ok(())
}

/// Whether a name without its extension is one of Windows' device names.
fn is_device(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    if matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let Some(number) = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT")) else {
        return false;
    };
    matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "\u{b9}" | "\u{b2}" | "\u{b3}")
}

/// The form in which paths are compared: file systems and function names ignore case.
pub(super) fn folded(path: &str) -> String {
    path.to_lowercase()
}

/// A raw name for an error message.
pub(super) fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let shown: String = text.chars().take(200).flat_map(char::escape_debug).collect();
    if text.chars().nth(200).is_some() { format!("{shown}...") } else { shown }
}
