//! Calls that a file lists with what each must answer: for apps that are made of such calls.

use http::Method;
use serde_json::{Map, Value};

use crate::hearth::Hearth;
use crate::http::Answer;

/// Makes each call of a JSON array below `/api/` of the app, one after the other, and panics with all that went wrong.
///
/// A call has `call` (path and query), and may have `method`, `send` (headers) and `body`. Its answer has `status` (200 when it
/// is not there), `headers` (null: there is none), `cookies`, and one of `text`, `json`, `bytes` or `has` (some members of a
/// JSON object); `log` is a part of a line that the worker writes.
#[track_caller]
pub fn expect_calls(hearth: &Hearth, app: &str, calls: &str) {
    let calls: Vec<Map<String, Value>> = serde_json::from_str(calls).unwrap();
    assert!(!calls.is_empty());
    let wrong: Vec<String> = calls
        .iter()
        .filter_map(|call| {
            let what = format!("{app}: {} {}", text(call, "method").unwrap_or("GET"), text(call, "call").unwrap());
            made(hearth, app, call).err().map(|why| format!("{what}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} calls:\n{}", wrong.len(), calls.len(), wrong.join("\n"));
}

fn made(hearth: &Hearth, app: &str, call: &Map<String, Value>) -> Result<(), String> {
    let mark = hearth.log().mark();
    let method = Method::from_bytes(text(call, "method").unwrap_or("GET").as_bytes()).unwrap();
    let app = hearth.app(app);
    let mut request = app.call(method, &format!("/api/{}", text(call, "call").unwrap()));
    for (name, value) in members(call, "send") {
        request = request.header(name, value.as_str().unwrap());
    }
    if let Some(body) = text(call, "body") {
        request = request.body(body.to_owned());
    }
    let answer = request.send();
    let status = call.get("status").map_or(200, |status| status.as_u64().unwrap());
    same("status", &Value::from(answer.status), &status.into()).map_err(|why| format!("{why}: {}", answer.text()))?;
    for (name, value) in members(call, "headers") {
        same(name, &answer.header(name).into(), value)?;
    }
    if let Some(cookies) = call.get("cookies") {
        same("cookies", &answer.headers("set-cookie").into(), cookies)?;
    }
    body(call, &answer)?;
    if let Some(line) = text(call, "log") {
        hearth.log().with(mark, &[line]);
    }
    Ok(())
}

fn body(call: &Map<String, Value>, answer: &Answer) -> Result<(), String> {
    if let Some(wanted) = call.get("text") {
        same("body", &answer.text().into(), wanted)?;
    }
    if let Some(wanted) = call.get("bytes") {
        same("body", &answer.body.clone().into(), wanted)?;
    }
    let json = || serde_json::from_slice::<Value>(&answer.body).map_err(|_| format!("no JSON: {}", answer.text()));
    if let Some(wanted) = call.get("json") {
        same("body", &json()?, wanted)?;
    }
    for (name, wanted) in members(call, "has") {
        same(name, &json()?[name], wanted)?;
    }
    Ok(())
}

fn same(what: &str, given: &Value, wanted: &Value) -> Result<(), String> {
    if given == wanted { Ok(()) } else { Err(format!("{what} is {given}, not {wanted}")) }
}

fn text<'c>(call: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    call.get(name).map(|value| value.as_str().unwrap())
}

fn members<'c>(call: &'c Map<String, Value>, name: &str) -> impl Iterator<Item = (&'c String, &'c Value)> {
    call.get(name).into_iter().flat_map(|object| object.as_object().unwrap())
}
