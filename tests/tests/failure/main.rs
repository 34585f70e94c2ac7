//! What happens when a process dies, hangs, or is told to stop: who notices, how long it takes, what is left.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "measured times are shown")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod cache;
mod full_disk;
mod management;
mod publish;
mod stop;
mod worker;

use std::time::{Duration, Instant};

use hearth_tests::{Callers, Hearth, Seen, alive, eventually, sample, test_guest};
use http::Method;

/// After what ended a worker, its apps must answer again within this time.
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// An installation with two apps that answer: a typed one and a `wasi:http` one.
fn with_apps(workers: u16) -> Hearth {
    publish_both(Hearth::with().workers(workers).start())
}

fn publish_both(hearth: Hearth) -> Hearth {
    hearth.publish("typed", &sample("hello-rust"));
    hearth.publish("plain", &test_guest("faults-http"));
    both_answer(&hearth);
    hearth
}

#[track_caller]
fn both_answer(hearth: &Hearth) {
    assert_eq!(hearth.app("typed").get("/api/hello?name=Ada").expect(200).text(), "Hello, Ada!\n");
    assert_eq!(hearth.app("plain").get("/api/hello").expect(200).text(), "hello");
}

/// Callers of the typed app.
fn callers(hearth: &Hearth, count: usize) -> Callers {
    Callers::begin(count, &hearth.app("typed").call(Method::GET, "/api/hello?name=Ada"))
}

fn failed(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter().filter(|seen| seen.text().is_none()).collect()
}

/// Expects that what was sent after `moment` was answered, and soon; what failed was under way at that moment.
#[track_caller]
fn only_calls_under_way_failed(seen: &[Seen], moment: Instant, callers: usize) {
    let failed = failed(seen);
    // A dying process may still take a connection that was made just after the signal was sent.
    let dying = moment + Duration::from_millis(500);
    for one in &failed {
        assert!(one.at <= dying && one.end >= moment, "not under way at the moment: {one:?}");
    }
    assert!(failed.len() <= callers, "{} calls failed, {callers} were under way", failed.len());
    let back = seen.iter().find(|seen| seen.at > moment && seen.text().is_some()).expect("a call after the moment");
    let took = back.end - moment;
    println!("answered again after {took:?}; {} of {} calls failed", failed.len(), seen.len());
    assert!(took < BACK_WITHIN, "answered again only after {took:?}");
}

/// Waits until none of these processes runs.
#[track_caller]
fn all_gone(pids: &[u32]) {
    eventually("every process to end", || pids.iter().all(|pid| !alive(*pid)).then_some(()));
}

/// Every process of the installation, the supervisor too.
fn everyone(hearth: &Hearth) -> Vec<u32> {
    [vec![hearth.pid()], hearth.pids("management"), hearth.pids("worker")].concat()
}

/// A worker in the list of workers once `wanted` holds for it.
#[track_caller]
fn worker_when(hearth: &Hearth, name: &str, wanted: impl Fn(&serde_json::Value) -> bool) {
    eventually(&format!("{name} to be as wanted"), || {
        let list = hearth.json(&["workers", "list"]);
        list["workers"].as_array().unwrap().iter().any(|worker| worker["name"] == name && wanted(worker)).then_some(())
    });
}
