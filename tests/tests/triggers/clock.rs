//! Timers: each occurrence once, however many workers there are.

use std::time::Duration;

use hearth_tests::{Hearth, eventually, kill, pause};
use serde_json::Value;

use crate::{APP, started};

#[test]
fn each_occurrence_runs_once_over_two_workers_also_when_one_is_killed() {
    let (hearth, store) = started(Hearth::with().workers(2).flag("--worker-lease", "2"));
    let mut told = store.next("ticks", 4).len();
    kill(hearth.pids("worker")[0]);
    told += store.next("ticks", 4).len();
    assert!(hearth.run(["settings", "set", "--app", APP, "AzureWebJobs.tick.Disabled=true"]).status.success());
    // What an occurrence gave out is committed with its end, so each has told once when all have ended.
    let occurrences = eventually("the timer to rest", || {
        let occurrences = store.occurrences("tick");
        pause(Duration::from_millis(1500));
        (occurrences == store.occurrences("tick")).then_some(occurrences)
    });
    told += store.take("ticks").len();
    assert_eq!(told, occurrences.len());
    assert!(occurrences.iter().all(|occurrence| occurrence.finished.is_some()), "{occurrences:?}");
    hearth.log().with(0, &["Executing 'Functions.tick' (Reason='Timer fired at "]);
}

#[test]
fn a_timer_run_by_hand_is_not_past_due() {
    let (hearth, store) = started(Hearth::with());
    assert!(hearth.run(["settings", "set", "--app", APP, "AzureWebJobs.tick.Disabled=true"]).status.success());
    let outcome = hearth.json(&["invoke", "tick", "--app", APP]);
    assert_eq!(outcome["status"], "Succeeded", "{outcome}");
    let id = outcome["invocationId"].as_str().unwrap();
    let told = store.next("ticks", 1);
    let by_hand: Vec<Value> = told.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let by_hand = by_hand.iter().find(|tick| tick["invocation"] == id).expect("its output was sent");
    assert_eq!(by_hand["pastDue"], false);
}
