//! The HTTP trigger in the typed world: a request becomes the trigger's payload, the function's result becomes a response
//! (reference: Azure Functions, sections 2.6 and 2.7).

use bytes::Bytes;
use hearth_engine::contract::{HttpRequest, InvocationResponse, TypedData};
use hearth_model::binding::HttpTrigger;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{Response, StatusCode};

/// A result that can't be sent; the text is for the app's log.
#[derive(Debug, thiserror::Error)]
#[error("the function's answer can't be sent: {0}")]
pub struct InvalidAnswer(String);

/// Builds the trigger's payload. `base_url` is scheme and authority as the caller sees them, `params` the decoded route parameters.
pub fn payload(parts: &Parts, base_url: &str, params: Vec<(String, String)>, body: Bytes) -> HttpRequest {
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut url = String::with_capacity(base_url.len() + path.len());
    url.push_str(base_url);
    url.push_str(path);
    HttpRequest {
        method: parts.method.as_str().to_owned(),
        url,
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        query: parts
            .uri
            .query()
            .map(|query| form_urlencoded::parse(query.as_bytes()).into_owned().collect())
            .unwrap_or_default(),
        params,
        body: body.into(),
    }
}

/// The response that a function's result stands for: what is bound to the `http` output, by name or as the return value.
/// Nothing bound is 204, an output left unset is an empty 200.
pub fn answer(trigger: &HttpTrigger, response: InvocationResponse) -> Result<Response<Bytes>, InvalidAnswer> {
    let Some(output) = &trigger.output else {
        return value_answer(response.return_value, StatusCode::NO_CONTENT);
    };
    let value = if output == "$return" {
        response.return_value
    } else {
        let named = response.outputs.into_iter().find(|given| given.name.eq_ignore_ascii_case(output));
        named.map_or(response.return_value, |given| given.data)
    };
    value_answer(value, StatusCode::OK)
}

fn value_answer(value: TypedData, when_unset: StatusCode) -> Result<Response<Bytes>, InvalidAnswer> {
    let text = |body: Bytes| typed(body, "text/plain; charset=utf-8");
    let json = |body: Bytes| typed(body, "application/json; charset=utf-8");
    Ok(match value {
        TypedData::None => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = when_unset;
            response
        }
        TypedData::HttpResponse(response) => return complete(response),
        TypedData::Text(body) => text(body.into()),
        TypedData::Json(body) => json(body.into()),
        TypedData::Bytes(body) => typed(body.into(), "application/octet-stream"),
        TypedData::Int(number) => text(number.to_string().into()),
        TypedData::Double(number) => text(number.to_string().into()),
        TypedData::TextList(list) => json(serde_json::json!(list).to_string().into()),
        TypedData::BytesList(_) => return Err(InvalidAnswer("a list of byte strings is no HTTP body".into())),
        TypedData::HttpRequest(_) => return Err(InvalidAnswer("it is a request, not a response".into())),
    })
}

fn typed(body: Bytes, content_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn complete(given: hearth_engine::contract::HttpResponse) -> Result<Response<Bytes>, InvalidAnswer> {
    let status = StatusCode::from_u16(given.status)
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .ok_or_else(|| InvalidAnswer(format!("status {} is not between 200 and 999", given.status)))?;
    let mut response = Response::new(Bytes::from(given.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(given.headers.len());
    for (name, value) in given.headers {
        let parsed = HeaderName::try_from(name.as_str());
        let (Ok(parsed), Ok(value)) = (parsed, HeaderValue::try_from(&value)) else {
            return Err(InvalidAnswer(format!("header '{}' is not valid", name.escape_debug())));
        };
        // The server frames the body and keeps the connection by itself.
        if ![CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE].contains(&parsed) {
            headers.append(parsed, value);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use hearth_engine::contract::{HttpResponse, NamedData};
    use hearth_model::binding::AuthLevel;
    use hearth_model::route::RouteTemplate;

    use super::*;

    fn trigger(output: Option<&str>) -> HttpTrigger {
        HttpTrigger {
            binding_name: "req".into(),
            route: RouteTemplate::parse("hello").unwrap(),
            methods: vec![],
            auth_level: AuthLevel::Anonymous,
            output: output.map(str::to_owned),
        }
    }

    fn returning(value: TypedData) -> InvocationResponse {
        InvocationResponse { outputs: vec![], return_value: value }
    }

    fn http_response(status: u16, headers: &[(&str, &str)]) -> TypedData {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        TypedData::HttpResponse(HttpResponse { status, headers, body: b"x".to_vec() })
    }

    #[test]
    fn what_is_bound_decides_the_status_of_nothing() {
        assert_eq!(answer(&trigger(None), returning(TypedData::None)).unwrap().status(), 204);
        assert_eq!(answer(&trigger(Some("$return")), returning(TypedData::None)).unwrap().status(), 200);
    }

    #[test]
    fn a_named_output_is_found_without_regard_to_case() {
        let outputs = vec![NamedData { name: "RES".into(), data: TypedData::Text("hi".into()) }];
        let response = InvocationResponse { outputs, return_value: TypedData::None };
        let response = answer(&trigger(Some("res")), response).unwrap();
        assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"hi"[..]));
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
    }

    #[test]
    fn repeated_headers_stay_and_framing_is_the_servers() {
        let value = http_response(201, &[("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("Content-Length", "99")]);
        let response = answer(&trigger(Some("$return")), returning(value)).unwrap();
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!response.headers().contains_key(CONTENT_LENGTH));
    }

    #[test]
    fn what_http_forbids_is_refused_by_name() {
        for (value, word) in [
            (http_response(42, &[]), "42"),
            (http_response(101, &[]), "101"),
            (http_response(200, &[("bad name", "x")]), "bad name"),
            (http_response(200, &[("x", "a\r\nset-cookie: y")]), "'x'"),
        ] {
            let error = answer(&trigger(Some("$return")), returning(value)).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn the_payload_is_what_the_caller_sent() {
        let request = http::Request::get("/api/hello?name=Ada%20L&name=B&flag=").header("X-One", "1").body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let payload = payload(
            &parts,
            "http://hello.localhost:7071",
            vec![("id".into(), "7".into())],
            Bytes::from_static(b"body"),
        );
        assert_eq!(payload.url, "http://hello.localhost:7071/api/hello?name=Ada%20L&name=B&flag=");
        assert_eq!(
            payload.query,
            [("name", "Ada L"), ("name", "B"), ("flag", "")].map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(payload.headers, [("x-one".to_owned(), "1".to_owned())]);
    }
}
