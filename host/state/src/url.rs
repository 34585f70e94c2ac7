//! Where host state is kept, as given to `--state`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::StateError;

/// A checked `--state` value. Nothing is opened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateUrl {
    /// A SQLite file on a local disk.
    Sqlite(PathBuf),
}

impl StateUrl {
    /// Takes `sqlite:PATH`, `sqlite://PATH` or a plain path; the directory must exist when the database is opened.
    ///
    /// # Errors
    /// [`StateError::Configuration`], naming what is accepted, for another scheme or an empty path.
    pub fn parse(text: &str) -> Result<Self, StateError> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("mssql:") || lower.starts_with("sqlserver:") || lower.starts_with("server=") {
            return Err(StateError::Configuration(
                "SQL Server state is not in this version of Hearth: use 'sqlite:PATH' on one machine".to_owned(),
            ));
        }
        let path = match lower.strip_prefix("sqlite:") {
            // Three slashes are an absolute path, as in any URL with an empty host.
            Some(_) => text["sqlite:".len()..].strip_prefix("//").unwrap_or(&text["sqlite:".len()..]),
            None => text,
        };
        let scheme = path.split_once("://").map(|(scheme, _)| scheme);
        if let Some(scheme) = scheme {
            return Err(StateError::Configuration(format!(
                "state URL scheme '{scheme}:' is not known: use 'sqlite:PATH' or a path"
            )));
        }
        if path.is_empty() || path == ":memory:" || path.contains('\0') {
            return Err(StateError::Configuration(format!(
                "'{text}' names no state file: use 'sqlite:PATH', for example sqlite:/var/lib/hearth/state.db"
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
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
mod tests {
    use super::*;

    #[test]
    fn paths_and_urls_are_accepted() {
        for text in ["/srv/h.db", "sqlite:/srv/h.db", "sqlite:///srv/h.db", "SQLITE:/srv/h.db"] {
            assert_eq!(StateUrl::parse(text).unwrap(), StateUrl::sqlite(Path::new("/srv/h.db")), "{text}");
        }
        assert_eq!(StateUrl::parse("data/h.db").unwrap().to_string(), "sqlite:data/h.db");
    }

    #[test]
    fn other_schemes_are_refused_with_what_is_accepted() {
        for text in
            ["mssql://h/db", "Server=H;Database=x", "sqlserver://h", "postgres://h/db", "", "sqlite:", ":memory:"]
        {
            let error = StateUrl::parse(text).unwrap_err();
            assert!(matches!(error, StateError::Configuration(_)), "{text}");
            assert!(error.to_string().contains("sqlite:PATH"), "{text}: {error}");
        }
    }
}
