use std::sync::atomic::{AtomicU64, Ordering};

use hearth_engine::contract::{HttpResponse, NamedData};
use hearth_model::binding::HttpOutput;
use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::expression::Template;
use hearth_model::settings::Settings;
use uuid::Uuid;

use super::*;

fn queue(name: &str, queue: &str) -> OutputBinding {
    OutputBinding::Queue(QueueOutput {
        binding_name: name.to_owned(),
        queue: Template::parse(queue).unwrap(),
        connection: None,
    })
}

/// A function that writes these.
fn function(outputs: Vec<OutputBinding>) -> FunctionDefinition {
    let trigger = r#"{"type": "httpTrigger", "name": "req"}"#.to_owned();
    let mut function = FunctionDefinition::from_metadata("F", "a.wasm", None, &[trigger], &Settings::new()).unwrap();
    function.outputs = outputs;
    function
}

fn sends(
    outputs: Vec<OutputBinding>,
    response: &mut InvocationResponse,
    encoding: MessageEncoding,
) -> Result<Vec<QueueSend>, String> {
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let made = AtomicU64::new(0);
    let new_guid = || Uuid::from_u64_pair(0, made.fetch_add(1, Ordering::Relaxed));
    let environment = Environment { function: "F", clock: &clock, new_guid: &new_guid };
    let mut data = BindingData::new();
    data.merge_payload(&serde_json::json!({ "region": "EU", "order": { "id": 7 }, "odd": "a_b" }));
    queue_sends(&function(outputs), response, &data, environment, encoding).map_err(|error| error.to_string())
}

fn response(outputs: Vec<(&str, TypedData)>, return_value: TypedData) -> InvocationResponse {
    let outputs = outputs.into_iter().map(|(name, data)| NamedData { name: name.to_owned(), data }).collect();
    InvocationResponse { outputs, return_value }
}

/// The messages of one output with this value, not encoded.
fn messages(value: TypedData) -> Result<Vec<String>, String> {
    let sent =
        sends(vec![queue("q", "orders")], &mut response(vec![("Q", value)], TypedData::None), MessageEncoding::None)?;
    assert!(sent.iter().all(|send| send.queue == "orders" && send.binding == "q" && !send.messages.is_empty()));
    Ok(sent.into_iter().flat_map(|send| send.messages).collect())
}

#[test]
fn forms_of_a_value() {
    let text = |text: &str| TypedData::Text(text.to_owned());
    let json = |text: &str| TypedData::Json(text.to_owned());
    for (value, expected) in [
        (TypedData::None, &[][..]),
        (text("hello"), &["hello"]),
        (text(""), &[""]),
        (text(r#"{ "a": 1 }"#), &[r#"{ "a": 1 }"#]),
        (text("[1, \"two\", {\"three\": [4 ]}]"), &["1", "two", r#"{"three":[4]}"#]),
        (text("[not json"), &["[not json"]),
        (text("[]"), &[]),
        (json("null"), &[]),
        (json(" null "), &[]),
        (json("[]"), &[]),
        (json("[null, \"\", null]"), &[""]),
        (json("\"a\\nb\""), &["a\nb"]),
        (json("\"[1,2]\""), &["1", "2"]),
        (json("{\n  \"z\": 1.0,\n  \"a\": \"x y\"\n}"), &[r#"{"z":1.0,"a":"x y"}"#]),
        (json("[\"a\",\"b\"]"), &["a", "b"]),
        (json("[[1, 2], true]"), &["[1,2]", "true"]),
        (json("5"), &["5"]),
        (TypedData::Int(-3), &["-3"]),
        (TypedData::Double(1.5), &["1.5"]),
        (TypedData::Bytes(b"bytes".to_vec()), &["bytes"]),
        (TypedData::TextList(vec!["[1]".into(), "b".into()]), &["[1]", "b"]),
        (TypedData::BytesList(vec![b"x".to_vec(), Vec::new()]), &["x", ""]),
    ] {
        let shown = format!("{value:?}");
        assert_eq!(messages(value).unwrap(), expected, "{shown}");
    }
    let answer = HttpResponse { status: 200, headers: Vec::new(), body: Vec::new() };
    let error = messages(TypedData::HttpResponse(answer)).unwrap_err();
    assert_eq!(error, "the output 'q' can't be sent: it is an HTTP response; give text, an object or an array");
}

#[test]
fn base64_is_of_the_bytes() {
    let mut given = response(
        vec![("q", TypedData::Text("h\u{e9}".into())), ("b", TypedData::Bytes(vec![0xff, 0]))],
        TypedData::None,
    );
    let sent = sends(vec![queue("q", "one"), queue("b", "two")], &mut given, MessageEncoding::Base64).unwrap();
    assert_eq!(sent.iter().map(|send| send.messages[0].as_str()).collect::<Vec<_>>(), ["aMOp", "/wA="]);
}

#[test]
fn the_return_value_goes_where_its_name_is() {
    // To `$return`, and to nothing else besides.
    let object = TypedData::Json(r#"{"q": "by name"}"#.into());
    let mut given = response(Vec::new(), object.clone());
    let sent = sends(vec![queue("$return", "one"), queue("q", "two")], &mut given, MessageEncoding::None).unwrap();
    assert_eq!((sent.len(), sent[0].messages[0].as_str()), (1, r#"{"q":"by name"}"#));
    assert!(matches!(given.return_value, TypedData::None));
    // Without such a binding its properties are outputs; what is set by name counts before them.
    let sent =
        sends(vec![queue("Q", "two")], &mut response(Vec::new(), object.clone()), MessageEncoding::None).unwrap();
    assert_eq!(sent[0].messages, ["by name"]);
    let mut given = response(vec![("q", TypedData::Text("set".into()))], object);
    let sent = sends(vec![queue("q", "two")], &mut given, MessageEncoding::None).unwrap();
    assert_eq!(sent[0].messages, ["set"]);
    // An answer is no output.
    let http = OutputBinding::Http(HttpOutput { binding_name: "$return".into() });
    let mut given = response(Vec::new(), TypedData::Json(r#"{"status": 200, "q": "x"}"#.into()));
    assert_eq!(sends(vec![http, queue("q", "two")], &mut given, MessageEncoding::None), Ok(Vec::new()));
    assert!(matches!(given.return_value, TypedData::Json(_)));
}

#[test]
fn queues_are_named_by_the_event() {
    let send = |name: &str| {
        let mut given = response(vec![("q", TypedData::Text("x".into()))], TypedData::None);
        sends(vec![queue("q", name)], &mut given, MessageEncoding::None).map(|sent| sent[0].queue.clone())
    };
    assert_eq!(send("Orders-{REGION}-{order.id}"), Ok("orders-eu-7".to_owned()));
    assert_eq!(send("{rand-guid:N}"), Ok("0".repeat(32)));
    let error = send("to-{odd}").unwrap_err();
    assert!(error.contains("its queueName must be 3 to 63 lower-case letters"), "{error}");
    assert!(error.ends_with("'to-{odd}' came to 'to-a_b'"), "{error}");
    let error = send("to-{missing}").unwrap_err();
    assert!(
        error.contains("its queueName 'to-{missing}', character 4: the trigger gave no value named 'missing'"),
        "{error}"
    );
    // Nothing to send needs no queue.
    let mut given = response(Vec::new(), TypedData::None);
    assert_eq!(sends(vec![queue("q", "to-{missing}")], &mut given, MessageEncoding::None), Ok(Vec::new()));
}

#[test]
fn the_limit_is_of_the_text_that_is_kept() {
    let send = |value: TypedData, encoding| {
        sends(vec![queue("q", "one")], &mut response(vec![("q", value)], TypedData::None), encoding)
            .map(|sent| sent[0].messages[0].len())
    };
    assert_eq!(send(TypedData::Text("a".repeat(65_536)), MessageEncoding::None), Ok(65_536));
    assert_eq!(send(TypedData::Bytes(vec![1; 49_152]), MessageEncoding::Base64), Ok(65_536));
    assert_eq!(
        send(TypedData::Text("a".repeat(65_537)), MessageEncoding::None).unwrap_err(),
        "the output 'q' can't be sent: the message is 65537 bytes long, and a queue takes at most 65536 (64 KiB); put the data elsewhere and send where they are"
    );
    let error = send(TypedData::Bytes(vec![1; 49_153]), MessageEncoding::Base64).unwrap_err();
    assert!(
        error.contains("the message is 49153 bytes long, and a queue takes at most 49152, because base64"),
        "{error}"
    );
    let list = TypedData::TextList(vec!["a".into(), "b".repeat(70_000)]);
    let error = send(list, MessageEncoding::None).unwrap_err();
    assert!(error.contains("message 2 of it is 70000 bytes long"), "{error}");
    let error = send(TypedData::Bytes(vec![b'a', 0xff]), MessageEncoding::None).unwrap_err();
    assert!(error.contains("the message is not UTF-8 text (byte 1), as messageEncoding none"), "{error}");
    let error = send(TypedData::Text("a\0b".into()), MessageEncoding::None).unwrap_err();
    assert!(error.contains("the message holds a character that XML can't carry"), "{error}");
    assert_eq!(send(TypedData::Text("\t\r\n\u{1f600}".into()), MessageEncoding::None), Ok(7));
    assert_eq!(send(TypedData::Text("a\0b".into()), MessageEncoding::Base64), Ok(4));
}
