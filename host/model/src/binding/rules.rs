//! Rules of single binding types that go beyond the type of a property.

use super::{Binding, Direction};
use crate::json::{FileError, Node};

/// Checks what the table of properties can't say.
pub(super) fn check(node: &Node<'_>, binding: &Binding) -> Result<(), FileError> {
    match binding.binding_type.as_str() {
        "timerTrigger" => schedule(&node.required("schedule")?),
        "queueTrigger" | "queue" => queue_name(&node.required("queueName")?),
        "cosmosDBTrigger" => start(node),
        "cosmosDB" if binding.direction == Direction::In => match (node.get("id")?, node.get("sqlQuery")?) {
            (Some(_), Some(query)) => Err(query.error("can't stand beside id; one finds a document, the other a list")),
            _ => Ok(()),
        },
        "serviceBusTrigger" | "serviceBus" => service_bus(node, binding.direction),
        _ => Ok(()),
    }
}

/// A time span above zero, or five or six fields (reference: sections 3.2 and 3.3).
fn schedule(node: &Node<'_>) -> Result<(), FileError> {
    let text = node.string()?;
    if let Some(micros) = crate::time_span::parse_micros(text) {
        return if micros > 0 { Ok(()) } else { Err(node.error("must be longer than nothing")) };
    }
    match text.split_ascii_whitespace().count() {
        5 | 6 => Ok(()),
        _ => Err(node.error(format_args!(
            "must be six fields such as \"0 */5 * * * *\" (second, minute, hour, day, month, day of the week) or a time such as \
             \"00:05:00\", not {}",
            node.shown(text)
        ))),
    }
}

/// The rules of the service; a name that is put together per invocation is checked then (reference: sections 4.1 and 4.5).
fn queue_name(node: &Node<'_>) -> Result<(), FileError> {
    let name = node.string()?;
    let valid = (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if valid || name.contains('{') {
        return Ok(());
    }
    Err(node.error(format_args!(
        "must be 3 to 63 lower-case letters, digits and single hyphens between them, not {}",
        node.shown(name)
    )))
}

fn start(node: &Node<'_>) -> Result<(), FileError> {
    let Some(time) = node.get("startFromTime")? else { return Ok(()) };
    let text = time.string()?;
    if text.parse::<jiff::Timestamp>().is_err() {
        return Err(time
            .error(format_args!("must be a time in UTC such as \"2026-01-31T12:00:00Z\", not {}", time.shown(text))));
    }
    match node.get("startFromBeginning")? {
        Some(beginning) if beginning.boolean()? => Err(time.error("can't stand beside startFromBeginning")),
        _ => Ok(()),
    }
}

fn service_bus(node: &Node<'_>, direction: Direction) -> Result<(), FileError> {
    let subscription = node.get("subscriptionName")?.is_some();
    match (node.get("queueName")?, node.get("topicName")?) {
        (Some(_), Some(topic)) => Err(topic.error("can't stand beside queueName")),
        (None, None) => Err(node.error("has neither \"queueName\" nor \"topicName\"")),
        (None, Some(topic)) if direction == Direction::In && !subscription => {
            Err(topic.error("needs a subscriptionName beside it"))
        }
        _ => Ok(()),
    }
}
