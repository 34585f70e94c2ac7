//! Log lines of invocations: on standard error, and as they come in each app's log stream.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::LazyLock;

use hearth_tests::{Exchange, Hearth, Zip, test_guest};
use http::Method;
use serde_json::json;

fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(|| {
        let hearth = Hearth::start();
        hearth.publish("faults", &test_guest("faults"));
        hearth.publish("faults-http", &test_guest("faults-http"));
        let levels = json!({ "default": "Warning", "Function.levels.User": "Trace", "Function.ok": "None" });
        let host = json!({ "version": "2.0", "logging": { "logLevel": levels } });
        hearth.publish_zip("levels", &Zip::folder(&test_guest("faults")).json("host.json", &host));
        hearth
    });
    &HEARTH
}

/// Opens the app's log stream and waits until it is connected to the worker: until a call made for that shows up.
fn watch(app: &str, function: &str) -> Exchange {
    let mut stream = hearth().manage(Method::GET, &format!("/apps/{app}/api/logstream")).open();
    stream.finish();
    let (status, headers) = stream.head();
    assert_eq!(status, 200);
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    stream.until("Welcome, you are now connected to log-streaming service.");
    connected(&mut stream, app, function);
    stream
}

/// Calls a function that fails, which always leaves a line, and reads up to that line; gives what it ends with.
fn connected(stream: &mut Exchange, app: &str, function: &str) -> String {
    let answer = hearth().app(app).get(&format!("/api/{function}")).expect(500);
    // Also when it was written before the worker was connected: recent lines come first.
    let failed = format!("(Failed, Id={}", answer.header("x-ms-invocation-id").unwrap());
    stream.until(&failed);
    failed
}

#[test]
fn a_successful_invocation_is_two_lines_with_one_id() {
    let mut stream = watch("faults", "fail");
    let told = hearth().app("faults").get("/api/inspect").expect(200).json();
    let id = told["invocation"]["id"].as_str().unwrap();
    let text = stream.until("(Succeeded, Id=");
    let reason = "Reason='This function was programmatically called via the host APIs.'";
    let executing = format!("[Information] Function.inspect: Executing 'Functions.inspect' ({reason}, Id={id})");
    assert!(text.contains(&executing), "{text}");
    assert!(text.contains(&format!("Executed 'Functions.inspect' (Succeeded, Id={id}, Duration=")), "{text}");
    let line = text.lines().find(|line| line.contains("Executing 'Functions.inspect'")).unwrap();
    let time = line.split(' ').next().unwrap();
    assert!(time.ends_with('Z') && time.contains('T') && time.len() >= 20, "{line}");
}

#[test]
fn a_failed_invocation_tells_why_between_its_lines() {
    let mut stream = watch("faults-http", "trap");
    let answer = hearth().app("faults-http").get("/api/no_response").expect(500);
    let id = answer.header("x-ms-invocation-id").unwrap();
    let text = stream.until("response-outparam");
    assert!(text.contains("Executing 'Functions.no_response' (Reason='"), "{text}");
    let failed = format!("[Error] Function.no_response: Executed 'Functions.no_response' (Failed, Id={id}, Duration=");
    assert!(text.contains(&failed), "{text}");
}

#[test]
fn a_guests_lines_stand_under_its_function() {
    let mut stream = watch("faults", "fail");
    hearth().app("faults").get("/api/levels").expect(204);
    let text = stream.until("'Functions.levels' (Succeeded");
    for line in [
        "[Information] Function.levels.User: an information line",
        "[Warning] Function.levels.User: a warning line",
        "[Error] Function.levels.User: an error line",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // Information is where host.json's levels begin when it says nothing.
    assert!(!text.contains("a trace line") && !text.contains("a debug line"), "{text}");
}

#[test]
fn host_json_sets_the_levels() {
    let mut stream = watch("levels", "fail");
    let app = hearth().app("levels");
    app.get("/api/ok").expect(200);
    app.get("/api/levels").expect(204);
    let last = connected(&mut stream, "levels", "abort");
    let mut stream = hearth().manage(Method::GET, "/apps/levels/api/logstream").open();
    stream.finish();
    // Everything is among the recent lines now.
    let text = stream.until(&last);
    for line in ["a trace line", "a debug line", "an information line", "a warning line", "an error line"] {
        assert!(text.contains(&format!("Function.levels.User: {line}")), "{text}");
    }
    // Below Warning: the host's own lines about functions.
    assert!(!text.contains("Executing '") && !text.contains("(Succeeded"), "{text}");
}

#[test]
fn a_stream_has_the_lines_of_its_app_only_and_can_be_filtered() {
    let mut filtered = hearth().manage(Method::GET, "/apps/faults/api/logstream?filter=a%20warning").open();
    filtered.finish();
    filtered.until("Welcome");
    let mut stream = watch("faults", "fail");
    hearth().app("levels").get("/api/abort").expect(500);
    hearth().app("faults").get("/api/levels").expect(204);
    let text = stream.until("'Functions.levels' (Succeeded");
    assert!(!text.contains("Functions.abort"), "{text}");
    let text = filtered.until("a warning line");
    assert!(!text.contains("an information line") && !text.contains("Executing"), "{text}");
}

#[test]
fn the_publishing_site_streams_to_its_own_credentials_only() {
    let hearth = hearth();
    let port = hearth.management_address().port();
    let by_host = |call: hearth_tests::Call| call.host(&format!("faults.scm.localhost:{port}"));
    let anonymous = by_host(hearth.call_management(Method::GET, "/api/logstream")).send();
    assert_eq!(anonymous.status, 401, "{}", anonymous.text());
    let credentials = hearth.manage(Method::GET, "/api/apps/faults/publish-credentials").send().expect(200).json();
    let of = |name: &str| credentials[name].as_str().unwrap();
    let call = hearth.call_management(Method::GET, "/api/logstream").basic(of("user"), of("password"));
    let mut stream = by_host(call).open();
    stream.finish();
    stream.until("Welcome");
    connected(&mut stream, "faults", "fail");
    // Not to another app's.
    let call = hearth.call_management(Method::GET, "/apps/levels/api/logstream").basic(of("user"), of("password"));
    let refused = call.send();
    assert!(matches!(refused.status, 401 | 403), "{} {}", refused.status, refused.text());
}

#[test]
fn a_stream_goes_on_over_the_next_version_of_its_app() {
    let hearth = hearth();
    hearth.publish("again", &test_guest("faults"));
    let mut stream = watch("again", "fail");
    hearth.publish("again", &test_guest("faults"));
    connected(&mut stream, "again", "abort");
}

#[test]
fn a_flood_of_lines_is_cut_with_one_line_that_says_so() {
    // An app of its own: its lines push others out of the recent ones.
    hearth().publish("flooded", &test_guest("faults"));
    let mut stream = watch("flooded", "fail");
    let answer = hearth().app("flooded").get("/api/flood?lines=2000&bytes=2000").expect(200);
    assert_eq!(answer.text(), "through");
    let text = stream.until("'Functions.flood' (Succeeded");
    assert!(text.contains("Further log lines of this invocation are dropped"), "{} bytes", text.len());
    assert!(text.contains("flood 1 ") && !text.contains("flood 2000 "), "{} bytes", text.len());
    assert!(text.len() < 1_500_000, "{} bytes", text.len());
    // The next invocation has a budget of its own.
    hearth().app("flooded").get("/api/flood?lines=1&bytes=1").expect(200);
    stream.until("flood 1 ~");
}

#[test]
fn a_caller_that_leaves_ends_its_function_at_the_next_write() {
    let mut stream = watch("faults-http", "trap");
    let mut call = hearth().app("faults-http").call(Method::GET, "/api/slow?chunks=100000&pause=10").open();
    call.finish();
    call.until("3\n");
    drop(call);
    stream.until("Executed 'Functions.slow' (");
}

#[test]
fn a_closed_target_is_told_in_the_apps_log() {
    for (app, ready) in [("faults", "fail"), ("faults-http", "trap")] {
        let mut stream = watch(app, ready);
        hearth().app(app).get("/api/outbound?url=http%3A%2F%2F127.0.0.1%3A1%2F");
        let text = stream.until("Executed 'Functions.outbound' (");
        assert!(
            text.contains("[Warning] Function.outbound.User: 127.0.0.1 is not allowed by the egress rule"),
            "{text}"
        );
    }
}

#[test]
fn a_failure_is_on_standard_error_with_its_app() {
    let mark = hearth().log().mark();
    let answer = hearth().app("faults").get("/api/fail").expect(500);
    let id = answer.header("x-ms-invocation-id").unwrap();
    let line = hearth().log().with(mark, &["Executed 'Functions.fail' (Failed", id]);
    assert!(line.contains("worker-1"), "{line}");
    hearth().log().with(mark, &["caused by: invalid digit", "app=faults"]);
}
