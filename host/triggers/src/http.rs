//! The HTTP trigger in the typed world: a request becomes the trigger's payload, the function's result becomes a response
//! (reference: Azure Functions, sections 2.6 and 2.7).

mod cookies;
mod envelope;
mod negotiate;
#[cfg(test)]
mod tests;
mod xml;

use bytes::Bytes;
use hearth_engine::contract::{HttpRequest, InvocationResponse, TypedData};
use hearth_model::binding::HttpTrigger;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};

use envelope::Envelope;

use crate::json_pairs as pairs;

/// A result that can't be sent; the text is for the app's log.
#[derive(Debug, thiserror::Error)]
#[error("the function's answer can't be sent: {0}")]
pub struct InvalidAnswer(String);

/// Builds the trigger's payload. `base_url` is where the app's own paths begin as the caller sees them, `params` the decoded route
/// parameters. Nothing is dropped: empty values and repeated names stay, bytes that are no UTF-8 become the characters of
/// the same numbers.
pub fn payload(parts: &Parts, base_url: &str, params: Vec<(String, String)>, body: Bytes) -> HttpRequest {
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut url = String::with_capacity(base_url.len() + path.len());
    url.push_str(base_url);
    url.push_str(path);
    HttpRequest {
        method: parts.method.as_str().to_owned(),
        url,
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        query: parts
            .uri
            .query()
            .map(|query| form_urlencoded::parse(query.as_bytes()).into_owned().collect())
            .unwrap_or_default(),
        params,
        body: body.into(),
    }
}

fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

/// The response that a function's result stands for: what is bound to the `http` output, by name or as the return value.
/// Nothing bound is 204, an output left unset is an empty 200. `asked` are the request's headers.
pub fn answer(
    trigger: &HttpTrigger,
    response: InvocationResponse,
    asked: &HeaderMap,
) -> Result<Response<Bytes>, InvalidAnswer> {
    let Some(output) = &trigger.output else {
        return value_answer(response.return_value, StatusCode::NO_CONTENT, asked);
    };
    let value = if output == "$return" {
        response.return_value
    } else {
        let named = response.outputs.into_iter().find(|given| given.name.eq_ignore_ascii_case(output));
        named.map_or_else(|| returned(response.return_value, output), |given| given.data)
    };
    value_answer(value, StatusCode::OK, asked)
}

/// An object that is returned holds the outputs by their names (reference: section 7.3); anything else is the answer itself.
fn returned(value: TypedData, output: &str) -> TypedData {
    match &value {
        TypedData::Json(text) => match pairs::parse(text).and_then(|pairs| pairs::get(&pairs, output)) {
            Some(property) => TypedData::Json(property.get().to_owned()),
            None => value,
        },
        _ => value,
    }
}

fn value_answer(value: TypedData, unset: StatusCode, asked: &HeaderMap) -> Result<Response<Bytes>, InvalidAnswer> {
    match value {
        TypedData::None => Ok(status(Response::new(Bytes::new()), unset)),
        TypedData::HttpResponse(response) => complete(response),
        TypedData::Text(text) => match Envelope::read(&text) {
            Some(envelope) => envelope.answer(asked),
            None => Ok(typed(text.into(), TEXT)),
        },
        TypedData::Json(text) => match Envelope::read(&text) {
            Some(envelope) => envelope.answer(asked),
            None => Ok(match Content::of_json(text) {
                Content::Nothing => status(Response::new(Bytes::new()), unset),
                Content::Text(text) | Content::Json(text) => typed(text.into(), TEXT),
            }),
        },
        TypedData::Bytes(body) => Ok(typed(body.into(), "application/octet-stream")),
        TypedData::Int(number) => Ok(typed(number.to_string().into(), TEXT)),
        TypedData::Double(number) => Ok(typed(number.to_string().into(), TEXT)),
        TypedData::TextList(list) => Ok(typed(serde_json::json!(list).to_string().into(), TEXT)),
        TypedData::BytesList(_) => Err(InvalidAnswer("a list of byte strings is no HTTP body".into())),
        TypedData::HttpRequest(_) => Err(InvalidAnswer("it is a request, not a response".into())),
    }
}

/// The type of every body that names none, objects too: the original does so, and apps set the type by hand because of it.
const TEXT: &str = "text/plain; charset=utf-8";

/// What a JSON value is as a body.
enum Content {
    /// `null`.
    Nothing,
    /// A string without its quotes; a number, true or false as written.
    Text(String),
    /// An object or an array as written.
    Json(String),
}

impl Content {
    fn of_json(text: String) -> Self {
        let trimmed = text.trim();
        match trimmed.as_bytes().first() {
            Some(b'"') => serde_json::from_str(trimmed).map(Self::Text).unwrap_or(Self::Json(text)),
            Some(b'{' | b'[') => Self::Json(text),
            _ if trimmed == "null" => Self::Nothing,
            _ => Self::Text(text),
        }
    }
}

fn typed(body: Bytes, content_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Gives a response its status; two of them have no body.
fn status(mut response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    *response.status_mut() = status;
    if [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status) {
        *response.body_mut() = Bytes::new();
    }
    response
}

fn complete(given: hearth_engine::contract::HttpResponse) -> Result<Response<Bytes>, InvalidAnswer> {
    let code = StatusCode::from_u16(given.status)
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .ok_or_else(|| InvalidAnswer(format!("status {} is not between 200 and 999", given.status)))?;
    let mut response = status(Response::new(Bytes::from(given.body)), code);
    let headers = response.headers_mut();
    headers.reserve(given.headers.len());
    for (name, value) in given.headers {
        if let Some((name, value)) = header(&name, &value)?
            // What a body is can be said only once.
            && (name != CONTENT_TYPE || !headers.contains_key(CONTENT_TYPE))
        {
            headers.append(name, value);
        }
    }
    Ok(response)
}

/// A header that may be sent; none for those by which the server frames the body and keeps the connection.
fn header(name: &str, value: &str) -> Result<Option<(HeaderName, HeaderValue)>, InvalidAnswer> {
    let (Ok(parsed), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
        return Err(InvalidAnswer(format!("header '{}' is not valid", name.escape_debug())));
    };
    let frames = [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE].contains(&parsed);
    Ok((!frames).then_some((parsed, value)))
}
