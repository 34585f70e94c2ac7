//! A processor at work: it makes leases if there are none, takes its share of them again and again, reads those that it has, and
//! gives them back at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::balance::View;
use super::bounded::Bounded;
use super::builder::ProcessorBuilder;
use super::checkpoint::HeldLease;
use super::context::Context;
use super::delegate::Delegate;
use super::environment::Environment;
use super::error::ProcessorError;
use super::feed::{Feed, FeedError, FeedErrorKind};
use super::hold::Ended;
use super::lease::Lease;
use super::names::LeasePrefix;
use super::notifications::{CloseReason, Notifications};
use super::options::ProcessorOptions;
use super::pace::Pace;
use super::range::EpkRange;
use super::start_up::{is_passing, taken};
use super::store::{LeaseStore, LeaseStoreErrorKind};

/// Times that taking a lease is done over after somebody else wrote it.
const CONFLICTS: u32 = 5;

/// A change feed processor: one instance of a deployment unit. See the [module](super).
pub struct ChangeFeedProcessor<F, S, D> {
    pub(super) feed: Arc<F>,
    pub(super) store: Arc<S>,
    pub(super) delegate: Arc<D>,
    pub(super) name: String,
    pub(super) instance: Arc<str>,
    pub(super) options: ProcessorOptions,
    pub(super) notifications: Arc<dyn Notifications>,
    pub(super) environment: Arc<dyn Environment>,
}

impl<F: Feed, S: LeaseStore, D: Delegate> ChangeFeedProcessor<F, S, D> {
    /// Begins to put one together, from a feed, the store of its leases, and what is done with changes.
    pub fn builder(
        feed: impl Into<Arc<F>>,
        store: impl Into<Arc<S>>,
        delegate: impl Into<Arc<D>>,
    ) -> ProcessorBuilder<F, S, D> {
        ProcessorBuilder::new(feed.into(), store.into(), delegate.into())
    }

    /// The name of this instance, as it stands in leases that it has.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Processes changes until `stop` is cancelled. Then nothing new is read, batches that are being handled are let finish for
    /// [`ProcessorOptions::drain`], and every lease is given back before this returns.
    ///
    /// Dropping it ends all its work at once; its leases come free when they expire, and batches that were being handled are
    /// delivered again. It needs a Tokio runtime.
    ///
    /// What passes by itself is told to the notifications and tried again for ever.
    ///
    /// # Errors
    /// At the start only: when the containers cannot be found or used, or the leases are of another mode.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), ProcessorError> {
        let Some(prefix) = self.find(&stop).await? else { return Ok(()) };
        let store = Bounded {
            store: self.store.clone(),
            environment: self.environment.clone(),
            timeout: self.options.store_timeout,
        };
        let context = Arc::new(Context {
            feed: self.feed.clone(),
            store,
            delegate: self.delegate.clone(),
            notifications: self.notifications.clone(),
            environment: self.environment.clone(),
            options: self.options.clone(),
            instance: self.instance.clone(),
            prefix,
            started: self.environment.now(),
            stop,
        });
        let mut pauses = Pace::new(Duration::from_secs(1), self.options.lock_wait);
        loop {
            match context.prepare().await {
                Ok(true) => break,
                Ok(false) => return Ok(()),
                Err(error) if is_passing(&error) => context.failed(None, error),
                Err(error) => return Err(error),
            }
            if !context.rest(pauses.next(self.environment.random())).await {
                return Ok(());
            }
        }
        Running { context, reading: JoinSet::new(), leases: BTreeMap::new() }.run().await;
        Ok(())
    }

    /// The names of its leases; none when it stops first.
    async fn find(&self, stop: &CancellationToken) -> Result<Option<LeasePrefix>, ProcessorError> {
        let mut pauses = Pace::new(Duration::from_secs(1), self.options.lock_wait);
        loop {
            let found = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(None),
                found = self.feed.identity() => found,
                () = self.environment.sleep(self.options.read_timeout) => {
                    let message = format!("the endpoint did not answer within {:?}", self.options.read_timeout);
                    Err(FeedError::new(FeedErrorKind::Passing, message))
                }
            };
            let error = match found {
                Ok(identity) => return Ok(Some(LeasePrefix::new(&self.name, &identity))),
                Err(error) => ProcessorError::from(error),
            };
            if !is_passing(&error) {
                return Err(error);
            }
            self.notifications.failed(None, &error);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(None),
                () = self.environment.sleep(pauses.next(self.environment.random())) => {}
            }
        }
    }
}

impl<F, S, D> fmt::Debug for ChangeFeedProcessor<F, S, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ChangeFeedProcessor");
        shown.field("name", &self.name).field("instance", &self.instance).finish_non_exhaustive()
    }
}

/// The leases that are read, each by a task that ends with this.
struct Running<F, S, D> {
    context: Arc<Context<F, S, D>>,
    reading: JoinSet<Ended>,
    leases: BTreeMap<Id, Arc<HeldLease>>,
}

impl<F: Feed, S: LeaseStore, D: Delegate> Running<F, S, D> {
    async fn run(mut self) {
        let stop = self.context.stop.clone();
        let mut next = Box::pin(self.context.environment.sleep(Duration::ZERO));
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = self.reading.join_next_with_id() => {
                    for child in self.note(ended) {
                        self.take_or_tell(child, false).await;
                    }
                }
                () = &mut next => {
                    if let Err(error) = self.balance().await {
                        self.context.failed(None, error);
                    }
                    // A little apart from the others that began at the same moment.
                    let pause = self.context.options.acquire_interval.mul_f64(0.9 + 0.1 * self.context.environment.random());
                    next = Box::pin(self.context.environment.sleep(pause));
                }
            }
        }
        while let Some(ended) = self.reading.join_next_with_id().await {
            self.note(ended);
        }
    }

    /// Takes down that a lease is no longer read; answers those that took its place.
    fn note(&mut self, ended: Result<(Id, Ended), JoinError>) -> Vec<Lease> {
        match ended {
            Ok((id, ended)) => {
                self.leases.remove(&id);
                ended.children
            }
            Err(error) => {
                if let Some(held) = self.leases.remove(&error.id()) {
                    let lease = held.lease();
                    // It still names this instance, which therefore takes it up again.
                    self.context.failed(Some(&lease), ProcessorError::Delegate("it panicked".to_owned()));
                    self.context.notifications.released(&lease, CloseReason::Unknown);
                }
                Vec::new()
            }
        }
    }

    /// Takes its share.
    async fn balance(&mut self) -> Result<(), ProcessorError> {
        let stop = self.context.stop.clone();
        let leases = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            leases = self.context.leases() => leases?,
        };
        if leases.is_empty() && self.leases.is_empty() {
            // The lease container was emptied or made anew.
            self.context.prepare().await?;
        }
        // Not before the look: one that ended meanwhile is looked at next time.
        let held = self.leases.values().map(|held| held.lease().id).collect::<BTreeSet<_>>();
        let (environment, options) = (&self.context.environment, &self.context.options);
        let plan = View {
            instance: &self.context.instance,
            held: &held,
            now: environment.now(),
            expiration: options.expiration_interval,
            min: options.min_leases,
            max: options.max_leases,
            random: environment.random(),
        }
        .plan(leases);
        for lease in plan.own.into_iter().chain(plan.free) {
            self.take_or_tell(lease, false).await;
        }
        if let Some(lease) = plan.steal {
            self.take_or_tell(lease, true).await;
        }
        Ok(())
    }

    async fn take_or_tell(&mut self, lease: Lease, steal: bool) {
        // A lease that took another's place may have been found by a look before this is told.
        let held = self.leases.values().any(|held| held.lease().id == lease.id);
        if held || self.context.stop.is_cancelled() {
            return;
        }
        let acquired = match self.context.acquire(lease.clone(), steal).await {
            Ok(acquired) => acquired,
            Err(error) => {
                self.context.failed(Some(&lease), error);
                return;
            }
        };
        if let Some(held) = acquired.map(Arc::new) {
            self.context.notifications.acquired(&held.lease());
            let task = self.reading.spawn(self.context.clone().hold(held.clone()));
            self.leases.insert(task.id(), held);
        }
    }
}

impl<F: Feed, S: LeaseStore, D: Delegate> Context<F, S, D> {
    /// Takes a lease; none when somebody else was quicker.
    async fn acquire(&self, mut lease: Lease, steal: bool) -> Result<Option<HeldLease>, ProcessorError> {
        let ranges = match lease.bounds {
            Some(_) => Vec::new(),
            None => self.ranges(&EpkRange::full()).await?,
        };
        for _ in 0..=CONFLICTS {
            let began = self.environment.elapsed();
            let mut next = taken(&lease, &self.instance, &ranges);
            next.timestamp = Some(self.environment.now());
            let error = match self.store.call(self.store.store.replace(&next)).await {
                Ok(stored) => {
                    let documents = Arc::new(self.store.clone());
                    let (instance, environment) = (self.instance.clone(), self.environment.clone());
                    return Ok(Some(HeldLease::new(instance, stored, documents, environment, began)));
                }
                Err(error) => error,
            };
            match error.kind {
                LeaseStoreErrorKind::NotFound => return Ok(None),
                LeaseStoreErrorKind::Changed => {}
                _ => return Err(error.into()),
            }
            let read = match self.store.call(self.store.store.read(&lease)).await {
                Err(error) if error.kind == LeaseStoreErrorKind::NotFound => return Ok(None),
                read => read?,
            };
            // One that its owner has renewed is no longer free; one to be stolen is still to be stolen.
            let free = read.is_free(self.environment.now(), self.options.expiration_interval);
            let same = read.owner == lease.owner;
            if !(read.is_owned_by(&self.instance) || free || (steal && same)) {
                return Ok(None);
            }
            lease = read;
        }
        Ok(None)
    }
}
