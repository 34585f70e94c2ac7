//! An item as a tree of which only the parts are read that operations lead through.

use crate::protocol::json::{self, Object};

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// As it is written.
    Text(String),
    /// An object that was read: names as they are, and their values.
    Object(Vec<(String, Node)>),
    /// An array that was read.
    Array(Vec<Node>),
}

impl Node {
    pub(super) fn new(text: &str) -> Self {
        Self::Text(text.trim().to_owned())
    }

    /// Reads this value if it is an object or array that was not read yet.
    pub(super) fn open(&mut self) {
        let Self::Text(text) = self else { return };
        if text.starts_with('{') {
            if let Ok(object) = Object::parse(text) {
                let member =
                    |property: &json::Property<'_>| (property.name.clone().into_owned(), Self::new(property.value));
                *self = Self::Object(object.properties().iter().map(member).collect());
            }
        } else if text.starts_with('[')
            && let Ok(members) = json::array(text)
        {
            *self = Self::Array(members.into_iter().map(Self::new).collect());
        }
    }

    /// What stands at a name or index.
    pub(super) fn child(&mut self, name: &str) -> Option<&mut Self> {
        self.open();
        match self {
            Self::Object(members) => members.iter_mut().find(|(member, _)| member == name).map(|(_, value)| value),
            Self::Array(members) => members.get_mut(index(name)?),
            Self::Text(_) => None,
        }
    }

    pub(super) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    json::write_string(out, name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Self::Array(members) => {
                out.push('[');
                for (at, value) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
        }
    }
}

/// The index that a name is; none for what is no plain number.
pub(super) fn index(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    if plain { name.parse().ok() } else { None }
}

/// The sum of two numbers as they are written: whole where both are and the sum fits, else that of doubles; none where it is too
/// great, or the first is no number.
pub(super) fn sum(one: &str, other: &str) -> Option<String> {
    if !one.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    if let (Ok(one), Ok(other)) = (one.parse::<i64>(), other.parse::<i64>())
        && let Some(sum) = one.checked_add(other)
    {
        return Some(sum.to_string());
    }
    let sum = one.parse::<f64>().ok()? + other.parse::<f64>().ok()?;
    if !sum.is_finite() {
        return None;
    }
    serde_json::to_string(&sum).ok()
}
