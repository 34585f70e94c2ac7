//! Management that dies or hangs: it is needed for change, not for running.

use std::time::Instant;

use hearth_tests::{Signal, eventually, kill, sample, signal};
use http::Method;

use crate::{BACK_WITHIN, both_answer, callers, failed, with_apps, worker_when};

#[test]
fn calls_go_on_without_a_failure_while_management_is_replaced() {
    let hearth = with_apps(1);
    let first = hearth.pids("management");
    let calls = callers(&hearth, 2);
    first.iter().copied().for_each(kill);
    // This waits for the next one: the supervisor holds the port.
    hearth.call_management(Method::GET, "/readyz").send().expect(200);
    assert_ne!(hearth.pids("management"), first);
    calls.go_on(20);
    hearth.publish("plain", &sample("hello-http"));
    calls.go_on(20);
    let seen = calls.end();
    assert!(failed(&seen).is_empty(), "{:?}", failed(&seen));
    assert_eq!(hearth.app("plain").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
    worker_when(&hearth, "worker-1", |worker| worker["state"] == "live");
}

#[test]
fn a_worker_that_starts_while_management_hangs_serves_what_state_holds() {
    let hearth = with_apps(1);
    let management = hearth.pids("management");
    management.iter().for_each(|pid| signal(*pid, Signal::STOP));
    let moment = Instant::now();
    kill(hearth.worker());
    both_answer(&hearth);
    let took = moment.elapsed();
    println!("answered again after {took:?}");
    assert!(took < BACK_WITHIN, "answered again only after {took:?}");
    management.iter().for_each(|pid| signal(*pid, Signal::CONT));
    worker_when(&hearth, "worker-1", |worker| worker["state"] == "live" && worker["pid"] == hearth.worker());
    hearth.publish("plain", &sample("hello-http"));
    assert_eq!(hearth.app("plain").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
}

#[test]
fn everything_but_the_supervisor_dies_at_once_and_comes_back() {
    let hearth = with_apps(2);
    let before = [hearth.pids("management"), hearth.pids("worker")].concat();
    let moment = Instant::now();
    before.iter().copied().for_each(kill);
    both_answer(&hearth);
    assert!(moment.elapsed() < BACK_WITHIN, "{:?}", moment.elapsed());
    eventually("both workers to serve", || {
        ["typed", "plain"].iter().all(|app| hearth.show(app)["runningOn"].as_array().unwrap().len() == 2).then_some(())
    });
    assert!(hearth.pids("worker").iter().all(|pid| !before.contains(pid)));
}
