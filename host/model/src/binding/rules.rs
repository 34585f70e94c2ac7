//! Rules of single binding types that go beyond the type of a property.

use super::{Binding, Direction, check_queue_name, cosmos, output};
use crate::json::{FileError, Node};
use crate::timer_schedule::{Schedule, ScheduleError};

/// Checks what the table of properties can't say.
pub(super) fn check(node: &Node<'_>, binding: &Binding) -> Result<(), FileError> {
    match binding.binding_type.as_str() {
        "timerTrigger" => schedule(&node.required("schedule")?).map(drop),
        "queueTrigger" => queue_name(&node.required("queueName")?),
        "queue" => output::queue_template(&node.required("queueName")?).map(drop),
        "cosmosDBTrigger" => cosmos::read_trigger(node, &binding.name).map(drop),
        "cosmosDB" if binding.direction == Direction::In => match (node.get("id")?, node.get("sqlQuery")?) {
            (Some(_), Some(query)) => Err(query.error("can't stand beside id; one finds a document, the other a list")),
            _ => Ok(()),
        },
        "serviceBusTrigger" | "serviceBus" => service_bus(node, binding.direction),
        _ => Ok(()),
    }
}

/// NCRONTAB or a time span (reference: sections 3.2 and 3.3).
pub(super) fn schedule(node: &Node<'_>) -> Result<Schedule, FileError> {
    let text = node.string()?;
    Schedule::parse(text).map_err(|error| match (error, node.secret()) {
        (ScheduleError::Ncrontab(error), Some(setting)) => {
            node.error(format_args!("is no schedule ({setting}): {}", error.plain()))
        }
        (error, _) => node.error(format_args!("is no schedule: {error}")),
    })
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
