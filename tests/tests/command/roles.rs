//! Roles as processes of their own: management here, workers there, a token between them.

use std::path::Path;
use std::process::{Child, Stdio};

use hearth_tests::{Call, Hearth, LONG, client, eventually, sample};
use http::Method;
use serde_json::Value;

use crate::stderr;

/// One role in the foreground; killed when dropped.
struct Role {
    process: Child,
    ready: Value,
}

impl Role {
    fn start(folder: &Path, arguments: &[&str], token: &str) -> Self {
        // Role, `--name` or `--data`, and its value.
        let ready_file = folder.join(format!("{}.ready", arguments[..3].join("-")));
        let mut process = client(folder)
            .args(arguments)
            .arg("--ready-file")
            .arg(&ready_file)
            .env("HEARTH_JOIN_TOKEN", token)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ready = eventually("the ready file", || {
            assert!(process.try_wait().unwrap().is_none(), "{arguments:?} ended");
            serde_json::from_slice(&std::fs::read(&ready_file).ok()?).ok()
        });
        Self { process, ready }
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// SIGTERM, and the exit code.
    fn stop(mut self) -> Option<i32> {
        hearth_tests::signal(self.process.id(), hearth_tests::Signal::TERM);
        eventually("the role to stop", || self.process.try_wait().unwrap()).code()
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

#[test]
fn management_and_workers_work_together_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data = folder.join("management");
    std::fs::create_dir(&data).unwrap();
    let state = format!("sqlite:{}", data.join("state.db").display());
    let key = data.join("installation.key").display().to_string();
    let token = "a-token-for-the-workers-of-this-test";
    let management =
        Role::start(folder, &["management", "--data", "management", "--management-listen", "127.0.0.1:0"], token);
    let url = management.text("management").to_owned();
    let worker = |name: &str| {
        let flags = [
            "worker",
            "--name",
            name,
            "--data",
            name,
            "--management",
            &url,
            "--state",
            &state,
            "--key-file",
            &key,
            "--http-listen",
            "127.0.0.1:0",
            "--queues-listen",
            "127.0.0.1:0",
            "--documents-listen",
            "127.0.0.1:0",
        ];
        Role::start(folder, &flags, token)
    };
    let (one, two) = (worker("one"), worker("two"));
    let output = client(folder)
        .args(["publish", sample("hello-http").to_str().unwrap(), "--app", "site"])
        .env("HEARTH_MANAGEMENT", &url)
        .env("HEARTH_KEY", management.text("adminKey"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let hello = |worker: &Role| {
        let to = worker.text("http").trim_start_matches("http://").parse().unwrap();
        Call::new(to, Method::GET, "/api/hello").host("site.localhost").within(LONG).send().expect(200).text()
    };
    assert_eq!((hello(&one), hello(&two)), ("Hello, WASI!\n".into(), "Hello, WASI!\n".into()));
    // Management goes; calls do not mind, and a worker that stops meanwhile stops in good order.
    assert_eq!(management.stop(), Some(0));
    assert_eq!((hello(&one), hello(&two)), ("Hello, WASI!\n".into(), "Hello, WASI!\n".into()));
    assert_eq!(one.stop(), Some(0));
    assert_eq!(hello(&two), "Hello, WASI!\n");
}

#[test]
fn a_worker_with_a_wrong_token_is_turned_away() {
    let hearth = Hearth::start();
    let folder = tempfile::tempdir().unwrap();
    let state = format!("sqlite:{}", hearth.data().join("state.db").display());
    let output = client(folder.path())
        .args(["worker", "--name", "stranger", "--data", "stranger", "--http-listen", "127.0.0.1:0", "--state", &state])
        .args(["--queues-listen", "127.0.0.1:0", "--documents-listen", "127.0.0.1:0"])
        .args(["--management", hearth.management(), "--key-file"])
        .arg(hearth.data().join("installation.key"))
        .env("HEARTH_JOIN_TOKEN", "a-token-that-was-guessed")
        .output()
        .unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(77), "{text}");
    let told = text.lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(told.contains(hearth.management()) && told.contains("refused the join token"), "{text}");
    assert!(told.contains("setting: join-token") && !text.contains("a-token-that-was-guessed"), "{text}");
    let list = hearth.json(&["workers", "list"]);
    assert_eq!(list["workers"].as_array().unwrap().len(), 1, "{list}");
}
