//! JSON files with positions: what is wrong is told with file, line, column and key path.
//!
//! Comments, trailing commas, single quotes and bare keys are read, as the original's parser does. Keys are compared
//! without regard to case; of two equal keys the last counts; a key whose value is null counts as absent.

use std::fmt;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};

#[cfg(test)]
mod tests;

/// Something wrong in a JSON file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    /// Path of the file in the package.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong and what is expected, without the position.
    pub reason: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.reason)
    }
}

/// A parsed file.
pub(crate) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    root: Value<'a>,
}

impl<'a> Document<'a> {
    /// Parses the bytes of a file; its name is for error messages.
    pub(crate) fn parse(file: &'a str, bytes: &'a [u8]) -> Result<Self, FileError> {
        let at = |line: usize, column: usize, reason: String| FileError {
            file: file.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            reason,
        };
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
            at(e.line_display(), e.column_display(), format!("the file is not valid JSON: {}", e.kind()))
        })?;
        match parsed.value {
            Some(root) => Ok(Self { file, text, root }),
            None => Err(at(1, 1, "the file is empty; it must hold a JSON object".to_owned())),
        }
    }

    /// The value of the whole file.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { document: self, value: &self.root, path: String::new() }
    }
}

/// Line and column, from 1, of what follows the given text.
fn position(before: &str) -> (usize, usize) {
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A value in a file, with the path of keys that leads to it.
pub(crate) struct Node<'d> {
    document: &'d Document<'d>,
    value: &'d Value<'d>,
    path: String,
}

impl<'d> Node<'d> {
    /// An error at this value: its key path, then what is wrong.
    pub(crate) fn error(&self, reason: impl fmt::Display) -> FileError {
        let (line, column) = position(&self.document.text[..self.value.range().start]);
        FileError {
            file: self.document.file.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            reason: if self.path.is_empty() { reason.to_string() } else { format!("{} {reason}", self.path) },
        }
    }

    /// The error for a value of another type than expected (`a string`).
    fn wrong_type(&self, expected: &str) -> FileError {
        let found = match self.value {
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "true or false",
            Value::Object(_) => "an object",
            Value::Array(_) => "an array",
            Value::NullKeyword(_) => "null",
        };
        self.error(format_args!("must be {expected}, not {found}"))
    }

    fn child(&self, key: &str, value: &'d Value<'d>) -> Node<'d> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Node { document: self.document, value, path }
    }

    /// Fails unless this is an object.
    pub(crate) fn expect_object(&self) -> Result<(), FileError> {
        match self.value {
            Value::Object(_) => Ok(()),
            _ => Err(self.wrong_type("an object")),
        }
    }

    /// The value of a key; `None` if it is absent or null. Fails unless this is an object.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Node<'d>>, FileError> {
        let Value::Object(object) = self.value else {
            return Err(self.wrong_type("an object"));
        };
        let found = object.properties.iter().rev().find(|p| p.name.as_str().eq_ignore_ascii_case(key));
        Ok(found
            .filter(|property| !matches!(property.value, Value::NullKeyword(_)))
            .map(|property| self.child(key, &property.value)))
    }

    /// The value at a path of nested keys; `None` if one of them is absent.
    pub(crate) fn at(&self, keys: &[&str]) -> Result<Option<Node<'d>>, FileError> {
        let mut node = Node { document: self.document, value: self.value, path: self.path.clone() };
        for key in keys {
            match node.get(key)? {
                Some(next) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// All keys with their values, as written and in their order. Fails unless this is an object.
    pub(crate) fn entries(&self) -> Result<Vec<(String, Node<'d>)>, FileError> {
        let Value::Object(object) = self.value else {
            return Err(self.wrong_type("an object"));
        };
        Ok(object
            .properties
            .iter()
            .map(|property| (property.name.as_str().to_owned(), self.child(property.name.as_str(), &property.value)))
            .collect())
    }

    /// The elements. Fails unless this is an array.
    pub(crate) fn elements(&self) -> Result<Vec<Node<'d>>, FileError> {
        let Value::Array(array) = self.value else {
            return Err(self.wrong_type("an array"));
        };
        Ok(array
            .elements
            .iter()
            .enumerate()
            .map(|(i, value)| Node { document: self.document, value, path: format!("{}[{i}]", self.path) })
            .collect())
    }

    /// The text. Fails unless this is a string.
    pub(crate) fn string(&self) -> Result<&'d str, FileError> {
        match self.value {
            Value::StringLit(text) => Ok(&text.value),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// The text as written of a string, number or boolean; for places where the original converts.
    pub(crate) fn scalar_text(&self) -> Result<String, FileError> {
        match self.value {
            Value::StringLit(text) => Ok(text.value.to_string()),
            Value::NumberLit(number) => Ok(number.value.to_owned()),
            Value::BooleanLit(flag) => Ok(flag.value.to_string()),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// A whole number between two bounds, both included.
    pub(crate) fn integer(&self, least: i64, greatest: i64) -> Result<i64, FileError> {
        let Value::NumberLit(number) = self.value else {
            return Err(self.wrong_type("a whole number"));
        };
        match number.value.parse::<i64>() {
            Ok(value) if (least..=greatest).contains(&value) => Ok(value),
            _ => Err(self.error(format_args!(
                "must be a whole number from {least} to {greatest}, not {}",
                shortened(number.value)
            ))),
        }
    }

    /// The boolean, where one is expected.
    pub(crate) fn boolean(&self) -> Result<bool, FileError> {
        match self.value {
            Value::BooleanLit(flag) => Ok(flag.value),
            _ => Err(self.wrong_type("true or false")),
        }
    }

    /// The value without positions.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.value.clone().into()
    }
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
