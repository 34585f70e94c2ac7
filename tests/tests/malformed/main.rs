//! Requests that no well-behaved client sends, byte by byte: what is ambiguous or broken is refused and its connection
//! closed, nothing hidden in it reaches a function, and everybody else is served on.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod answers;
mod frames;
mod framing;
mod heads;
mod http2;
mod http2_floods;
mod http2_requests;
mod sequences;

use std::sync::LazyLock;

use hearth_tests::{Hearth, Zip, http_function, test_guest};
use serde_json::json;

/// The app that everything here is sent to. Its function `smuggled` is what an attacker wants to reach, and no test asks
/// for it in the open. It fails, as `broken` does, because failures always are in the log.
struct Target {
    hearth: Hearth,
    host: String,
}

impl Target {
    fn get() -> &'static Self {
        static TARGET: LazyLock<Target> = LazyLock::new(|| {
            let hearth = Hearth::start();
            let functions =
                [("ok", "which"), ("echo", "echo"), ("length", "length"), ("smuggled", "none"), ("broken", "none")];
            let zip = functions.iter().fold(Zip::folder(&test_guest("contract")), |zip, (name, entry)| {
                let mut function = http_function(&json!({}));
                function["entryPoint"] = (*entry).into();
                function["bindings"][1]["name"] = "$return".into();
                zip.json(&format!("{name}/function.json"), &function)
            });
            hearth.publish_zip("target", &zip);
            let host = format!("target.localhost:{}", hearth.http_address().port());
            Target { hearth, host }
        });
        &TARGET
    }

    /// Sees that it still serves, and that `smuggled` has never run: a later call's line is in the log by now.
    #[track_caller]
    fn unharmed(&self) {
        let mark = self.hearth.log().mark();
        assert_eq!(self.hearth.app("target").get("/api/ok").expect(200).text(), "ok");
        self.hearth.app("target").get("/api/broken").expect(500);
        self.hearth.log().with(mark, &["Executed 'Functions.broken' (Failed"]);
        let log = self.hearth.log().text();
        assert!(!log.contains("Functions.smuggled"), "the hidden request reached its function");
        assert!(!log.contains("panicked"), "the worker panicked:\n{}", self.hearth.log().tail(40));
    }
}
