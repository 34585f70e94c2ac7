//! Packages that are well as files and hold something that cannot run: each is told what is wrong with it, as users see it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::LazyLock;

use hearth_tests::{Hearth, Zip, http_function, test_guest};
use serde_json::{Value, json};

fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(Hearth::start);
    &HEARTH
}

/// A component without imports and exports: magic number, version, layer.
const EMPTY_COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
/// A core module without anything.
const CORE_MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

fn guest(name: &str) -> Vec<u8> {
    std::fs::read(test_guest(name).join("app.wasm")).unwrap()
}

/// One function `hello` in this app.wasm.
fn with_wasm(wasm: &[u8]) -> Zip {
    Zip::app().json("hello/function.json", &http_function(&json!({}))).file("app.wasm", wasm)
}

/// Publishes and gives the command's error text; it must fail.
#[track_caller]
fn refused(app: &str, package: &Zip) -> String {
    let output = hearth().try_publish_zip(app, package);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text} {}", String::from_utf8_lossy(&output.stdout));
    text
}

/// The function's entry in `hearth apps show NAME --output json`.
#[track_caller]
fn function(shown: &Value, name: &str) -> Value {
    let functions = shown["functionList"].as_array().unwrap();
    functions.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no function {name}: {shown}")).clone()
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

#[test]
fn what_is_no_component_is_named_with_what_to_do() {
    let component = guest("faults");
    let cases: [(&str, &[u8], &[&str]); 7] = [
        ("core", &CORE_MODULE, &["core WebAssembly module", "wasm32-wasip2"]),
        ("text", b"(component)", &["WebAssembly text", "wasm-tools parse"]),
        ("empty", b"", &["empty"]),
        ("nothing", b"\x7fELF and so on", &["not WebAssembly"]),
        ("unknown", &[0, b'a', b's', b'm', 9, 0, 9, 0], &["unknown version"]),
        ("truncated", &component[..component.len() / 2], &["app.wasm", "compile"]),
        ("exports", &EMPTY_COMPONENT, &["exports nothing", "hearth:functions/guest", "wasi:http/incoming-handler"]),
    ];
    for (name, wasm, parts) in cases {
        let app = format!("kind-{name}");
        let text = refused(&app, &with_wasm(wasm));
        contains(&text, parts);
        contains(&text, &["app.wasm", "hello"]);
        let shown = hearth().show(&app);
        contains(&shown["deployments"][0]["status_text"].to_string(), parts);
        assert_eq!(shown["deployments"][0]["provisioningState"], "Failed", "{shown}");
        assert_eq!(shown["activeDeployment"], Value::Null, "{shown}");
    }
}

#[test]
fn an_import_that_no_host_gives_is_named() {
    let text = refused("imports", &Zip::folder(&test_guest("unknown-import")));
    contains(&text, &["acme:database/query@1.2.0", "app.wasm", "wasi:http"]);
}

#[test]
fn a_function_without_its_component_is_told_which_file() {
    let package = Zip::app().json("hello/function.json", &http_function(&json!({})));
    contains(&refused("missing", &package), &["hello", "app.wasm"]);
    // With others that run, the app is published and the function's error shown.
    let package = Zip::folder(&test_guest("faults-http")).json(
        "lost/function.json",
        &json!({
            "scriptFile": "elsewhere.wasm",
            "bindings": [{ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" }],
        }),
    );
    hearth().publish_zip("partly", &package);
    let shown = hearth().show("partly");
    contains(function(&shown, "lost")["error"].as_str().unwrap(), &["elsewhere.wasm"]);
    assert_eq!(function(&shown, "hello")["error"], Value::Null);
    assert_eq!(hearth().app("partly").get("/api/hello").text(), "hello");
    hearth().app("partly").get("/api/lost").expect(404);
}

#[test]
fn one_broken_component_leaves_the_functions_of_the_other() {
    let mut other = http_function(&json!({}));
    other["scriptFile"] = "../other.wasm".into();
    let package =
        Zip::folder(&test_guest("faults-http")).json("other/function.json", &other).file("other.wasm", CORE_MODULE);
    hearth().publish_zip("mixed", &package);
    let shown = hearth().show("mixed");
    contains(function(&shown, "other")["error"].as_str().unwrap(), &["other.wasm", "core WebAssembly module"]);
    assert_eq!(hearth().app("mixed").get("/api/hello").text(), "hello");
}

#[test]
fn both_forms_of_components_can_be_in_one_app() {
    let mut typed = http_function(&json!({ "route": "typed/{id}" }));
    typed["scriptFile"] = "../typed.wasm".into();
    typed["entryPoint"] = "inspect".into();
    let package =
        Zip::folder(&test_guest("faults-http")).json("typed/function.json", &typed).file("typed.wasm", guest("faults"));
    hearth().publish_zip("both", &package);
    assert_eq!(hearth().app("both").get("/api/hello").text(), "hello");
    assert_eq!(hearth().app("both").get("/api/typed/7").json()["params"], json!([["id", "7"]]));
}

#[test]
fn two_functions_on_one_route_are_told_of_each_other() {
    let package = Zip::folder(&test_guest("faults-http"))
        .json("first/function.json", &http_function(&json!({ "route": "same", "methods": ["get"] })))
        .json("second/function.json", &http_function(&json!({ "route": "SAME", "methods": ["get", "post"] })));
    hearth().publish_zip("same-route", &package);
    let shown = hearth().show("same-route");
    assert_eq!(function(&shown, "first")["error"], Value::Null);
    contains(function(&shown, "second")["error"].as_str().unwrap(), &["SAME", "first", "method"]);
}

#[test]
fn two_functions_whose_names_differ_only_in_case_are_told() {
    let second = http_function(&json!({ "route": "second" }));
    let package = Zip::folder(&test_guest("faults-http")).json("HELLO/function.json", &second);
    contains(&refused("same-name", &package), &["HELLO/function.json", "hello/function.json", "letter case"]);
}

#[test]
fn a_code_first_app_tells_its_functions_and_host_json_chooses_among_them() {
    let host = json!({ "version": "2.0", "functions": ["ok", "counter"] });
    hearth().publish_zip("chosen", &Zip::folder(&test_guest("faults")).json("host.json", &host));
    let shown = hearth().show("chosen");
    let names: Vec<&str> =
        shown["functionList"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["counter", "ok"]);
    hearth().app("chosen").get("/api/inspect").expect(404);
}

#[test]
fn code_first_is_one_typed_component() {
    let package = Zip::app().file("one.wasm", guest("faults")).file("two.wasm", guest("faults"));
    contains(&refused("two-roots", &package), &["one.wasm", "two.wasm"]);
    let package = Zip::app().file("app.wasm", guest("faults-http"));
    contains(&refused("wasi-root", &package), &["app.wasm", "function.json"]);
    let package = Zip::app().file("readme.txt", "nothing to run");
    contains(&refused("no-functions", &package), &["function.json"]);
}

#[test]
fn an_entry_point_that_the_component_does_not_have_fails_when_called() {
    let mut function = http_function(&json!({}));
    function["entryPoint"] = "nowhere".into();
    let package = Zip::folder(&test_guest("faults")).json("lost/function.json", &function);
    hearth().publish_zip("entry", &package);
    let mark = hearth().log().mark();
    let answer = hearth().app("entry").get("/api/lost").expect(500);
    assert!(!answer.text().contains("nowhere"), "{}", answer.text());
    hearth().log().with(mark, &["nowhere"]);
}
