//! A file as .NET configuration sees it: keys that differ only in case are one, and app settings such as `Section__a__b`
//! are put over its values.
//!
//! .NET lets a value and a section of one name stand side by side, so that one of them is silently lost; here that is an
//! error.

use super::value::{Kind, Origin, Value};
use super::{FileError, Place, shortened};
use crate::settings::Settings;

/// Most keys in a setting's name, so that reading the tree can't use up the stack.
const MAX_DEPTH: usize = 32;

/// Puts the settings below `section` over the values of a file.
pub(super) fn configure(root: Value, section: &str, settings: &Settings) -> Result<Value, FileError> {
    let mut root = normalised(root);
    if !matches!(root.kind, Kind::Object(_)) {
        return Ok(root);
    }
    for (keys, name, text) in settings.section(section) {
        if keys.len() > MAX_DEPTH {
            let reason = format!("its name has more than {MAX_DEPTH} levels of keys, which no key of the file has");
            return Err(FileError { place: Place::Setting(name.to_owned()), reason });
        }
        put(&mut root, &keys, 0, name, text)
            .map_err(|reason| FileError { place: Place::Setting(name.to_owned()), reason })?;
    }
    Ok(root)
}

/// Makes one of keys that are equal: of two objects their union, else the last.
fn normalised(value: Value) -> Value {
    let kind = match value.kind {
        Kind::Object(members) => {
            let mut merged = Vec::with_capacity(members.len());
            members.into_iter().for_each(|(key, member)| merge(&mut merged, key, normalised(member)));
            Kind::Object(merged)
        }
        Kind::Array(elements) => Kind::Array(elements.into_iter().map(normalised).collect()),
        other => other,
    };
    Value { origin: value.origin, kind }
}

fn merge(members: &mut Vec<(String, Value)>, key: String, value: Value) {
    let Some((_, known)) = members.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(&key)) else {
        return members.push((key, value));
    };
    match (&mut known.kind, value) {
        (Kind::Object(known), Value { kind: Kind::Object(more), .. }) => {
            more.into_iter().for_each(|(key, value)| merge(known, key, value));
        }
        (_, value) => *known = value,
    }
}

/// Sets the value at `keys[depth..]` below a value; the error is the reason with its key path.
fn put(value: &mut Value, keys: &[&str], depth: usize, name: &str, text: &str) -> Result<(), String> {
    let path = || shortened(&keys[..depth].join("."));
    let Some(key) = keys.get(depth) else {
        return match &value.kind {
            Kind::Object(_) => {
                Err(format!("{} is an object; set its keys one by one, as in {name:.256}__<key>", path()))
            }
            Kind::Array(_) => Err(format!("{} is an array; set its elements one by one, as in {name:.256}__0", path())),
            _ => {
                *value = Value { origin: Origin::Setting(name.to_owned()), kind: Kind::Text(text.to_owned()) };
                Ok(())
            }
        };
    };
    let members = match &mut value.kind {
        Kind::Object(members) => members,
        Kind::Null => {
            *value = Value { origin: Origin::Setting(name.to_owned()), kind: Kind::Object(Vec::new()) };
            return put(value, keys, depth, name, text);
        }
        Kind::Array(_) if index(key).is_none() => {
            return Err(format!(
                "{} is an array, whose elements are set by number, not by '{}'",
                path(),
                shortened(key)
            ));
        }
        Kind::Array(elements) => {
            let numbered = elements.drain(..).enumerate().map(|(i, element)| (i.to_string(), element)).collect();
            value.kind = Kind::Object(numbered);
            return put(value, keys, depth, name, text);
        }
        Kind::Flag(_) | Kind::Number(_) | Kind::Text(_) => {
            return Err(format!(
                "{} has a value, which is not an object, so its key '{}' can't be set",
                path(),
                shortened(key)
            ));
        }
    };
    let at = match members.iter().position(|(other, _)| other.eq_ignore_ascii_case(key)) {
        Some(at) => at,
        None => {
            let absent = Value { origin: Origin::Setting(name.to_owned()), kind: Kind::Null };
            members.push(((*key).to_owned(), absent));
            members.len() - 1
        }
    };
    put(&mut members[at].1, keys, depth + 1, name, text)
}

/// The number of an array's element.
fn index(key: &str) -> Option<u32> {
    key.parse().ok()
}

/// The elements of an array, which may be written as an object of numbered keys; `None` if it is not one.
pub(super) fn elements(members: &[(String, Value)]) -> Option<Vec<&Value>> {
    let mut numbered: Vec<(u32, &Value)> =
        members.iter().map(|(key, value)| Some((index(key)?, value))).collect::<Option<_>>()?;
    numbered.sort_by_key(|(index, _)| *index);
    (!numbered.is_empty()).then(|| numbered.into_iter().map(|(_, value)| value).collect())
}
