//! Single promises, each in a world in which nothing else happens.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_cosmos::processor::{
    Batch, ChangeFeedProcessor, Delegate, Delivered, DeliveryError, Estimator, FeedMode, Lease, LeaseStore,
    ProcessorError, ProcessorOptions,
};
use tokio_util::sync::CancellationToken;

use crate::instance::{Behaviour, Instance};
use crate::time::{Chance, Surroundings, Time};
use crate::world::{KEYS, Link, World};

const CALM: Behaviour = Behaviour { failing: 0, faults: 0, cuts: false, skew: Duration::ZERO };

/// Takes down what it gets, and does what it is told.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) batches: Mutex<Vec<(String, Vec<String>, u32)>>,
    failing: AtomicBool,
    hanging: AtomicBool,
    calls: AtomicU32,
    lost: Mutex<Option<CancellationToken>>,
}

impl Taken {
    fn ids(&self) -> Vec<String> {
        self.batches.lock().unwrap().iter().flat_map(|(_, ids, _)| ids.clone()).collect()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Taken>);

impl Delegate for Shared {
    async fn deliver(&self, batch: Batch) -> Result<Delivered, DeliveryError> {
        #[derive(serde::Deserialize)]
        struct Item {
            id: String,
        }
        let ids = batch.items.iter().map(|item| item.parse::<Item>().unwrap().id).collect();
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        self.0.batches.lock().unwrap().push((batch.lease_token.to_string(), ids, batch.attempt));
        *self.0.lost.lock().unwrap() = Some(batch.lost.clone());
        if self.0.hanging.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        match self.0.failing.load(Ordering::SeqCst) {
            true => Err(DeliveryError::failed("not today")),
            false => Ok(Delivered::Handled),
        }
    }
}

pub(crate) fn processor(
    world: &World,
    delegate: Shared,
    options: ProcessorOptions,
) -> ChangeFeedProcessor<Link, Link, Shared> {
    processor_over(Instance::link(world, CALM), delegate, options)
}

fn processor_over(link: Link, delegate: Shared, options: ProcessorOptions) -> ChangeFeedProcessor<Link, Link, Shared> {
    let time = link.world.time.clone();
    let name = format!("one-{}", time.now().as_micros());
    let environment = Surroundings { time, chance: Chance::new(3), ahead: Duration::ZERO };
    ChangeFeedProcessor::builder(link.clone(), link, delegate)
        .name("unit")
        .instance(name)
        .options(options)
        .environment(Arc::new(environment))
        .build()
        .unwrap()
}

async fn seconds(world: &World, seconds: u64) {
    world.time.sleep(Duration::from_secs(seconds)).await;
}

#[test]
fn a_first_batch_that_fails_is_there_for_whoever_begins_later() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 1);
        world.write(1, 1);
        seconds(&world, 100).await;
        // It begins now: what was written before is not its business.
        let delegate = Shared::default();
        delegate.0.failing.store(true, Ordering::SeqCst);
        let first = processor(&world, delegate.clone(), ProcessorOptions::default());
        let run = tokio::spawn(async move { first.run(CancellationToken::new()).await });
        world.write(2, 1);
        seconds(&world, 30).await;
        assert!(delegate.0.calls.load(Ordering::SeqCst) >= 2, "it is delivered again");
        assert!(delegate.ids().iter().all(|id| id == "2-0"), "{:?}", delegate.ids());
        let attempts = delegate.0.batches.lock().unwrap().iter().map(|(_, _, attempt)| *attempt).collect::<Vec<_>>();
        assert_eq!(attempts[..3], [1, 2, 3]);
        run.abort();
        assert!(run.await.unwrap_err().is_cancelled());
        // Hours later somebody else begins, whose "now" is long after the batch.
        seconds(&world, 7200).await;
        let delegate = Shared::default();
        let second = processor(&world, delegate.clone(), ProcessorOptions::default());
        let stop = CancellationToken::new();
        let run = tokio::spawn({
            let stop = stop.clone();
            async move { second.run(stop).await }
        });
        seconds(&world, 20).await;
        assert_eq!(delegate.ids(), ["2-0"]);
        stop.cancel();
        run.await.unwrap().unwrap();
    });
}

impl Shared {
    fn ids(&self) -> Vec<String> {
        self.0.ids()
    }
}

#[test]
fn dropping_the_run_leaves_nothing_running() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 3);
        let delegate = Shared::default();
        delegate.0.hanging.store(true, Ordering::SeqCst);
        let one = processor(&world, delegate.clone(), ProcessorOptions::default());
        let run = tokio::spawn(async move { one.run(CancellationToken::new()).await });
        seconds(&world, 5).await;
        world.write(1, 1);
        seconds(&world, 10).await;
        let lost = delegate.0.lost.lock().unwrap().clone().unwrap();
        assert!(!lost.is_cancelled());
        run.abort();
        let _ = run.await;
        let before = world.leases();
        seconds(&world, 600).await;
        assert!(lost.is_cancelled(), "what a delegate has spawned hears of it");
        assert_eq!(world.leases(), before, "nobody renews");
    });
}

#[test]
fn a_delegate_that_hangs_is_dropped_when_the_time_to_drain_is_over() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 1);
        let delegate = Shared::default();
        delegate.0.hanging.store(true, Ordering::SeqCst);
        let drain = Duration::from_secs(40);
        let one = processor(&world, delegate.clone(), ProcessorOptions { drain, ..ProcessorOptions::default() });
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let run = tokio::spawn(async move { one.run(stopping).await });
        seconds(&world, 5).await;
        world.write(1, 1);
        seconds(&world, 100).await;
        assert_eq!(world.leases()[0].owner.as_deref(), Some("one-0"), "it is renewed while it is handled");
        let asked = world.time.now();
        stop.cancel();
        run.await.unwrap().unwrap();
        assert!(world.time.now() - asked >= drain && world.time.now() - asked < drain + Duration::from_secs(1));
        assert_eq!(world.leases()[0].owner, None, "it is given back");
        assert_eq!(world.leases()[0].continuation.as_deref(), Some("\"0\""), "but not as handled");
    });
}

#[test]
fn a_lease_that_somebody_set_back_is_read_again_from_there() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 1);
        let delegate = Shared::default();
        let one = processor(&world, delegate.clone(), ProcessorOptions::default());
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let run = tokio::spawn(async move { one.run(stopping).await });
        seconds(&world, 5).await;
        world.write(1, 1);
        world.write(1, 1);
        seconds(&world, 20).await;
        let mut lease = world.leases().remove(0);
        assert_eq!(lease.continuation.as_deref(), Some("\"2\""));
        lease.continuation = Some("\"1\"".to_owned());
        Instance::link(&world, CALM).replace(&lease).await.unwrap();
        seconds(&world, 60).await;
        assert_eq!(delegate.ids().iter().filter(|id| *id == "1-1").count(), 2, "{:?}", delegate.ids());
        assert_eq!(delegate.ids().iter().filter(|id| *id == "1-0").count(), 1);
        stop.cancel();
        run.await.unwrap().unwrap();
    });
}

#[test]
fn ranges_that_split_and_merge_go_on_where_they_stood() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 1);
        let delegate = Shared::default();
        let one = processor(&world, delegate.clone(), ProcessorOptions::default());
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let run = tokio::spawn(async move { one.run(stopping).await });
        seconds(&world, 5).await;
        let write = || (0..KEYS).for_each(|key| world.write(key, 1));
        write();
        seconds(&world, 10).await;
        world.split(&Chance::new(5));
        write();
        seconds(&world, 10).await;
        let tokens = || world.leases().into_iter().map(|lease| lease.token).collect::<Vec<_>>();
        assert_eq!(tokens(), ["1", "2"]);
        world.merge(&Chance::new(5));
        write();
        seconds(&world, 10).await;
        let merged = tokens();
        assert!(merged.len() == 2 && merged[0].starts_with('-') && merged[1].ends_with("-FF"), "{merged:?}");
        // Its keys are in one range all the same, and each is read by one of them.
        write();
        seconds(&world, 10).await;
        stop.cancel();
        run.await.unwrap().unwrap();
        let mut ids = delegate.ids();
        assert_eq!(ids.len() as u64, 4 * KEYS);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len() as u64, 4 * KEYS, "each once");
    });
}

#[test]
fn leases_that_are_gone_are_made_again() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 3);
        let delegate = Shared::default();
        let one = processor(&world, delegate.clone(), ProcessorOptions::default());
        let run = tokio::spawn(async move { one.run(CancellationToken::new()).await });
        seconds(&world, 5).await;
        world.forget_leases();
        seconds(&world, 60).await;
        assert_eq!(world.leases().len(), 3);
        world.write(1, 1);
        seconds(&world, 10).await;
        assert_eq!(delegate.ids(), ["1-0"]);
        run.abort();
    });
}

#[test]
fn a_feed_that_waits_is_heard_at_once_and_others_within_the_poll_delay() {
    for (waits, quiet_bound, busy_bound) in [(true, 100, 100), (false, 5_100, 500)] {
        let time = Time::default();
        time.run(async {
            let world = World::new(time.clone(), 1);
            let delegate = Shared::default();
            let link = Link { waits, ..Instance::link(&world, CALM) };
            let one = processor_over(link, delegate.clone(), ProcessorOptions::default());
            let run = tokio::spawn(async move { one.run(CancellationToken::new()).await });
            seconds(&world, 300).await;
            let mut bound = Duration::from_millis(quiet_bound);
            for written in 1..=5 {
                let began = world.time.now();
                world.write(1, 1);
                while delegate.ids().len() < written {
                    world.time.sleep(Duration::from_millis(1)).await;
                }
                let took = world.time.now() - began;
                assert!(took <= bound, "waits: {waits}, change {written} took {took:?}");
                // After a change others are expected soon.
                bound = Duration::from_millis(busy_bound);
                world.time.sleep(Duration::from_millis(150)).await;
            }
            run.abort();
        });
    }
}

#[test]
fn the_estimator_counts_transactions() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 2);
        let link = Instance::link(&world, CALM);
        let estimator = Estimator::new(link.clone(), link, "unit");
        assert_eq!(estimator.estimate().await.unwrap().total(), 1, "somebody has to begin");
        let delegate = Shared::default();
        let one = processor(&world, delegate.clone(), ProcessorOptions::default());
        let run = tokio::spawn(async move { one.run(CancellationToken::new()).await });
        seconds(&world, 5).await;
        world.write(1, 3);
        seconds(&world, 20).await;
        assert_eq!(estimator.estimate().await.unwrap().total(), 0);
        run.abort();
        let _ = run.await;
        for _ in 0..5 {
            world.write(1, 2);
        }
        world.write(KEYS_OF_THE_SECOND, 1);
        let lag = estimator.estimate().await.unwrap();
        let lags = lag.leases.iter().map(|lease| (lease.token.as_str(), lease.lag)).collect::<Vec<_>>();
        assert_eq!(lags, [("0", 5), ("1", 1)]);
        assert_eq!(lag.total(), 6);
    });
}

const KEYS_OF_THE_SECOND: u64 = 40;

#[test]
fn leases_of_another_mode_are_refused() {
    let time = Time::default();
    time.run(async {
        let world = World::new(time.clone(), 1);
        let stop = CancellationToken::new();
        stop.cancel();
        let one = processor(&world, Shared::default(), ProcessorOptions::default());
        one.run(stop).await.unwrap();
        let one = processor(&world, Shared::default(), ProcessorOptions::default());
        let run = tokio::spawn(async move { one.run(CancellationToken::new()).await });
        seconds(&world, 5).await;
        run.abort();
        let mode = FeedMode::AllVersionsAndDeletes;
        let other = processor(&world, Shared::default(), ProcessorOptions { mode, ..ProcessorOptions::default() });
        let error = other.run(CancellationToken::new()).await.unwrap_err();
        assert!(matches!(&error, ProcessorError::Setup(text) if text.contains("Incremental Feed")), "{error}");
    });
}

#[test]
fn wrong_knobs_are_refused() {
    let renew_interval = Duration::from_secs(60);
    let late = ProcessorOptions { renew_interval, ..ProcessorOptions::default() };
    assert!(late.check().unwrap_err().to_string().contains("shorter"));
    let mode = FeedMode::AllVersionsAndDeletes;
    let start = hearth_cosmos::processor::ProcessorStart::Beginning;
    assert!(ProcessorOptions { mode, start, ..ProcessorOptions::default() }.check().is_err());
    assert_eq!(ProcessorOptions::default().check(), Ok(()));
}

/// For [`crate::interoperation`].
pub(crate) async fn put(world: &World, text: &str) {
    Instance::link(world, CALM).create(&Lease::from_json(text).unwrap()).await.unwrap();
}
