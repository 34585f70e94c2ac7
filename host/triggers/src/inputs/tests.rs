use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::settings::Settings;
use serde_json::json;
use uuid::Uuid;

use super::*;

fn lookups(more: &str) -> Result<Vec<DocumentLookup>, String> {
    let bindings = [
        r#"{"type": "httpTrigger", "name": "req"}"#.to_owned(),
        format!(r#"{{"type": "cosmosDB", "name": "doc", "databaseName": "shop", {more}}}"#),
    ];
    let function = FunctionDefinition::from_metadata("F", "a.wasm", None, &bindings, &Settings::new()).unwrap();
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let new_guid = Uuid::nil;
    let environment = Environment { function: "F", clock: &clock, new_guid: &new_guid };
    let mut data = BindingData::new();
    data.merge_payload(&json!({ "id": "7", "n": 5, "evil": "' OR true --", "odd": "a/b", "empty": "" }));
    document_lookups(&function, &data, environment).map_err(|error| error.to_string())
}

#[test]
fn one_document_by_its_id_and_key() {
    let found =
        lookups(r#""containerName": "orders-{id}", "id": "{id}", "partitionKey": "k{n}", "connection": "Shop""#);
    let expected = DocumentLookup {
        binding: "doc".to_owned(),
        connection: Some("Shop".to_owned()),
        database: "shop".to_owned(),
        container: "orders-7".to_owned(),
        wanted: WantedDocuments::One { id: "7".to_owned(), partition_key: Some("k5".to_owned()) },
    };
    assert_eq!(found.unwrap(), [expected]);
    let found = lookups(r#""containerName": "c", "id": "{empty}""#).unwrap();
    assert_eq!(found[0].wanted, WantedDocuments::One { id: String::new(), partition_key: None });
}

#[test]
fn values_of_a_query_stay_beside_its_text() {
    let found =
        lookups(r#""containerName": "c", "sqlQuery": "SELECT * FROM c WHERE c.a = {evil} AND c.n > {n}""#).unwrap();
    let WantedDocuments::List { sql, parameters, partition_key } = &found[0].wanted else { panic!("{found:?}") };
    assert_eq!(sql, "SELECT * FROM c WHERE c.a = @evil AND c.n > @n");
    assert_eq!(parameters, &[("@evil".to_owned(), json!("' OR true --")), ("@n".to_owned(), json!(5))]);
    assert_eq!(*partition_key, None);
    let found = lookups(r#""containerName": "c", "partitionKey": "{id}""#).unwrap();
    let WantedDocuments::List { sql, partition_key, .. } = &found[0].wanted else { panic!("{found:?}") };
    assert_eq!((sql.as_str(), partition_key.as_deref()), ("SELECT * FROM c", Some("7")));
}

#[test]
fn what_has_no_value_is_named() {
    for (more, expected) in [
        (
            r#""containerName": "c", "id": "{x}""#,
            "the input 'doc' can't be read: its id '{x}', character 1: the trigger gave no",
        ),
        (r#""containerName": "{odd}", "id": "1""#, "its containerName must be 1 to 255 characters"),
        (r#""containerName": "c", "sqlQuery": "{x}""#, "its sqlQuery '{x}', character 1"),
        (r#""containerName": "c", "id": "1", "partitionKey": "{x}""#, "its partitionKey '{x}'"),
    ] {
        let error = lookups(more).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
