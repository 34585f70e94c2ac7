//! JSON pointers: `/a/b~1c/0`, `/list/-`.

use std::fmt;

/// A place in an item; never the item itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    text: String,
    names: Vec<String>,
}

impl Pointer {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(120).collect();
        let Some(inner) = text.strip_prefix('/') else {
            return Err(format!("the path '{shown}' does not begin with a slash"));
        };
        let names: Vec<String> = inner.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        if names.iter().any(String::is_empty) {
            return Err(format!("the path '{shown}' has an empty name"));
        }
        Ok(Self { text: text.to_owned(), names })
    }

    /// The names on the way; at least one.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it is a place inside another.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        self.names.len() > other.names.len() && self.names.starts_with(&other.names)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
