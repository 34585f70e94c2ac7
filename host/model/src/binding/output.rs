//! What a function writes: its output bindings, read once when the app is loaded (reference: sections 1.6, 4.5 and 7.3).
//!
//! An expression that can never have a value is found here; one that hangs on the data of an event only when the event is there.

use super::cosmos::{self, CosmosOutput};
use super::{Binding, Direction, Trigger};
use crate::expression::{Contract, Template};
use crate::json::{FileError, Node};

/// A binding that takes what a function gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputBinding {
    /// The answer of an HTTP function.
    Http(HttpOutput),
    /// Messages into a queue.
    Queue(QueueOutput),
    /// Documents into a container.
    Cosmos(CosmosOutput),
}

impl OutputBinding {
    /// Name by which the function knows it; `$return` is the return value.
    pub fn binding_name(&self) -> &str {
        match self {
            Self::Http(http) => &http.binding_name,
            Self::Queue(queue) => &queue.binding_name,
            Self::Cosmos(cosmos) => &cosmos.binding_name,
        }
    }
}

/// An `http` output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOutput {
    /// Name of the binding, often `$return` or `res`.
    pub binding_name: String,
}

/// A `queue` output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOutput {
    /// Name of the binding.
    pub binding_name: String,
    /// Name of the queue; what it comes to is put into lower case and checked for each invocation.
    pub queue: Template,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
}

/// The outputs among checked bindings, which stand in the order of their nodes.
pub(super) fn read(
    nodes: &[Node<'_>],
    bindings: &[Binding],
    trigger: &Trigger,
    contract: &Contract,
    warnings: &mut Vec<String>,
) -> Result<Vec<OutputBinding>, FileError> {
    let mut outputs = Vec::new();
    for (node, binding) in nodes.iter().zip(bindings) {
        let binding_name = binding.name.clone();
        match (binding.binding_type.as_str(), binding.direction) {
            ("http", Direction::Out) => {
                if trigger.as_http().is_none() {
                    let why = format!(
                        "has no effect: there is no caller to answer in a function with {}",
                        trigger.type_name()
                    );
                    warnings.push(node.error(why).to_string());
                }
                outputs.push(OutputBinding::Http(HttpOutput { binding_name }));
            }
            ("queue", Direction::Out) => {
                let name = node.required("queueName")?;
                let queue = queue_template(&name)?;
                contract.check(&queue).map_err(|error| match name.secret() {
                    Some(secret) => {
                        name.error(format_args!("is refused: {secret} asks for what the trigger never gives"))
                    }
                    None => name.error(format_args!("is refused: {error}")),
                })?;
                outputs.push(OutputBinding::Queue(QueueOutput { binding_name, queue, connection: connection(node)? }));
            }
            ("cosmosDB", Direction::Out) => {
                outputs.push(OutputBinding::Cosmos(cosmos::read_output(node, &binding_name, contract, warnings)?));
            }
            _ => {}
        }
    }
    Ok(outputs)
}

/// The `connection` of a binding; empty counts as absent.
pub(super) fn connection(node: &Node<'_>) -> Result<Option<String>, FileError> {
    match node.get("connection")? {
        Some(connection) => Ok(Some(connection.string()?.to_owned()).filter(|text| !text.is_empty())),
        None => Ok(None),
    }
}

/// The name of a queue with its expressions; what no value could put right is refused now.
pub(super) fn queue_template(node: &Node<'_>) -> Result<Template, FileError> {
    let text = node.string()?;
    let template = Template::parse(text).map_err(|error| match node.secret() {
        Some(secret) => node
            .error(format_args!("is refused: {secret} makes no name of a queue; write one such as orders-{{region}}")),
        None => node.error(format_args!("is refused: {error}")),
    })?;
    let rule = if template.parameters().next().is_none() {
        check_queue_name(&template.literals().collect::<String>().to_ascii_lowercase())
    } else if template.literals().flat_map(str::bytes).all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        Ok(())
    } else {
        Err(QUEUE_NAME_RULE)
    };
    rule.map_err(|rule| node.error(format_args!("{rule}, not {}", node.shown(text))))?;
    Ok(template)
}

const QUEUE_NAME_RULE: &str = "must be 3 to 63 lower-case letters, digits and single hyphens between them";

/// Whether a name, in lower case already, keeps the rules of the service (reference: section 4.1). The error is the rule, as
/// it goes on after the name of the property.
pub fn check_queue_name(name: &str) -> Result<(), &'static str> {
    let valid = (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if valid { Ok(()) } else { Err(QUEUE_NAME_RULE) }
}

#[cfg(test)]
mod tests;
