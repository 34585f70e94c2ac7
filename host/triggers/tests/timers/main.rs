//! Timer listeners over a real state: what one occurrence goes through, and a month of many on three workers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod month;
mod simulated;

use std::time::Duration;

use hearth_engine::contract::TypedData;
use hearth_model::clock::Timestamp;
use hearth_model::retry::{RetryDelay, RetryPolicy};
use hearth_state::OccurrenceState;
use hearth_triggers::InvocationFailure;
use serde_json::{Value, json};
use simulated::{Function, World, function, key};

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn failed(text: &str) -> Result<(), InvocationFailure> {
    Err(InvocationFailure::Failed(text.to_owned()))
}

fn retrying(function: Function, most: Option<u32>, delay: RetryDelay) -> Function {
    Function { retry: Some(RetryPolicy { max_retries: most, delay }), ..function }
}

fn payload(attempt: &simulated::Attempt) -> Value {
    match &attempt.event.data {
        TypedData::Json(text) => serde_json::from_str(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_minute_once_on_three_workers() {
    let world = World::new(|_, _| (SECOND, Ok(()))).await;
    let functions = [function("Tick", "0 * * * * *", "Europe/Berlin")];
    let workers: Vec<_> = ["a", "b", "c"].map(|name| world.worker(name, "1", &functions)).into();
    world.time.run_for(MINUTE * 10).await;
    let attempts = world.ledger.of("Tick");
    assert_eq!(attempts.len(), 10);
    for (index, attempt) in attempts.iter().enumerate() {
        let due = at("2025-10-01T00:01:00Z").plus(MINUTE * u32::try_from(index).unwrap());
        assert_eq!((attempt.due, attempt.at), (due, due));
    }
    let first = &attempts[0];
    assert_eq!(
        payload(first),
        json!({
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": {
                "Last": "0001-01-01T00:00:00",
                "LastUpdated": "2025-10-01T02:00:30.5+02:00",
                "Next": "2025-10-01T02:01:00+02:00"
            },
            "IsPastDue": false
        })
    );
    assert_eq!(payload(&attempts[1])["ScheduleStatus"]["Last"], "2025-10-01T02:01:00+02:00");
    assert_eq!(payload(&attempts[1])["ScheduleStatus"]["LastUpdated"], "2025-10-01T02:01:01+02:00");
    assert_eq!(first.event.reason, "Timer fired at 2025-10-01T02:01:00.0000000+02:00");
    assert!(first.event.details.is_empty() && first.event.retry.is_none());
    let lines = world.ledger.lines.lock().unwrap().clone();
    assert!(
        lines[0].starts_with(
            "The next 5 occurrences of the schedule of 'Tick' (Cron: '0 * * * * *', Europe/Berlin) will be:\n\
             2025-10-01T02:01:00+02:00 (2025-10-01T00:01:00Z)\n"
        ),
        "{lines:?}"
    );
    for worker in workers {
        worker.stopped().await;
    }
    assert_eq!(world.timers.history(&key("tick"), 100).await.unwrap().len(), 10);
}

#[tokio::test]
async fn a_run_that_is_cut_off_is_taken_over_and_one_that_is_done_is_not() {
    let world = World::new(|_, number| (if number == 1 { MINUTE * 2 } else { SECOND * 5 }, Ok(()))).await;
    let functions = [function("Job", "0 0 * * * *", "UTC")];
    let (a, b) = (world.worker("a", "1", &functions), world.worker("b", "1", &functions));
    world.time.run_until(at("2025-10-01T01:00:20Z")).await;
    let first = world.ledger.of("Job")[0].clone();
    let (running, other) = if first.worker == "a" { (a, b) } else { (b, a) };
    running.kill().await;
    world.time.run_for(MINUTE * 2).await;
    let attempts = world.ledger.of("Job");
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[1].due, first.due, "the same occurrence");
    assert_ne!(attempts[1].event.id.to_string(), first.event.id.to_string(), "another attempt");
    let late = attempts[1].at.since(first.due);
    // The claim was renewed a moment before.
    assert!(late >= SECOND * 40 && late <= SECOND * 55, "{late:?}");
    assert_eq!(world.ledger.completions(), 1);
    other.kill().await;
    let back = world.worker("a", "1", &functions);
    world.time.run_for(MINUTE * 10).await;
    assert_eq!(world.ledger.of("Job").len(), 2, "a restart does not run it again");
    world.time.run_until(at("2025-10-01T02:00:10Z")).await;
    assert_eq!(world.ledger.of("Job").len(), 3);
    back.kill().await;
}

#[tokio::test]
async fn a_long_run_keeps_its_claim_and_what_passes_meanwhile_runs_once_after_it() {
    let world = World::new(|_, number| (if number == 1 { SECOND * 630 } else { SECOND }, Ok(()))).await;
    let functions = [function("Slow", "0 */2 * * * *", "UTC")];
    let workers = ["a", "b", "c"].map(|name| world.worker(name, "1", &functions));
    world.time.run_until(at("2025-10-01T00:15:00Z")).await;
    let seen: Vec<_> = world.ledger.of("Slow").iter().map(|attempt| (attempt.due, attempt.at)).collect();
    assert_eq!(
        seen,
        [
            (at("2025-10-01T00:02:00Z"), at("2025-10-01T00:02:00Z")),
            (at("2025-10-01T00:04:00Z"), at("2025-10-01T00:12:30Z")),
            (at("2025-10-01T00:14:00Z"), at("2025-10-01T00:14:00Z")),
        ]
    );
    assert_eq!(payload(&world.ledger.of("Slow")[1])["IsPastDue"], false);
    for worker in workers {
        worker.kill().await;
    }
}

#[tokio::test]
async fn an_error_is_final_after_its_retries() {
    let world =
        World::new(|_, number| (SECOND, if number <= 3 { failed(&format!("no disk {number}")) } else { Ok(()) })).await;
    let function = retrying(function("Bad", "0 0 * * * *", "UTC"), Some(2), RetryDelay::Fixed(SECOND * 90));
    let worker = world.worker("a", "1", &[function]);
    world.time.run_until(at("2025-10-01T01:30:00Z")).await;
    let attempts = world.ledger.of("Bad");
    let times: Vec<_> = attempts.iter().map(|attempt| attempt.at.since(at("2025-10-01T01:00:00Z")).as_secs()).collect();
    assert_eq!(times, [0, 91, 182]);
    for (index, attempt) in attempts.iter().enumerate() {
        let retry = attempt.event.retry.clone().unwrap();
        assert_eq!((retry.retry_count as usize, retry.max_retry_count), (index, 2));
        assert_eq!(retry.last_error, ["", "no disk 1", "no disk 2"][index]);
    }
    let history = world.timers.history(&key("bad"), 10).await.unwrap();
    assert_eq!((history[0].state, history[0].failures), (OccurrenceState::Failed, 3));
    assert_eq!((history[0].error.as_str(), history.len()), ("no disk 3", 1));
    let status = world.timers.status(&key("bad")).await.unwrap().unwrap();
    assert_eq!(status.last, Some(at("2025-10-01T01:00:00Z")));
    assert_eq!(status.next, Some(at("2025-10-01T02:00:00Z")));
    world.time.run_until(at("2025-10-01T02:01:00Z")).await;
    assert_eq!(world.ledger.completions(), 1, "and the next one is not touched by it");
    worker.kill().await;
}

#[tokio::test]
async fn a_waiting_retry_and_its_count_outlive_the_worker() {
    let world = World::new(|_, number| (SECOND, if number < 3 { failed("busy") } else { Ok(()) })).await;
    let function = retrying(function("Again", "0 0 * * * *", "UTC"), None, RetryDelay::Fixed(MINUTE * 5));
    let worker = world.worker("a", "1", std::slice::from_ref(&function));
    world.time.run_until(at("2025-10-01T01:01:00Z")).await;
    worker.stopped().await;
    let waiting = world.timers.status(&key("again")).await.unwrap().unwrap().unfinished.unwrap();
    assert_eq!((waiting.state, waiting.failures, waiting.error.as_str()), (OccurrenceState::Waiting, 1, "busy"));
    let worker = world.worker("b", "1", std::slice::from_ref(&function));
    world.time.run_until(at("2025-10-01T01:07:00Z")).await;
    worker.kill().await;
    let worker = world.worker("c", "1", std::slice::from_ref(&function));
    world.time.run_until(at("2025-10-01T01:20:00Z")).await;
    let attempts = world.ledger.of("Again");
    let counts: Vec<_> = attempts.iter().map(|attempt| attempt.event.retry.clone().unwrap().retry_count).collect();
    assert_eq!(counts, [0, 1, 2]);
    assert_eq!(attempts.iter().map(|attempt| attempt.worker.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(attempts.iter().all(|attempt| attempt.due == attempts[0].due));
    assert_eq!(attempts[0].event.retry.clone().unwrap().max_retry_count, -1);
    assert_eq!(world.ledger.completions(), 1);
    worker.kill().await;
}

#[tokio::test]
async fn what_cannot_be_run_uses_up_no_attempt() {
    let world = World::new(|_, number| match number {
        1..=4 => (Duration::ZERO, Err(InvocationFailure::NotRun("the app is loading".to_owned()))),
        _ => (SECOND, Ok(())),
    })
    .await;
    let worker = world.worker("a", "1", &[function("Later", "0 0 * * * *", "UTC")]);
    world.time.run_until(at("2025-10-01T01:10:00Z")).await;
    assert_eq!(world.ledger.of("Later").len(), 5);
    let done = world.timers.history(&key("later"), 10).await.unwrap();
    assert_eq!((done.len(), done[0].state, done[0].failures), (1, OccurrenceState::Completed, 0));
    worker.kill().await;
}

#[tokio::test]
async fn what_was_missed_runs_once_as_past_due() {
    let world = World::new(|_, _| (SECOND, Ok(()))).await;
    let monitored = function("Seen", "0 */5 * * * *", "UTC");
    let mut unmonitored = function("Unseen", "0 */5 * * * *", "UTC");
    unmonitored.trigger.use_monitor = false;
    let fast = function("Fast", "*/10 * * * * *", "UTC");
    let functions = [monitored, unmonitored, fast];
    let worker = world.worker("a", "1", &functions);
    world.time.run_for(SECOND).await;
    worker.stopped().await;
    world.time.run_for(MINUTE * 60).await;
    let workers = ["a", "b"].map(|name| world.worker(name, "1", &functions));
    world.time.run_for(SECOND * 5).await;
    let seen = world.ledger.of("Seen");
    assert_eq!((seen.len(), seen[0].due), (1, at("2025-10-01T00:05:00Z")));
    assert_eq!(payload(&seen[0])["IsPastDue"], true);
    assert_eq!(
        seen[0].event.details,
        [
            ("UnscheduledInvocationReason", "IsPastDue".to_owned()),
            ("OriginalSchedule", "2025-10-01T00:05:00.0000000+00:00".to_owned())
        ]
    );
    assert!(world.ledger.of("Unseen").is_empty() && world.ledger.of("Fast").is_empty());
    world.time.run_until(at("2025-10-01T01:05:01Z")).await;
    assert_eq!(world.ledger.of("Seen").len(), 2);
    let unseen = world.ledger.of("Unseen");
    assert_eq!((unseen.len(), unseen[0].due), (1, at("2025-10-01T01:05:00Z")));
    assert_eq!(
        payload(&unseen[0]),
        json!({"Schedule": {"AdjustForDST": true}, "ScheduleStatus": null, "IsPastDue": false})
    );
    assert!(world.ledger.of("Fast").len() > 20);
    for worker in workers {
        worker.kill().await;
    }
}

#[tokio::test]
async fn a_start_runs_once_on_all_workers_together() {
    let world = World::new(|_, _| (SECOND, Ok(()))).await;
    let mut function = function("Warm", "0 0 0 * * *", "UTC");
    function.trigger.run_on_startup = true;
    let functions = [function];
    let mut workers: Vec<_> = ["a", "b", "c"].map(|name| world.worker(name, "1", &functions)).into();
    world.time.run_for(MINUTE).await;
    let attempts = world.ledger.of("Warm");
    assert_eq!((attempts.len(), payload(&attempts[0])["IsPastDue"].clone()), (1, json!(false)));
    assert_eq!(attempts[0].event.details, [("UnscheduledInvocationReason", "RunOnStartup".to_owned())]);
    workers.pop().unwrap().kill().await;
    workers.push(world.worker("c", "1", &functions));
    world.time.run_for(MINUTE).await;
    assert_eq!(world.ledger.of("Warm").len(), 1, "a worker that comes back is no start");
    workers.push(world.worker("d", "2", &functions));
    world.time.run_for(MINUTE).await;
    assert_eq!(world.ledger.of("Warm").len(), 2);
    for worker in workers {
        worker.kill().await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_neither_loses_nor_doubles() {
    let world = World::new(|_, _| (Duration::ZERO, Ok(()))).await;
    let functions = [function("Tick", "0 * * * * *", "UTC")];
    let workers = ["a", "b"].map(|name| world.worker(name, "1", &functions));
    world.time.run_until(at("2025-10-01T00:10:30Z")).await;
    assert_eq!(world.ledger.completions(), 10);
    world.time.set(at("2025-10-01T00:02:15Z"));
    world.time.run_until(at("2025-10-01T00:10:45Z")).await;
    assert_eq!(world.ledger.completions(), 10, "what has run does not run again");
    world.time.run_until(at("2025-10-01T00:15:30Z")).await;
    assert_eq!(world.ledger.completions(), 15, "and what has not is not lost");
    world.time.set(at("2025-10-01T03:00:30Z"));
    world.time.run_for(SECOND * 10).await;
    assert_eq!(world.ledger.completions(), 16, "what was jumped over runs once");
    world.time.run_until(at("2025-10-01T03:05:30Z")).await;
    assert_eq!(world.ledger.completions(), 21);
    assert!(world.ledger.completed.lock().unwrap().values().all(|times| *times == 1));
    for worker in workers {
        worker.kill().await;
    }
}

#[tokio::test]
async fn the_version_that_begins_last_counts() {
    let world = World::new(|_, _| (Duration::ZERO, Ok(()))).await;
    let old = world.worker("a", "1", &[function("Tick", "0 * * * * *", "UTC")]);
    world.time.run_for(MINUTE * 5).await;
    let new = world.worker("b", "2", &[function("Tick", "0 30 * * * *", "UTC")]);
    world.time.run_until(at("2025-10-01T00:31:00Z")).await;
    assert_eq!(world.ledger.completions(), 6, "the old one rests");
    new.kill().await;
    world.time.run_until(at("2025-10-01T01:40:30Z")).await;
    assert!(world.ledger.completions() > 10, "until nobody listens for the new one any more");
    old.kill().await;
}

#[tokio::test]
async fn host_state_that_is_away_holds_everything_up_and_loses_nothing() {
    let world = World::with(|_, _| (SECOND * 10, Ok(())), true).await;
    let functions = [function("Tick", "0 * * * * *", "UTC"), function("Hour", "0 5 * * * *", "UTC")];
    let workers = ["a", "b"].map(|name| world.worker(name, "1", &functions));
    world.time.run_until(at("2025-10-01T00:04:05Z")).await;
    world.away.store(true, std::sync::atomic::Ordering::SeqCst);
    world.time.run_until(at("2025-10-01T00:06:30Z")).await;
    assert_eq!(world.ledger.completions(), 3);
    world.away.store(false, std::sync::atomic::Ordering::SeqCst);
    world.time.run_until(at("2025-10-01T00:09:30Z")).await;
    let completed = world.ledger.completed.lock().unwrap().clone();
    for minute in [1, 2, 3, 4, 8, 9] {
        let due = at(&format!("2025-10-01T00:0{minute}:00Z"));
        assert_eq!(completed.get(&("Tick".to_owned(), due)), Some(&1), "{due}: {completed:?}");
    }
    assert_eq!(completed.get(&("Hour".to_owned(), at("2025-10-01T00:05:00Z"))), Some(&1));
    let lines = world.ledger.lines.lock().unwrap().clone();
    let told = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(told("of function 'Hour' rests: "), 2, "once on each worker: {lines:?}");
    assert_eq!(told("of function 'Hour' goes on"), 2, "{lines:?}");
    for worker in workers {
        worker.kill().await;
    }
}
