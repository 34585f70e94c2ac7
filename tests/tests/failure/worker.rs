//! A worker that dies or hangs.

use std::time::Instant;

use hearth_tests::{Hearth, Signal, alive, eventually, kill, signal};
use http::Method;

use crate::{both_answer, callers, failed, only_calls_under_way_failed, publish_both, with_apps, worker_when};

#[test]
fn a_killed_worker_is_back_with_its_apps_without_a_publish() {
    let hearth = with_apps(1);
    let first = hearth.worker();
    let calls = callers(&hearth, 2);
    let moment = Instant::now();
    kill(first);
    calls.go_on(10);
    only_calls_under_way_failed(&calls.end(), moment, 2);
    both_answer(&hearth);
    assert_ne!(hearth.worker(), first);
    hearth.log().with(0, &["supervisor", "worker-1", "SIGKILL", "started again"]);
    worker_when(&hearth, "worker-1", |worker| worker["state"] == "live" && worker["pid"] == hearth.worker());
    eventually("management to hear that both run", || {
        ["typed", "plain"].iter().all(|app| hearth.show(app)["workers"][0]["state"] == "running").then_some(())
    });
}

#[test]
fn a_call_under_way_in_a_killed_worker_breaks_off_and_the_next_one_is_answered() {
    let hearth = with_apps(1);
    let mut slow = hearth.app("plain").call(Method::GET, "/api/slow?chunks=1000&pause=50").open();
    slow.until("1\n");
    kill(hearth.worker());
    let rest = slow.answer();
    assert!(rest.broken.is_some(), "{rest:?}");
    both_answer(&hearth);
}

#[test]
fn a_worker_that_dies_again_and_again_does_not_take_the_others_with_it() {
    let hearth = with_apps(2);
    let management = hearth.pids("management");
    let calls = callers(&hearth, 2);
    let mut deaths = 0;
    while deaths < 3 {
        let victim = eventually("worker-2 to run", || {
            let found = hearth_tests::descendants(hearth.pid());
            found.into_iter().find(|(_, words)| words.iter().any(|word| word == "worker-2")).map(|(pid, _)| pid)
        });
        worker_when(&hearth, "worker-2", |worker| worker["pid"] == victim);
        kill(victim);
        deaths += 1;
        eventually("it to end", || (!alive(victim)).then_some(()));
        calls.go_on(5);
    }
    let seen = calls.end();
    let failed = failed(&seen);
    assert!(failed.len() <= deaths * 2, "{failed:?}");
    assert_eq!(hearth.pids("management"), management);
    both_answer(&hearth);
}

#[test]
fn one_of_two_workers_dies_and_only_its_calls_under_way_fail() {
    let hearth = with_apps(2);
    let workers = hearth.pids("worker");
    assert_eq!(workers.len(), 2);
    eventually("both workers to serve", || {
        let running = hearth.show("typed")["runningOn"].as_array().unwrap().len();
        (running == 2).then_some(())
    });
    let calls = callers(&hearth, 4);
    let moment = Instant::now();
    kill(workers[0]);
    calls.go_on(40);
    only_calls_under_way_failed(&calls.end(), moment, 4);
    eventually("the second worker to be back", || {
        (hearth.show("typed")["runningOn"].as_array().unwrap().len() == 2).then_some(())
    });
}

#[test]
fn a_worker_that_hangs_is_missing_until_it_beats_again() {
    let hearth = publish_both(Hearth::with().workers(2).flag("--worker-lease", "2").start());
    eventually("both workers to serve", || {
        (hearth.show("typed")["runningOn"].as_array().unwrap().len() == 2).then_some(())
    });
    let hung = hearth_tests::descendants(hearth.pid());
    let (hung, _) = hung.into_iter().find(|(_, words)| words.iter().any(|word| word == "worker-1")).unwrap();
    signal(hung, Signal::STOP);
    worker_when(&hearth, "worker-1", |worker| worker["state"] == "missing");
    hearth.log().with(0, &["worker is missing", "worker=worker-1"]);
    assert_eq!(hearth.show("typed")["runningOn"], serde_json::json!(["worker-2"]));
    // The one that is left serves, and takes new versions.
    both_answer(&hearth);
    hearth.publish("plain", &hearth_tests::sample("hello-http"));
    assert_eq!(hearth.app("plain").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
    signal(hung, Signal::CONT);
    worker_when(&hearth, "worker-1", |worker| worker["state"] == "live");
    eventually("it to serve again", || {
        (hearth.show("plain")["runningOn"].as_array().unwrap().len() == 2).then_some(())
    });
    for _ in 0..20 {
        assert_eq!(hearth.app("plain").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
    }
}
