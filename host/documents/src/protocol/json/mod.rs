//! JSON as clients send it: checked once, and kept as it is written. Order, unknown names and the text of numbers survive,
//! because nothing is parsed into values that does not have to be.

mod binary;
mod object;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use binary::{BINARY_JSON, from_binary};
pub use object::{Object, Property};
pub use scan::MAX_DEPTH;
pub(crate) use scan::Scanner;

use super::DocumentError;

/// What is wrong with a text that should be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} (at byte {at})")]
pub struct JsonError {
    /// Where, in bytes from the beginning.
    pub at: usize,
    /// What.
    pub what: &'static str,
}

impl From<JsonError> for DocumentError {
    fn from(error: JsonError) -> Self {
        Self::bad_request(format!("The request body is not the JSON that is expected here: {error}."))
    }
}

/// A body as text.
///
/// # Errors
/// [`JsonError`] for what is not UTF-8.
pub fn utf8(body: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(body).map_err(|error| JsonError { at: error.valid_up_to(), what: "the text is not UTF-8" })
}

/// The members of an array, each as it is written.
///
/// # Errors
/// [`JsonError`] for what is no JSON array.
pub fn array(text: &str) -> Result<Vec<&str>, JsonError> {
    let mut scanner = Scanner::new(text);
    if scanner.peek() != Some(b'[') {
        return Err(scanner.error("an array should be here"));
    }
    scanner.open()?;
    let (mut members, mut first) = (Vec::new(), true);
    while scanner.next(&mut first, b']')? {
        members.push(scanner.value()?);
    }
    scanner.end()?;
    Ok(members)
}

/// What a string says that is known to be JSON, with its quotes. None for another value.
pub fn string(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(text).ok().map(Cow::Owned)
}

/// Adds a string to a text, in quotes and escaped.
pub fn write_string(out: &mut String, value: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&value[plain..at]);
        out.push_str(escape);
        if escape.is_empty() {
            let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
            out.push_str("\\u00");
            out.push(digit(byte >> 4));
            out.push(digit(byte & 15));
        }
        plain = at + 1;
    }
    out.push_str(&value[plain..]);
    out.push('"');
}
