//! One operation on an item.

use super::node::{self, Node};
use super::pointer::Pointer;
use super::{Action, Operation};

/// Does an operation. The error says why it does not fit the item.
pub(super) fn apply(item: &mut Node, operation: &Operation<'_>) -> Result<(), String> {
    let path = &operation.path;
    match &operation.action {
        Action::Add(value) => add(item, path, Node::new(value)),
        Action::Set(value) => set(item, path, Node::new(value)),
        Action::Replace(value) => {
            *found(item, path)? = Node::new(value);
            Ok(())
        }
        Action::Remove => remove(item, path).map(|_| ()),
        Action::Increment(by) => increment(item, path, by),
        Action::Move(from) => {
            let moved = remove(item, from)?;
            add(item, path, moved)
        }
    }
}

/// The value around a place, and the name of the place in it.
fn parent<'n, 'p>(item: &'n mut Node, path: &'p Pointer) -> Result<(&'n mut Node, &'p str), String> {
    let Some((last, way)) = path.names().split_last() else { return Err("The path is empty.".to_owned()) };
    let mut at = item;
    for name in way {
        at = at.child(name).ok_or_else(|| format!("There is nothing at '{name}' on the way of the path '{path}'."))?;
    }
    at.open();
    match at {
        Node::Text(_) => Err(format!("What is around the path '{path}' is no object and no array.")),
        _ => Ok((at, last)),
    }
}

fn found<'n>(item: &'n mut Node, path: &Pointer) -> Result<&'n mut Node, String> {
    let (parent, name) = parent(item, path)?;
    parent.child(name).ok_or_else(|| missing(path))
}

fn missing(path: &Pointer) -> String {
    format!("There is nothing at the path '{path}'.")
}

/// Puts a value at a name, or before what stands at an index; `-` is the end of an array.
fn add(item: &mut Node, path: &Pointer, value: Node) -> Result<(), String> {
    let (parent, name) = parent(item, path)?;
    if let Node::Array(members) = parent {
        let at = place(name, members.len(), path)?;
        members.insert(at, value);
        return Ok(());
    }
    put(parent, name, value);
    Ok(())
}

/// Puts a value at a name, or in place of what stands at an index; `-` is the end of an array.
fn set(item: &mut Node, path: &Pointer, value: Node) -> Result<(), String> {
    let (parent, name) = parent(item, path)?;
    if let Node::Array(members) = parent {
        match place(name, members.len(), path)? {
            at if at < members.len() => members[at] = value,
            _ if name == "-" => members.push(value),
            _ => return Err(missing(path)),
        }
        return Ok(());
    }
    put(parent, name, value);
    Ok(())
}

fn increment(item: &mut Node, path: &Pointer, by: &str) -> Result<(), String> {
    let (parent, name) = parent(item, path)?;
    if let Some(value) = parent.child(name) {
        let refused = || format!("What is at the path '{path}' is no number, or would become too great for one.");
        let Node::Text(text) = value else { return Err(refused()) };
        *text = node::sum(text, by).ok_or_else(refused)?;
        return Ok(());
    }
    if matches!(parent, Node::Array(_)) {
        return Err(missing(path));
    }
    put(parent, name, Node::new(by));
    Ok(())
}

fn remove(item: &mut Node, path: &Pointer) -> Result<Node, String> {
    let (parent, name) = parent(item, path)?;
    match parent {
        Node::Array(members) => {
            let at = node::index(name).filter(|at| *at < members.len()).ok_or_else(|| missing(path))?;
            Ok(members.remove(at))
        }
        Node::Object(members) => {
            let at = members.iter().position(|(member, _)| member == name).ok_or_else(|| missing(path))?;
            Ok(members.remove(at).1)
        }
        Node::Text(_) => Err(missing(path)),
    }
}

/// Puts a value into an object, where the one of that name stands if there is one.
fn put(parent: &mut Node, name: &str, value: Node) {
    if let Node::Object(members) = parent {
        match members.iter_mut().find(|(member, _)| member == name) {
            Some((_, there)) => *there = value,
            None => members.push((name.to_owned(), value)),
        }
    }
}

/// The place in an array that a name is: one of its indexes, or its end.
fn place(name: &str, length: usize, path: &Pointer) -> Result<usize, String> {
    if name == "-" {
        return Ok(length);
    }
    node::index(name).filter(|at| *at <= length).ok_or_else(|| {
        format!("'{name}' at the end of the path '{path}' is no index of an array with {length} members, and not '-'.")
    })
}
