//! Others lock the rows that an operation needs: it is begun anew as a whole, counted, and done once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearth_state::faults::FaultPoint;
use hearth_state::{Database, Faults, StateError, StateMetrics};
use tokio::sync::Notify;

use crate::fixture::{Fixture, app};

crate::on_sql_server!(
    the_victim_of_a_deadlock_is_begun_anew_and_done_once,
    an_operation_that_waited_too_long_for_a_lock_is_begun_anew,
);

/// Most rounds until the server has chosen Hearth's side as the victim.
const ROUNDS: u32 = 20;

/// Tells when an operation holds the app's row and is about to want that of the revision.
#[derive(Default)]
struct Halfway {
    told: AtomicBool,
    reached: Notify,
}

impl Faults for Halfway {
    fn at(&self, point: FaultPoint) -> Result<(), StateError> {
        if point == FaultPoint::BeforeStatement("configuration.raise") && !self.told.swap(true, Ordering::SeqCst) {
            self.reached.notify_one();
        }
        Ok(())
    }
}

async fn prepared(fixture: &Fixture) -> (Database, Arc<Halfway>) {
    let halfway = Arc::new(Halfway::default());
    let database = fixture.open_with(Arc::clone(&halfway) as _).await;
    database.apps().create(&app("shop"), b"").await.unwrap();
    halfway.told.store(false, Ordering::SeqCst);
    (database, halfway)
}

async fn the_victim_of_a_deadlock_is_begun_anew_and_done_once(fixture: Fixture) {
    let (database, halfway) = prepared(&fixture).await;
    let mut other = fixture.session().await;
    let begun = database.metrics();
    let mut revision = database.configuration().revision().await.unwrap();
    for round in 0..ROUNDS {
        // The other takes the two rows in the opposite order. Where a server knows priorities it is spared, elsewhere the one
        // that has waited longer gives way.
        other.run("SET DEADLOCK_PRIORITY HIGH").await.ok();
        other.run("BEGIN TRANSACTION").await.unwrap();
        other.run("UPDATE $.configuration SET revision = revision").await.unwrap();
        halfway.told.store(false, Ordering::SeqCst);
        let restart = tokio::spawn({
            let database = database.clone();
            async move { database.configuration().restart(&app("shop")).await }
        });
        halfway.reached.notified().await;
        // No event tells that the server has queued the first for its lock; each round gives it longer, and what came of it is counted.
        tokio::time::sleep(Duration::from_millis(50) * round).await;
        let spared = other.run("UPDATE $.app_configuration SET mode = mode WHERE app = 'shop'").await;
        other.run("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await.unwrap();
        let next = restart.await.unwrap().unwrap();
        assert_eq!(next, revision + 1, "done once, whoever was the victim");
        revision = next;
        let now = database.metrics();
        if now.deadlocks > begun.deadlocks {
            assert!(spared.is_ok(), "one victim is enough: {spared:?}");
            assert!(now.retries > begun.retries);
            assert_eq!((now.unknown, now.commits - begun.commits), (begun.unknown, u64::from(round) + 1));
            return;
        }
        assert!(spared.is_err(), "there was no deadlock");
    }
    panic!("the server ended the other side of all {ROUNDS} deadlocks");
}

async fn an_operation_that_waited_too_long_for_a_lock_is_begun_anew(fixture: Fixture) {
    let (database, _) = prepared(&fixture).await;
    let mut other = fixture.session().await;
    let begun = database.metrics();
    let revision = database.configuration().revision().await.unwrap();
    other.run("BEGIN TRANSACTION").await.unwrap();
    other.run("UPDATE $.configuration SET revision = revision").await.unwrap();
    let restart = tokio::spawn({
        let database = database.clone();
        async move { database.configuration().restart(&app("shop")).await }
    });
    let waited = |now: StateMetrics| now.lock_timeouts > begun.lock_timeouts && now.retries > begun.retries;
    let told = async {
        while !waited(database.metrics()) {
            // Counters are read; nothing wakes whoever waits for one.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.unwrap();
    assert!(!restart.is_finished(), "it is tried again");
    other.run("ROLLBACK TRANSACTION").await.unwrap();
    assert_eq!(restart.await.unwrap().unwrap(), revision + 1);
    assert_eq!(database.metrics().commits - begun.commits, 1);
}
