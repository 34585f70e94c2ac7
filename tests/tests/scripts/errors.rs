//! What goes wrong while a function runs: what the caller sees, what the log has, and that nobody else notices.

use std::time::Duration;

use crate::{hearth, version_3};

/// Publishes an app with a function `f` and a function `fine` beside it.
fn publish(app: &str, script: &str) {
    let package = version_3(&[
        ("f", script),
        ("fine", "module.exports = async (context) => { context.res = { body: 'fine' }; };"),
    ])
    .file("host.json", r#"{"version": "2.0", "functionTimeout": "00:00:02", "wasm": {"memoryLimitMiB": 64}}"#);
    hearth().publish_zip(app, &package);
}

/// Calls `f`, which must fail with this status and code, and gives the log from then on that mentions it.
#[track_caller]
fn failure(app: &str, status: u16, code: &str) -> String {
    let mark = hearth().log().mark();
    let answer =
        hearth().app(app).call(http::Method::GET, "/api/f").within(Duration::from_secs(20)).send().expect(status);
    let error = &answer.json()["error"];
    assert_eq!(error["code"], code, "{error}");
    let id = error["invocationId"].as_str().unwrap();
    assert_eq!(id.len(), 36, "{error}");
    hearth().log().with(mark, &["Executed 'Functions.f' (Failed", id]);
    assert_eq!(hearth().app(app).get("/api/fine").expect(200).text(), "fine", "the app goes on");
    // The lines of the error follow the one that was waited for in the same write.
    hearth().log().since(mark).join("\n")
}

#[test]
fn an_exception_is_logged_with_its_stack() {
    let script = "function inner(text) {\n    throw new RangeError(`no ${text}`, { cause: new Error('below') });\n}\n\nmodule.exports = async () => {\n    inner('way');\n};\n";
    publish("js-throws", script);
    let log = failure("js-throws", 500, "FunctionFailed");
    for part in ["RangeError: no way", "f/index.js:2:", "f/index.js:6:", "below"] {
        assert!(log.contains(part), "{part:?} is not in:\n{log}");
    }
    assert!(!hearth().app("js-throws").get("/api/f").text().contains("no way"), "callers are not told");
}

#[test]
fn stacks_are_those_of_the_source_map() {
    // Line 1 of the script is line 3 of the source, column by column: `AAEA` is column 0, source 0, 2 lines down.
    let map = r#"{"version":3,"sources":["../src/f.ts"],"names":[],"mappings":"AAEA"}"#;
    let script = "module.exports = async () => { throw new Error('mapped'); };\n//# sourceMappingURL=index.js.map\n";
    let package = version_3(&[
        ("f", script),
        ("fine", "module.exports = async (context) => { context.res = { body: 'fine' }; };"),
    ])
    .file("f/index.js.map", map);
    hearth().publish_zip("js-mapped", &package);
    let log = failure("js-mapped", 500, "FunctionFailed");
    assert!(log.contains("Error: mapped") && log.contains("src/f.ts:3:"), "{log}");
}

#[test]
fn an_endless_loop_is_ended_by_its_timeout() {
    publish("js-loops", "module.exports = async () => { for (;;) {} };");
    let log = failure("js-loops", 504, "FunctionTimeout");
    assert!(log.contains("exceeded its timeout of 00:00:02 (host.json: functionTimeout)"), "{log}");
    assert!(!log.contains("wasm backtrace"), "the engine's frames say nothing to who wrote the script: {log}");
    publish("js-waits", "module.exports = async () => { await new Promise(() => setInterval(() => {}, 100)); };");
    failure("js-waits", 504, "FunctionTimeout");
}

#[test]
fn a_memory_bomb_names_the_limit() {
    publish(
        "js-bomb",
        "module.exports = async () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); };",
    );
    let log = failure("js-bomb", 500, "MemoryLimitExceeded");
    assert!(log.contains("limit of 64 MiB (host.json: wasm.memoryLimitMiB)"), "{log}");
}

#[test]
fn recursion_without_end_can_be_caught() {
    let script = "const down = (n) => down(n + 1) + 1;
        module.exports = async (context, req) => {
            try { down(0); } catch (error) { context.res = { body: error.constructor.name }; }
            if (req.query.again) down(0);
        };";
    publish("js-deep", script);
    assert_eq!(hearth().app("js-deep").get("/api/f").expect(200).text(), "RangeError");
    let answer = hearth().app("js-deep").get("/api/f?again=1").expect(500).json();
    assert_eq!(answer["error"]["code"], "FunctionFailed", "{answer}");
    assert_eq!(hearth().app("js-deep").get("/api/f").expect(200).text(), "RangeError");
}

#[test]
fn a_rejection_that_nobody_handles_fails_its_invocation_and_no_other() {
    let rejects = "let calls = 0;
        module.exports = async (context, req) => {
            calls += 1;
            if (req.query.fail) {
                Promise.reject(new Error('nobody looked'));
                await new Promise((resolve) => setTimeout(resolve, 10));
                throw new Error('of an invocation that is over');
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
            context.res = { body: `call ${calls}` };
        };";
    publish("js-rejects", rejects);
    let app = hearth().app("js-rejects");
    assert_eq!(app.get("/api/f").expect(200).text(), "call 1");
    let mark = hearth().log().mark();
    let failed = app.get("/api/f?fail=1").expect(500).json();
    assert_eq!(failed["error"]["code"], "FunctionFailed", "{failed}");
    hearth().log().with(mark, &["Error: nobody looked"]);
    // What it was about to do is gone with its instance.
    assert_eq!(app.get("/api/f").expect(200).text(), "call 1");
}
