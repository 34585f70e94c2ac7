//! Compares an answer with its row.

use hearth_tests::Answer;
use serde_json::Value;

use crate::table::{Check, Row};

/// Everything that differs, a line each. `fill` replaces the placeholders of an expected text.
pub(crate) fn differences(row: &Row, answer: &Answer, fill: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status != row.status {
        found.push(format!("status {} instead of {}", answer.status, row.status));
    }
    if let Some(reason) = &answer.broken {
        found.push(format!("the body broke off: {reason}"));
    }
    for (name, values) in expected_headers(row) {
        let wanted: Vec<String> = values.into_iter().map(fill).collect();
        let seen = answer.headers(name);
        if seen != wanted {
            found.push(format!("{name}: {seen:?} instead of {wanted:?}"));
        }
    }
    found.extend(row.checks.iter().filter_map(|check| one(check, answer, fill)));
    found
}

/// The expected headers by name, each with all its lines.
fn expected_headers(row: &Row) -> Vec<(&str, Vec<&str>)> {
    let mut headers: Vec<(&str, Vec<&str>)> = Vec::new();
    for check in &row.checks {
        let Check::Header(name, value) = check else { continue };
        match headers.iter_mut().find(|(other, _)| other == name) {
            Some((_, values)) => values.push(value),
            None => headers.push((name, vec![value])),
        }
    }
    headers
}

fn one(check: &Check, answer: &Answer, fill: &dyn Fn(&str) -> String) -> Option<String> {
    let text = answer.text();
    match check {
        Check::Header(..) => None,
        Check::HeaderHas(name, part) => {
            let part = fill(part);
            let has = answer.headers(name).iter().any(|value| value.contains(&part));
            (!has).then(|| format!("{name}: {:?} without {part:?}", answer.headers(name)))
        }
        Check::NoHeader(name) => answer.header(name).map(|value| format!("{name}: {value:?} instead of none")),
        Check::Body(wanted) => {
            let wanted = fill(wanted);
            (text != wanted).then(|| format!("body {text:?} instead of {wanted:?}"))
        }
        Check::BodyHas(part) => {
            let part = fill(part);
            (!text.contains(&part)).then(|| format!("body {text:?} without {part:?}"))
        }
        Check::BodyLacks(part) => {
            let part = fill(part);
            text.contains(&part).then(|| format!("body {text:?} with {part:?}"))
        }
        Check::Json(wanted) | Check::JsonHas(wanted) => {
            let wanted: Value = serde_json::from_str(&fill(&wanted.to_string())).unwrap();
            let Ok(seen) = serde_json::from_slice::<Value>(&answer.body) else {
                return Some(format!("body {text:?} instead of JSON {wanted}"));
            };
            let fits = if matches!(check, Check::Json(_)) { seen == wanted } else { has(&seen, &wanted) };
            (!fits).then(|| format!("body {seen} instead of {wanted}"))
        }
    }
}

/// Whether `seen` has every member of `wanted`, at every depth; anything but objects must be equal.
fn has(seen: &Value, wanted: &Value) -> bool {
    match (seen, wanted) {
        (Value::Object(seen), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| seen.get(name).is_some_and(|seen| has(seen, wanted)))
        }
        _ => seen == wanted,
    }
}
