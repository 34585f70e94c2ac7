//! A month of many schedules on three workers that are killed all the time: each occurrence is completed once.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use hearth_model::clock::{Clock, Timestamp};
use hearth_model::retry::RetryDelay;
use hearth_triggers::InvocationFailure;

use crate::simulated::{Function, START, World, function};
use crate::{MINUTE, at, retrying};

/// Schedules where nothing else is asked for; the promise is about 1,000.
const SCHEDULES: usize = 50;

const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"];

/// A number that is the same on every run.
fn chance(what: impl Hash, below: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish() % below
}

fn functions(count: usize) -> Vec<Function> {
    (0..count)
        .map(|index| {
            let (minute, hour) = (chance((index, "minute"), 60), chance((index, "hour"), 24));
            let schedule = match index % 10 {
                0 => "0 */30 * * * *".to_owned(),
                1 | 2 => format!("0 {minute} */6 * * *"),
                3 => format!("15 {minute} 9-17 * * mon-fri"),
                4 => format!("0 {minute} {hour} * * sun,wed"),
                5 => format!("30 {minute} 1,2,3 * * *"),
                6 => format!("0 {minute} 2 * * *"),
                7 => format!("0 {minute} {hour} 1,15,31 * *"),
                _ => format!("{} {minute} {hour} * * *", minute / 2),
            };
            let function = function(&format!("F{index}"), &schedule, ZONES[index % 4]);
            retrying(function, None, RetryDelay::Fixed(Duration::from_secs(20)))
        })
        .collect()
}

/// Runs take up to 3 s, some longer than a claim is good for; one in twenty fails.
fn behaviour(name: &str, number: usize) -> (Duration, Result<(), InvocationFailure>) {
    let takes = match chance((name, number), 50) {
        0 => 75,
        _ => chance((name, number, "takes"), 4),
    };
    let result = match chance((name, number, "fails"), 20) {
        0 => Err(InvocationFailure::Failed("by chance".to_owned())),
        _ => Ok(()),
    };
    (Duration::from_secs(takes), result)
}

#[tokio::test]
async fn each_occurrence_of_a_month_is_completed_once() {
    let count = std::env::var("HEARTH_TEST_TIMERS").map_or(SCHEDULES, |text| text.parse().unwrap());
    let functions = functions(count);
    let world = World::new(behaviour).await;
    let end = at("2025-11-01T00:10:00Z");
    let mut workers: Vec<_> = ["a", "b", "c"].map(|name| Some(world.worker(name, "1", &functions))).into();
    let (mut kills, mut round) = (0, 0_u64);
    while world.time.now() < end {
        round += 1;
        world
            .time
            .run_until(world.time.now().plus(Duration::from_millis(600_000 + chance((round, "until"), 7_200_000))))
            .await;
        // Some die together, but one always lives; those that are dead come back minutes later.
        for victim in [chance((round, 1), 3), chance((round, 2), 3)] {
            if workers.iter().flatten().count() > 1
                && let Some(worker) = workers[usize::try_from(victim).unwrap()].take()
            {
                worker.kill().await;
                kills += 1;
            }
        }
        world
            .time
            .run_until(world.time.now().plus(Duration::from_millis(1_700 + chance((round, "dead"), 600_000))))
            .await;
        for (name, worker) in ["a", "b", "c"].iter().zip(&mut workers) {
            worker.get_or_insert_with(|| world.worker(name, "1", &functions));
        }
    }
    // What began late is done by then.
    world.time.run_for(MINUTE * 9).await;
    for worker in workers.into_iter().flatten() {
        worker.kill().await;
    }
    assert!(kills > 200, "{kills}");

    let completed = world.ledger.completed.lock().unwrap().clone();
    let doubled: Vec<_> = completed.iter().filter(|(_, times)| **times != 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    let mut of: HashMap<&str, BTreeSet<Timestamp>> = HashMap::new();
    for (name, due) in completed.keys() {
        of.entry(name).or_default().insert(*due);
    }
    let mut expected = 0;
    for function in &functions {
        let all = function.trigger.schedule.following(at(START)).take_while(|due| *due < end);
        let all: BTreeSet<Timestamp> = all.collect();
        let found = of.remove(function.name.as_str()).unwrap_or_default();
        let found: BTreeSet<Timestamp> = found.into_iter().filter(|due| *due < end).collect();
        let lost: Vec<_> = all.difference(&found).collect();
        let invented: Vec<_> = found.difference(&all).collect();
        assert!(lost.is_empty() && invented.is_empty(), "{}: lost {lost:?}, invented {invented:?}", function.name);
        expected += all.len();
    }
    let attempts: usize = world.ledger.attempts.lock().unwrap().values().map(Vec::len).sum();
    assert!(expected > count * 150 && attempts > expected, "{expected} occurrences, {attempts} attempts");
}
