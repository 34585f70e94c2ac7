//! `logging.logLevel`: which lines are written, by category prefix.

use crate::json::{FileError, Node};

/// Severity of a log line, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// For finding faults.
    Debug,
    /// Normal events.
    Information,
    /// Worth a look, nothing failed.
    Warning,
    /// An operation failed.
    Error,
    /// The app or host can't go on.
    Critical,
    /// Switches a category off; no line has this level.
    None,
}

impl LogLevel {
    /// All levels, least first.
    pub const ALL: [Self; 7] =
        [Self::Trace, Self::Debug, Self::Information, Self::Warning, Self::Error, Self::Critical, Self::None];

    /// Its name as written in host.json.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "Trace",
            Self::Debug => "Debug",
            Self::Information => "Information",
            Self::Warning => "Warning",
            Self::Error => "Error",
            Self::Critical => "Critical",
            Self::None => "None",
        }
    }

    /// Reads a name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(text))
    }
}

/// A minimum level per category prefix.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LogLevels {
    /// Prefix (lower case, without a trailing `*`) and level, longest prefix first.
    categories: Vec<(String, LogLevel)>,
}

impl LogLevels {
    pub(super) fn read(node: &Node<'_>) -> Result<Self, FileError> {
        let mut categories: Vec<(String, LogLevel)> = Vec::new();
        for (category, value) in node.entries()? {
            let text = value.string()?;
            let Some(level) = LogLevel::parse(text) else {
                return Err(value.error(format_args!(
                    "must be one of Trace, Debug, Information, Warning, Error, Critical, None, not {}",
                    value.shown(text)
                )));
            };
            let prefix = match category.to_ascii_lowercase() {
                default if default == "default" => String::new(),
                other => other.trim_end_matches('*').to_owned(),
            };
            categories.retain(|(existing, _)| *existing != prefix);
            categories.push((prefix, level));
        }
        categories.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(Self { categories })
    }

    /// The least level that is written for a category such as `Function.Hello.User`: the entry that is the longest
    /// prefix of it (ignoring case) counts, then `default`, then `Information`.
    pub fn minimum(&self, category: &str) -> LogLevel {
        let is_prefix = |prefix: &str| {
            category.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        self.categories.iter().find(|(prefix, _)| is_prefix(prefix)).map_or(LogLevel::Information, |(_, level)| *level)
    }

    /// Whether a line of this level in this category is written.
    pub fn enabled(&self, category: &str, level: LogLevel) -> bool {
        level != LogLevel::None && level >= self.minimum(category)
    }
}
