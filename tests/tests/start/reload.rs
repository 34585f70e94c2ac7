//! A saved file is live a moment later; calls under way end on what they began with.

use hearth_tests::{Started, Zip, eventually, test_guest};
use http::Method;
use serde_json::json;

use crate::{hello, prefix};

#[test]
fn the_functions_are_listed_with_their_addresses_and_again_when_they_change() {
    let project = hello(&json!({ "methods": ["get", "post"], "route": "Hello/{name?}" }));
    let started = project.start(&[]);
    let port = started.address().port();
    started.output().with(0, &["Functions:"]);
    started.output().with(0, &[&format!("hello: [GET,POST] http://localhost:{port}/api/Hello/{{name?}}")]);
    let mark = started.output().mark();
    project.replace("host.json", prefix("v2"));
    started.output().with(mark, &[&format!("hello: [GET,POST] http://localhost:{port}/v2/Hello/{{name?}}")]);
    started.get("/api/Hello").expect(404);
    started.call(Method::POST, "/v2/Hello").send();
    started.log().with(0, &["Executing 'Functions.hello' (Reason="]);
    started.log().with(0, &["Executed 'Functions.hello' (Succeeded, Id="]);
    assert!(started.interrupt().success(), "Ctrl-C is no failure");
}

#[test]
fn a_broken_save_shows_its_error_and_the_last_good_version_goes_on() {
    let project = hello(&json!({}));
    let started = project.start(&[]);
    started.until("/api/hello", "Hello, WASI!\n");
    project.write("host.json", "{ \"version\": \"2.0\",");
    started.log().with(0, &["host.json:1:"]);
    started.log().with(0, &["The last good version goes on serving."]);
    started.get("/api/hello").expect(200);
    // A function that worked must go on working, though others are fine.
    let mark = started.log().mark();
    project.write("host.json", prefix("api"));
    project.write("hello/function.json", "{ \"bindings\": [] }");
    started.log().with(mark, &["function 'hello':"]);
    started.get("/api/hello").expect(200);
    project.write("hello/function.json", hearth_tests::http_function(&json!({ "route": "v2/hello" })).to_string());
    started.until("/api/v2/hello", "Hello, WASI!\n");
}

#[test]
fn a_call_under_way_ends_on_the_version_on_which_it_began() {
    let project = hello(&json!({}));
    let started = project.start(&[]);
    let mut echo = started.call(Method::POST, "/api/echo").open();
    echo.send(b"before ");
    started.log().with(0, &["Executing 'Functions.echo'"]);
    project.write("host.json", prefix("v2"));
    eventually("the new version", || (started.get("/v2/hello").status == 200).then_some(()));
    started.get("/api/hello").expect(404);
    echo.send(b"after");
    echo.finish();
    assert_eq!(echo.answer().text(), "before after");
}

#[test]
fn settings_come_from_the_file_and_from_the_environment_which_wins() {
    let project = hearth_tests::Project::of(&Zip::folder(&test_guest("faults")));
    let values = |greeting: &str| {
        json!({ "Values": { "GREETING": greeting, "MODE": "file", "FUNCTIONS_WORKER_RUNTIME": "node" } }).to_string()
    };
    project.write("local.settings.json", values("salve"));
    // Settings of `hearth up` are none of these processes', wherever they stand.
    project.write("hearth.toml", "functions-url = \"https://elsewhere.test\"\n");
    let environment = [("MODE", "environment"), ("HEARTH_HTTP_TLS_CERTIFICATE", "/absent.pem")];
    let started = project.start_with(&[], &environment).map_err(|(_, text)| text).unwrap();
    let of = |started: &Started, name: &str| {
        let answer = started.get(&format!("/api/setting_value?name={name}"));
        (answer.status == 200).then(|| answer.text())
    };
    assert_eq!(of(&started, "GREETING").as_deref(), Some("salve"));
    assert_eq!(of(&started, "MODE").as_deref(), Some("environment"));
    assert_eq!(of(&started, "AZURE_FUNCTIONS_ENVIRONMENT").as_deref(), Some("Development"));
    assert_eq!(of(&started, "WEBSITE_HOSTNAME"), Some(format!("localhost:{}", started.address().port())));
    for private in ["HEARTH_JOIN_TOKEN", "HEARTH_READY_FILE", "NOTIFY_SOCKET", "WEBSITE_INSTANCE_ID"] {
        assert_eq!(of(&started, private), None, "{private}");
    }
    started.log().with(0, &["'MODE' is not used: the environment has a value"]);
    project.replace("local.settings.json", values("ave"));
    started.until("/api/setting_value?name=GREETING", "ave");
}

#[test]
fn only_the_functions_that_are_named_are_loaded() {
    let project = hello(&json!({}));
    let started = project.start(&["--functions", "hello", "count"]);
    started.get("/api/hello").expect(200);
    started.call(Method::POST, "/api/echo").send().expect(404);
    assert!(!started.output().text().contains("echo:"), "{}", started.output().text());
}

#[test]
fn what_is_local_stays_out_of_repositories_and_state_is_kept() {
    let project = hello(&json!({}));
    let started = project.start(&["--enable-auth"]);
    let data = Started::data(&project);
    assert_eq!(std::fs::read_to_string(data.join(".gitignore")).unwrap(), "*\n");
    let keys = |project: &hearth_tests::Project| {
        let name = project.path().file_name().unwrap().to_str().unwrap().to_ascii_lowercase();
        let output = project.run(["keys", "list", "--app", &name, "--data", ".hearth", "--output", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let before = keys(&project);
    assert!(started.interrupt().success());
    std::fs::remove_file(data.join(".gitignore")).unwrap();
    let started = project.start(&["--enable-auth", "--data", ".hearth"]);
    assert_eq!(keys(&project), before, "they outlive a start");
    assert_eq!(std::fs::read_to_string(data.join(".gitignore")).unwrap(), "*\n");
    drop(started);
}
