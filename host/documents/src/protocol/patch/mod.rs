//! Patches: operations on parts of an item (reference: Cosmos DB, section 7.3). What an operation does not touch keeps its order
//! and the text of its numbers.
//!
//! The condition of a patch is a query about the item as it is; whoever applies the patch evaluates it first.

mod apply;
mod node;
mod pointer;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::item::is_system_property;
use super::json::{self, Object};
use super::partition_key::PartitionKeyDefinition;
use super::{DocumentError, limits};

use pointer::Pointer;

/// What is done at a place.
#[derive(Clone, Debug, PartialEq)]
enum Action<'a> {
    Add(&'a str),
    Set(&'a str),
    Replace(&'a str),
    Remove,
    /// By a number, as it is written.
    Increment(&'a str),
    /// From another place.
    Move(Pointer),
}

#[derive(Clone, Debug, PartialEq)]
struct Operation<'a> {
    path: Pointer,
    action: Action<'a>,
}

/// A patch as a client sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch<'a> {
    operations: Vec<Operation<'a>>,
    condition: Option<Cow<'a, str>>,
}

impl<'a> Patch<'a> {
    /// Reads the body: an array of operations, or an object with `operations` and perhaps a `condition`.
    ///
    /// # Errors
    /// 400 that says what is wrong: no or too many operations, an unknown one, a path that is none, something missing.
    pub fn parse(body: &'a str) -> Result<Self, DocumentError> {
        let refused = |why: &str| DocumentError::bad_request(format!("The patch is not valid: {why}."));
        let (operations, condition) = if body.trim_start().starts_with('[') {
            (body, None)
        } else {
            let object = Object::parse(body)?;
            let condition = object.get("condition").filter(|condition| *condition != "null");
            let condition = condition.map(|text| json::string(text).ok_or_else(|| refused("'condition' is a string")));
            let operations = object.get("operations").ok_or_else(|| refused("'operations' is missing"))?;
            (operations, condition.transpose()?.filter(|condition| !condition.trim().is_empty()))
        };
        let operations = json::array(operations)?;
        if operations.is_empty() || operations.len() > limits::PATCH_OPERATIONS {
            let most = limits::PATCH_OPERATIONS;
            return Err(refused(&format!("it has {} operations, and a patch has 1 to {most}", operations.len())));
        }
        let read = |(at, text)| {
            Operation::read(text)
                .map_err(|why| refused(&format!("operation {} of {}: {why}", at + 1, operations.len())))
        };
        let operations = operations.iter().copied().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { operations, condition })
    }

    /// The query that has to be true of the item: `from c where …`.
    pub fn condition(&self) -> Option<&str> {
        self.condition.as_deref()
    }

    /// Applies it to an item's own properties. The result may break the rules of items (size, depth, `ttl`): it has to be read as
    /// one that a client has sent.
    ///
    /// # Errors
    /// 400 for an operation that changes the id, the partition key or what the store decides about, or that does not fit the item.
    pub fn apply(&self, body: &str, definition: &PartitionKeyDefinition) -> Result<String, DocumentError> {
        let refused =
            |at: usize, why: &str| DocumentError::bad_request(format!("For patch operation({}): {why}", at + 1));
        let mut item = node::Node::new(body);
        for (at, operation) in self.operations.iter().enumerate() {
            for path in operation.places() {
                check_mutable(path, definition).map_err(|why| refused(at, &why))?;
            }
            apply::apply(&mut item, operation).map_err(|why| refused(at, &why))?;
        }
        Ok(item.to_text())
    }
}

impl<'a> Operation<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let object = Object::parse(text).map_err(|error| error.to_string())?;
        let string = |name: &str| {
            object.get(name).and_then(json::string).ok_or_else(|| format!("'{name}' is missing or not a string"))
        };
        let pointer = |name: &str| string(name).and_then(|text| Pointer::parse(&text));
        let value = || object.get("value").ok_or_else(|| "'value' is missing".to_owned());
        let op = string("op")?.to_ascii_lowercase();
        let path = pointer("path")?;
        let action = match op.as_str() {
            "add" => Action::Add(value()?),
            "set" => Action::Set(value()?),
            "replace" => Action::Replace(value()?),
            "remove" => Action::Remove,
            "incr" | "increment" => {
                let by = value()?;
                if !by.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
                    return Err("'value' is what a number is changed by, and it is not a number".to_owned());
                }
                Action::Increment(by)
            }
            "move" => {
                let from = pointer("from")?;
                if path.is_below(&from) {
                    return Err(format!("'{path}' is inside of '{from}', which is moved"));
                }
                Action::Move(from)
            }
            other => {
                let shown: String = other.chars().take(40).collect();
                return Err(format!("there is no '{shown}', only add, set, replace, remove, incr and move"));
            }
        };
        Ok(Self { path, action })
    }

    /// The places that it changes.
    fn places(&self) -> impl Iterator<Item = &Pointer> {
        let from = match &self.action {
            Action::Move(from) => Some(from),
            _ => None,
        };
        std::iter::once(&self.path).chain(from)
    }
}

/// Whether a patch may change a place.
fn check_mutable(path: &Pointer, definition: &PartitionKeyDefinition) -> Result<(), String> {
    let first = path.names()[0].as_str();
    if first == "id" || is_system_property(first) {
        return Err(format!("'{path}' cannot be changed: it is the item's id or one of the store's properties."));
    }
    let same = |key: &[String]| key.iter().zip(path.names()).all(|(one, other)| one == other);
    match definition.paths().iter().find(|key| same(key.names())) {
        Some(key) => Err(format!("'{path}' cannot be changed: it is or holds the partition key '{}'.", key.as_str())),
        None => Ok(()),
    }
}
