//! Reads values straight from the text of an item, without building a tree of it: a filter looks at a few properties of thousands
//! of items. What is given is a JSON text that was checked when it came in; on any other text nothing is found.

use std::borrow::Cow;

use super::effort;

/// The position after white space.
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The position after a string whose opening quote is at `at`.
fn skip_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The position after the value that begins at `at`.
fn skip_value(bytes: &[u8], mut at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            loop {
                match bytes.get(at)? {
                    b'"' => at = skip_string(bytes, at)?,
                    b'{' | b'[' => {
                        depth += 1;
                        at += 1;
                    }
                    b'}' | b']' => {
                        depth -= 1;
                        at += 1;
                        if depth == 0 {
                            return Some(at);
                        }
                    }
                    _ => at += 1,
                }
            }
        }
        _ => {
            while !matches!(bytes.get(at), None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')) {
                at += 1;
            }
            Some(at)
        }
    }
}

/// The members of an object, names as they are written, or the elements of an array, in order.
pub(super) struct Parts<'a> {
    text: &'a str,
    at: usize,
    named: bool,
}

/// The parts of an object or array.
pub(super) fn parts(text: &str) -> Parts<'_> {
    let begin = skip_space(text.as_bytes(), 0);
    let named = text.as_bytes().get(begin) == Some(&b'{');
    let at = if matches!(text.as_bytes().get(begin), Some(b'{' | b'[')) { begin + 1 } else { text.len() };
    Parts { text, at, named }
}

impl<'a> Iterator for Parts<'a> {
    /// The name as it is written, quotes and escapes included (empty in an array), and the value.
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let mut at = skip_space(bytes, self.at);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
        let mut name = "";
        if self.named {
            if bytes.get(at) != Some(&b'"') {
                return None;
            }
            let end = skip_string(bytes, at)?;
            name = self.text.get(at..end)?;
            at = skip_space(bytes, end);
            if bytes.get(at) != Some(&b':') {
                return None;
            }
            at = skip_space(bytes, at + 1);
        }
        if matches!(bytes.get(at), None | Some(b'}' | b']')) {
            return None;
        }
        let end = skip_value(bytes, at)?;
        self.at = end;
        Some((name, self.text.get(at..end)?))
    }
}

/// The value of a member; the last of several with one name, unless the first is known to be the only one.
pub(super) fn member<'a>(object: &'a str, name: &str, only: bool) -> Option<&'a str> {
    let mut found = None;
    let mut parts = parts(object);
    for (written, value) in parts.by_ref() {
        if is_named(written, name) {
            found = Some(value);
            if only {
                break;
            }
        }
    }
    effort::look(parts.at).then_some(found)?
}

/// The value of an element.
pub(super) fn element(array: &str, index: usize) -> Option<&str> {
    let mut parts = parts(array);
    let found = parts.nth(index).map(|(_, element)| element);
    effort::look(parts.at).then_some(found)?
}

fn is_named(written: &str, name: &str) -> bool {
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    if inner.contains('\\') { unquote(written) == name } else { !written.is_empty() && inner == name }
}

/// What a string says, given with its quotes.
pub(super) fn unquote(written: &str) -> Cow<'_, str> {
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str::<String>(written).map_or(Cow::Borrowed(inner), Cow::Owned)
}

/// Writes a string with quotes and escapes.
pub(super) fn write_string(out: &mut String, text: &str) {
    // Strings always serialize.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
