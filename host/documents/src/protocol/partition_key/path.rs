//! Paths of properties: `/a/b`, `/"a b"/c`.

use crate::protocol::DocumentError;
use crate::protocol::json::Object;

/// The way to one property of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyPath {
    pub(super) text: String,
    pub(super) names: Vec<String>,
}

impl PropertyPath {
    /// Reads a path.
    ///
    /// # Errors
    /// 400 for a path that does not begin with a slash, has an empty name, or a quote that does not end.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let refused = |why: &str| DocumentError::bad_request(format!("The path '{text}' is not valid: {why}."));
        let mut rest = text;
        let mut names = Vec::new();
        while !rest.is_empty() {
            rest = rest.strip_prefix('/').ok_or_else(|| refused("each name follows a slash"))?;
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (name, after) = match quote {
                Some(quote) => rest[1..].split_once(quote).ok_or_else(|| refused("a quote is not closed"))?,
                None => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            };
            if name.is_empty() {
                return Err(refused("a name is empty"));
            }
            names.push(name.to_owned());
            rest = after;
        }
        if names.is_empty() {
            return Err(refused("it is empty"));
        }
        Ok(Self { text: text.to_owned(), names })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names on the way, without quotes.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The value it leads to, as it is written; none where there is nothing.
    pub fn value_in<'a>(&self, item: &Object<'a>) -> Option<&'a str> {
        let (first, rest) = self.names.split_first()?;
        let mut value = item.get(first)?;
        for name in rest {
            if !value.starts_with('{') {
                return None;
            }
            value = Object::parse(value).ok()?.get(name)?;
        }
        Some(value)
    }
}
