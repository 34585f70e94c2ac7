//! Workers that join an installation by a one-time token, rest, and leave: real processes, each with a data directory of its own.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod gate;
mod join;
mod rest;
mod rotation;
mod windows;

use std::path::PathBuf;

use hearth_tests::{Hearth, Joined, Machine, eventually, sample};
use serde_json::Value;

/// An installation whose management notices soon that a worker is gone.
fn installation(workers: u16) -> Hearth {
    Hearth::with().workers(workers).flag("--worker-lease", "2").start()
}

fn token(hearth: &Hearth) -> String {
    hearth.json(&["workers", "token"])["token"].as_str().unwrap().to_owned()
}

/// A worker that joined under this name.
#[track_caller]
fn join(hearth: &Hearth, machine: &Machine, name: &str) -> Joined {
    machine.start(["--name", name, "--join", &token(hearth)])
}

/// The worker in the list, when it passes.
#[track_caller]
fn worker_when(hearth: &Hearth, name: &str, passes: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    eventually(&format!("worker {name} to be as expected"), || {
        let list = hearth.json(&["workers", "list"]);
        last = list["workers"].as_array().unwrap().iter().find(|worker| worker["name"] == name)?.clone();
        passes(&last).then(|| last.clone())
    })
}

/// Waits until the app runs on exactly these workers.
#[track_caller]
fn runs_on(hearth: &Hearth, app: &str, workers: &[&str]) {
    eventually(&format!("{app} to run on {workers:?}"), || {
        let running = hearth.show(app)["runningOn"].clone();
        (running == serde_json::json!(workers)).then_some(())
    });
}

fn app() -> PathBuf {
    sample("hello-rust")
}
