//! Rules of single binding types that go beyond the type of a property.

use super::{Binding, Direction, check_queue_name, output};
use crate::json::{FileError, Node};

/// Checks what the table of properties can't say.
pub(super) fn check(node: &Node<'_>, binding: &Binding) -> Result<(), FileError> {
    match binding.binding_type.as_str() {
        "timerTrigger" => schedule(&node.required("schedule")?),
        "queueTrigger" => queue_name(&node.required("queueName")?),
        "queue" => output::queue_template(&node.required("queueName")?).map(drop),
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

/// The queue that a trigger reads has one name for all times; the original would look for a queue with braces in its name.
fn queue_name(node: &Node<'_>) -> Result<(), FileError> {
    let name = node.string()?;
    if name.contains(['{', '}']) {
        return Err(node.error(format_args!(
            "must be the name of one queue, not {}: a trigger's {{expr}} has nothing to take a value from; use %SETTING%",
            node.shown(name)
        )));
    }
    check_queue_name(&name.to_ascii_lowercase())
        .map_err(|rule| node.error(format_args!("{rule}, not {}", node.shown(name))))
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
