//! What a handler answers.

use hearth_engine::contract::{InvocationResponse, NamedData, TypedData};
use http::StatusCode;
use serde_json::value::RawValue;

use crate::json_pairs as pairs;

/// A handler's answer, read.
#[derive(Debug)]
pub struct HandlerAnswer {
    /// Outputs by name, and the return value.
    pub response: InvocationResponse,
    /// Lines for the function's own log at level Information, in order.
    pub logs: Vec<String>,
}

/// Why an answer fails the invocation; the text is for the function's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the custom handler's answer is not valid: {0}")]
pub struct InvalidHandlerAnswer(String);

/// Reads an answer. Names compare without regard to case; a property that is absent or null stands for none.
pub fn answer(status: StatusCode, body: &[u8]) -> Result<HandlerAnswer, InvalidHandlerAnswer> {
    let invalid = |reason: String| InvalidHandlerAnswer(reason);
    if !status.is_success() {
        return Err(invalid(format!(
            "its status is {}; a handler that has run its function answers 200{}",
            status.as_u16(),
            excerpt(body)
        )));
    }
    let shape = "it must be a JSON object such as {\"Outputs\": {}, \"Logs\": [], \"ReturnValue\": null}";
    let text = std::str::from_utf8(body).map_err(|_| invalid(format!("it is not UTF-8 text; {shape}")))?;
    let Some(properties) = pairs::parse(text) else {
        let why = match serde_json::from_str::<&RawValue>(text) {
            _ if text.trim().is_empty() => "it has no body".to_owned(),
            Ok(_) => "it is JSON, but no object".to_owned(),
            Err(error) => format!("it is not JSON (line {}, column {})", error.line(), error.column()),
        };
        return Err(invalid(format!("{why}; {shape}")));
    };
    let property = |name: &str| pairs::get(&properties, name).filter(|value| value.get() != "null");
    let outputs = match property("Outputs") {
        None => Vec::new(),
        Some(outputs) => pairs::parse(outputs.get())
            .ok_or_else(|| invalid("\"Outputs\" must be an object with the outputs by their names".to_owned()))?
            .into_iter()
            .map(|(name, value)| NamedData { name, data: data(value) })
            .collect(),
    };
    let logs = match property("Logs") {
        None => Vec::new(),
        Some(logs) => serde_json::from_str::<Vec<&RawValue>>(logs.get())
            .map_err(|_| invalid("\"Logs\" must be an array of texts".to_owned()))?
            .into_iter()
            .map(pairs::text)
            .collect(),
    };
    let return_value = property("ReturnValue").map_or(TypedData::None, data);
    Ok(HandlerAnswer { response: InvocationResponse { outputs, return_value }, logs })
}

/// A string as text, anything else as JSON.
fn data(value: &RawValue) -> TypedData {
    match value.get().as_bytes().first() {
        Some(b'"') => TypedData::Text(pairs::text(value)),
        Some(b'n') => TypedData::None,
        _ => TypedData::Json(value.get().to_owned()),
    }
}

/// The beginning of a body, which often says what went wrong.
fn excerpt(body: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(body).trim().chars().take(200).flat_map(char::escape_debug).collect();
    if text.is_empty() { String::new() } else { format!("; it says: {text}") }
}
