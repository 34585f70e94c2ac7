//! Workers: registration, heartbeats, and being declared missing.

use std::time::Duration;

use hearth_model::clock::Clock;

use crate::fixture::{Fixture, new_worker, worker};

crate::on_every_engine!(
    a_registration_fences_the_one_before,
    a_beat_extends_and_a_missing_worker_must_register,
    each_missing_worker_is_answered_once,
);

const LEASE: Duration = Duration::from_secs(10);

async fn a_registration_fences_the_one_before(fixture: Fixture) {
    let workers = fixture.open().await.workers();
    let first = workers.register(&new_worker("w1", LEASE)).await.unwrap();
    let second = workers.register(&new_worker("w1", LEASE)).await.unwrap();
    assert!(second > first);
    let beats = [(worker("w1"), first), (worker("w1"), second), (worker("w2"), 1)];
    assert_eq!(workers.beat(&beats, LEASE).await.unwrap(), [false, true, false]);
    assert!(workers.beat(&[], LEASE).await.unwrap().is_empty());
    let one = workers.get(&worker("w1")).await.unwrap().unwrap();
    assert_eq!((one.epoch, one.pid, one.capacity, one.credential_hash), (second, 4711, 100, [7; 32]));
    assert_eq!(workers.get(&worker("w2")).await.unwrap(), None);
}

async fn a_beat_extends_and_a_missing_worker_must_register(fixture: Fixture) {
    let workers = fixture.open().await.workers();
    let epoch = workers.register(&new_worker("w1", LEASE)).await.unwrap();
    let beat = [(worker("w1"), epoch)];
    let at = fixture.clock.advance(Duration::from_secs(9));
    assert_eq!(workers.beat(&beat, LEASE).await.unwrap(), [true]);
    fixture.clock.advance(Duration::from_secs(9));
    assert_eq!(workers.mark_missing(fixture.clock.now()).await.unwrap(), []);
    let seen = workers.list().await.unwrap().remove(0);
    assert_eq!((seen.last_beat, seen.expires, seen.missing), (at, at.plus(LEASE), false));

    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(workers.mark_missing(fixture.clock.now()).await.unwrap(), [worker("w1")]);
    assert!(workers.list().await.unwrap()[0].missing);
    assert_eq!(workers.beat(&beat, LEASE).await.unwrap(), [false]);
    let again = workers.register(&new_worker("w1", LEASE)).await.unwrap();
    assert_eq!(workers.beat(&[(worker("w1"), again)], LEASE).await.unwrap(), [true]);
    assert!(!workers.get(&worker("w1")).await.unwrap().unwrap().missing);
}

async fn each_missing_worker_is_answered_once(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    for index in 0..20 {
        handles[0].workers().register(&new_worker(&format!("w{index}"), LEASE)).await.unwrap();
    }
    let now = fixture.clock.advance(LEASE);
    let tasks: Vec<_> = (0..8)
        .map(|index| {
            let workers = handles[index % 2].workers();
            tokio::spawn(async move { workers.mark_missing(now).await.unwrap() })
        })
        .collect();
    let mut missing = Vec::new();
    for task in tasks {
        missing.extend(task.await.unwrap());
    }
    missing.sort();
    let mut all: Vec<_> = (0..20).map(|index| worker(&format!("w{index}"))).collect();
    all.sort();
    assert_eq!(missing, all);
}
