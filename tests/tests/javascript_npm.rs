//! npm packages as they are, in a real hearth: `@azure/functions` 4.x, `durable-functions` 1.x, 2.x and 3.x and axios, bundled
//! and as shipped node_modules. The versions are those of `tests/javascript/npm/package-lock.json`.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use bytes::Bytes;
use hearth_tests::{Hearth, LocalServer, expect_calls, javascript};
use http::{Method, Response};
use serde_json::{Value, json};

/// What is not needed to run: types, and the bundler.
const NOT_SHIPPED: [&str; 7] =
    [".bin", ".package-lock.json", "@esbuild", "@types", "esbuild", "durable-functions-1", "durable-functions-2"];

/// The packages, installed once for all tests; `None` where there is no npm.
fn packages() -> Option<&'static Path> {
    static PACKAGES: LazyLock<Option<tempfile::TempDir>> = LazyLock::new(|| {
        if Command::new("npm").arg("--version").output().is_err() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("hearth-npm-").tempdir().unwrap();
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(source().join(file), folder.path().join(file)).unwrap();
        }
        let output = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "npm ci failed: {}", String::from_utf8_lossy(&output.stderr));
        Some(folder)
    });
    let folder = PACKAGES.as_ref().map(tempfile::TempDir::path);
    if folder.is_none() {
        println!("skipped: npm is not on the PATH, and without it there are no npm packages to try");
    }
    folder
}

/// One for all tests: it makes the engine ready once.
fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(|| Hearth::with().flag("--egress-allow", "127.0.0.0/8").start());
    &HEARTH
}

fn source() -> PathBuf {
    javascript().join("npm")
}

/// A project's folder: these files, and node_modules with links to the packages of these names.
fn project(packages: &Path, app: &Path, links: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(app, folder.path(), &[]);
    for shared in ["history.js", "client-binding.js"] {
        std::fs::copy(source().join(shared), folder.path().join(shared)).unwrap();
    }
    let modules = folder.path().join("node_modules");
    for (name, package) in links.iter().chain(&[(".bin", ".bin"), ("esbuild", "esbuild")]) {
        let link = modules.join(name);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(packages.join("node_modules").join(package), link).unwrap();
    }
    folder
}

/// Copies what is in a folder, but for some names in the folder itself.
fn copy(from: &Path, to: &Path, without: &[&str]) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if without.iter().any(|other| name == *other) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name), &[]);
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn publish_bundle(hearth: &Hearth, app: &str, project: &Path) {
    let output = hearth.run(["publish", project.to_str().unwrap(), "--app", app, "--bundle"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "publishing {app} failed: {text}\nlog:\n{}", hearth.log().tail(40));
}

/// The function as the app's admin API tells it.
fn told(hearth: &Hearth, app: &str, function: &str) -> Value {
    let keys = hearth.manage(Method::GET, &format!("/api/apps/{app}/keys")).send().expect(200).json();
    let call = hearth.app(app).call(Method::GET, &format!("/admin/functions/{function}"));
    call.header("x-functions-key", keys["master"]["value"].as_str().unwrap()).send().expect(200).json()
}

/// One turn of the orchestrator after activities with these results.
fn turn(hearth: &Hearth, app: &str, results: &Value) -> Value {
    hearth.app(app).post("/api/turn", results.to_string()).expect(200).json()
}

/// The chain from its first turn to its end (durable reference, sections 2.4 to 2.6).
fn expect_turns(hearth: &Hearth, app: &str, schema: Option<u8>) {
    let call = |name: &str, input: &str| json!({ "actionType": 0, "functionName": name, "input": input });
    let (first, second) = (call("F1", "\"x\""), call("F2", "\"one\""));
    // From the second schema on all actions stand in one list; before, each yield has its own.
    let both = if schema.is_some() { json!([[first, second]]) } else { json!([[first], [second]]) };
    let expect = |results: Value, done: bool, actions: &Value, more: Value| {
        let state = turn(hearth, app, &results);
        let mut wanted = json!({ "isDone": done, "actions": actions });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        if let Some(schema) = schema {
            wanted["schemaVersion"] = schema.into();
        }
        assert_eq!(state, wanted, "{app} after {results}");
    };
    expect(json!([]), false, &json!([[first]]), json!({}));
    expect(json!(["one"]), false, &both, json!({}));
    let output = json!({ "output": ["one", { "two": 2 }], "customStatus": { "done": true } });
    expect(json!(["one", { "two": 2 }]), true, &both, output);

    let failed = turn(hearth, app, &json!(["fail"]));
    let thrown = failed["thrown"].as_str().unwrap();
    assert!(thrown.contains("failed on purpose"), "{thrown}");
    let (_, state) = thrown.split_once("$OutOfProcData$:").unwrap_or_else(|| panic!("{app}: no state in {thrown}"));
    let state: Value = serde_json::from_str(state).unwrap();
    assert_eq!((&state["isDone"], &state["error"]), (&false.into(), &"failed on purpose".into()), "{state}");
}

/// A starter's calls go where its binding says.
fn expect_client(hearth: &Hearth, app: &str) {
    let server = LocalServer::answering(|_| {
        let response = Response::builder().status(202).header("content-type", "application/json");
        response.body(Bytes::from_static(br#"{"id":"started"}"#)).unwrap()
    });
    let body = json!({ "server": format!("http://{}", server.address()) });
    let call = hearth.app(app).call(Method::POST, "/api/client").header("content-type", "application/json");
    let answer = call.body(body.to_string()).send().expect(202);
    assert!(answer.header("location").unwrap().contains("/instances/started"), "{:?}", answer.headers);
    let [request] = &server.requests()[..] else { panic!("{app}: {:?}", server.requests()) };
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri().path(), "/durabletask/orchestrators/chain");
    assert_eq!(&request.body()[..], b"\"Ada\"");
}

#[test]
fn durable_functions_of_every_major_version_run_from_a_bundle() {
    let Some(packages) = packages() else { return };
    let hearth = hearth();
    let versions = [
        ("durable-1", "durable-v3", "durable-functions-1", None),
        ("durable-2", "durable-v3", "durable-functions-2", Some(2)),
        ("durable-3", "durable-v4", "durable-functions-3", Some(2)),
    ];
    for (app, folder, package, schema) in versions {
        let links = [("durable-functions", package), ("@azure/functions", "@azure/functions")];
        let project = project(packages, &source().join(folder), &links);
        publish_bundle(hearth, app, project.path());
        expect_turns(hearth, app, schema);
        expect_client(hearth, app);
        let chain = told(hearth, app, "chain");
        assert_eq!(chain["config"]["bindings"][0]["type"], "orchestrationTrigger", "{chain}");
    }
}

#[test]
fn the_azure_functions_package_gives_the_results_of_our_own() {
    let Some(packages) = packages() else { return };
    let hearth = hearth();
    let app = javascript().join("conformance").join("functions").join("v4");
    let project = project(packages, &app, &[("@azure/functions", "@azure/functions")]);
    std::fs::write(project.path().join("host.json"), r#"{"version":"2.0"}"#).unwrap();
    std::fs::write(project.path().join("package.json"), r#"{"main":"index.js"}"#).unwrap();
    publish_bundle(hearth, "v4", project.path());
    expect_calls(hearth, "v4", &std::fs::read_to_string(app.join("calls.json")).unwrap());
    assert!(told(hearth, "v4", "text")["config"]["bindings"][0]["properties"].is_object(), "it is not the npm package");
}

#[test]
fn node_modules_that_are_shipped_need_no_bundle() {
    let Some(packages) = packages() else { return };
    let hearth = hearth();
    let folder = tempfile::tempdir().unwrap();
    copy(&source().join("durable-v4"), folder.path(), &[]);
    for shared in ["history.js", "client-binding.js"] {
        std::fs::copy(source().join(shared), folder.path().join(shared)).unwrap();
    }
    let modules = folder.path().join("node_modules");
    copy(&packages.join("node_modules"), &modules, &NOT_SHIPPED);
    std::fs::rename(modules.join("durable-functions-3"), modules.join("durable-functions")).unwrap();
    hearth.publish("shipped", folder.path());
    expect_turns(hearth, "shipped", Some(2));
    expect_client(hearth, "shipped");
}

#[test]
fn axios_calls_other_servers() {
    let Some(packages) = packages() else { return };
    let server = LocalServer::answering(|request| {
        let given = request.headers()["x-given"].to_str().unwrap().to_owned();
        let body = json!({ "given": given, "body": String::from_utf8_lossy(request.body()) }).to_string();
        Response::builder().status(201).header("content-type", "application/json").body(Bytes::from(body)).unwrap()
    });
    let hearth = hearth();
    let project = project(packages, &source().join("axios"), &[("axios", "axios")]);
    publish_bundle(hearth, "axios", project.path());
    let answer = hearth.app("axios").get(&format!("/api/call?to=http://{}/x", server.address())).expect(200).json();
    assert_eq!(answer, json!({ "status": 201, "data": { "given": "yes", "body": "{\"a\":[1]}" } }));
}
