//! JavaScript and TypeScript: no toolchain, nothing to build, a save is live at once.

use std::time::{Duration, Instant};

use hearth_tests::{Project, Zip, eventually};
use serde_json::json;

/// A save must be live within this time on a machine that runs other tests too; 300 ms on one that does not.
const BOUND: Duration = Duration::from_secs(5);

fn v3(text: &str) -> String {
    format!(
        "module.exports = async function (context, req) {{\n    context.log('called');\n    context.res = {{ body: {text} }};\n}};\n"
    )
}

fn project(script: &str) -> Project {
    let function = json!({ "bindings": [
        { "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" },
        { "type": "http", "direction": "out", "name": "res" },
    ] });
    Project::of(&Zip::app().json("hello/function.json", &function).file("hello/index.js", script))
}

#[test]
fn a_save_is_live_a_moment_later() {
    let project = project(&v3("'version 0'"));
    let started = project.start(&[]);
    started.until("/api/hello", "version 0");
    let mut times = Vec::new();
    for version in 1..=10 {
        let saved = Instant::now();
        if version % 2 == 0 {
            project.write("hello/index.js", v3(&format!("'version {version}'")));
        } else {
            project.replace("hello/index.js", v3(&format!("'version {version}'")));
        }
        while started.get("/api/hello").text() != format!("version {version}") {
            assert!(saved.elapsed() < BOUND, "version {version} is not live after {BOUND:?}");
        }
        times.push(saved.elapsed());
    }
    times.sort();
    println!("from save to live: median {:?}, longest {:?}", times[times.len() / 2], times[times.len() - 1]);
    started.log().with(0, &["hello: called"]);
}

#[test]
fn a_script_that_is_broken_is_shown_with_its_place_and_the_last_good_one_serves() {
    let project = project(&v3("'good'"));
    let started = project.start(&[]);
    started.until("/api/hello", "good");
    let mark = started.log().mark();
    project.write("hello/index.js", "module.exports = async function (context, req) {\n    const = 1;\n};\n");
    started.log().with(mark, &["hello/index.js:2"]);
    started.log().with(mark, &["const = 1"]);
    started.log().with(mark, &["The last good version goes on serving."]);
    for _ in 0..3 {
        assert_eq!(started.get("/api/hello").text(), "good");
    }
    project.write("hello/index.js", v3("'mended'"));
    started.until("/api/hello", "mended");
}

#[test]
fn an_exception_is_shown_with_its_stack_under_the_function() {
    let script = "module.exports = async function (context) {\n    throw new Error('on purpose');\n};\n";
    let project = project(script);
    let started = project.start(&[]);
    started.get("/api/hello").expect(500);
    started.log().with(0, &["Executed 'Functions.hello' (Failed, Id="]);
    started.log().with(0, &["on purpose"]);
    started.log().with(0, &["hello/index.js:2"]);
}

#[test]
fn a_call_under_way_ends_on_the_version_on_which_it_began() {
    let script = "module.exports = async function (context, req) {\n    context.log('waiting');\n    \
                  await new Promise((resolve) => setTimeout(resolve, 1500));\n    context.res = { body: 'old' };\n};\n";
    let project = project(script);
    let started = project.start(&[]);
    let mut slow = started.call(http::Method::GET, "/api/hello").open();
    slow.finish();
    started.log().with(0, &["hello: waiting"]);
    project.write("hello/index.js", v3("'new'"));
    eventually("the new version", || (started.get("/api/hello").text() == "new").then_some(()));
    assert_eq!(slow.answer().text(), "old");
}
