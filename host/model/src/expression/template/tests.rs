use serde_json::json;

use super::*;
use crate::clock::{ManualClock, Timestamp};
use crate::expression::HttpParts;

const GUID: Uuid = Uuid::from_u128(0x0f8f_ad5b_d9cb_469f_a165_7086_7728_950e);

fn evaluate(text: &str, data: &BindingData) -> Result<String, ExpressionError> {
    let clock = ManualClock::new(Timestamp::parse_rfc3339("2026-03-05T07:08:09Z").unwrap());
    let environment = Environment { function: "Ship", clock: &clock, new_guid: &|| GUID };
    Template::parse(text)?.evaluate(data, environment)
}

fn order() -> BindingData {
    let mut data = BindingData::new();
    data.insert("queueTrigger", r#"{"id": 7}"#);
    data.insert("InsertionTime", Value::Time(Timestamp::parse_rfc3339("2026-01-02T03:04:05Z").unwrap()));
    data.merge_payload(&json!({
        "id": 7, "price": 1234.5, "name": "Ümit", "paid": true, "none": null, "tags": ["a"],
        "at": "2026-05-06T07:08:09+02:00", "key": "0F8FAD5B-d9cb-469f-a165-70867728950e",
        "to": {"city": {"zip": "01234"}, "x-header": "h"},
    }));
    data
}

fn text(template: &str) -> String {
    evaluate(template, &order()).unwrap()
}

fn refused(template: &str) -> String {
    evaluate(template, &order()).unwrap_err().to_string()
}

#[test]
fn names_paths_and_braces() {
    assert_eq!(text("plain"), "plain");
    assert_eq!(text(""), "");
    assert_eq!(text("{name}-{NAME}"), "Ümit-Ümit");
    assert_eq!(text("out/{to.City.zip}.txt"), "out/01234.txt");
    assert_eq!(text("{to.x-header}"), "h");
    assert_eq!(text("{{{id}}} {{x}} }}{{"), "{7} {x} }{");
    assert_eq!(text("a{none}b{paid}"), "abTrue");
    assert_eq!(text("{queueTrigger}"), r#"{"id": 7}"#);
}

#[test]
fn formats() {
    assert_eq!(text("{id:D4}|{id:0000}|{price:N2}|{price:#,##0.00}|{id:X}"), "0007|0007|1,234.50|1,234.50|7");
    assert_eq!(text("{at:yyyyMMdd HH:mm zzz}|{at}"), "20260506 07:08 +02:00|2026-05-06T07:08:09+02:00");
    assert_eq!(text("{key:N}|{key}"), "0f8fad5bd9cb469fa16570867728950e|0F8FAD5B-d9cb-469f-a165-70867728950e");
    assert_eq!(text("{InsertionTime}|{InsertionTime:yyyy}"), "2026-01-02T03-04-05Z|2026");
    assert_eq!(text("{name:N2}|{id:}"), "Ümit|7");
}

#[test]
fn values_of_the_host() {
    assert_eq!(
        text("{rand-guid}|{Rand-Guid:N}"),
        "0f8fad5b-d9cb-469f-a165-70867728950e|0f8fad5bd9cb469fa16570867728950e"
    );
    assert_eq!(text("{DateTime}|{datetime:yyyy-MM-dd}|{datetime:HH.mm}"), "2026-03-05T07-08-09Z|2026-03-05|07.08");
    assert_eq!(text("{sys.methodname}|{SYS.UtcNow}|{sys.utcnow:yyyy}"), "Ship|2026-03-05T07-08-09Z|2026");
    assert_eq!(text("{sys.randguid}"), GUID.to_string());
    // As with the original, names that only begin like one of these are taken for it, without a format of their own.
    assert_eq!(text("{datetimeOfOrder:yyyy}"), "2026-03-05T07-08-09Z");
}

#[test]
fn data_of_the_trigger_goes_before_the_host() {
    let mut data = BindingData::new();
    data.merge_payload(&json!({"datetime": "then", "sys": {"methodname": "theirs"}, "datetimeOfOrder": 5}));
    let text = |template| evaluate(template, &data).unwrap();
    assert_eq!(text("{datetime}|{sys.methodname}|{datetimeOfOrder:00}"), "then|theirs|05");
}

#[test]
fn of_an_http_request() {
    let headers = [("x-id".to_owned(), "5".to_owned())];
    let query = [("a".to_owned(), "q".to_owned())];
    let data = BindingData::of_http(&HttpParts { query: &query, headers: &headers, ..HttpParts::default() });
    assert_eq!(evaluate("{Query.a}/{a}/{headers.X-Id}", &data).unwrap(), "q/q/5");
    assert_eq!(
        evaluate("{Query.b}", &data).unwrap_err().to_string(),
        "'{Query.b}', character 1: 'Query' has no property 'b'"
    );
}

#[test]
fn what_can_not_be_read_names_its_place() {
    assert_eq!(refused("a/{id"), "'a/{id', character 3: this '{' has no '}'; write {name}, or {{ for the brace itself");
    assert!(refused("ü{a{b}}").starts_with("'ü{a{b}}', character 2: this '{' has no '}'"));
    assert!(refused("a}").contains("character 2: this '}' has no '{'"));
    assert!(refused("x{}").contains("character 2: there is no name between the braces"));
    for name in ["{a..b}", "{1a}", "{a b}", "{ a}", "{my-id}", "{.a}", "{a.}"] {
        assert!(refused(name).contains("is not a name"), "{name}");
    }
}

#[test]
fn what_has_no_value_tells_what_there_is() {
    assert_eq!(
        refused("{nme}"),
        "'{nme}', character 1: the trigger gave no value named 'nme'; it gave at, id, InsertionTime, key, name, none, paid, price, queueTrigger, to"
    );
    assert_eq!(
        evaluate("{a}", &BindingData::new()).unwrap_err().reason,
        "the trigger gave no value named 'a'; it gave none"
    );
    assert!(refused("x {to.town}").ends_with("character 3: 'to' has no property 'town'"));
    assert!(refused("{to.city.zip.x}").contains("'to.city.zip' has no property 'x'"));
    assert!(refused("{InsertionTime.x}").contains("'InsertionTime' has no property 'x'"));
    assert!(refused("{to}").contains("{to} is an object"));
    assert!(refused("{tags}").contains("no value named 'tags'"));
    assert!(refused("{id:Q}").contains("{id} can't have the format 'Q': a number has the formats"));
    assert!(refused("{sys.x}").contains("there are {sys.methodname}, {sys.utcnow} and {sys.randguid}"));
    assert!(refused("{sys}").contains("'sys' needs one name"));
}

#[test]
fn only_the_name_of_the_function_is_known_beforehand() {
    let template = Template::parse("{sys.MethodName}/{sys.utcnow}/{id}").unwrap();
    let known: Vec<bool> = template.parameters().map(Parameter::is_known_at_indexing).collect();
    assert_eq!(known, [true, false, false]);
    assert_eq!(template.parameters().map(Parameter::name).collect::<Vec<_>>(), ["sys", "sys", "id"]);
}

#[test]
fn a_result_has_a_greatest_length() {
    let mut data = BindingData::new();
    data.insert("a", "x".repeat(MAX_RESULT_BYTES / 2));
    assert!(evaluate("{a}{a}", &data).is_ok());
    assert!(evaluate("{a}{a}{a}", &data).unwrap_err().reason.contains("longer than"));
}
