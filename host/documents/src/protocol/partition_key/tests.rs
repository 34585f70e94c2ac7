use super::*;
use crate::protocol::json::Object;

fn single() -> PartitionKeyDefinition {
    PartitionKeyDefinition::parse(r#"{"paths":["/pk"],"kind":"Hash","version":2}"#).unwrap()
}

fn hierarchical() -> PartitionKeyDefinition {
    PartitionKeyDefinition::parse(r#"{"paths":["/a","/b/c","/\"d e\"/f"],"kind":"MultiHash","version":2}"#).unwrap()
}

fn key(definition: &PartitionKeyDefinition, item: &str) -> String {
    definition.key_of(&Object::parse(item).unwrap()).unwrap().canonical()
}

#[test]
fn keys_are_taken_from_items() {
    let single = single();
    for (item, expected) in [
        (r#"{"pk":"a"}"#, r#"["a"]"#),
        (r#"{"pk":1.0}"#, "[1]"),
        (r#"{"pk":1e0}"#, "[1]"),
        (r#"{"pk":-0.0}"#, "[0]"),
        (r#"{"pk":0.1}"#, "[0.1]"),
        (r#"{"pk":9007199254740993}"#, "[9007199254740992.0]"),
        (r#"{"pk":null}"#, "[null]"),
        (r#"{"pk":true}"#, "[true]"),
        (r#"{"pk":false}"#, "[false]"),
        (r#"{"pk":[1]}"#, "[{}]"),
        (r#"{"pk":{"a":1}}"#, "[{}]"),
        (r#"{"id":"1"}"#, "[{}]"),
        (r#"{"pk":"a","pk":"b"}"#, r#"["b"]"#),
        (r#"{"pk":"\u00e9\n"}"#, r#"["é\n"]"#),
    ] {
        assert_eq!(key(&single, item), expected, "{item}");
    }
    let all = hierarchical();
    assert_eq!(key(&all, r#"{"a":1,"b":{"c":"x"},"d e":{"f":null}}"#), r#"[1,"x",null]"#);
    assert_eq!(key(&all, r#"{"a":1,"b":"c","d e":{"g":1}}"#), "[1,{},{}]");
    assert_eq!(key(&PartitionKeyDefinition::none(), r#"{"id":"1"}"#), "[]");
    assert_eq!(key(&PartitionKeyDefinition::none(), r#"{"_partitionKey":"x"}"#), r#"["x"]"#);
    let long = format!(r#"{{"pk":"{}"}}"#, "x".repeat(2049));
    assert!(single.key_of(&Object::parse(&long).unwrap()).unwrap_err().message.contains("2049"));
}

#[test]
fn the_header_is_read_with_what_sdks_send() {
    let single = single();
    for (text, expected) in [
        (r#"["a"]"#, r#"["a"]"#),
        (r#" [ "\u00e9\ud83d\ude00" ] "#, r#"["é😀"]"#),
        ("[{}]", "[{}]"),
        ("[{ }]", "[{}]"),
        ("[null]", "[null]"),
        ("[1.50]", "[1.5]"),
        ("[true]", "[true]"),
        (r#"[""]"#, r#"[""]"#),
    ] {
        let key = PartitionKey::from_header(text, &single).unwrap();
        assert_eq!(key.canonical(), expected);
        assert!(key.is_complete(&single));
        assert_eq!(PartitionKey::from_canonical(expected), Some(key));
    }
    for bad in ["", "a", "\"a\"", "{}", "[", "[1", "[a]", "[[1]]", "[{\"a\":1}]", "[1,2]", "[]", "[1e999]", "null"] {
        let error = PartitionKey::from_header(bad, &single).unwrap_err();
        assert_eq!(error.status, 400, "{bad}");
        assert!(error.message.contains("x-ms-documentdb-partitionkey"), "{}", error.message);
    }
    let all = hierarchical();
    let prefix = PartitionKey::from_header(r#"["a",1]"#, &all).unwrap();
    assert!(!prefix.is_complete(&all));
    assert!(PartitionKey::from_header("[1,2,3]", &all).unwrap().is_complete(&all));
    assert!(PartitionKey::from_header("[1,2,3,4]", &all).is_err());
    let none = PartitionKeyDefinition::none();
    let empty = PartitionKey::from_header("[]", &none).unwrap();
    assert!(empty.is_complete(&none) && empty.canonical() == "[]");
}

#[test]
fn other_keys_and_ids_are_other_items() {
    let key = |text: &str| PartitionKey::from_canonical(text).unwrap();
    assert_eq!(key("[1.0]").item_key("a"), key("[1]").item_key("a"));
    let different = [
        key("[1]").item_key("a"),
        key("[\"1\"]").item_key("a"),
        key("[null]").item_key("a"),
        key("[{}]").item_key("a"),
        key("[]").item_key("a"),
        key("[1]").item_key("A"),
        key("[1]").item_key(""),
    ];
    for (at, one) in different.iter().enumerate() {
        assert!(different[at + 1..].iter().all(|other| other != one), "{at}");
    }
}

#[test]
fn definitions_are_checked() {
    let kind = |text: &str| PartitionKeyDefinition::parse(text).map(|definition| definition.kind());
    assert_eq!(kind(r#"{"paths":["/pk"]}"#), Ok(HashKind::V1));
    assert_eq!(kind(r#"{"paths":["/pk"],"kind":"Hash"}"#), Ok(HashKind::V1));
    assert_eq!(kind(r#"{"paths":["/pk"],"kind":"Hash","version":2}"#), Ok(HashKind::V2));
    assert_eq!(kind(r#"{"paths":["/a","/b"],"kind":"MultiHash","version":2}"#), Ok(HashKind::Multi));
    assert_eq!(kind(r#"{"paths":["/a"],"kind":"Range"}"#), Ok(HashKind::Range));
    for (bad, why) in [
        ("[]", "object"),
        ("{}", "'paths' is missing"),
        (r#"{"paths":"/pk"}"#, "array"),
        (r#"{"paths":[]}"#, "0 paths"),
        (r#"{"paths":[1]}"#, "string"),
        (r#"{"paths":["pk"]}"#, "slash"),
        (r#"{"paths":["/"]}"#, "empty"),
        (r#"{"paths":["/a//b"]}"#, "empty"),
        (r#"{"paths":["/\"a"]}"#, "quote"),
        (r#"{"paths":["/a","/b"]}"#, "2 paths"),
        (r#"{"paths":["/a","/b","/c","/d"],"kind":"MultiHash","version":2}"#, "4 paths"),
        (r#"{"paths":["/a","/\"a\""],"kind":"MultiHash","version":2}"#, "twice"),
        (r#"{"paths":["/a"],"kind":"MultiHash"}"#, "version 2"),
        (r#"{"paths":["/a"],"version":3}"#, "version 3"),
        (r#"{"paths":["/a"],"kind":"List"}"#, "MultiHash or Range"),
    ] {
        let error = PartitionKeyDefinition::parse(bad).unwrap_err();
        assert!(error.status == 400 && error.message.contains(why), "{bad}: {}", error.message);
    }
}
