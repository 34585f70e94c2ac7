//! Cordon, drain, uncordon and remove, as an operator uses them.

use hearth_tests::{Hearth, Machine, eventually, test_guest};
use serde_json::{Value, json};

use crate::{app, installation, join, runs_on, token, worker_when};

#[track_caller]
fn decide(hearth: &Hearth, arguments: &[&str]) -> Value {
    hearth.json(&[&["workers"], arguments].concat())
}

#[test]
fn a_drained_workers_apps_move_and_its_calls_end() {
    let hearth = installation(1);
    let (m2, m3) = (Machine::new(), Machine::new());
    let second = join(&hearth, &m2, "m2");
    hearth.publish("hello", &app());
    hearth.publish("plain", &test_guest("faults-http"));
    runs_on(&hearth, "hello", &["m2", "worker-1"]);
    runs_on(&hearth, "plain", &["m2", "worker-1"]);
    let third = join(&hearth, &m3, "m3");

    let mut slow = second.get("plain", "/api/slow?chunks=40&pause=50").open();
    slow.until("1\n");
    let shown = decide(&hearth, &["drain", "m2", "--reason", "new disk"]);
    assert_eq!(shown["reason"], "new disk");
    runs_on(&hearth, "hello", &["m3", "worker-1"]);
    runs_on(&hearth, "plain", &["m3", "worker-1"]);
    let answer = slow.answer();
    assert!(answer.broken.is_none() && answer.text().contains("39\n"), "{answer:?}");
    worker_when(&hearth, "m2", |worker| worker["state"] == "drained" && worker["apps"] == json!([]));
    assert_eq!(third.get("hello", "/api/hello?name=Ada").send().text(), "Hello, Ada!\n");
    let text = String::from_utf8(hearth.run(["workers", "list"]).stdout).unwrap();
    assert!(text.ends_with("m2 is drained: new disk\n"), "{text}");

    // The decision outlives its process.
    assert_eq!(second.stop().code(), Some(0));
    let second = m2.start::<&str>([]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "drained" && worker["pid"] == second.pid());
    decide(&hearth, &["uncordon", "m2"]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live");
}

#[test]
fn a_cordoned_worker_keeps_what_it_has_and_gets_nothing_new() {
    let hearth = installation(1);
    let machine = Machine::new();
    let _second = join(&hearth, &machine, "m2");
    hearth.publish("first", &app());
    runs_on(&hearth, "first", &["m2", "worker-1"]);
    decide(&hearth, &["cordon", "m2"]);
    hearth.publish("second", &app());
    runs_on(&hearth, "second", &["worker-1"]);
    runs_on(&hearth, "first", &["m2", "worker-1"]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "cordoned" && worker["apps"] == json!(["first"]));
    decide(&hearth, &["uncordon", "m2"]);
    runs_on(&hearth, "second", &["m2", "worker-1"]);
}

#[test]
fn a_removed_workers_credential_is_worth_nothing() {
    let hearth = installation(1);
    let machine = Machine::new();
    let worker = join(&hearth, &machine, "m2");
    worker_when(&hearth, "m2", |worker| worker["state"] == "live");
    let refused = hearth.run(["workers", "remove", "m2"]);
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && text.contains("Drain it first"), "{text}");

    decide(&hearth, &["drain", "m2"]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "drained");
    let removed = hearth.run(["workers", "remove", "m2"]);
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    assert_eq!(worker.ended(), Some(77));
    worker.log().with(0, &["removed this worker"]);
    let (code, log) = machine.try_start::<&str>([]).err().expect("its credential is refused");
    assert!(code == Some(77) && log.contains("hearth workers token"), "{code:?} {log}");
    let workers = hearth.json(&["workers", "list"])["workers"].clone();
    assert_eq!(workers.as_array().unwrap().len(), 1, "{workers}");

    let back = machine.start(["--join", &token(&hearth)]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live" && worker["pid"] == back.pid());
    let gone = eventually("a word about nobody", || Some(hearth.run(["workers", "remove", "nobody"])));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("There is no worker 'nobody'"));
}

#[test]
fn the_only_worker_keeps_its_apps_while_it_drains() {
    let hearth = installation(1);
    hearth.publish("hello", &app());
    let shown = decide(&hearth, &["drain", "worker-1"]);
    assert_eq!(shown["state"], "draining");
    assert_eq!(hearth.app("hello").get("/api/hello?name=Ada").text(), "Hello, Ada!\n");
    worker_when(&hearth, "worker-1", |worker| worker["state"] == "draining" && worker["apps"] == json!(["hello"]));
}
