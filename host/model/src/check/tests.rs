//! Packages of several kinds, and what is said of them.

use std::io::Cursor;

use super::*;
use crate::index::AuthLevel;
use crate::package::Package;
use crate::package::tests::{open, zip_of};

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const HOST: &str = r#"{"version": "2.0"}"#;

fn http(route: &str, level: &str) -> String {
    format!(
        r#"{{"scriptFile": "../app.wasm", "bindings": [
            {{"type": "httpTrigger", "name": "req", "route": "{route}", "authLevel": "{level}"}},
            {{"type": "http", "direction": "out", "name": "res"}}]}}"#
    )
}

type Files<'a> = &'a [(&'a str, &'a [u8])];

fn opened(files: Files<'_>) -> Package<Cursor<Vec<u8>>> {
    open(zip_of(files)).unwrap()
}

fn checked(files: Files<'_>) -> Report {
    check(&mut opened(files), Surroundings::default()).unwrap()
}

fn function<'a>(report: &'a Report, name: &str) -> &'a FunctionReport {
    report.functions.iter().find(|function| function.name == name).unwrap()
}

fn problems(report: &Report, name: &str) -> Vec<String> {
    let all = &function(report, name).problems;
    all.iter().map(|p| format!("{} => {}", p.why, p.change.as_deref().unwrap_or("-"))).collect()
}

fn findings(report: &Report) -> String {
    report.findings.iter().map(|finding| format!("{:?}: {}\n", finding.level, finding.text)).collect()
}

#[test]
fn a_package_that_runs() {
    let (open, keyed) = (http("items/{id}", "anonymous"), http("", "function"));
    let report = checked(&[
        ("host.json", HOST.as_bytes()),
        ("app.wasm", COMPONENT),
        ("Items/function.json", open.as_bytes()),
        ("keyed/function.json", keyed.as_bytes()),
    ]);
    assert!(report.all_runs());
    assert_eq!((report.running(), report.files, report.kind.as_deref()), (2, 4, Some("WebAssembly")));
    let items = function(&report, "Items");
    assert_eq!(items.route.as_deref(), Some("/api/items/{id}"));
    assert_eq!((items.auth_level, items.component.as_deref()), (Some(AuthLevel::Anonymous), Some("app.wasm")));
    assert!(items.notes.is_empty());
    assert_eq!(function(&report, "keyed").route.as_deref(), Some("/api/keyed"));
    assert!(function(&report, "keyed").notes[0].contains("x-functions-key"));
    assert_eq!(findings(&report), "");
}

#[test]
fn functions_that_do_not_run_beside_one_that_does() {
    let runs = http("a", "anonymous");
    let queue = br#"{"scriptFile": "../app.wasm", "bindings": [
        {"type": "serviceBusTrigger", "name": "msg", "connection": "Bus", "queueName": "%QUEUE%-in"},
        {"type": "blob", "name": "doc", "connection": "Docs", "path": "{id", "direction": "in"}]}"#;
    let files: [(&str, &[u8]); 8] = [
        ("host.json", HOST.as_bytes()),
        ("app.wasm", COMPONENT),
        ("a/function.json", runs.as_bytes()),
        ("old/function.json", br#"{"bindings": [{"type": "httpTrigger", "name": "req"}]}"#),
        ("old/run.py", b""),
        ("q/function.json", queue),
        ("t/function.json", br#"{"bindings": [{"type": "timerTrigger", "name": "t", "schedule": "0 0 3 * * *"}]}"#),
        ("t/run.py", b""),
    ];
    let report = checked(&files);
    assert!(!report.all_runs() && report.refused.is_none());
    assert_eq!(report.running(), 1);
    let old = problems(&report, "old").join("\n");
    assert!(old.contains("the script 'run.py' is neither") && old.contains("componentize-py"), "{old}");
    let queue = problems(&report, "q");
    assert!(
        queue[0].starts_with("q/function.json:2:18: bindings[0].type serviceBusTrigger is not supported"),
        "{queue:?}"
    );
    assert!(queue[0].contains("=> leave the function where it runs"), "{queue:?}");
    assert!(queue[1].starts_with("q/function.json: bindings[1].type blob is not supported"), "{queue:?}");
    assert!(queue[1].contains("=> take the binding out"), "{queue:?}");
    assert_eq!(queue.len(), 2);
    assert!(function(&report, "q").notes[0].contains("bindings[1].path '{id', character 1"));
    let timer = problems(&report, "t");
    assert!(timer[0].contains("run.py") && timer[0].contains("componentize-py"), "{timer:?}");

    let needed: Vec<_> = report.settings.iter().map(|s| (s.name.as_str(), s.need, s.state)).collect();
    assert_eq!(
        needed,
        [
            ("Bus", Need::Connection, State::Unknown),
            ("Docs", Need::Connection, State::Unknown),
            ("QUEUE", Need::Value, State::Unknown)
        ]
    );
    assert_eq!(report.settings[2].places, ["q/function.json bindings[0].queueName"]);
    let settings: Settings = [("QUEUE", "q"), ("Docs__accountEndpoint", "https://x")].into_iter().collect();
    let surroundings = Surroundings { settings: Some(&settings), local_settings: false };
    let states: Vec<State> =
        check(&mut opened(&files), surroundings).unwrap().settings.iter().map(|s| s.state).collect();
    assert_eq!(states, [State::Missing, State::Set, State::Set]);
}

#[test]
fn packages_of_other_runtimes_are_refused_by_name() {
    let metadata =
        br#"[{"name": "Ship", "scriptFile": "App.dll", "bindings": [{"type": "serviceBusTrigger", "name": "m"}]}]"#;
    let function: &[u8] = br#"{"bindings": [{"type": "httpTrigger", "name": "req"}]}"#;
    let kinds: [(&str, Files<'_>); 5] = [
        (".NET", &[("functions.metadata", metadata), ("App.dll", b"MZ")]),
        ("Python", &[("function_app.py", b"")]),
        ("Java", &[("Ship/function.json", br#"{"scriptFile": "../a.jar", "bindings": []}"#), ("a.jar", b"PK")]),
        ("PowerShell", &[("profile.ps1", b"")]),
        ("Rust source", &[("Cargo.toml", b""), ("src/main.rs", b"")]),
    ];
    for (kind, files) in kinds {
        let mut all = vec![("host.json", HOST.as_bytes())];
        all.extend(files);
        let report = checked(&all);
        assert_eq!(report.kind.as_deref(), Some(kind));
        let refused = report.refused.as_ref().unwrap();
        assert!(refused.why.contains(kind) && refused.change.is_some(), "{refused:?}");
        assert!(!report.all_runs());
        for function in &report.functions {
            assert!(!function.runs() && function.name == "Ship", "{function:?}");
        }
        assert_eq!(report.functions.is_empty(), !matches!(kind, ".NET" | "Java"), "{kind}");
    }
    let custom = br#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "h"}}}"#;
    let report = checked(&[("host.json", custom), ("h", b"\x7fELF"), ("f/function.json", function)]);
    assert_eq!(report.kind.as_deref(), Some("custom handler"));
    assert!(report.refused.unwrap().change.unwrap().contains("enableForwardingHttpRequest"));
}

#[test]
fn a_broken_host_json_stops_everything_and_the_functions_are_judged_all_the_same() {
    let good = http("a", "anonymous");
    let report = checked(&[
        ("host.json", br#"{"version": "1.0"}"#),
        ("app.wasm", COMPONENT),
        ("a/function.json", good.as_bytes()),
        ("b/function.json", br#"{"bindings": []}"#),
    ]);
    assert!(report.refused.as_ref().unwrap().why.starts_with("host.json:1:13: version must be"));
    assert_eq!(problems(&report, "a"), ["the package as a whole is refused => -"]);
    assert!(problems(&report, "b")[0].contains("is empty"));
}

#[test]
fn a_core_module_is_no_component() {
    let runs = http("a", "anonymous");
    let report = checked(&[("host.json", HOST.as_bytes()), ("app.wasm", MODULE), ("a/function.json", runs.as_bytes())]);
    let told = &problems(&report, "a")[0];
    assert!(told.contains("'app.wasm' is a core WebAssembly module") && told.contains("wasm32-wasip2"), "{told}");
    let report = checked(&[("host.json", HOST.as_bytes()), ("app.wasm", b"text")]);
    assert!(report.refused.unwrap().why.contains("is no WebAssembly"));
    let report = checked(&[("host.json", HOST.as_bytes()), ("app.wasm", COMPONENT)]);
    assert!(report.all_runs() && report.in_code == ["app.wasm"]);
}

#[test]
fn routes_in_another_order_and_routes_never_reached() {
    let (a, b, c) = (http("items/{id}", "anonymous"), http("items/special", "anonymous"), http("items/{x}", "user"));
    let report = checked(&[
        ("host.json", HOST.as_bytes()),
        ("app.wasm", COMPONENT),
        ("a/function.json", a.as_bytes()),
        ("b/function.json", b.as_bytes()),
        ("c/function.json", c.as_bytes()),
    ]);
    assert!(findings(&report).contains("Warning: the route of function 'b' is tried before that of 'a'"));
    let notes = function(&report, "c").notes.join("\n");
    assert!(notes.contains("nobody can call it") && notes.contains("is also one of function 'a'"), "{notes}");
}

#[test]
fn what_has_no_effect_is_told() {
    let host = br#"{"version": "2.0", "functions": ["a"], "extensionBundle": {"id": "x", "version": "[4.*, 5.0.0)"},
        "logging": {"applicationInsights": {}}, "extensions": {"blobs": {}, "queues": {}, "http": {"routePrefix": ""}},
        "retry": {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:01"}}"#;
    let function_json = br#"{"scriptFile": "../app.wasm", "disabled": true, "retry": {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:01"},
        "bindings": [{"type": "httpTrigger", "name": "req", "webHookType": "github"}]}"#;
    let settings: Settings = [
        ("AzureWebJobs.a.Disabled", "1"),
        ("SECRET", "@Microsoft.KeyVault(SecretUri=https://v)"),
        ("FUNCTIONS_WORKER_RUNTIME", "node"),
    ]
    .into_iter()
    .collect();
    let mut package = opened(&[
        ("host.json", host),
        ("app.wasm", COMPONENT),
        ("proxies.json", b"{}"),
        ("a/function.json", function_json),
        ("b/function.json", http("b", "anonymous").as_bytes()),
    ]);
    let report = check(&mut package, Surroundings { settings: Some(&settings), local_settings: true }).unwrap();
    let a = function(&report, "a");
    assert!(a.disabled && a.runs());
    assert_eq!(a.route.as_deref(), Some("/a"));
    assert!(a.notes[0].contains("retry policy has no effect") && a.notes[1].contains("webHookType"), "{:?}", a.notes);
    assert!(problems(&report, "b")[0].contains("does not name it"));
    let told = findings(&report);
    for part in [
        "\"disabled\" has no effect",
        "\"extensionBundle\" has no effect: bindings are built in",
        "\"extensions.blobs\" has no effect",
        "\"logging.applicationInsights\" has no effect",
        "local.settings.json stays out of the package",
        "proxies.json has no effect",
        "'SECRET' refers to a Key Vault",
        "FUNCTIONS_WORKER_RUNTIME is 'node'",
    ] {
        assert!(told.contains(part), "{part} in:\n{told}");
    }
    for part in ["\"extensions.queues\"", "\"retry\""] {
        assert!(!told.contains(part), "{part} has an effect:\n{told}");
    }
}

#[test]
fn the_report_as_json() {
    let report = checked(&[
        ("host.json", HOST.as_bytes()),
        ("app.wasm", COMPONENT),
        ("a/function.json", http("a", "function").as_bytes()),
    ]);
    assert_eq!(
        report.to_json(),
        serde_json::json!({
            "runs": true, "kind": "WebAssembly", "files": 3, "refused": null, "inCode": [], "findings": [], "settings": [],
            "functions": [{
                "name": "a", "trigger": "httpTrigger", "route": "/api/a", "methods": [], "authLevel": "function",
                "component": "app.wasm", "disabled": false, "runs": true, "problems": [],
                "notes": ["callers need a key of the function or of the app, in x-functions-key or ?code="],
            }],
        })
    );
}

#[test]
fn a_javascript_package_tells_its_scripts_and_what_they_lack() {
    let bound = br#"{"bindings": [{"type": "httpTrigger", "name": "req"}, {"type": "http", "direction": "out", "name": "res"}]}"#;
    let report = checked(&[
        ("host.json", HOST.as_bytes()),
        ("hello/function.json", bound),
        ("hello/index.js", b"const repl = require('repl'); const left = require('left-pad');"),
        ("package.json", b"{\"name\": \"hello\"}"),
    ]);
    assert!(report.all_runs() && report.kind.as_deref() == Some("JavaScript"));
    assert_eq!(function(&report, "hello").component.as_deref(), Some("hello/index.js"));
    let told = findings(&report);
    assert!(
        told.contains("Warning: hello/index.js asks for 'repl' of Node, which the JavaScript engine does not have")
    );
    assert!(told.contains("Warning: hello/index.js asks for the package 'left-pad', which is not in the node_modules"));

    let report = checked(&[
        ("host.json", HOST.as_bytes()),
        ("package.json", b"{\"main\": \"src/*.ts\"}"),
        ("src/a.ts", b"import { app } from '@azure/functions';"),
        ("src/b.ts", b"import './a.js';"),
    ]);
    assert_eq!(
        (report.kind.as_deref(), report.in_code.join(" ")),
        (Some("JavaScript"), "src/a.ts src/b.ts".to_owned())
    );
    assert_eq!(findings(&report), "");
}
