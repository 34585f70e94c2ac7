use serde_json::json;

use super::*;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_payload_hides_what_the_trigger_gives_but_its_arrays_do_not() {
    let mut data = BindingData::new();
    data.insert("Id", "message-id");
    data.insert("DequeueCount", 1);
    data.merge_payload(&json!({"id": 7, "dequeuecount": [1], "o": {"a": 1}, "n": null}));
    assert_eq!(data.get("ID"), Some(&Value::from(7)));
    assert_eq!(data.get("DequeueCount"), Some(&Value::from(1)));
    assert_eq!(data.get("o"), Some(&Value::from(json!({"a": 1}))));
    assert_eq!(data.get("n"), Some(&Value::from(Json::Null)));
    data.merge_payload(&json!(["id"]));
    data.merge_payload(&json!("id"));
    assert_eq!(data.get("Id"), Some(&Value::from(7)));
}

#[test]
fn of_an_http_request_the_route_wins_over_the_query_and_that_over_the_body() {
    let body = json!({"a": "body", "b": "body", "c": "body", "list": []});
    let data = BindingData::of_http(&HttpParts {
        body: Some(&body),
        query: &pairs(&[("B", "query"), ("C", "query"), ("many", "1"), ("Many", "2")]),
        headers: &pairs(&[("X-Id", "h")]),
        route: &[("c".to_owned(), Some("route".to_owned())), ("absent".to_owned(), None)],
    });
    let text = |name| data.get(name).cloned();
    assert_eq!(text("a"), Some(Value::from("body")));
    assert_eq!(text("b"), Some(Value::from("query")));
    assert_eq!(text("c"), Some(Value::from("route")));
    assert_eq!(text("many"), Some(Value::from("1,2")));
    assert_eq!(text("absent"), Some(Value::from(Json::Null)));
    assert_eq!(text("list"), None);
    assert_eq!(text("query"), Some(Value::from(json!({"B": "query", "C": "query", "many": "1,2"}))));
    assert_eq!(text("Headers"), Some(Value::from(json!({"X-Id": "h"}))));
}

#[test]
fn members_are_found_by_their_exact_name_first() {
    let value = json!({"Name": 1, "name": 2});
    assert_eq!(member(&value, "name"), Some(&json!(2)));
    assert_eq!(member(&value, "Name"), Some(&json!(1)));
    assert!(member(&value, "NAME").is_some());
    assert_eq!(member(&json!("text"), "name"), None);
}
