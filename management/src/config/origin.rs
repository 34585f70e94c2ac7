//! Effective values and where each came from, for `hearth config check`.

use std::fmt;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use serde::{Serialize, Serializer};

use super::data;
use super::file::ConfigFile;
use super::settings::SECRETS;
use crate::role;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of this command line.
    Flag,
    /// This environment variable.
    Environment(String),
    /// This line of a configuration file.
    File {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// Nothing was set.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::File { path, line } => write!(f, "file {path}:{line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One setting as it is in force.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Effective {
    /// Name, as flag and in the file.
    pub(crate) name: String,
    /// Value as text; several joined by a comma, absent when there is none. Secrets are shown as `(set)`.
    pub(crate) value: Option<String>,
    /// Where it came from.
    pub(crate) origin: Origin,
}

/// The effective value of `setting` in `matches`.
pub(crate) fn effective(setting: &Arg, matches: &ArgMatches, file: &ConfigFile) -> Effective {
    let name = setting.get_long().unwrap_or_default().to_owned();
    let id = setting.get_id().as_str();
    let entry = file.get(&name);
    let origin = match (matches.value_source(id), setting.get_env(), entry, &file.path) {
        (Some(ValueSource::CommandLine), ..) => Origin::Flag,
        (Some(ValueSource::EnvVariable), Some(variable), ..) => {
            Origin::Environment(variable.to_string_lossy().into_owned())
        }
        (_, _, Some(entry), Some(path)) => Origin::File { path: path.display().to_string(), line: entry.line },
        _ => Origin::Default,
    };
    let raw = matches.try_get_raw(id).ok().flatten();
    let raw: Vec<String> = raw.into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
    let value = if raw.is_empty() { data::derived_default(&name, matches) } else { Some(raw.join(",")) };
    // It may hold a password.
    let value = if name == "state" { value.map(|text| role::shown_state(&text)) } else { value };
    let value = if SECRETS.contains(&name.as_str()) { value.map(|_| "(set)".to_owned()) } else { value };
    Effective { name, value, origin }
}
