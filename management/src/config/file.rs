//! `hearth.toml`: settings by their flag's name at the top level, each remembered with its line.
//!
//! The file is checked as a whole, also the settings that the present subcommand does not use: a typing error must not
//! wait for the day that another command reads it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};
use toml::de::{DeTable, DeValue};

/// Looked for in this order when no file is named.
pub(crate) const DEFAULT_FILES: [&str; 2] = ["hearth.toml", "/etc/hearth/hearth.toml"];

/// A value as the parser takes it, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// One text, or several for a setting that may be repeated.
    pub(crate) values: Vec<String>,
    /// Line in the file, from 1.
    pub(crate) line: usize,
}

/// The settings of one file; empty when there is no file.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigFile {
    /// The file, if one was read.
    pub(crate) path: Option<PathBuf>,
    entries: BTreeMap<String, Entry>,
}

/// What is wrong in a configuration file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileError {
    path: PathBuf,
    line: Option<usize>,
    text: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path.display(), self.text),
            None => write!(f, "{}: {}", self.path.display(), self.text),
        }
    }
}

impl ConfigFile {
    /// Reads the named file, or the first of [`DEFAULT_FILES`] that exists. `settings` holds every setting there is.
    pub(crate) fn load(named: Option<&Path>, settings: &[Arg]) -> Result<Self, FileError> {
        if let Some(path) = named {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            return Self::parse(path, &text, settings);
        }
        for path in DEFAULT_FILES.map(Path::new) {
            match std::fs::read_to_string(path) {
                Ok(text) => return Self::parse(path, &text, settings),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(path, &error)),
            }
        }
        Ok(Self::default())
    }

    /// Checks `text` against `settings`.
    pub(crate) fn parse(path: &Path, text: &str, settings: &[Arg]) -> Result<Self, FileError> {
        let fail = |offset: usize, text_of_error: String| FileError {
            path: path.to_owned(),
            line: Some(line_of(text, offset)),
            text: text_of_error,
        };
        let table = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            fail(offset, error.message().replace('\n', ", "))
        })?;
        let mut entries = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let name = key.get_ref().as_ref();
            let offset = key.span().start;
            let setting = settings.iter().find(|setting| setting.get_long() == Some(name));
            let Some(setting) = setting else {
                return Err(fail(offset, unknown(name, settings)));
            };
            let values = texts(setting, value.get_ref()).map_err(|wanted| {
                fail(offset, format!("'{name}' must be {wanted}, not {}", article(value.get_ref().type_str())))
            })?;
            check(setting, &values).map_err(|reason| fail(offset, format!("'{name}': {reason}")))?;
            entries.insert(name.to_owned(), Entry { values, line: line_of(text, offset) });
        }
        Ok(Self { path: Some(path.to_owned()), entries })
    }

    /// What the file says about a setting.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> FileError {
    FileError { path: path.to_owned(), line: None, text: format!("the configuration file can't be read: {error}") }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn unknown(name: &str, settings: &[Arg]) -> String {
    let spelled = name.replace('_', "-");
    match settings.iter().find(|setting| setting.get_long() == Some(&spelled)) {
        Some(_) => format!("there is no setting '{name}'; '{spelled}' is meant"),
        None => format!("there is no setting '{name}'; 'hearth config check' lists those there are"),
    }
}

fn article(kind: &str) -> String {
    match kind {
        "array" | "integer" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

/// The value as the texts that a flag would take; the error says what is wanted.
fn texts(setting: &Arg, value: &DeValue<'_>) -> Result<Vec<String>, &'static str> {
    let wanted = wanted(setting);
    let one = |value: &DeValue<'_>| match (value, wanted) {
        (DeValue::String(text), "a string" | "an array of strings") => Some(text.to_string()),
        (DeValue::Integer(number), "an integer") => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        (DeValue::Boolean(on), "true or false") => Some(on.to_string()),
        _ => None,
    };
    match value {
        DeValue::Array(items) if wanted == "an array of strings" => {
            items.iter().map(|item| one(item.get_ref())).collect::<Option<Vec<_>>>().ok_or(wanted)
        }
        _ if wanted == "an array of strings" => Err(wanted),
        value => one(value).map(|text| vec![text]).ok_or(wanted),
    }
}

fn wanted(setting: &Arg) -> &'static str {
    let kind = setting.get_value_parser().type_id();
    if matches!(setting.get_action(), ArgAction::Append) {
        "an array of strings"
    } else if matches!(setting.get_action(), ArgAction::SetTrue) || kind == std::any::TypeId::of::<bool>() {
        "true or false"
    } else if kind == std::any::TypeId::of::<u64>()
        || kind == std::any::TypeId::of::<u32>()
        || kind == std::any::TypeId::of::<u16>()
    {
        "an integer"
    } else {
        "a string"
    }
}

/// Lets the setting's own parser judge the values, without the environment or the rest of the command line.
fn check(setting: &Arg, values: &[String]) -> Result<(), String> {
    let long = setting.get_long().unwrap_or_default();
    let alone = setting.clone().env(clap::builder::Resettable::Reset).global(false);
    let arguments = values.iter().map(|value| format!("--{long}={value}"));
    Command::new("check")
        .no_binary_name(true)
        .arg(alone)
        .try_get_matches_from(arguments)
        .map(|_| ())
        .map_err(|error| super::reason(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::all_settings;

    fn parse(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(Path::new("hearth.toml"), text, &all_settings()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_of_value_is_read_with_its_line() {
        let file = parse(
            "# a comment\nworkers = 3\n\nhttp-listen = \"127.0.0.1:0\"\negress-allow = [\"127.0.0.1/32\", \"::1/128\"]\n",
        )
        .unwrap();
        assert_eq!(file.get("workers"), Some(&Entry { values: vec!["3".into()], line: 2 }));
        assert_eq!(file.get("http-listen"), Some(&Entry { values: vec!["127.0.0.1:0".into()], line: 4 }));
        assert_eq!(
            file.get("egress-allow"),
            Some(&Entry { values: vec!["127.0.0.1/32".into(), "::1/128".into()], line: 5 })
        );
        assert_eq!(file.get("data"), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_file_and_line() {
        let cases = [
            (
                "\nworkerz = 1\n",
                "hearth.toml:2: there is no setting 'workerz'; 'hearth config check' lists those there are",
            ),
            ("http_listen = \"a\"", "hearth.toml:1: there is no setting 'http_listen'; 'http-listen' is meant"),
            ("workers = \"2\"", "hearth.toml:1: 'workers' must be an integer, not a string"),
            ("workers = 0", "hearth.toml:1: 'workers': 0 is not in 1..=256"),
            ("data = 1", "hearth.toml:1: 'data' must be a string, not an integer"),
            ("egress-allow = \"x\"", "hearth.toml:1: 'egress-allow' must be an array of strings, not a string"),
            (
                "egress-allow = [\"x\"]",
                "hearth.toml:1: 'egress-allow': 'x': a network such as 127.0.0.1/32 or fd00::/8 is needed",
            ),
            (
                "[up]\nworkers = 1",
                "hearth.toml:1: there is no setting 'up'; 'hearth config check' lists those there are",
            ),
            ("log-format = \"xml\"", "hearth.toml:1: 'log-format': 'xml' is not one of text, json"),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse(text).unwrap_err(), wanted, "{text}");
        }
        let broken = parse("workers = 1\nb").unwrap_err();
        assert!(broken.starts_with("hearth.toml:2: "), "{broken}");
    }
}
