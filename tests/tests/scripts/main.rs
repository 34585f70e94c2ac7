//! JavaScript apps from publishing to answers: both programming models, what goes wrong in them, and that apps stay apart.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod apps;
mod errors;
mod loading;

use std::sync::LazyLock;

use hearth_tests::{Hearth, Zip};
use serde_json::{Value, json};

fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(Hearth::start);
    &HEARTH
}

/// A function.json for anybody's GET and POST, without saying which script.
fn http() -> Value {
    json!({ "bindings": [
        { "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "methods": ["get", "post"] },
        { "type": "http", "direction": "out", "name": "res" }
    ] })
}

/// An app of version 3: functions by folder, with their scripts.
fn version_3(functions: &[(&str, &str)]) -> Zip {
    functions.iter().fold(Zip::app(), |zip, (name, script)| {
        zip.json(&format!("{name}/function.json"), &http()).file(&format!("{name}/index.js"), script)
    })
}

/// An app of version 4: scripts below `src/functions`.
fn version_4(scripts: &[(&str, &str)]) -> Zip {
    let app = Zip::app().file("package.json", r#"{"main": "src/functions/*.js"}"#);
    scripts.iter().fold(app, |zip, (name, script)| zip.file(&format!("src/functions/{name}.js"), script))
}

/// The function's entry in `hearth apps show NAME --output json`.
#[track_caller]
fn function(shown: &Value, name: &str) -> Value {
    let functions = shown["functionList"].as_array().unwrap();
    functions.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no function {name}: {shown}")).clone()
}

/// Publishes and gives the command's error text; it must fail.
#[track_caller]
fn refused(app: &str, package: &Zip) -> String {
    let output = hearth().try_publish_zip(app, package);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}
