//! Reading values: each step checks the type and knows the key path for its error.

use std::fmt;

use super::value::{Kind, Value};
use super::{Document, FileError, configuration, shortened};

/// A value in a file, with the path of keys that leads to it.
#[derive(Clone)]
pub(crate) struct Node<'d> {
    document: &'d Document<'d>,
    value: &'d Value,
    path: String,
}

impl<'d> Node<'d> {
    pub(super) fn root(document: &'d Document<'d>, value: &'d Value) -> Self {
        Self { document, value, path: String::new() }
    }

    /// An error at this value: its key path, then what is wrong.
    pub(crate) fn error(&self, reason: impl fmt::Display) -> FileError {
        FileError {
            place: self.document.place(&self.value.origin),
            reason: if self.path.is_empty() { reason.to_string() } else { format!("{} {reason}", self.path) },
        }
    }

    /// What was read of this value, in quotes and shortened, for an error message; the name of the setting for what came
    /// from one, because it may be a secret.
    pub(crate) fn shown(&self, text: &str) -> String {
        self.secret().unwrap_or_else(|| format!("\"{}\"", shortened(text)))
    }

    /// As [`Node::shown`], in single quotes.
    pub(crate) fn told(&self, text: &str) -> String {
        self.secret().unwrap_or_else(|| format!("'{}'", shortened(text)))
    }

    /// As [`Node::shown`], without quotes around what the file has.
    pub(crate) fn bare(&self, text: &str) -> String {
        self.secret().unwrap_or_else(|| shortened(text))
    }

    /// What stands in messages for a value that came from a setting; `None` for one that the file has.
    pub(crate) fn secret(&self) -> Option<String> {
        self.value.origin.secret()
    }

    /// The error for a value of another type than expected (`a string`).
    fn wrong_type(&self, expected: &str) -> FileError {
        let found = match &self.value.kind {
            Kind::Text(text) if self.document.is_configuration => {
                return self.error(format_args!("must be {expected}, not {}", self.shown(text)));
            }
            Kind::Text(_) => "a string",
            Kind::Number(_) => "a number",
            Kind::Flag(_) => "true or false",
            Kind::Object(_) => "an object",
            Kind::Array(_) => "an array",
            Kind::Null => "null",
        };
        self.error(format_args!("must be {expected}, not {found}"))
    }

    fn child(&self, key: &str, value: &'d Value) -> Node<'d> {
        let key = shortened(key);
        let path = if self.path.is_empty() { key } else { format!("{}.{key}", self.path) };
        Node { document: self.document, value, path }
    }

    fn members(&self) -> Result<&'d [(String, Value)], FileError> {
        match &self.value.kind {
            Kind::Object(members) => Ok(members),
            _ => Err(self.wrong_type("an object")),
        }
    }

    /// Fails unless this is an object.
    pub(crate) fn expect_object(&self) -> Result<(), FileError> {
        self.members().map(drop)
    }

    /// The value of a key; `None` if it is absent or null. Fails unless this is an object.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Node<'d>>, FileError> {
        let found = self.members()?.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key));
        Ok(found.filter(|(_, value)| !matches!(value.kind, Kind::Null)).map(|(_, value)| self.child(key, value)))
    }

    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str) -> Result<Node<'d>, FileError> {
        self.get(key)?.ok_or_else(|| self.error(format_args!("has no \"{key}\"")))
    }

    /// The value at a path of nested keys; `None` if one of them is absent.
    pub(crate) fn at(&self, keys: &[&str]) -> Result<Option<Node<'d>>, FileError> {
        let mut node = self.clone();
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
        Ok(self.members()?.iter().map(|(key, value)| (key.clone(), self.child(key, value))).collect())
    }

    /// The elements. Fails unless this is an array.
    pub(crate) fn elements(&self) -> Result<Vec<Node<'d>>, FileError> {
        let elements = match &self.value.kind {
            Kind::Array(elements) => elements.iter().collect(),
            Kind::Object(members) if self.document.is_configuration => {
                configuration::elements(members).ok_or_else(|| self.wrong_type("an array"))?
            }
            _ => return Err(self.wrong_type("an array")),
        };
        let element = |(i, value)| Node { document: self.document, value, path: format!("{}[{i}]", self.path) };
        Ok(elements.into_iter().enumerate().map(element).collect())
    }

    /// Whether this is a key without a value.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value.kind, Kind::Null)
    }

    /// The text. Fails unless this is a string.
    pub(crate) fn string(&self) -> Result<&'d str, FileError> {
        match &self.value.kind {
            Kind::Text(text) => Ok(text),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// The text as written of a string, number or boolean; for places where the original converts.
    pub(crate) fn scalar_text(&self) -> Result<String, FileError> {
        match &self.value.kind {
            Kind::Text(text) => Ok(text.clone()),
            Kind::Number(number) => Ok(number.clone()),
            Kind::Flag(flag) => Ok(flag.to_string()),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// The number as written; of a configuration a text too, as the original converts there.
    fn number_text(&self, expected: &str) -> Result<&'d str, FileError> {
        match &self.value.kind {
            Kind::Number(number) => Ok(number),
            Kind::Text(text) if self.document.is_configuration => Ok(text.trim()),
            _ => Err(self.wrong_type(expected)),
        }
    }

    /// A whole number between two bounds, both included.
    pub(crate) fn integer(&self, least: i64, greatest: i64) -> Result<i64, FileError> {
        let text = self.number_text("a whole number")?;
        match text.parse::<i64>() {
            Ok(value) if (least..=greatest).contains(&value) => Ok(value),
            _ => {
                Err(self
                    .error(format_args!("must be a whole number from {least} to {greatest}, not {}", self.bare(text))))
            }
        }
    }

    /// A number between two bounds, both included.
    pub(crate) fn number(&self, least: f64, greatest: f64) -> Result<f64, FileError> {
        let text = self.number_text("a number")?;
        match text.parse::<f64>() {
            Ok(value) if (least..=greatest).contains(&value) => Ok(value),
            _ => Err(self.error(format_args!("must be a number from {least} to {greatest}, not {}", self.bare(text)))),
        }
    }

    /// The boolean, where one is expected; of a configuration a text too.
    pub(crate) fn boolean(&self) -> Result<bool, FileError> {
        match &self.value.kind {
            Kind::Flag(flag) => Ok(*flag),
            Kind::Text(text) if self.document.is_configuration => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(self.wrong_type("true or false")),
            },
            _ => Err(self.wrong_type("true or false")),
        }
    }

    /// One of a set of words, in any case: the word as it is usually spelt.
    pub(crate) fn one_of(&self, words: &[&'static str]) -> Result<&'static str, FileError> {
        let text = self.string()?;
        words
            .iter()
            .copied()
            .find(|word| word.eq_ignore_ascii_case(text))
            .ok_or_else(|| self.error(format_args!("must be one of {}, not {}", words.join(", "), self.shown(text))))
    }

    /// The value without positions.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.value.to_json()
    }
}
