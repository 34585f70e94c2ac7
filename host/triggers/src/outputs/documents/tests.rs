use hearth_engine::contract::{HttpResponse, NamedData};
use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::settings::Settings;
use uuid::Uuid;

use super::*;

/// A function with one output into a container.
fn function(name: &str, more: &str) -> FunctionDefinition {
    let bindings = [
        r#"{"type": "httpTrigger", "name": "req"}"#.to_owned(),
        format!(r#"{{"type": "cosmosDB", "name": "{name}", "direction": "out", {more}}}"#),
    ];
    FunctionDefinition::from_metadata("F", "a.wasm", None, &bindings, &Settings::new()).unwrap()
}

const PLACE: &str = r#""databaseName": "shop", "containerName": "orders-{region}""#;

fn written(function: &FunctionDefinition, response: &mut InvocationResponse) -> Result<Vec<DocumentWrites>, String> {
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let new_guid = Uuid::nil;
    let environment = Environment { function: "F", clock: &clock, new_guid: &new_guid };
    let mut data = BindingData::new();
    data.merge_payload(&serde_json::json!({ "region": "eu", "odd": "a/b" }));
    document_writes(function, response, &data, environment).map_err(|error| error.to_string())
}

/// The documents that come of a value.
fn of(value: TypedData) -> Result<Vec<String>, String> {
    let outputs = vec![NamedData { name: "DOCS".to_owned(), data: value }];
    let mut response = InvocationResponse { outputs, return_value: TypedData::None };
    let written = written(&function("docs", PLACE), &mut response)?;
    assert!(written.iter().all(|write| (write.database.as_str(), write.container.as_str()) == ("shop", "orders-eu")));
    Ok(written.into_iter().flat_map(|write| write.documents).collect())
}

fn json(text: &str) -> TypedData {
    TypedData::Json(text.to_owned())
}

#[test]
fn documents_of_every_form() {
    let nil = "00000000-0000-0000-0000-000000000000";
    for (value, expected) in [
        (TypedData::None, vec![]),
        (json("null"), vec![]),
        (json("[]"), vec![]),
        (json(r#" {"id": "1", "n": 1.50} "#), vec![r#"{"id": "1", "n": 1.50}"#.to_owned()]),
        (json(r#"[{"id": "1"}, {"id": "2"}]"#), vec![r#"{"id": "1"}"#.to_owned(), r#"{"id": "2"}"#.to_owned()]),
        (TypedData::Text(r#"[{"id": "1"}]"#.into()), vec![r#"{"id": "1"}"#.to_owned()]),
        (json(r#""{\"id\": \"1\"}""#), vec![r#"{"id": "1"}"#.to_owned()]),
        (json(r#"["{\"id\": \"1\"}"]"#), vec![r#"{"id": "1"}"#.to_owned()]),
        (TypedData::Bytes(br#"{"id": "1"}"#.to_vec()), vec![r#"{"id": "1"}"#.to_owned()]),
        (TypedData::TextList(vec![r#"{"id": "1"}"#.into()]), vec![r#"{"id": "1"}"#.to_owned()]),
        (json(r#"{"a": 1}"#), vec![format!(r#"{{"id":"{nil}","a": 1}}"#)]),
        (json("{}"), vec![format!(r#"{{"id":"{nil}"}}"#)]),
    ] {
        let shown = format!("{value:?}");
        assert_eq!(of(value).unwrap(), expected, "{shown}");
    }
}

#[test]
fn what_is_no_document_is_refused_as_a_whole() {
    let response = HttpResponse { status: 200, headers: Vec::new(), body: Vec::new() };
    for (value, expected) in [
        (
            TypedData::Text("hello".into()),
            "the output 'docs' can't be sent: it is no JSON (line 1, column 1); give an object",
        ),
        (TypedData::Int(5), "it is a number"),
        (TypedData::HttpResponse(response), "it is an HTTP response"),
        (json("true"), "it holds a number or a boolean in place of a document"),
        (json(r#""hello""#), "it holds text that is no JSON object"),
        (json(r#"[{"id": "1"}, null]"#), "it holds null in place of a document"),
        (json(r#"[[{"id": "1"}]]"#), "it holds an array in an array"),
        (TypedData::Bytes(vec![0xff]), "it is bytes that are no UTF-8 text"),
        (json(r#"{"id": 5}"#), "the document is refused: "),
        (json(r#"[{"id": "1"}, {"id": "a/b"}]"#), "document 2 of it is refused: "),
    ] {
        let error = of(value).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn names_and_containers_are_those_of_the_binding() {
    let more = r#""databaseName": "d", "containerName": "c", "createIfNotExists": true, "partitionKey": "/k",
        "containerThroughput": 400, "connection": "Shop""#;
    let mut response = InvocationResponse { outputs: Vec::new(), return_value: json(r#"{"id": "1"}"#) };
    let found = written(&function("$return", more), &mut response).unwrap();
    let expected = DocumentWrites {
        binding: "$return".to_owned(),
        connection: Some("Shop".to_owned()),
        database: "d".to_owned(),
        container: "c".to_owned(),
        missing: MissingContainer::Create { partition_key: Some("/k".to_owned()), throughput: Some(400) },
        documents: vec![r#"{"id": "1"}"#.to_owned()],
    };
    assert_eq!(found, [expected]);
    assert!(matches!(response.return_value, TypedData::None));
    for (more, expected) in [
        (r#""databaseName": "d", "containerName": "{odd}""#, "its containerName must be 1 to 255 characters"),
        (
            r#""databaseName": "{missing}", "containerName": "c""#,
            "its databaseName '{missing}', character 1: the trigger gave no",
        ),
    ] {
        let mut response = InvocationResponse { outputs: Vec::new(), return_value: json(r#"{"id": "1"}"#) };
        let error = written(&function("$return", more), &mut response).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
