//! Everything that depends on the operating system: handing sockets to children, signals, readiness messages, file modes.
//!
//! The rest of the command knows only these functions. On systems that can't hand over sockets the functions say so, and
//! a child binds for itself.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use other::*;
#[cfg(unix)]
pub(crate) use unix::*;

use std::io::{self, Write};
use std::path::Path;

/// Environment variable with the address of whoever waits for readiness (`sd_notify` protocol).
pub(crate) const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";

/// Writes a file that only its owner can read, so that a reader sees the old content or the new, never a part.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // tempfile makes its files with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
