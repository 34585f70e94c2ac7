//! One instance of the processor under test, with a delegate that fails, dawdles, and stores positions in every way there is.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_cosmos::processor::{
    Batch, ChangeFeedProcessor, CloseReason, Delegate, Delivered, DeliveryError, Lease, LeaseStoreErrorKind,
    Notifications, ProcessorError, ProcessorOptions,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::time::{Chance, Surroundings};
use crate::world::{Link, Weather, World};

/// How a simulation's parts behave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    /// Deliveries in a thousand that fail.
    pub(crate) failing: u64,
    /// Calls in a thousand that fail.
    pub(crate) faults: u64,
    /// Whether instances are cut off for a while.
    pub(crate) cuts: bool,
    /// By how much clocks may be ahead.
    pub(crate) skew: Duration,
}

/// A running instance.
pub(crate) struct Instance {
    pub(crate) name: String,
    pub(crate) stop: CancellationToken,
    pub(crate) running: JoinHandle<Result<(), ProcessorError>>,
    weather: Arc<Mutex<Weather>>,
    calm: Arc<Mutex<bool>>,
    world: World,
}

impl Instance {
    pub(crate) fn start(
        name: String,
        world: &World,
        seed: u64,
        behaviour: Behaviour,
        options: ProcessorOptions,
    ) -> Self {
        let chance = Chance::new(seed);
        let weather = Arc::new(Mutex::new(Weather { faults: behaviour.faults, cut_until: Duration::ZERO }));
        let calm = Arc::new(Mutex::new(false));
        let waits = chance.per_mille(500);
        let link = Link { world: world.clone(), chance: Chance::new(chance.number()), weather: weather.clone(), waits };
        let delegate = Handler {
            instance: name.clone(),
            link: link.clone(),
            chance: Chance::new(chance.number()),
            failing: behaviour.failing,
            calm: calm.clone(),
        };
        let ahead = Duration::from_millis(chance.between(0, 1 + behaviour.skew.as_millis() as u64));
        let environment = Surroundings { time: world.time.clone(), chance: Chance::new(chance.number()), ahead };
        let processor = ChangeFeedProcessor::builder(link.clone(), link, delegate)
            .name("unit")
            .instance(name.clone())
            .options(options)
            .notifications(Arc::new(Told { instance: name.clone(), world: world.clone() }))
            .environment(Arc::new(environment))
            .build()
            .unwrap();
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let running = tokio::spawn(async move { processor.run(stopping).await });
        Self { name, stop, running, weather, calm, world: world.clone() }
    }

    /// A way to the world that is nobody's.
    pub(crate) fn link(world: &World, behaviour: Behaviour) -> Link {
        let weather = Weather { faults: behaviour.faults, cut_until: Duration::ZERO };
        Link { world: world.clone(), chance: Chance::new(11), weather: Arc::new(Mutex::new(weather)), waits: false }
    }

    /// As `kill -9` does.
    pub(crate) async fn crash(self) {
        self.running.abort();
        let _ = self.running.await;
        self.world.checker.released(&self.name, None);
    }

    /// In order.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
        assert!(!self.world.checker.owners().contains_key(&self.name), "{} kept a lease", self.name);
    }

    /// Cuts it off for a time.
    pub(crate) fn cut(&self, time: Duration) {
        self.weather.lock().unwrap().cut_until = self.world.time.now() + time;
    }

    /// Nothing fails any more.
    pub(crate) fn calm(&self) {
        *self.calm.lock().unwrap() = true;
        *self.weather.lock().unwrap() = Weather::default();
    }
}

struct Told {
    instance: String,
    world: World,
}

impl Notifications for Told {
    fn acquired(&self, lease: &Lease) {
        self.trace(&format!("acquired {}", lease.token));
        self.world.checker.acquired(&self.instance, &lease.token);
    }

    fn released(&self, lease: &Lease, reason: CloseReason) {
        self.trace(&format!("released {}: {reason}", lease.token));
        self.world.checker.released(&self.instance, Some(&lease.token));
    }

    fn failed(&self, lease: Option<&Lease>, error: &ProcessorError) {
        self.trace(&format!("{}: {error}", lease.map_or("-", |lease| &lease.token)));
    }
}

impl Told {
    fn trace(&self, line: &str) {
        if std::env::var_os("HEARTH_SIMULATION_TRACE").is_some() {
            println!("{:?} {}: {line}", self.world.time.now(), self.instance);
        }
    }
}

#[derive(serde::Deserialize)]
struct Item {
    key: u64,
    sequence: u64,
}

struct Handler {
    instance: String,
    link: Link,
    chance: Chance,
    failing: u64,
    calm: Arc<Mutex<bool>>,
}

impl Handler {
    fn handled(&self, batch: &Batch) {
        for item in batch.items.iter() {
            let Item { key, sequence } = item.parse().unwrap();
            self.link.world.checker.handled(key, sequence, &self.instance);
        }
    }

    /// Handles the batch and stores its position in one transaction, whose answer may be lost.
    async fn in_one(&self, batch: &Batch) -> Result<Delivered, DeliveryError> {
        let pending = batch.checkpoint.begin().await?;
        self.link.world.time.sleep(self.chance.millis(1, 30)).await;
        // Nothing is done where the position cannot be stored, so whether it can is seen first.
        let stored = self.link.world.leases().into_iter().find(|lease| lease.id == pending.lease().id);
        if stored.is_none_or(|stored| stored.etag != pending.lease().etag) {
            return Err(DeliveryError::Conflict);
        }
        self.handled(batch);
        match self.link.replace_now(pending.lease()) {
            Ok(_) if self.chance.per_mille(100) => Err(DeliveryError::failed("the answer was lost")),
            Ok(stored) => {
                pending.committed(stored.etag);
                Ok(Delivered::Checkpointed)
            }
            Err(error) if error.kind == LeaseStoreErrorKind::Changed => unreachable!("nobody was in between"),
            Err(error) => Err(DeliveryError::failed(error.message)),
        }
    }
}

impl Delegate for Handler {
    async fn deliver(&self, batch: Batch) -> Result<Delivered, DeliveryError> {
        let calm = *self.calm.lock().unwrap();
        let took = match self.chance.between(0, 100) {
            // Longer than a lease lasts without renewal.
            0 if !calm => self.chance.millis(1_000, 90_000),
            _ => self.chance.millis(1, 300),
        };
        self.link.world.time.sleep(took).await;
        if !calm && self.chance.per_mille(self.failing) {
            if self.chance.per_mille(300) {
                self.handled(&batch);
            }
            return Err(DeliveryError::failed("as it was asked to"));
        }
        match self.chance.between(0, 10) {
            0 | 1 => self.in_one(&batch).await,
            2 => {
                self.handled(&batch);
                match batch.checkpoint.save().await {
                    Ok(()) => Ok(Delivered::Checkpointed),
                    Err(error) => Err(DeliveryError::failed(error.to_string())),
                }
            }
            3 => {
                self.handled(&batch);
                Ok(Delivered::Deferred)
            }
            _ => {
                self.handled(&batch);
                Ok(Delivered::Handled)
            }
        }
    }
}
