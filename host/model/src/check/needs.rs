//! The settings that functions ask for: by `%NAME%`, and by the name of a connection.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::declared::{Declared, text};
use crate::binding::is_verbatim;
use crate::expression::referenced_settings;
use crate::settings::{Settings, connection};

/// What a setting is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Put in for `%NAME%`.
    Value,
    /// Leads to a service.
    Connection,
}

/// Whether a setting is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is.
    Set,
    /// It is not.
    Missing,
    /// The settings of the app are not known.
    Unknown,
}

/// A setting that functions ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NeededSetting {
    /// Its name.
    pub name: String,
    /// What for.
    pub need: Need,
    /// Whether it is there.
    pub state: State,
    /// Where it is asked for, for example `Ship/function.json bindings[0].queueName`.
    pub places: Vec<String>,
}

/// Keys that hold the name of a connection.
const CONNECTION_KEYS: [&str; 2] = ["connection", "connectionStringSetting"];

/// The same for the leases of a change feed, which have the connection of the documents where none is named.
const LEASE_CONNECTION_KEYS: [&str; 2] = ["leaseConnection", "leaseConnectionStringSetting"];

/// Connections of binding types that name none: by how the type begins.
const DEFAULTS: [(&str, &str); 6] = [
    ("queue", "AzureWebJobsStorage"),
    ("blob", "AzureWebJobsStorage"),
    ("table", "AzureWebJobsStorage"),
    ("cosmosdb", "CosmosDB"),
    ("documentdb", "CosmosDB"),
    ("servicebus", "AzureWebJobsServiceBus"),
];

/// Properties that take only a few values, by how their place is written, with one of them.
const FIXED: [(&str, &str); 8] = [
    ("].schedule", "0 * * * * *"),
    ("].authLevel", "anonymous"),
    ("].methods[", "get"),
    ("].startFromTime", "2026-01-31T12:00:00Z"),
    ("].changeFeedMode", "LatestVersion"),
    ("].mode", "LatestVersion"),
    ("].leaseStore", "container"),
    ("].partitionKey", "/id"),
];

/// Every setting asked for, by name.
pub(super) fn of(declared: &[Declared], settings: Option<&Settings>) -> Vec<NeededSetting> {
    let mut found: BTreeMap<(String, Need), NeededSetting> = BTreeMap::new();
    for function in declared {
        for (i, binding) in function.bindings() {
            let place = format!("{} bindings[{i}]", function.place());
            let mut add = |name: &str, need: Need, place: String| {
                let state = settings.map_or(State::Unknown, |settings| state(settings, name, need));
                found
                    .entry((name.to_lowercase(), need))
                    .or_insert_with(|| NeededSetting { name: name.to_owned(), need, state, places: Vec::new() })
                    .places
                    .push(place);
            };
            of_binding(binding, &place, &mut add);
        }
    }
    found.into_values().collect()
}

fn of_binding(binding: &Map<String, Value>, place: &str, add: &mut impl FnMut(&str, Need, String)) {
    let named = |keys: [&str; 2]| {
        keys.into_iter().find_map(|key| {
            text(binding, key).filter(|name| !name.is_empty()).map(|name| (name, format!("{place}.{key}")))
        })
    };
    let given = named(CONNECTION_KEYS);
    if let Some((name, place)) = named(LEASE_CONNECTION_KEYS) {
        add(name, Need::Connection, place);
    }
    let kind = text(binding, "type").unwrap_or_default().to_ascii_lowercase();
    let default = DEFAULTS.iter().find(|(start, _)| kind.starts_with(start));
    if let Some((name, place)) = given {
        add(name, Need::Connection, place);
    } else if let Some((_, name)) = default {
        add(name, Need::Connection, place.to_owned());
    }
    for (key, value) in binding {
        if !is_verbatim(key) {
            of_value(value, &format!("{place}.{key}"), add);
        }
    }
}

fn of_value(value: &Value, place: &str, add: &mut impl FnMut(&str, Need, String)) {
    match value {
        Value::String(text) => {
            for name in referenced_settings(text).filter(|name| !name.is_empty()) {
                add(name, Need::Value, place.to_owned());
            }
        }
        Value::Array(values) => values.iter().enumerate().for_each(|(i, v)| of_value(v, &format!("{place}[{i}]"), add)),
        Value::Object(object) => object.iter().for_each(|(key, v)| of_value(v, &format!("{place}.{key}"), add)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn state(settings: &Settings, name: &str, need: Need) -> State {
    let set = match need {
        Need::Value => settings.get(name).is_some(),
        Need::Connection => connection(settings, Some(name), name).is_ok(),
    };
    if set { State::Set } else { State::Missing }
}

/// Settings under which each that is asked for is there. The value is made from the name, so that different ones differ.
pub(super) fn placeholders(needed: &[NeededSetting]) -> Settings {
    // What is checked of a resolved text must hold: letters and digits are right everywhere but where only a few are.
    let value = |need: &NeededSetting| {
        let fixed = FIXED.iter().find(|(key, _)| need.places.iter().any(|place| place.contains(key)));
        match fixed {
            Some((_, value)) => (*value).to_owned(),
            None => format!("xxx{}", need.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>()),
        }
    };
    needed.iter().map(|need| (need.name.clone(), value(need))).collect()
}
