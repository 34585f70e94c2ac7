//! Timers: each occurrence once, however many workers there are.

use std::time::Duration;

use hearth_state::{OccurrenceKind, OccurrenceState};
use hearth_tests::{Hearth, eventually, kill, pause};
use http::Method;
use serde_json::{Value, json};

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
fn the_count_of_attempts_survives_the_worker() {
    let (hearth, store) = started(Hearth::with().flag("--worker-lease", "2"));
    // It fails twice, a second apart.
    let cut = eventually("its first attempt to have failed", || {
        store.occurrences("flaky").into_iter().find(|occurrence| occurrence.failures == 1)
    });
    assert_eq!((cut.kind, cut.state), (OccurrenceKind::Startup, OccurrenceState::Waiting));
    kill(hearth.worker());
    let told: Value = serde_json::from_str(&store.next("flaky", 1)[0]).unwrap();
    assert_eq!((&told["retries"], &told["most"]), (&json!(2), &json!(2)), "{told}");
    assert!(told["lastError"].as_str().unwrap().contains("not yet: 1 retries"), "{told}");
    // Were it counted anew, it would have failed three times, which is once too often.
    let ended = eventually("the occurrence to end", || {
        let occurrences = store.occurrences("flaky");
        occurrences.into_iter().find(|occurrence| occurrence.due == cut.due && occurrence.finished.is_some())
    });
    assert_eq!((ended.state, ended.failures), (OccurrenceState::Completed, 2));
    let keys = hearth.manage(Method::GET, &format!("/api/apps/{APP}/keys")).send().expect(200).json();
    let status = hearth.app(APP).call(Method::GET, "/admin/functions/flaky/status");
    let status = status.header("x-functions-key", keys["master"]["value"].as_str().unwrap()).send().expect(200).json();
    assert!(status.get("errors").is_none(), "{status}");
    let timer = &status["timer"];
    assert!(timer["next"].as_str().unwrap().contains("-01-01T00:00:00"), "{timer}");
    let told = timer["occurrences"].as_array().unwrap().iter().find(|told| told["due"] == ended.due.rfc3339()).unwrap();
    assert_eq!((&told["state"], &told["reason"]), (&json!("Completed"), &json!("startup")), "{told}");
    assert_eq!(told["failedAttempts"], 2, "{told}");
    assert!(told["error"].as_str().unwrap().contains("not yet: 1 retries"), "{told}");
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
