//! Timers: each occurrence is claimed by one and finished once, and what a start of listening makes of what was missed.

use std::time::Duration;

use hearth_model::clock::{Clock, Timestamp};
use hearth_model::ids::FunctionName;
use hearth_state::{
    ClaimOutcome, Completion, NewMessage, OccurrenceKind, OccurrenceState, QueuePlace, QueuePuts, Settlement,
    TimerClaim, TimerKey, TimerPlan, TimerStatus, Timers, UnderLease,
};

use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    a_first_start_makes_nothing_past_due,
    a_missed_occurrence_is_past_due_once_however_many_were_missed,
    a_changed_schedule_is_not_made_up,
    without_monitor_what_was_missed_is_passed_over,
    a_start_of_the_app_runs_it_once,
    a_status_of_the_future_is_begun_anew,
    eight_claimers_and_one_winner_for_every_occurrence,
    eight_who_open_at_once_agree,
    an_expired_claim_is_taken_over_as_the_same_occurrence,
    retries_are_counted_and_wait_for_anybody,
    a_finished_occurrence_is_not_run_again,
    failures_are_kept_and_history_is_bounded,
    many_renewals_in_one_call,
    an_app_takes_its_timers_along,
    another_schedule_supersedes,
    outputs_and_the_end_of_an_occurrence_are_one,
);

const TTL: Duration = Duration::from_secs(30);
const MINUTE: Duration = Duration::from_secs(60);

fn key() -> TimerKey {
    TimerKey { app: app("shop"), function: FunctionName::parse("Tick").unwrap() }
}

fn plan() -> TimerPlan {
    TimerPlan { schedule: "every minute".to_owned(), is_monitored: true, startup: None }
}

/// The next full minute.
fn minutely(after: Timestamp) -> Option<Timestamp> {
    Some(Timestamp((after.0 / 60_000_000 + 1) * 60_000_000))
}

async fn open(timers: &Timers) -> TimerStatus {
    timers.open(&key(), &plan(), minutely).await.unwrap()
}

async fn try_claim(timers: &Timers, holder: &str) -> Option<TimerClaim> {
    match timers.claim(&key(), "every minute", holder, TTL).await.unwrap() {
        ClaimOutcome::Claimed(claim) => Some(*claim),
        _ => None,
    }
}

async fn claim(timers: &Timers, holder: &str) -> TimerClaim {
    try_claim(timers, holder).await.unwrap()
}

fn done(claim: TimerClaim) -> Completion {
    let last = claim.started.max(claim.due);
    Completion { next: minutely(last), last, claim }
}

async fn a_first_start_makes_nothing_past_due(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    assert_eq!(timers.status(&key()).await.unwrap(), None);
    let status = open(&timers).await;
    let now = fixture.clock.now();
    assert_eq!((status.last, status.next, status.updated), (None, minutely(now), now));
    assert!(!status.is_past_due && status.unfinished.is_none());
    assert_eq!(open(&timers).await, status, "beginning again changes nothing");
    assert_eq!(try_claim(&timers, "a").await, None, "it is not due");
    fixture.clock.set(status.next.unwrap());
    let first = claim(&timers, "a").await;
    assert_eq!((first.due, first.kind, first.last), (status.next.unwrap(), OccurrenceKind::Scheduled, None));
    assert_eq!(timers.complete(&done(first.clone())).await.unwrap(), UnderLease::Done(()));
    let after = timers.status(&key()).await.unwrap().unwrap();
    assert_eq!((after.last, after.next), (Some(first.due), minutely(first.due)));
    assert_eq!(after.updated, fixture.clock.now());
}

async fn a_missed_occurrence_is_past_due_once_however_many_were_missed(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    let missed = open(&timers).await.next.unwrap();
    fixture.clock.advance(MINUTE * 10);
    assert!(open(&timers).await.is_past_due);
    assert!(open(&timers).await.is_past_due, "until it has run");
    let late = claim(&timers, "a").await;
    assert_eq!((late.due, late.kind), (missed, OccurrenceKind::PastDue));
    assert!(!open(&timers).await.unfinished.unwrap().holder.is_empty(), "who opens meanwhile changes nothing");
    assert_eq!(timers.complete(&done(late)).await.unwrap(), UnderLease::Done(()));
    let status = open(&timers).await;
    assert_eq!((status.next, status.is_past_due), (minutely(fixture.clock.now()), false));
    assert_eq!(try_claim(&timers, "a").await, None, "the others that were missed are passed over");
}

async fn a_changed_schedule_is_not_made_up(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    open(&timers).await;
    fixture.clock.advance(MINUTE);
    timers.complete(&done(claim(&timers, "a").await)).await.unwrap();
    fixture.clock.advance(MINUTE * 10);
    let other = TimerPlan { schedule: "other".to_owned(), ..plan() };
    let next = fixture.clock.now().plus(MINUTE * 3);
    let status = timers.open(&key(), &other, |_| Some(next)).await.unwrap();
    assert_eq!((status.schedule.as_str(), status.last, status.next), ("other", None, Some(next)));
    assert!(!status.is_past_due);
    let never = TimerPlan { schedule: "never".to_owned(), ..plan() };
    assert_eq!(timers.open(&key(), &never, |_| None).await.unwrap().next, None);
    fixture.clock.advance(MINUTE * 1000);
    assert!(matches!(timers.claim(&key(), "never", "a", TTL).await.unwrap(), ClaimOutcome::Waiting(_)));
}

async fn without_monitor_what_was_missed_is_passed_over(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    let plan = TimerPlan { is_monitored: false, ..plan() };
    let next = timers.open(&key(), &plan, minutely).await.unwrap().next.unwrap();
    fixture.clock.set(next.plus(Duration::from_secs(5)));
    let status = timers.open(&key(), &plan, minutely).await.unwrap();
    assert_eq!(status.next, Some(next), "another who listens is about to claim it");
    fixture.clock.advance(Duration::from_secs(1));
    let status = timers.open(&key(), &plan, minutely).await.unwrap();
    assert_eq!((status.next, status.is_past_due), (minutely(fixture.clock.now()), false));
}

async fn a_start_of_the_app_runs_it_once(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    let start = |name: &str| TimerPlan { startup: Some(name.to_owned()), ..plan() };
    for _ in 0..3 {
        timers.open(&key(), &start("one"), minutely).await.unwrap();
    }
    let first = claim(&timers, "a").await;
    assert_eq!(first.kind, OccurrenceKind::Startup);
    timers.open(&key(), &start("two"), minutely).await.unwrap();
    timers.complete(&done(first)).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(try_claim(&timers, "a").await, None, "the second start found a run that was about to be");
    timers.open(&key(), &start("three"), minutely).await.unwrap();
    assert_eq!(claim(&timers, "b").await.kind, OccurrenceKind::Startup);
    fixture.clock.advance(TTL);
    timers.complete(&done(claim(&timers, "a").await)).await.unwrap();
    fixture.clock.advance(MINUTE * 5);
    timers.open(&key(), &start("four"), minutely).await.unwrap();
    let late = claim(&timers, "a").await;
    assert_eq!(late.kind, OccurrenceKind::PastDue, "what is past due wins");
    timers.complete(&done(late)).await.unwrap();
    timers.open(&key(), &start("four"), minutely).await.unwrap();
    assert_eq!(try_claim(&timers, "a").await, None);
}

async fn a_status_of_the_future_is_begun_anew(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    let right = fixture.clock.now();
    fixture.clock.advance(MINUTE * 60 * 24 * 365);
    let wrong = open(&timers).await.next;
    fixture.clock.set(right.plus(MINUTE));
    let status = open(&timers).await;
    assert_eq!(status.next, minutely(right.plus(MINUTE)));
    assert_ne!(status.next, wrong);
    fixture.clock.set(right.minus(MINUTE * 60));
    assert_eq!(open(&timers).await.next, status.next, "an hour is waited for");
}

async fn eight_claimers_and_one_winner_for_every_occurrence(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let mut due = open(&handles[0].timers()).await.next;
    for round in 0..10 {
        fixture.clock.set(due.unwrap());
        let tasks: Vec<_> = (0..8)
            .map(|index| {
                let timers = handles[index % 2].timers();
                tokio::spawn(async move { try_claim(&timers, &format!("{round}-{index}")).await })
            })
            .collect();
        let mut won = Vec::new();
        for task in tasks {
            won.extend(task.await.unwrap());
        }
        let [claim] = won.as_slice() else { panic!("{won:?}") };
        assert_eq!(Some(claim.due), due);
        let completion = done(claim.clone());
        assert_eq!(handles[1].timers().complete(&completion).await.unwrap(), UnderLease::Done(()));
        assert_eq!(handles[0].timers().complete(&completion).await.unwrap(), UnderLease::Stale, "once");
        due = completion.next;
    }
    assert_eq!(handles[0].timers().history(&key(), 100).await.unwrap().len(), 10);
}

async fn eight_who_open_at_once_agree(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    for round in 0..5 {
        let tasks: Vec<_> = (0..8)
            .map(|index| {
                let timers = handles[index % 2].timers();
                let plan = TimerPlan { startup: Some(round.to_string()), ..plan() };
                tokio::spawn(async move { timers.open(&key(), &plan, minutely).await.unwrap() })
            })
            .collect();
        for task in tasks {
            let unfinished = task.await.unwrap().unfinished.unwrap();
            assert_eq!(unfinished.due, fixture.clock.now());
        }
        let startup = claim(&handles[0].timers(), "a").await;
        handles[0].timers().complete(&done(startup)).await.unwrap();
        assert_eq!(try_claim(&handles[1].timers(), "b").await, None);
        fixture.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(handles[0].timers().history(&key(), 100).await.unwrap().len(), 5);
}

async fn an_expired_claim_is_taken_over_as_the_same_occurrence(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let (a, b) = (handles[0].timers(), handles[1].timers());
    fixture.clock.set(open(&a).await.next.unwrap());
    let first = claim(&a, "a").await;
    fixture.clock.advance(TTL - Duration::from_secs(1));
    let ClaimOutcome::Waiting(status) = b.claim(&key(), "every minute", "b", TTL).await.unwrap() else { panic!() };
    let seen = status.unfinished.unwrap();
    assert_eq!((seen.holder.as_str(), seen.expires), ("a", first.started.plus(TTL)));
    assert_eq!(a.renew(std::slice::from_ref(&first), TTL).await.unwrap(), [true]);
    fixture.clock.advance(TTL - Duration::from_secs(1));
    assert_eq!(try_claim(&b, "b").await, None, "a long run keeps its claim");
    fixture.clock.advance(Duration::from_secs(1));
    let second = claim(&b, "b").await;
    assert_eq!((second.due, second.kind, second.started), (first.due, first.kind, first.started));
    assert_eq!(a.renew(&[first.clone(), second.clone()], TTL).await.unwrap(), [false, true]);
    assert_eq!(a.complete(&done(first.clone())).await.unwrap(), UnderLease::Stale);
    assert_eq!(a.fail(&done(first.clone()), "late").await.unwrap(), UnderLease::Stale);
    assert_eq!(a.retry_later(&first, TTL, "late").await.unwrap(), UnderLease::Stale);
    assert_eq!(b.status(&key()).await.unwrap().unwrap().last, None, "what is stale writes nothing");
    assert_eq!(b.complete(&done(second)).await.unwrap(), UnderLease::Done(()));
    let again = a.history(&key(), 10).await.unwrap();
    assert_eq!((again.len(), again[0].state), (1, OccurrenceState::Completed));
}

async fn retries_are_counted_and_wait_for_anybody(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let (a, b) = (handles[0].timers(), handles[1].timers());
    fixture.clock.set(open(&a).await.next.unwrap());
    let first = claim(&a, "a").await;
    assert_eq!(a.retry_later(&first, MINUTE * 5, "no disk").await.unwrap(), UnderLease::Done(()));
    assert_eq!(a.retry_later(&first, MINUTE * 5, "no disk").await.unwrap(), UnderLease::Stale, "counted once");
    for timers in [&a, &b] {
        assert_eq!(try_claim(timers, "b").await, None, "it is not time yet");
    }
    fixture.clock.advance(MINUTE * 5);
    let second = claim(&b, "b").await;
    assert_eq!((second.due, second.failures, second.error.as_str()), (first.due, 1, "no disk"));
    assert_eq!(b.release(&second, Duration::ZERO).await.unwrap(), UnderLease::Done(()));
    let third = claim(&a, "a").await;
    assert_eq!((third.due, third.failures), (first.due, 1), "giving it back is no attempt");
    assert_eq!(third.started, first.started);
}

async fn a_finished_occurrence_is_not_run_again(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    let due = open(&timers).await.next.unwrap();
    fixture.clock.set(due);
    timers.complete(&done(claim(&timers, "a").await)).await.unwrap();
    assert_eq!(try_claim(&timers, "a").await, None);
    // Its own time comes again, where the clock was wrong by more than a day.
    fixture.clock.set(due.minus(MINUTE * 60 * 25));
    assert_eq!(timers.open(&key(), &plan(), |_| Some(due)).await.unwrap().next, Some(due));
    fixture.clock.set(due);
    let ClaimOutcome::Waiting(status) = timers.claim(&key(), "every minute", "a", TTL).await.unwrap() else { panic!() };
    assert_eq!((status.next, status.unfinished), (Some(due), None));
    assert!(timers.skip(&key(), "every minute", due, minutely(due)).await.unwrap());
    assert!(!timers.skip(&key(), "every minute", due, minutely(due)).await.unwrap());
    assert_eq!(open(&timers).await.next, minutely(due));
}

async fn failures_are_kept_and_history_is_bounded(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    open(&timers).await;
    for round in 0..10 {
        fixture.clock.advance(MINUTE);
        let claim = claim(&timers, "a").await;
        let long = "é".repeat(4000);
        match round {
            9 => timers.fail(&done(claim), &long).await.unwrap(),
            _ => timers.complete(&done(claim)).await.unwrap(),
        };
    }
    timers.prune(&key(), 4).await.unwrap();
    let history = timers.history(&key(), 100).await.unwrap();
    assert_eq!(history.len(), 4);
    assert_eq!((history[0].state, history[0].failures), (OccurrenceState::Failed, 1));
    assert_eq!(history[0].error, "é".repeat(2048), "cut between two characters");
    assert_eq!(history[0].finished, Some(fixture.clock.now()));
    assert!(history.windows(2).all(|pair| pair[0].due > pair[1].due));
    assert_eq!(timers.history(&key(), 2).await.unwrap().len(), 2);
    fixture.clock.advance(MINUTE);
    claim(&timers, "a").await;
    timers.prune(&key(), 1).await.unwrap();
    let history = timers.history(&key(), 100).await.unwrap();
    assert_eq!((history.len(), history[0].state), (1, OccurrenceState::Running), "what runs is never forgotten");
}

async fn many_renewals_in_one_call(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    let mut claims = Vec::new();
    for index in 0..100 {
        let function = FunctionName::parse(&format!("f{index}")).unwrap();
        let key = TimerKey { function, ..key() };
        timers.open(&key, &plan(), Some).await.unwrap();
        match timers.claim(&key, "every minute", "a", TTL).await.unwrap() {
            ClaimOutcome::Claimed(claim) => claims.push(*claim),
            other => panic!("{other:?}"),
        }
    }
    timers.complete(&done(claims[7].clone())).await.unwrap();
    let renewed = timers.renew(&claims, TTL).await.unwrap();
    assert!(renewed.iter().enumerate().all(|(index, renewed)| *renewed == (index != 7)));
    assert_eq!(timers.statuses(&app("shop")).await.unwrap().len(), 100);
}

async fn an_app_takes_its_timers_along(fixture: Fixture) {
    let database = fixture.open().await;
    let timers = database.timers();
    for _ in 0..2 {
        database.apps().create(&app("shop"), b"sealed").await.unwrap();
        open(&timers).await;
        fixture.clock.advance(MINUTE);
        let held = claim(&timers, "a").await;
        database.apps().delete(&app("shop")).await.unwrap();
        assert_eq!(timers.status(&key()).await.unwrap(), None);
        assert_eq!(timers.history(&key(), 10).await.unwrap(), []);
        assert_eq!(timers.complete(&done(held)).await.unwrap(), UnderLease::Stale);
    }
}

async fn another_schedule_supersedes(fixture: Fixture) {
    let timers = fixture.open().await.timers();
    assert_eq!(timers.claim(&key(), "every minute", "a", TTL).await.unwrap(), ClaimOutcome::Superseded);
    open(&timers).await;
    fixture.clock.advance(MINUTE);
    let running = claim(&timers, "a").await;
    let other = TimerPlan { schedule: "other".to_owned(), ..plan() };
    let next = fixture.clock.now().plus(MINUTE);
    timers.open(&key(), &other, |_| Some(next)).await.unwrap();
    assert_eq!(timers.claim(&key(), "every minute", "b", TTL).await.unwrap(), ClaimOutcome::Superseded);
    assert_eq!(
        timers.complete(&done(running)).await.unwrap(),
        UnderLease::Done(()),
        "what ran under the old one is done"
    );
    let status = timers.status(&key()).await.unwrap().unwrap();
    assert_eq!((status.last, status.next), (None, Some(next)), "and tells nothing about the new one");
}

async fn outputs_and_the_end_of_an_occurrence_are_one(fixture: Fixture) {
    let database = fixture.open().await;
    let (timers, effects) = (database.timers(), database.effects());
    database.queue_accounts().create(&fixture.keyring(), "shop").await.unwrap();
    fixture.clock.set(open(&timers).await.next.unwrap());
    let late = claim(&timers, "a").await;
    fixture.clock.advance(TTL);
    let held = claim(&timers, "b").await;
    let puts = [QueuePuts {
        account: "shop".to_owned(),
        queue: "reports".to_owned(),
        messages: vec![NewMessage::new("report", None).unwrap()],
    }];
    let settle = |claim: &TimerClaim| Settlement::Occurrence(Box::new(done(claim.clone())));
    let messages = || async { database.queues().peek(QueuePlace::new("shop", "reports"), 32).await.unwrap() };
    let before = timers.status(&key()).await.unwrap();
    for round in 0..2 {
        assert_eq!(effects.commit(&puts, Some(&settle(&late))).await.unwrap(), UnderLease::Stale, "{round}");
        assert_eq!(timers.status(&key()).await.unwrap(), before, "who lost it changes nothing");
        assert!(messages().await.is_none());
    }
    assert_eq!(effects.commit(&puts, Some(&settle(&held))).await.unwrap(), UnderLease::Done(()));
    let after = timers.status(&key()).await.unwrap().unwrap();
    assert_eq!((after.last, after.unfinished), (Some(held.started), None));
    assert_eq!(timers.history(&key(), 1).await.unwrap()[0].state, OccurrenceState::Completed);
    for _ in 0..2 {
        assert_eq!(messages().await.unwrap().len(), 1);
        assert_eq!(effects.commit(&puts, Some(&settle(&held))).await.unwrap(), UnderLease::Stale, "once");
    }
}
