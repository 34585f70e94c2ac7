//! Values of the query language: those of JSON and *undefined*. What comes from an item stays a piece of its text until somebody
//! looks inside, so that order of properties and digits of numbers come out as they went in.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{effort, json};

/// A value; composite ones are either a piece of JSON text or were made by the query.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Undefined,
    Null,
    Bool(bool),
    /// With its digits, where it came from an item.
    Number(f64, Option<&'a str>),
    Text(Cow<'a, str>),
    /// The text of an array.
    ArrayText(&'a str),
    Array(Vec<Value<'a>>),
    /// The text of an object.
    ObjectText(&'a str),
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

/// The types, in the order of ORDER BY, MIN and MAX (reference 5.3); false comes before true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Undefined,
    Null,
    Bool,
    Number,
    Text,
    Array,
    Object,
}

impl<'a> Value<'a> {
    /// Reads a piece of JSON text.
    pub(super) fn read(text: &'a str) -> Self {
        let text = text.trim_ascii();
        match text.as_bytes().first() {
            Some(b'{') => Self::ObjectText(text),
            Some(b'[') => Self::ArrayText(text),
            Some(b'"') => Self::Text(json::unquote(text)),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') => Self::Null,
            Some(_) => text.parse().map_or(Self::Undefined, |number| Self::Number(number, Some(text))),
            None => Self::Undefined,
        }
    }

    /// A number that was worked out: undefined unless JSON can carry it.
    pub(super) fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number, None) } else { Self::Undefined }
    }

    /// A string that was made.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Cow::Owned(text.into()))
    }

    pub(super) fn kind(&self) -> Type {
        match self {
            Self::Undefined => Type::Undefined,
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Number(..) => Type::Number,
            Self::Text(_) => Type::Text,
            Self::ArrayText(_) | Self::Array(_) => Type::Array,
            Self::ObjectText(_) | Self::Object(_) => Type::Object,
        }
    }

    pub(super) fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    /// The same without copying what is owned.
    pub(super) fn borrowed(&'a self) -> Self {
        match self {
            Self::Text(text) => Self::Text(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    /// The same without a text behind it.
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Undefined => Value::Undefined,
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Number(number, _) => Value::Number(number, None),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::ArrayText(_) | Self::Array(_) => {
                Value::Array(self.elements().into_iter().map(Value::into_owned).collect())
            }
            Self::ObjectText(_) | Self::Object(_) => Value::Object(
                self.members()
                    .into_iter()
                    .map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()))
                    .collect(),
            ),
        }
    }

    /// The elements of an array; none of anything else.
    pub(super) fn elements(&self) -> Vec<Self> {
        match self {
            Self::ArrayText(text) if effort::look(text.len()) => {
                json::parts(text).map(|(_, element)| Self::read(element)).collect()
            }
            Self::Array(elements) if effort::look(elements.len() * size_of::<Self>()) => elements.clone(),
            _ => Vec::new(),
        }
    }

    /// The members of an object in order, each name once; none of anything else.
    pub(super) fn members(&self) -> Vec<(Cow<'a, str>, Self)> {
        match self {
            Self::ObjectText(text) if effort::look(text.len()) => {
                let mut members: Vec<(Cow<'a, str>, Self)> = Vec::new();
                for (name, value) in json::parts(text) {
                    members.push((json::unquote(name), Self::read(value)));
                }
                last_wins(members)
            }
            Self::Object(members) if effort::look(members.len() * size_of::<Self>()) => members.clone(),
            _ => Vec::new(),
        }
    }

    /// A property of an object; undefined where there is none.
    pub(super) fn member(&self, name: &str) -> Self {
        match self {
            Self::ObjectText(text) => json::member(text, name, false).map_or(Self::Undefined, Self::read),
            Self::Object(members) => {
                members.iter().rev().find(|(own, _)| own == name).map_or(Self::Undefined, |(_, value)| value.clone())
            }
            _ => Self::Undefined,
        }
    }

    /// An element of an array; undefined where there is none.
    pub(super) fn element(&self, index: usize) -> Self {
        match self {
            Self::ArrayText(text) => json::element(text, index).map_or(Self::Undefined, Self::read),
            Self::Array(elements) => elements.get(index).cloned().unwrap_or(Self::Undefined),
            _ => Self::Undefined,
        }
    }

    /// What brackets mean: a name asks an object, a whole number an array.
    pub(super) fn at(&self, index: &Self) -> Self {
        match index {
            Self::Text(name) => self.member(name),
            Self::Number(number, _) => whole(*number).map_or(Self::Undefined, |index| self.element(index)),
            _ => Self::Undefined,
        }
    }

    /// Writes it as JSON; undefined has no text, and nothing inside is undefined.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Undefined => {}
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(_, Some(text)) | Self::ArrayText(text) | Self::ObjectText(text) => {
                if effort::make(text.len()) {
                    out.push_str(text);
                }
            }
            Self::Number(number, None) => write_number(out, *number),
            Self::Text(text) => {
                if effort::make(text.len()) {
                    json::write_string(out, text);
                }
            }
            Self::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    json::write_string(out, name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Whether two defined values are the same; undefined when one is not defined. Arrays and objects compare by what is in them.
    pub(super) fn equal(&self, other: &Self) -> Option<bool> {
        if self.is_undefined() || other.is_undefined() {
            return None;
        }
        Some(match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            #[expect(clippy::float_cmp, reason = "numbers are the same or not")]
            (Self::Number(one, _), Self::Number(two, _)) => one == two,
            (Self::Text(one), Self::Text(two)) => effort::look(one.len().min(two.len())) && one == two,
            _ if self.kind() != other.kind() => false,
            _ if self.kind() == Type::Array => {
                let (one, two) = (self.elements(), other.elements());
                one.len() == two.len() && one.iter().zip(&two).all(|(one, two)| one.equal(two) == Some(true))
            }
            _ => {
                let (mut one, mut two) = (self.members(), other.members());
                one.sort_by(|(one, _), (two, _)| one.cmp(two));
                two.sort_by(|(one, _), (two, _)| one.cmp(two));
                one.len() == two.len()
                    && one.iter().zip(&two).all(|(one, two)| one.0 == two.0 && one.1.equal(&two.1) == Some(true))
            }
        })
    }

    /// Which of two values of one type comes first; none across types and for arrays and objects (reference 5.3).
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            (Self::Bool(one), Self::Bool(two)) => Some(one.cmp(two)),
            (Self::Number(one, _), Self::Number(two, _)) => one.partial_cmp(two),
            (Self::Text(one), Self::Text(two)) => {
                effort::look(one.len().min(two.len()));
                Some(one.as_bytes().cmp(two.as_bytes()))
            }
            _ => None,
        }
    }
}

/// A whole number that is not negative, as an index.
pub(super) fn whole(number: f64) -> Option<usize> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of at most 32 bits")]
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as usize)
}

fn last_wins<'a>(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Vec<(Cow<'a, str>, Value<'a>)> {
    let mut names = std::collections::HashSet::new();
    if members.iter().all(|(name, _)| names.insert(name.clone())) {
        return members;
    }
    let mut unique: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (name, value) in members {
        match places.get(&name) {
            Some(&at) => unique[at] = (name, value),
            None => {
                places.insert(name.clone(), unique.len());
                unique.push((name, value));
            }
        }
    }
    unique
}

/// Whole numbers without a point, as JavaScript writes them.
pub(super) fn write_number(out: &mut String, number: f64) {
    use std::fmt::Write as _;
    // Writing to a string does not fail.
    if number == 0.0 {
        out.push('0');
    } else if number.fract() == 0.0 && number.abs() < 1e15 {
        let _ = write!(out, "{number:.0}");
    } else {
        out.push_str(&serde_json::to_string(&number).unwrap_or_default());
    }
}
