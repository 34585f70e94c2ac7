//! From the value of an output to the contents of its messages, by the forms that languages give it.

use hearth_engine::contract::TypedData;
use serde_json::value::RawValue;

use super::compact::compact;

/// What one message holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

/// The messages of a value; none for one that is not set.
pub(super) fn contents(value: TypedData) -> Result<Vec<Content>, String> {
    let text = |text: String| vec![Content::Text(text)];
    Ok(match value {
        TypedData::None => Vec::new(),
        TypedData::Text(string) => of_text(string),
        TypedData::Json(json) => of_json(json),
        TypedData::Bytes(bytes) => vec![Content::Bytes(bytes)],
        TypedData::Int(number) => text(number.to_string()),
        TypedData::Double(number) => text(number.to_string()),
        TypedData::TextList(texts) => texts.into_iter().map(Content::Text).collect(),
        TypedData::BytesList(list) => list.into_iter().map(Content::Bytes).collect(),
        TypedData::HttpRequest(_) => return Err("it is an HTTP request; give text, an object or an array".to_owned()),
        TypedData::HttpResponse(_) => return Err("it is an HTTP response; give text, an object or an array".to_owned()),
    })
}

/// A text is one message, unless it holds a JSON array.
fn of_text(text: String) -> Vec<Content> {
    elements(&text).unwrap_or_else(|| vec![Content::Text(text)])
}

fn of_json(json: String) -> Vec<Content> {
    if json.trim_start().starts_with('[') {
        return of_text(json);
    }
    match serde_json::from_str::<&RawValue>(&json) {
        Ok(value) if value.get().starts_with('"') => {
            serde_json::from_str(value.get()).map_or_else(|_| vec![Content::Text(json.clone())], of_text)
        }
        Ok(value) => element(value).into_iter().collect(),
        Err(_) => vec![Content::Text(json)],
    }
}

/// The messages of a JSON array; `None` if the text is none.
fn elements(text: &str) -> Option<Vec<Content>> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().filter_map(element).collect())
}

/// A string without its quotes; anything else as JSON without line breaks; null is no message.
fn element(value: &RawValue) -> Option<Content> {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'n') => None,
        Some(b'"') => Some(Content::Text(serde_json::from_str(text).unwrap_or_else(|_| text.to_owned()))),
        _ => Some(Content::Text(compact(text))),
    }
}
