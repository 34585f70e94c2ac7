//! How large a package may be.

/// Limits of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageLimits {
    /// Files and folders in the zip. Default 50,000: a large node_modules fits.
    pub max_entries: usize,
    /// All files unpacked, in bytes. Default 1 GiB.
    pub max_unpacked_bytes: u64,
    /// Unpacked size by packed size, of a file and of the whole, judged above 1 MiB unpacked. Default 200.
    pub max_ratio: u64,
    /// One file unpacked, in bytes. Default 256 MiB.
    pub max_file_bytes: u64,
}

impl Default for PackageLimits {
    fn default() -> Self {
        Self { max_entries: 50_000, max_unpacked_bytes: 1 << 30, max_ratio: 200, max_file_bytes: 256 << 20 }
    }
}

/// Below this unpacked size the ratio is not judged, in bytes.
pub(super) const RATIO_JUDGED_ABOVE: u64 = 1 << 20;
