//! What came from a setting may be a secret: no message about a binding repeats it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::known::{Kind, TYPES};
use crate::function_json;
use crate::settings::Settings;

const MARKER: &str = "hunter2";

/// A function.json whose first binding is of that type, with a text in one of its properties.
fn written(kind: &str, key: &str, text: &str) -> Vec<u8> {
    let known = TYPES.iter().find(|known| known.name == kind).unwrap();
    let direction = format!("{:?}", known.directions[0]);
    let mut binding = Map::new();
    for (name, value) in [("type", kind), ("name", "first"), ("direction", direction.as_str())] {
        binding.insert(name.to_owned(), value.into());
    }
    for (name, _, kind) in known.properties {
        if matches!(kind, Kind::Required) {
            binding.insert((*name).to_owned(), "00:05:00".into());
        }
    }
    binding.insert(key.to_owned(), text.into());
    let mut bindings = vec![Value::Object(binding)];
    if !kind.ends_with("Trigger") {
        bindings.push(serde_json::json!({"type": "httpTrigger", "name": "other"}));
    }
    serde_json::json!({ "bindings": bindings }).to_string().into_bytes()
}

/// Everything that is told of such a function, whose setting `S` has this value.
fn told(kind: &str, key: &str, text: &str, value: &str) -> String {
    let settings: Settings = [("S".to_owned(), value.to_owned())].into_iter().collect();
    let files = BTreeMap::from([("F/run.wasm".to_owned(), 1)]);
    let read = function_json::read("F", "F/function.json", &written(kind, key, text), &files, &[], &settings);
    format!("{:?} {:?}", read.definition.err(), read.warnings)
}

fn value() -> impl Strategy<Value = String> {
    let before = prop::sample::select(vec!["", "-", "/", "admin/", "a/{", "{x:int(", "{x:", "99", "00:00:", "a//"]);
    let behind = prop::sample::select(vec!["", "}", "{", "/{*all}/b", "=}", ":00", "?", " * * *"]);
    (before, "[ -~]{0,5}", behind).prop_map(|(before, middle, behind)| format!("{before}{MARKER}{middle}{behind}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_about_a_binding_repeats_a_setting(value in value()) {
        for known in TYPES {
            let own = known.properties.iter().flat_map(|(name, old, _)| std::iter::once(*name).chain(*old));
            for key in own.chain(["authLevel", "route", "methods", "dataType", "cardinality", "connection", "unknown"]) {
                for text in ["%S%", "1%S%2", "{%S%}%S%"] {
                    let told = told(known.name, key, text, &value);
                    prop_assert!(!told.to_lowercase().contains(MARKER), "{} {key}: {told}", known.name);
                }
            }
        }
    }
}

#[test]
fn the_setting_is_named_in_place_of_its_value() {
    let level = told("httpTrigger", "authLevel", "%S%", MARKER);
    assert!(level.contains("admin, not the value of the setting S"), "{level}");
    let route = told("httpTrigger", "route", "a/%S%/%S%", "{");
    assert!(route.contains("the value of the setting S makes no route"), "{route}");
    let written = told("httpTrigger", "authLevel", "nobody", MARKER);
    assert!(written.contains("not \\\"nobody\\\""), "{written}");
}
