//! JavaScript apps in a real hearth: the conformance suite of the engine's own surface, and both programming models.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use hearth_tests::{EchoServer, Hearth, Zip, expect_calls, javascript};
use http::Method;
use serde_json::{Value, json};

/// A file of the suite may take this long; some wait for timers, and a debug build is slow.
const FILE: Duration = Duration::from_secs(120);

/// One for all tests: it makes the engine ready once.
fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(|| Hearth::with().flag("--egress-allow", "127.0.0.0/8").start());
    &HEARTH
}

fn functions(model: &str) -> PathBuf {
    javascript().join("conformance").join("functions").join(model)
}

fn calls(model: &str) -> String {
    std::fs::read_to_string(functions(model).join("calls.json")).unwrap()
}

/// A function.json of an anonymous function whose output has this name.
fn function(script: &str, entry_point: Option<&str>, output: &str) -> Value {
    let mut function = json!({ "scriptFile": script, "bindings": [
        { "name": "req", "type": "httpTrigger", "direction": "in", "authLevel": "anonymous" },
        { "name": output, "type": "http", "direction": "out" },
    ] });
    if let Some(entry_point) = entry_point {
        function["entryPoint"] = entry_point.into();
    }
    function
}

/// The files of a folder of the suite, by the names under which `run` loads them.
fn files(folder: &str) -> Vec<String> {
    let mut files: Vec<String> = std::fs::read_dir(javascript().join("conformance").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "js"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    files
}

#[test]
fn the_engine_passes_the_conformance_suite() {
    let server = EchoServer::start();
    let hearth = hearth();
    let package = Zip::folder(&javascript().join("conformance")).file("host.json", r#"{"version":"2.0"}"#);
    hearth.publish_zip("conformance", &package);
    let echo = server.url().replace(':', "%3A").replace('/', "%2F");
    for (folder, least) in [("web", 740), ("node", 660), ("functions", 42)] {
        let (mut passed, mut failures) = (0, Vec::new());
        for file in files(folder) {
            let path = format!("/api/run?file={file}&echo={echo}");
            let answer = hearth.app("conformance").call(Method::GET, &path).within(FILE).send();
            if answer.status != 200 {
                failures.push(format!("{file}: status {}\n{}", answer.status, hearth.log().tail(20)));
                continue;
            }
            let told = answer.json();
            passed += told["passed"].as_u64().unwrap();
            let failed = told["failures"].as_array().unwrap();
            failures.extend(failed.iter().map(|failure| format!("{file}: {}", failure.as_str().unwrap())));
        }
        assert!(failures.is_empty(), "{folder}: {} failed\n{}", failures.len(), failures.join("\n"));
        assert!(passed >= least, "{folder}: {passed} tests passed, there were {least}");
    }
}

#[test]
fn functions_of_the_v3_model_answer_as_in_azure() {
    let hearth = hearth();
    let mut package = Zip::folder(&functions("v3")).file("host.json", r#"{"version":"2.0"}"#);
    let called: Vec<Value> = serde_json::from_str(&calls("v3")).unwrap();
    for call in &called {
        let name = call["call"].as_str().unwrap().split('?').next().unwrap();
        let output = if name.ends_with("Return") { "$return" } else { "res" };
        let function = match name {
            "method" => function("../class.js", Some("method"), output),
            "only" => function("../only.js", None, output),
            "many" => function("../index-of-many.js", None, output),
            "module" => function("../module.mjs", None, output),
            name => function("../functions.js", Some(name), output),
        };
        package = package.json(&format!("{name}/function.json"), &function);
    }
    hearth.publish_zip("v3", &package);
    expect_calls(hearth, "v3", &calls("v3"));
}

#[test]
fn functions_of_the_v4_model_answer_as_in_azure() {
    let hearth = hearth();
    let package = Zip::folder(&functions("v4"))
        .file("host.json", r#"{"version":"2.0"}"#)
        .file("package.json", r#"{"main":"index.js"}"#);
    hearth.publish_zip("v4", &package);
    expect_calls(hearth, "v4", &calls("v4"));
}
