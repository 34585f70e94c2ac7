//! Answers what the caller asks for. The request's body is JSON: `{"outputs": {NAME: VALUE}, "return": VALUE}`, both
//! optional, or `{"error": TEXT}`. A VALUE is null or an object of one member that names its kind: `text`, `json` (any JSON,
//! handed over as its text), `bytes`, `int`, `double`, `texts`, `blobs`, `http` (`status`, `headers`, `body`).

use serde_json::Value;

use crate::bindings::hearth::functions::types::{
    HttpResponse, InvocationError, InvocationResponse, NamedData, TypedData,
};
use crate::failure;

pub(crate) fn say(script: &[u8]) -> Result<InvocationResponse, InvocationError> {
    let script: Value = serde_json::from_slice(script).map_err(|error| failure(&format!("no script: {error}")))?;
    if let Some(error) = script["error"].as_str() {
        return Err(failure(error));
    }
    let outputs = script["outputs"].as_object().into_iter().flatten();
    let outputs = outputs.map(|(name, data)| Ok(NamedData { name: name.clone(), data: value(data)? }));
    Ok(InvocationResponse { outputs: outputs.collect::<Result<_, _>>()?, return_value: value(&script["return"])? })
}

fn value(given: &Value) -> Result<TypedData, InvocationError> {
    let Some((kind, given)) = given.as_object().and_then(|object| object.iter().next()) else {
        return Ok(TypedData::None);
    };
    let data = match kind.as_str() {
        "text" => given.as_str().map(|text| TypedData::Text(text.to_owned())),
        "json" => Some(TypedData::Json(given.to_string())),
        "bytes" => bytes(given).map(TypedData::Bytes),
        "int" => given.as_i64().map(TypedData::Int),
        "double" => given.as_f64().map(TypedData::Double),
        "texts" => texts(given).map(TypedData::TextList),
        "blobs" => list(given, bytes).map(TypedData::BytesList),
        "http" => response(given).map(TypedData::HttpResponse),
        _ => None,
    };
    data.ok_or_else(|| failure(&format!("'{kind}' is no kind of value, or has a value of another kind")))
}

fn response(given: &Value) -> Option<HttpResponse> {
    let header = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
    Some(HttpResponse {
        status: given["status"].as_u64().map_or(Some(200), |status| u16::try_from(status).ok())?,
        headers: given["headers"].as_array().into_iter().flatten().map(header).collect::<Option<_>>()?,
        body: given["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    })
}

fn list<T>(given: &Value, one: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    given.as_array()?.iter().map(one).collect()
}

fn bytes(given: &Value) -> Option<Vec<u8>> {
    list(given, |byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
}

fn texts(given: &Value) -> Option<Vec<String>> {
    list(given, |text| text.as_str().map(str::to_owned))
}
