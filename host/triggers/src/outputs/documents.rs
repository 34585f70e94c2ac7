//! What a function gave out for `cosmosDB` outputs becomes documents (reference: section 5.5).
//!
//! Each is checked by the rules of the store before any is sent. One without an id gets a random one, as clients of the service do it.

use std::borrow::Cow;

use hearth_documents::protocol::ItemBody;
use hearth_engine::contract::{InvocationResponse, TypedData};
use hearth_model::binding::{CosmosOutput, FunctionDefinition, OutputBinding, check_cosmos_name};
use hearth_model::expression::{BindingData, Environment, Template};
use serde_json::value::RawValue;

use super::{OutputError, take};
use crate::json_pairs as pairs;

/// Documents for one container, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentWrites {
    /// Name of the binding, for messages.
    pub binding: String,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
    /// Name of the database, which keeps the rules of the service.
    pub database: String,
    /// Name of the container, likewise.
    pub container: String,
    /// What is to be done where it is missing.
    pub missing: MissingContainer,
    /// Each a JSON object with an id; never empty.
    pub documents: Vec<String>,
}

/// What to do about a container that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingContainer {
    /// It is an error.
    Fail,
    /// Database and container are made.
    Create {
        /// Path of the partition key; `None` if the binding tells none, and then it is an error too.
        partition_key: Option<String>,
        /// Throughput; `None` for the service's default.
        throughput: Option<u32>,
    },
}

/// What a function's `cosmosDB` outputs come to, in the order of its bindings. It is taken out of the response, as
/// [`super::queue_sends`] does it.
///
/// # Errors
/// A value that is no document, or a name that is none.
pub fn document_writes(
    function: &FunctionDefinition,
    response: &mut InvocationResponse,
    data: &BindingData,
    environment: Environment<'_>,
) -> Result<Vec<DocumentWrites>, OutputError> {
    let spreads = !function.outputs.iter().any(|output| output.binding_name() == "$return");
    let mut all = Vec::new();
    for output in &function.outputs {
        let OutputBinding::Cosmos(output) = output else { continue };
        let error = |reason| OutputError { binding: output.binding_name.clone(), reason };
        let value = take(&output.binding_name, response, spreads);
        let documents = documents(value, environment).map_err(error)?;
        if documents.is_empty() {
            continue;
        }
        all.push(writes(output, documents, data, environment).map_err(error)?);
    }
    Ok(all)
}

fn writes(
    output: &CosmosOutput,
    documents: Vec<String>,
    data: &BindingData,
    environment: Environment<'_>,
) -> Result<DocumentWrites, String> {
    Ok(DocumentWrites {
        binding: output.binding_name.clone(),
        connection: output.connection.clone(),
        database: name("databaseName", &output.database, data, environment)?,
        container: name("containerName", &output.container, data, environment)?,
        missing: match output.creates_container {
            false => MissingContainer::Fail,
            true => {
                MissingContainer::Create { partition_key: output.partition_key.clone(), throughput: output.throughput }
            }
        },
        documents,
    })
}

/// The name of a database or container for one invocation; the error goes on after `its`.
pub(crate) fn name(
    property: &str,
    template: &Template,
    data: &BindingData,
    environment: Environment<'_>,
) -> Result<String, String> {
    let name = template.evaluate(data, environment).map_err(|error| format!("its {property} {error}"))?;
    let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    check_cosmos_name(&name)
        .map_err(|rule| format!("its {property} {rule}; '{}' came to '{shown}'", template.text()))?;
    Ok(name)
}

/// The documents of a value; none for one that is not set.
fn documents(value: TypedData, environment: Environment<'_>) -> Result<Vec<String>, String> {
    let texts: Vec<String> = match value {
        TypedData::None => return Ok(Vec::new()),
        TypedData::Text(text) | TypedData::Json(text) => vec![text],
        TypedData::Bytes(bytes) => vec![utf8(bytes)?],
        TypedData::TextList(texts) => texts,
        TypedData::BytesList(list) => list.into_iter().map(utf8).collect::<Result<_, _>>()?,
        TypedData::Int(_) | TypedData::Double(_) => return Err(format!("it is a number; {FORM}")),
        TypedData::HttpRequest(_) => return Err(format!("it is an HTTP request; {FORM}")),
        TypedData::HttpResponse(_) => return Err(format!("it is an HTTP response; {FORM}")),
    };
    let mut found = Vec::new();
    for text in &texts {
        add(&mut found, text, true)?;
    }
    let several = found.len() > 1;
    let check = |(i, text): (usize, String)| {
        document(text, environment).map_err(|reason| match several {
            true => format!("document {} of it {reason}", i + 1),
            false => format!("the document {reason}"),
        })
    };
    found.into_iter().enumerate().map(check).collect()
}

const FORM: &str = "give an object, an array of objects, or the JSON text of either";

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| format!("it is bytes that are no UTF-8 text; {FORM}"))
}

/// Adds the objects of a JSON text: itself, those of an array, or what a JSON string holds.
fn add(found: &mut Vec<String>, text: &str, outermost: bool) -> Result<(), String> {
    let value: &RawValue = serde_json::from_str(text)
        .map_err(|error| format!("it is no JSON (line {}, column {}); {FORM}", error.line(), error.column()))?;
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'{') => found.push(text.to_owned()),
        Some(b'n') if outermost => {}
        Some(b'[') if outermost => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            for element in elements {
                add(found, element.get(), false)?;
            }
        }
        Some(b'"') => {
            let inner: Cow<'_, str> = serde_json::from_str(text).unwrap_or_default();
            if inner.trim_start().starts_with(['{', '[']) {
                return add(found, &inner, outermost);
            }
            return Err(format!("it holds text that is no JSON object; {FORM}"));
        }
        Some(b'n') => return Err(format!("it holds null in place of a document; {FORM}")),
        Some(b'[') => return Err(format!("it holds an array in an array; {FORM}")),
        _ => return Err(format!("it holds a number or a boolean in place of a document; {FORM}")),
    }
    Ok(())
}

/// A document as it is sent. The error goes on after its name and holds nothing of it.
fn document(text: String, environment: Environment<'_>) -> Result<String, String> {
    let Some(properties) = pairs::parse(&text) else { return Err("is no JSON object".to_owned()) };
    let text = match properties.iter().find(|(name, _)| name == "id") {
        Some(_) => text,
        None => {
            let id = (environment.new_guid)();
            let comma = if properties.is_empty() { "" } else { "," };
            text.replacen('{', &format!("{{\"id\":\"{id}\"{comma}"), 1)
        }
    };
    ItemBody::parse(&text).map_err(|error| format!("is refused: {error}"))?;
    Ok(text)
}

#[cfg(test)]
mod tests;
