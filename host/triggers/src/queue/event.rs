//! From a message to the event that a function is run for (reference: sections 1.6 and 4.4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_engine::contract::{NamedData, TypedData};
use hearth_model::binding::QueueTrigger;
use hearth_model::clock::Timestamp;
use hearth_model::expression::{BindingData, Value};
use hearth_model::host_json::MessageEncoding;
use hearth_model::ids::InvocationId;
use serde_json::Value as Json;

use super::source::Fetched;
use crate::Event;

/// The text of a message is not what `messageEncoding` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotDecoded;

/// The bytes that a message's text stands for.
pub(super) fn decode(text: &str, encoding: MessageEncoding) -> Result<Vec<u8>, NotDecoded> {
    match encoding {
        MessageEncoding::None => Ok(text.as_bytes().to_vec()),
        // As in .NET, white space is passed over.
        MessageEncoding::Base64 if text.bytes().any(|b| b.is_ascii_whitespace()) => {
            let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            STANDARD.decode(plain).map_err(|_| NotDecoded)
        }
        MessageEncoding::Base64 => STANDARD.decode(text).map_err(|_| NotDecoded),
    }
}

/// The event of a message. A function that asks for bytes is given them; text that is a JSON object is offered as JSON, other text as
/// it is, and what is no text as bytes.
pub(super) fn event(trigger: &QueueTrigger, message: &Fetched, encoding: MessageEncoding) -> Result<Event, NotDecoded> {
    let bytes = decode(&message.text, encoding)?;
    let (text, bytes) = match String::from_utf8(bytes) {
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(error.into_bytes())),
    };
    let payload = text.as_deref().and_then(object);
    let mut values = Values::default();
    if let Some(text) = &text {
        values.add("QueueTrigger", TypedData::Text(text.clone()), text.as_str());
    }
    values.add("DequeueCount", TypedData::Int(message.dequeue_count.into()), message.dequeue_count);
    for (name, at) in [
        ("ExpirationTime", message.expires),
        ("InsertionTime", message.inserted),
        ("NextVisibleTime", message.next_visible),
    ] {
        values.add(name, TypedData::Text(date_time(at)), Value::Time(at));
    }
    values.add("Id", TypedData::Text(message.id.clone()), message.id.as_str());
    values.add("PopReceipt", TypedData::Text(message.receipt.0.clone()), message.receipt.0.as_str());
    if let Some(Json::Object(properties)) = &payload {
        for (name, value) in properties.iter().filter(|(_, value)| !value.is_array()) {
            values.add(name, typed(value), value.clone());
        }
    }
    let data = match (text, bytes) {
        (Some(text), _) if trigger.is_binary => TypedData::Bytes(text.into_bytes()),
        (Some(text), _) if payload.is_some() => TypedData::Json(text),
        (Some(text), _) => TypedData::Text(text),
        (None, bytes) => TypedData::Bytes(bytes.unwrap_or_default()),
    };
    Ok(Event {
        id: InvocationId::random(),
        data,
        metadata: values.metadata,
        binding_data: values.binding_data,
        reason: format!("New queue message detected on '{}'.", trigger.queue),
        details: vec![
            ("MessageId", message.id.clone()),
            ("DequeueCount", message.dequeue_count.to_string()),
            ("InsertionTime", date_time(message.inserted)),
        ],
        retry: None,
    })
}

/// Metadata for the function and values for expressions, which are the same by name.
#[derive(Default)]
struct Values {
    metadata: Vec<NamedData>,
    binding_data: BindingData,
}

impl Values {
    /// Adds a value; it takes the place of one of the same name, ignoring case. What is not set is no metadata.
    fn add(&mut self, name: &str, data: TypedData, value: impl Into<Value>) {
        self.binding_data.insert(name, value);
        let known = self.metadata.iter().position(|named| named.name.to_lowercase() == name.to_lowercase());
        match (known, data) {
            (Some(at), TypedData::None) => drop(self.metadata.remove(at)),
            (None, TypedData::None) => {}
            (Some(at), data) => self.metadata[at].data = data,
            (None, data) => self.metadata.push(NamedData { name: name.to_owned(), data }),
        }
    }
}

/// The JSON object that a text is.
fn object(text: &str) -> Option<Json> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn typed(value: &Json) -> TypedData {
    match value {
        Json::Null => TypedData::None,
        Json::String(text) => TypedData::Text(text.clone()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => TypedData::Int(number),
            (None, Some(number)) => TypedData::Double(number),
            (None, None) => TypedData::Json(number.to_string()),
        },
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => TypedData::Json(value.to_string()),
    }
}

/// As .NET writes a moment in JSON: `2026-03-01T10:00:00+00:00`.
fn date_time(at: Timestamp) -> String {
    let text = at.rfc3339();
    format!("{}+00:00", text.strip_suffix('Z').unwrap_or(&text))
}

#[cfg(test)]
mod tests;
