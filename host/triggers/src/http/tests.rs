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
    assert_eq!(answer(&trigger(None), returning(TypedData::None), &HeaderMap::new()).unwrap().status(), 204);
    assert_eq!(answer(&trigger(Some("$return")), returning(TypedData::None), &HeaderMap::new()).unwrap().status(), 200);
}

#[test]
fn a_named_output_is_found_without_regard_to_case() {
    let outputs = vec![NamedData { name: "RES".into(), data: TypedData::Text("hi".into()) }];
    let response = InvocationResponse { outputs, return_value: TypedData::None };
    let response = answer(&trigger(Some("res")), response, &HeaderMap::new()).unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"hi"[..]));
    assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
}

#[test]
fn repeated_headers_stay_and_framing_is_the_servers() {
    let value = http_response(201, &[("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("Content-Length", "99")]);
    let response = answer(&trigger(Some("$return")), returning(value), &HeaderMap::new()).unwrap();
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
        let error = answer(&trigger(Some("$return")), returning(value), &HeaderMap::new()).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn the_payload_is_what_the_caller_sent() {
    let request = http::Request::get("/api/hello?name=Ada%20L&name=B&flag=").header("X-One", "1").body(()).unwrap();
    let (parts, ()) = request.into_parts();
    let payload =
        payload(&parts, "http://hello.localhost:7071", vec![("id".into(), "7".into())], Bytes::from_static(b"body"));
    assert_eq!(payload.url, "http://hello.localhost:7071/api/hello?name=Ada%20L&name=B&flag=");
    assert_eq!(
        payload.query,
        [("name", "Ada L"), ("name", "B"), ("flag", "")].map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(payload.headers, [("x-one".to_owned(), "1".to_owned())]);
}

/// Status, content type and body of what a function returns.
fn of(value: TypedData) -> (u16, String, String) {
    let response = answer(&trigger(Some("$return")), returning(value), &HeaderMap::new()).unwrap();
    let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status().as_u16(), content_type.unwrap_or_default(), body)
}

#[test]
fn an_object_with_a_body_is_an_envelope_and_another_is_the_body() {
    let json = |text: &str| of(TypedData::Json(text.into()));
    let text = |body: &str| (200, TEXT.to_owned(), body.to_owned());
    assert_eq!(json(r#"{"status": 204}"#), text(r#"{"status": 204}"#));
    assert_eq!(json(r#"{"BODY": "hi", "status": 500, "StatusCode": "201"}"#), (201, TEXT.into(), "hi".into()));
    assert_eq!(json(r#"{"body": {"b": [1, 2]}}"#), text(r#"{"b": [1, 2]}"#));
    assert_eq!(
        json(r#"{"body": "x", "headers": {"Content-Type": "text/html"}}"#),
        (200, "text/html".into(), "x".into())
    );
    assert_eq!(json(r#"{"body": null}"#), (200, String::new(), String::new()));
    assert_eq!(json(r#""plain""#), text("plain"));
    assert_eq!(json("true"), text("true"));
    assert_eq!(json("null"), (200, String::new(), String::new()));
    assert_eq!(of(TypedData::Text(r#" {"body":"hi"}"#.into())), text("hi"));
    for other in [r#"{"a":1}"#, "[1]", r#"{"body":"#, r#"{"body":1} 2"#, ""] {
        assert_eq!(of(TypedData::Text(other.into())), text(other), "{other}");
    }
}

#[test]
fn a_status_that_cannot_be_used_is_200() {
    for (status, wanted) in
        [("404", 404), ("201.0", 201), ("\"202\"", 202), ("\"many\"", 200), ("null", 200), ("42", 200), ("1e3", 200)]
    {
        let json = format!(r#"{{"body":"x","statusCode":{status},"status":500}}"#);
        assert_eq!(of(TypedData::Json(json)).0, wanted, "{status}");
    }
}

#[test]
fn headers_of_an_envelope_come_once_and_a_null_type_is_an_error() {
    let json = |headers: &str| {
        let json =
            format!(r#"{{"body":"x","headers":{headers},"cookies":[{{"name":"a","value":"1"}},{{"name":"b"}}]}}"#);
        answer(&trigger(Some("$return")), returning(TypedData::Json(json)), &HeaderMap::new())
    };
    let response =
        json(r#"{"x-a":"first","X-A":"second","x-n":7,"content-length":"99","x-none":null,"x-two":["1","2"]}"#);
    let headers = response.unwrap().into_parts().0.headers;
    assert_eq!(
        (&headers["x-a"], &headers["x-n"]),
        (&HeaderValue::from_static("first"), &HeaderValue::from_static("7"))
    );
    assert_eq!(headers.get_all("x-two").iter().count(), 2);
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    assert!(!headers.contains_key("x-none") && !headers.contains_key(CONTENT_LENGTH));
    for wrong in [r#"{"content-type":null}"#, r#"{"x bad":"1"}"#, r#"{"x":"a\nb"}"#] {
        assert!(json(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn two_statuses_have_no_body() {
    for status in [204, 304] {
        assert_eq!(of(TypedData::Json(format!(r#"{{"body":"hi","statusCode":{status}}}"#))).2, "");
        assert_eq!(of(http_response(status, &[])).2, "");
    }
}

#[test]
fn an_object_that_is_returned_holds_outputs_by_name() {
    let spread = |json: &str| {
        let response = answer(&trigger(Some("res")), returning(TypedData::Json(json.into())), &HeaderMap::new());
        String::from_utf8(response.unwrap().into_body().to_vec()).unwrap()
    };
    assert_eq!(spread(r#"{"Res": {"body": "hi"}, "queue": 1}"#), "hi");
    assert_eq!(spread(r#"{"other": 1}"#), r#"{"other": 1}"#);
}

#[test]
fn headers_that_are_no_utf8_keep_their_bytes() {
    let value = HeaderValue::from_bytes(b"gr\xfcn").unwrap();
    assert_eq!(text(&value), "gr\u{fc}n");
    assert_eq!(text(&HeaderValue::from_bytes("gr\u{fc}n".as_bytes()).unwrap()), "gr\u{fc}n");
}
