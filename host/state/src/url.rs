//! Where host state is kept, as given to `--state`.
//!
//! A SQLite path, an `mssql://` URL, or the ADO.NET connection string that people of SQL Server have at hand. Nothing
//! here shows a password: not `Display`, not `Debug`, and no error quotes what may hold one.

mod connection_string;
mod key;
mod server;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::StateError;
pub use server::{Encryption, SqlServer};

/// A checked `--state` value. Nothing is opened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateUrl {
    /// A SQLite file on a local disk.
    Sqlite(PathBuf),
    /// A schema in a database of SQL Server.
    SqlServer(Box<SqlServer>),
}

const ACCEPTED: &str = "'sqlite:PATH', 'mssql://USER:PASSWORD@HOST/DATABASE' or a SQL Server connection string";

impl StateUrl {
    /// Takes `sqlite:PATH`, `sqlite://PATH` or a plain path (the directory must exist when the database is opened),
    /// `mssql://USER:PASSWORD@HOST[:PORT][\INSTANCE]/DATABASE[?key=value&…]` with percent-encoded parts, or an ADO.NET
    /// connection string (`Server=…;Database=…;…`), which is told from a path by its first key.
    ///
    /// # Errors
    /// [`StateError::Configuration`], naming what is accepted, for another scheme, an empty path, or a key of a
    /// connection string that is unknown or asks for what Hearth does not do.
    pub fn parse(text: &str) -> Result<Self, StateError> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        for scheme in ["mssql://", "sqlserver://"] {
            if lower.starts_with(scheme) {
                return server::from_url(&text[scheme.len()..]).map(Box::new).map(Self::SqlServer);
            }
        }
        if connection_string::looks_like_one(text) {
            return server::from_connection_string(text).map(Box::new).map(Self::SqlServer);
        }
        let path = match lower.strip_prefix("sqlite:") {
            // Three slashes are an absolute path, as in any URL with an empty host.
            Some(_) => text["sqlite:".len()..].strip_prefix("//").unwrap_or(&text["sqlite:".len()..]),
            None => text,
        };
        let known = ["mssql:", "sqlserver:", "jdbc:"].into_iter().find(|scheme| lower.starts_with(scheme));
        if let Some(scheme) = known.or_else(|| path.split_once("://").map(|(scheme, _)| scheme)) {
            let scheme = scheme.trim_end_matches(':');
            return Err(StateError::Configuration(format!("state URL '{scheme}:…' is not understood: use {ACCEPTED}")));
        }
        if lower.contains("password=") || lower.contains("pwd=") {
            return Err(StateError::Configuration(format!(
                "the state URL is neither a path nor a connection string: use {ACCEPTED}"
            )));
        }
        if path.is_empty() || path == ":memory:" || path.contains('\0') {
            return Err(StateError::Configuration(format!(
                "'{text}' names no state file: use {ACCEPTED}, for example sqlite:/var/lib/hearth/state.db"
            )));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The URL of a SQLite file.
    pub fn sqlite(path: &Path) -> Self {
        Self::Sqlite(path.to_path_buf())
    }
}

impl fmt::Display for StateUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqlServer(server) => write!(f, "{server}"),
        }
    }
}

impl FromStr for StateUrl {
    type Err = StateError;
    fn from_str(text: &str) -> Result<Self, StateError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
