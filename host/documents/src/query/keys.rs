//! Which partition keys a query can find anything in, so that one logical partition is read instead of all.

use super::Query;
use super::ast::Comparison;
use super::code::{Code, Step};
use super::value::{Type, Value};

/// Most keys that are read one by one.
const MOST_KEYS: usize = 1_000;

/// The partition keys that a query can find anything in.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyScope {
    /// Any.
    All,
    /// These, each with a value for every path of the definition, or for the first ones.
    Keys(Vec<Vec<serde_json::Value>>),
    /// None: the filter is never true.
    Nothing,
}

impl Query {
    /// What the filter says of the paths of a partition key definition; each path is given as its names.
    pub fn key_scope<P: AsRef<[String]>>(&self, paths: &[P]) -> KeyScope {
        let sources = &self.program.sources;
        let begins_at_item = sources.first().is_some_and(|source| source.steps.is_empty() && !source.each);
        let (true, Some(filter)) = (begins_at_item, &self.program.filter) else { return KeyScope::All };
        let mut keys: Vec<Vec<serde_json::Value>> = vec![Vec::new()];
        let mut complete = true;
        for path in paths {
            let Some(values) = allowed(filter, path.as_ref()) else {
                complete = false;
                continue;
            };
            if values.is_empty() {
                return KeyScope::Nothing;
            }
            if !complete || keys.len().saturating_mul(values.len()) > MOST_KEYS {
                complete = false;
                continue;
            }
            let values: Vec<serde_json::Value> = values.iter().map(json).collect();
            keys = keys
                .iter()
                .flat_map(|key| values.iter().map(|value| key.iter().cloned().chain([value.clone()]).collect()))
                .collect();
        }
        if keys.first().is_none_or(Vec::is_empty) { KeyScope::All } else { KeyScope::Keys(keys) }
    }
}

/// The values that a path must have for a condition to be true; none where it may have any.
fn allowed(condition: &Code, path: &[String]) -> Option<Vec<Value<'static>>> {
    match condition {
        Code::Constant(Value::Bool(true)) => None,
        Code::Constant(_) => Some(Vec::new()),
        Code::Compare(Comparison::Equal, one, two) => match (one.as_ref(), two.as_ref()) {
            (of, Code::Constant(value)) | (Code::Constant(value), of) if is_path(of, path) => one_value(value),
            _ => None,
        },
        Code::In(of, list) if is_path(of, path) => {
            // So many are not read one by one.
            if list.len() > MOST_KEYS {
                return None;
            }
            let mut values = Vec::new();
            for entry in list {
                let Code::Constant(value) = entry else { return None };
                union(&mut values, one_value(value)?);
            }
            Some(values)
        }
        Code::And(members) => members.iter().filter_map(|member| allowed(member, path)).reduce(|one, two| {
            one.into_iter().filter(|value| two.iter().any(|other| value.equal(other) == Some(true))).collect()
        }),
        Code::Or(members) => {
            let mut values = Vec::new();
            for member in members {
                union(&mut values, allowed(member, path)?);
                if values.len() > MOST_KEYS {
                    return None;
                }
            }
            Some(values)
        }
        _ => None,
    }
}

/// Nothing is equal to undefined; arrays and objects are no partition keys, and nothing is said of them.
fn one_value(value: &Value<'static>) -> Option<Vec<Value<'static>>> {
    match value.kind() {
        Type::Undefined => Some(Vec::new()),
        Type::Array | Type::Object => None,
        _ => Some(vec![value.clone()]),
    }
}

fn union(values: &mut Vec<Value<'static>>, more: Vec<Value<'static>>) {
    for value in more {
        if !values.iter().any(|own| own.equal(&value) == Some(true)) {
            values.push(value);
        }
    }
}

fn is_path(code: &Code, path: &[String]) -> bool {
    let same = |(step, name): (&Step, &String)| matches!(step, Step::Name(own) if own == name);
    matches!(code, Code::Path(0, steps) if steps.len() == path.len() && steps.iter().zip(path).all(same))
}

fn json(value: &Value<'static>) -> serde_json::Value {
    let mut text = String::new();
    value.write(&mut text);
    // What was written as JSON is read as JSON.
    serde_json::from_str(&text).unwrap_or(serde_json::Value::Null)
}
