//! Documents of Cosmos DB as functions know them: the trigger on a container's change feed, documents that are read before a call,
//! and documents that are written after it (reference: Azure Functions, section 5; Cosmos DB, section 9).
//!
//! Property names of version 4 of the original's extension and of version 3 are both read; of a pair the newer counts.

mod input;
mod output;
#[cfg(test)]
mod tests;
mod trigger;

use super::known;
use crate::expression::{Contract, Template};
use crate::json::{FileError, Node};

pub use input::{CosmosInput, CosmosRead, SqlParameter};
pub use output::CosmosOutput;
pub use trigger::{ChangeFeedMode, ChangeFeedStart, CosmosTrigger, FeedLeaseStore};

pub(super) use input::read as read_input;
pub(super) use output::read as read_output;
pub(super) use trigger::read as read_trigger;

/// Longest name of a database or container, in characters (the service's limit).
const MAX_NAME_CHARS: usize = 255;

/// Type of the trigger, for looking up older names of its properties.
const TRIGGER: &str = "cosmosDBTrigger";

/// Type of the bindings, likewise.
const BINDING: &str = "cosmosDB";

/// Whether a name, as written or as an expression came to, may be that of a database or container. The error is the rule, as it
/// goes on after the name of the property.
pub fn check_cosmos_name(name: &str) -> Result<(), &'static str> {
    let valid = !name.is_empty()
        && name.chars().count() <= MAX_NAME_CHARS
        && !name.ends_with(' ')
        && !name.contains(|c: char| matches!(c, '/' | '\\' | '?' | '#') || c.is_control());
    if valid { Ok(()) } else { Err(NAME_RULE) }
}

const NAME_RULE: &str = "must be 1 to 255 characters without /, \\, ?, # and a space at its end";

/// A property of a binding by its newer name, or by its older one where only that is given.
fn property<'d>(node: &Node<'d>, binding_type: &str, name: &str) -> Result<Option<Node<'d>>, FileError> {
    match (node.get(name)?, known::former(binding_type, name)) {
        (Some(found), _) => Ok(Some(found)),
        (None, Some(former)) => node.get(former),
        (None, None) => Ok(None),
    }
}

/// A text that counts as absent when it is empty.
fn text<'d>(node: &Node<'d>, binding_type: &str, name: &str) -> Result<Option<(Node<'d>, &'d str)>, FileError> {
    let Some(found) = property(node, binding_type, name)? else { return Ok(None) };
    let text = found.string()?;
    Ok((!text.is_empty()).then_some((found, text)))
}

/// The name of a connection; `None` for the default one.
fn connection(node: &Node<'_>, binding_type: &str, name: &str) -> Result<Option<String>, FileError> {
    Ok(text(node, binding_type, name)?.map(|(_, text)| text.to_owned()))
}

fn flag(node: &Node<'_>, binding_type: &str, name: &str) -> Result<bool, FileError> {
    property(node, binding_type, name)?.map_or(Ok(false), |value| value.boolean())
}

/// A count in which 0 stands for the default.
fn count(node: &Node<'_>, binding_type: &str, name: &str) -> Result<Option<u32>, FileError> {
    let Some(value) = property(node, binding_type, name)? else { return Ok(None) };
    let number = value.integer(0, known::MANY)?;
    Ok(u32::try_from(number).ok().filter(|number| *number > 0))
}

/// The name of a database or container with its expressions; what no value could put right is refused now.
fn name_template(node: &Node<'_>, binding_type: &str, name: &str, contract: &Contract) -> Result<Template, FileError> {
    let Some((value, text)) = text(node, binding_type, name)? else {
        return Err(node.error(format_args!("has no \"{name}\"")));
    };
    let template = template(&value, text, contract)?;
    let shape: String = template.literals().collect();
    // A value may stand behind a space, and make a name of an empty shape.
    let end = if template.parameters().next().is_none() { "" } else { "x" };
    check_cosmos_name(&format!("{shape}{end}"))
        .map_err(|rule| value.error(format_args!("{rule}, not {}", value.shown(text))))?;
    Ok(template)
}

/// A text with its expressions, each of which the trigger may give a value for.
fn template(value: &Node<'_>, text: &str, contract: &Contract) -> Result<Template, FileError> {
    let template = Template::parse(text).map_err(|error| match value.secret() {
        Some(secret) => value.error(format_args!("is refused: in {secret} a brace has no partner")),
        None => value.error(format_args!("is refused: {error}")),
    })?;
    contract.check(&template).map_err(|error| match value.secret() {
        Some(secret) => value.error(format_args!("is refused: {secret} asks for what the trigger never gives")),
        None => value.error(format_args!("is refused: {error}")),
    })?;
    Ok(template)
}
