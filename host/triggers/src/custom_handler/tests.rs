use hearth_engine::contract::{HttpRequest, NamedData, RetryContext, TypedData};
use hearth_model::binding::{FunctionDefinition, QueueTrigger, Trigger};
use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::expression::{BindingData, Environment};
use hearth_model::ids::InvocationId;
use hearth_model::settings::Settings;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::Event;

fn function(trigger: Trigger) -> FunctionDefinition {
    let http = r#"{"type": "httpTrigger", "name": "req"}"#.to_owned();
    let mut function = FunctionDefinition::from_metadata("Orders", "a.wasm", None, &[http], &Settings::new()).unwrap();
    function.trigger = trigger;
    function
}

fn queue() -> FunctionDefinition {
    function(Trigger::Queue(QueueTrigger {
        binding_name: "item".to_owned(),
        queue: "orders".to_owned(),
        connection: None,
        is_binary: false,
    }))
}

fn sent(
    function: &FunctionDefinition,
    data: TypedData,
    metadata: Vec<(&str, TypedData)>,
    retry: Option<RetryContext>,
) -> http::Request<bytes::Bytes> {
    let input = |name: &str, text: &str| NamedData { name: name.to_owned(), data: TypedData::Json(text.to_owned()) };
    let inputs = match function.inputs.is_empty() {
        true => Vec::new(),
        false => vec![input("one", r#"{"id": "1"}"#), input("none", "null"), input("list", r#"[{"id": "1"}]"#)],
    };
    let event = Event {
        id: InvocationId::random(),
        data,
        metadata: metadata.into_iter().map(|(name, data)| NamedData { name: name.to_owned(), data }).collect(),
        binding_data: BindingData::new(),
        reason: String::new(),
        details: Vec::new(),
        retry,
    };
    let clock = ManualClock::new(Timestamp::from_micros(1_000_000));
    let new_guid = Uuid::nil;
    let made = request(
        function,
        &event,
        &inputs,
        Environment { function: "Orders", clock: &clock, new_guid: &new_guid },
        "4.1.2",
    );
    assert_eq!(made.headers()["x-azure-functions-invocationid"], event.id.to_string().as_str());
    made
}

fn body(request: &http::Request<bytes::Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

#[test]
fn a_text_is_encoded_twice() {
    let metadata = vec![
        ("DequeueCount", TypedData::Int(1)),
        ("QueueTrigger", TypedData::Text("hello".into())),
        ("Id", TypedData::Text("abc".into())),
        ("order", TypedData::Json(r#"{"id": 5}"#.into())),
        ("urgent", TypedData::Json("true".into())),
        ("unset", TypedData::None),
    ];
    let request = sent(&queue(), TypedData::Text("hello".into()), metadata, None);
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/Orders"));
    assert_eq!(request.headers()["x-azure-functions-hostversion"], "4.1.2");
    assert_eq!(request.headers()["user-agent"], "Azure-Functions-Host/4.1.2");
    let expected = json!({
        "Data": { "item": "\"hello\"" },
        "Metadata": {
            "DequeueCount": "1",
            "Id": "\"abc\"",
            "order": { "id": 5 },
            "urgent": "true",
            "sys": { "MethodName": "Orders", "UtcNow": "1970-01-01T00:00:01Z", "RandGuid": "00000000-0000-0000-0000-000000000000" },
        },
    });
    assert_eq!(body(&request), expected);
}

#[test]
fn what_a_message_holds_is_text_and_bytes_are_base64() {
    let request = sent(&queue(), TypedData::Json(r#"{"a":1}"#.into()), Vec::new(), None);
    assert_eq!(body(&request)["Data"]["item"], json!(r#""{\"a\":1}""#));
    let request = sent(&queue(), TypedData::Bytes(vec![0xff, 0]), Vec::new(), None);
    assert_eq!(body(&request)["Data"]["item"], "/wA=");
}

#[test]
fn objects_stay_objects_and_a_retry_is_told() {
    let by_http = FunctionDefinition::from_metadata(
        "Orders",
        "a.wasm",
        None,
        &[r#"{"type": "httpTrigger", "name": "req"}"#.to_owned()],
        &Settings::new(),
    )
    .unwrap();
    let retry = RetryContext { retry_count: 2, max_retry_count: -1, last_error: "no luck".into() };
    let request = sent(&by_http, TypedData::Json(r#"{"IsPastDue":false}"#.into()), Vec::new(), Some(retry));
    assert_eq!(body(&request)["Data"]["req"], json!({ "IsPastDue": false }));
    let retry = json!({ "RetryCount": 2, "MaxRetryCount": -1, "Exception": "no luck" });
    assert_eq!(body(&request)["Metadata"]["RetryContext"], retry);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = HttpRequest {
        method: "PUT".into(),
        url: "http://localhost/api/Orders/5?a=1&a=2".into(),
        headers: vec![pair("accept", "a/b"), pair("accept", "c/d")],
        query: vec![pair("a", "1"), pair("a", "2")],
        params: vec![pair("id", "5")],
        body: b"ok".to_vec(),
    };
    let request = sent(&by_http, TypedData::HttpRequest(request), Vec::new(), None);
    let expected = json!({
        "Url": "http://localhost/api/Orders/5?a=1&a=2", "Method": "PUT", "Query": { "a": "1,2" },
        "Headers": { "accept": ["a/b", "c/d"] }, "Params": { "id": "5" }, "Identities": [], "Body": "ok",
    });
    assert_eq!(body(&request)["Data"]["req"], expected);
}

#[test]
fn an_answer_is_read() {
    let text = r#"{"outputs": {"res": {"body": "ok"}, "msg": ["a", "b"], "text": "aGVsbG8=", "none": null}, "Logs": ["one", 2],
        "ReturnValue": {"x": 1.0}}"#;
    let HandlerAnswer { response, logs } = answer(StatusCode::CREATED, text.as_bytes()).unwrap();
    let shown: Vec<String> = response.outputs.iter().map(|named| format!("{} {:?}", named.name, named.data)).collect();
    assert_eq!(
        shown,
        [
            r#"res TypedData::Json("{\"body\": \"ok\"}")"#,
            r#"msg TypedData::Json("[\"a\", \"b\"]")"#,
            r#"text TypedData::Text("aGVsbG8=")"#,
            "none TypedData::None",
        ]
    );
    assert_eq!(logs, ["one", "2"]);
    assert!(matches!(response.return_value, TypedData::Json(text) if text == r#"{"x": 1.0}"#));
    let HandlerAnswer { response, logs } = answer(StatusCode::OK, br#"{"Outputs": null}"#).unwrap();
    assert!(response.outputs.is_empty() && logs.is_empty() && matches!(response.return_value, TypedData::None));
}

#[test]
fn a_wrong_answer_says_what_is_wrong() {
    let wrong = |status: u16, body: &[u8]| {
        answer(StatusCode::from_u16(status).unwrap(), body).map(|answer| answer.logs).unwrap_err().to_string()
    };
    for (status, body, expected) in [
        (
            500,
            &b"it broke\n"[..],
            "its status is 500; a handler that has run its function answers 200; it says: it broke",
        ),
        (404, b"", "its status is 404; a handler that has run its function answers 200"),
        (200, b"", "it has no body; it must be a JSON object such as {\"Outputs\""),
        (200, b"ok", "it is not JSON (line 1, column 1); it must be"),
        (200, b"[1]", "it is JSON, but no object; it must be"),
        (200, b"{\"Outputs\": {}", "it is not JSON (line 1, column 14)"),
        (200, b"\xff", "it is not UTF-8 text"),
        (200, b"{\"Outputs\": []}", "\"Outputs\" must be an object"),
        (200, b"{\"Logs\": \"line\"}", "\"Logs\" must be an array of texts"),
    ] {
        let error = wrong(status, body);
        assert!(error.starts_with("the custom handler's answer is not valid: ") && error.contains(expected), "{error}");
    }
}

#[test]
fn documents_that_were_read_stand_beside_the_trigger() {
    let bindings = [
        r#"{"type": "httpTrigger", "name": "req"}"#,
        r#"{"type": "cosmosDB", "name": "one", "databaseName": "d", "containerName": "c"}"#,
    ];
    let bindings = bindings.map(str::to_owned);
    let reads = FunctionDefinition::from_metadata("Orders", "a.wasm", None, &bindings, &Settings::new()).unwrap();
    let request = sent(&reads, TypedData::Text("x".into()), Vec::new(), None);
    let data = &body(&request)["Data"];
    // A list is text that holds JSON, as whatever is no object.
    assert_eq!(*data, json!({ "req": "\"x\"", "one": { "id": "1" }, "none": null, "list": "[{\"id\":\"1\"}]" }));
}
