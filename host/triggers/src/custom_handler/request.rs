//! The request for an event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hearth_engine::contract::{HttpRequest, NamedData, TypedData};
use hearth_model::binding::{FunctionDefinition, Trigger};
use hearth_model::expression::Environment;
use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};
use serde_json::{Map, Value, json};

use crate::Event;

/// The request that hands an event to a component; `version` is that of the host. Its URI is the path alone, beside a `host` header.
pub fn request(
    function: &FunctionDefinition,
    event: &Event,
    inputs: &[NamedData],
    environment: Environment<'_>,
    version: &str,
) -> Request<Bytes> {
    let mut data = Map::new();
    let is_text = matches!(function.trigger, Trigger::Queue(_));
    data.insert(function.trigger.binding_name().to_owned(), value(&event.data, is_text));
    for NamedData { name, data: input } in inputs {
        let given = match input {
            // A document that is not there.
            TypedData::Json(text) if text == "null" => Value::Null,
            input => value(input, false),
        };
        data.insert(name.clone(), given);
    }
    let mut metadata = Map::new();
    for named in event.metadata.iter().filter(|named| !ends_with_trigger(&named.name)) {
        if !matches!(named.data, TypedData::None) {
            metadata.insert(named.name.clone(), value(&named.data, false));
        }
    }
    let guid = (environment.new_guid)().to_string();
    let now = environment.clock.now().rfc3339();
    metadata.insert("sys".to_owned(), json!({ "MethodName": function.name.as_str(), "UtcNow": now, "RandGuid": guid }));
    if let Some(retry) = &event.retry {
        metadata.insert(
            "RetryContext".to_owned(),
            json!({ "RetryCount": retry.retry_count, "MaxRetryCount": retry.max_retry_count, "Exception": retry.last_error }),
        );
    }
    let body = json!({ "Data": data, "Metadata": metadata }).to_string();
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    // A function's name is letters, digits, `-` and `_`.
    *request.uri_mut() = format!("/{}", function.name).parse().unwrap_or_else(|_| Uri::from_static("/"));
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("127.0.0.1"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    let text = |text: &str| HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
    headers.insert(USER_AGENT, text(&format!("Azure-Functions-Host/{version}")));
    headers.insert(HeaderName::from_static("x-azure-functions-hostversion"), text(version));
    headers.insert(HeaderName::from_static("x-azure-functions-invocationid"), text(&event.id.to_string()));
    request
}

fn ends_with_trigger(name: &str) -> bool {
    name.len() >= 7 && name.to_ascii_lowercase().ends_with("trigger")
}

/// A value as handlers expect it: objects as they are, everything else as the JSON text of itself; bytes as base64. With `is_text`
/// an object is what a text holds.
fn value(data: &TypedData, is_text: bool) -> Value {
    let encoded = |value: Value| Value::String(value.to_string());
    match data {
        TypedData::None => Value::Null,
        TypedData::Text(text) => encoded(text.as_str().into()),
        TypedData::Json(text) if is_text => encoded(text.as_str().into()),
        TypedData::Json(text) => match serde_json::from_str(text) {
            Ok(object @ Value::Object(_)) => object,
            Ok(other) => encoded(other),
            Err(_) => encoded(text.as_str().into()),
        },
        TypedData::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
        TypedData::Int(number) => encoded((*number).into()),
        TypedData::Double(number) => encoded((*number).into()),
        TypedData::TextList(texts) => encoded(texts.as_slice().into()),
        TypedData::BytesList(list) => encoded(list.iter().map(|bytes| STANDARD.encode(bytes)).collect()),
        TypedData::HttpRequest(request) => http_value(request),
        TypedData::HttpResponse(_) => Value::Null,
    }
}

/// An HTTP request as an object. Values of a header are an array, those of a query parameter are joined with commas.
fn http_value(request: &HttpRequest) -> Value {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &request.headers {
        if let Some(Value::Array(values)) = headers.get_mut(name) {
            values.push(value.as_str().into());
        } else {
            headers.insert(name.clone(), json!([value]));
        }
    }
    let mut query: Map<String, Value> = Map::new();
    for (name, value) in &request.query {
        if let Some(Value::String(values)) = query.get_mut(name) {
            values.push(',');
            values.push_str(value);
        } else {
            query.insert(name.clone(), value.as_str().into());
        }
    }
    let params: Map<String, Value> =
        request.params.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    json!({
        "Url": request.url,
        "Method": request.method,
        "Query": query,
        "Headers": headers,
        "Params": params,
        "Identities": [],
        "Body": String::from_utf8_lossy(&request.body),
    })
}
