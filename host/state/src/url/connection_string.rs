//! The syntax of an ADO.NET connection string: pairs of key and value, parted by semicolons.
//!
//! A value may stand in single or double quotes, where the quote itself is doubled, or in braces as ODBC has them, where
//! `}` is doubled. A key holds `=` as `==`. Values are kept from errors: one of them is a password.

use zeroize::Zeroizing;

use super::key;
use crate::StateError;

/// Whether the text begins with a key of a connection string; no path that anyone keeps a database under does.
pub(super) fn looks_like_one(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| key::is_known(name))
}

/// The pairs, in order.
///
/// # Errors
/// [`StateError::Configuration`] naming the key whose value does not end, or the place where a key has no `=`.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, Zeroizing<String>)>, StateError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start_matches([' ', ';']);
    while !rest.is_empty() {
        let (name, after) = name(rest).ok_or_else(|| {
            StateError::Configuration(format!(
                "part {} of the connection string has no '=': parts are KEY=VALUE, parted by ';'; quote a value that holds \
                 ';'",
                pairs.len() + 1
            ))
        })?;
        let (value, after) = value(after.trim_start()).ok_or_else(|| {
            StateError::Configuration(format!(
                "the value of '{name}' in the connection string is not well quoted: double each quote that is part of it, \
                 and put ';' after it"
            ))
        })?;
        pairs.push((name, value));
        rest = after.trim_start_matches([' ', ';', '\r', '\n', '\t']);
    }
    Ok(pairs)
}

/// A key and what follows its `=`.
fn name(text: &str) -> Option<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text);
    loop {
        let end = rest.find(['=', ';'])?;
        name.push_str(&rest[..end]);
        rest = rest[end..].strip_prefix('=')?;
        match rest.strip_prefix('=') {
            Some(after) => {
                name.push('=');
                rest = after;
            }
            None => return Some((name.trim().to_owned(), rest)),
        }
    }
}

/// A value and what follows it.
fn value(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let close = match text.chars().next() {
        Some('{') => '}',
        Some(quote @ ('\'' | '"')) => quote,
        _ => {
            let end = text.find(';').unwrap_or(text.len());
            return Some((Zeroizing::new(text[..end].trim().to_owned()), &text[end..]));
        }
    };
    let (mut value, mut rest) = (Zeroizing::new(String::new()), &text[1..]);
    loop {
        let end = rest.find(close)?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(close) {
            Some(after) => {
                value.push(close);
                rest = after;
            }
            None => break,
        }
    }
    let after = rest.trim_start();
    (after.is_empty() || after.starts_with(';')).then_some((value, after))
}
