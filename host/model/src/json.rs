//! JSON files with positions: what is wrong is told with file, line, column and key path, or with the app setting that
//! brought it in.
//!
//! Comments, trailing commas, single quotes and bare keys are read, as the original's parser does. Keys are compared
//! without regard to case; of two equal keys the last counts; a key whose value is null counts as absent.

mod configuration;
mod node;
mod resolve;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;

use jsonc_parser::{CollectOptions, ParseOptions};

use crate::settings::Settings;
pub(crate) use node::Node;
use value::Value;

/// Where something wrong was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// Path of the file in the package.
        file: String,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// In an app setting that overrides a value of a file.
    Setting(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            // No name that `check_name` lets through is longer.
            Self::Setting(name) => write!(f, "app setting '{name:.256}'"),
        }
    }
}

/// Something wrong in a JSON file or in a setting that overrides it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct FileError {
    /// Where.
    pub place: Place,
    /// What is wrong and what is expected, without the place.
    pub reason: String,
}

/// A parsed file.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    root: Value,
    /// Whether values are texts at bottom, as in .NET configuration: `"5"` is a number, and `{"0": ...}` an array.
    is_configuration: bool,
}

impl<'a> Document<'a> {
    /// Parses the bytes of a file; its name is for error messages.
    pub(crate) fn parse(file: &'a str, bytes: &'a [u8]) -> Result<Self, FileError> {
        let at = |line: usize, column: usize, reason: String| FileError { place: place(file, line, column), reason };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let (line, column) = position(&String::from_utf8_lossy(&bytes[..e.valid_up_to()]));
            at(line, column, "the file is not UTF-8 text; save it as UTF-8".to_owned())
        })?;
        let options = ParseOptions {
            allow_comments: true,
            allow_loose_object_property_names: true,
            allow_trailing_commas: true,
            allow_missing_commas: false,
            allow_single_quoted_strings: true,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options).map_err(|e| {
            // The parser's own lines also end at a carriage return alone, unlike those of an editor.
            let (line, column) = position(text.get(..e.range().start).unwrap_or(text));
            at(line, column, format!("the file is not valid JSON: {}", e.kind()))
        })?;
        match parsed.value {
            Some(root) => Ok(Self { file, text, root: Value::from_ast(&root), is_configuration: false }),
            None => Err(at(1, 1, "the file is empty; it must hold a JSON object".to_owned())),
        }
    }

    /// Reads the file as .NET configuration, and puts the app settings below `section` over its values.
    pub(crate) fn configure(self, section: &str, settings: &Settings) -> Result<Self, FileError> {
        let Self { file, text, root, .. } = self;
        let root = configuration::configure(root, section, settings)?;
        Ok(Self { file, text, root, is_configuration: true })
    }

    /// The value of the whole file.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::root(self, &self.root)
    }

    fn place(&self, origin: &value::Origin) -> Place {
        match origin {
            value::Origin::Offset(offset) | value::Origin::Resolved { offset, .. } => {
                let (line, column) = position(self.text.get(..*offset).unwrap_or_default());
                place(self.file, line, column)
            }
            value::Origin::Setting(name) => Place::Setting(name.clone()),
        }
    }
}

fn place(file: &str, line: usize, column: usize) -> Place {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Place::File { file: file.to_owned(), line: number(line), column: number(column) }
}

/// Line and column, from 1, of what follows the given text.
fn position(before: &str) -> (usize, usize) {
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Reads a JSON document as the files of a package are read: comments and trailing commas are passed over.
///
/// # Errors
/// What is wrong, with `file`, line and column.
pub fn read_value(file: &str, bytes: &[u8]) -> Result<serde_json::Value, FileError> {
    Ok(Document::parse(file, bytes)?.root().to_json())
}

/// Text for an error message: at most 60 characters of what was read.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
