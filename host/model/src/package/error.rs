//! Why a package is refused.

use std::io;

use zip::result::ZipError;

use crate::json::FileError;
use crate::kind::PackageKind;

/// Why a package is refused. The text is public: it names the entry, the limit with its value and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The bytes could not be read; nothing is said about the package, and it may be tried again.
    #[error("the package could not be read: {0}")]
    Io(io::Error),
    /// Not a zip, a damaged or truncated one, or one in a form that is not read.
    #[error("the package is not a usable zip file: {reason}; make it again and publish that")]
    Zip {
        /// What is wrong with it.
        reason: String,
    },
    /// One entry of the zip is refused.
    #[error("the zip entry '{entry}' is refused: {problem}")]
    Entry {
        /// Name as in the zip, control characters escaped.
        entry: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A limit is exceeded.
    #[error("{what} is {value}, above the limit {limit_name} of {limit}; {remedy}")]
    Limit {
        /// What is too large.
        what: String,
        /// How large it is, with its unit.
        value: String,
        /// Name of the limit.
        limit_name: &'static str,
        /// Its value, with its unit.
        limit: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file was asked for that is not in the package.
    #[error("the package holds no file '{path}'")]
    NoSuchFile {
        /// Its path.
        path: String,
    },
    /// There is no host.json where it must be.
    #[error("{0}")]
    NoHostJson(String),
    /// host.json is wrong.
    #[error("{0}")]
    File(#[from] FileError),
    /// The package was made for another runtime.
    #[error("{}", .0.refusal())]
    Foreign(PackageKind),
    /// There is nothing to run in it.
    #[error("{0}")]
    NoFunctions(String),
}

impl PackageError {
    /// Whether reading the bytes failed, so that another attempt may succeed; otherwise the package itself is refused.
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Io(_))
    }

    /// From opening a zip.
    pub(super) fn from_zip(error: ZipError) -> Self {
        match error {
            ZipError::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Zip { reason: "it ends too early, as if the upload had been cut off".to_owned() }
            }
            ZipError::Io(e) if e.kind() != io::ErrorKind::InvalidData => Self::Io(e),
            other => Self::Zip { reason: text(&other) },
        }
    }

    /// From finding an entry's content.
    pub(super) fn from_entry(path: &str, error: ZipError) -> Self {
        match error {
            ZipError::Io(e) => Self::from_read(path, e),
            other => Self::Entry { entry: path.to_owned(), problem: text(&other) },
        }
    }

    /// From reading an entry's content: a bad checksum or bad compressed data is the package's fault.
    pub(super) fn from_read(path: &str, error: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        match error.kind() {
            InvalidData | InvalidInput | UnexpectedEof | Other => Self::Entry {
                entry: path.to_owned(),
                problem: format!("its content is damaged ({error}); make the zip again"),
            },
            _ => Self::Io(error),
        }
    }
}

fn text(error: &ZipError) -> String {
    match error {
        ZipError::InvalidArchive(detail) => detail.to_string(),
        ZipError::UnsupportedArchive(detail) => (*detail).to_owned(),
        ZipError::CompressionMethodNotSupported(method) => {
            format!("compression method {method} is not read; only 'stored' and 'deflate' are")
        }
        other => other.to_string(),
    }
}
