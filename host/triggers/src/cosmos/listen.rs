//! A listener from its start to its stop: what it needs is found or made, and then a processor runs over it until the monitored
//! container is another one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_cosmos::processor::{
    ChangeFeedProcessor, Environment, Estimator, Feed, FeedError, FeedErrorKind, FeedIdentity, FeedMode, Machine,
    ProcessorError, ProcessorOptions, ProcessorStart,
};
use hearth_model::binding::{ChangeFeedMode, ChangeFeedStart, FeedLeaseStore};
use hearth_model::host_json::LogLevel;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::account::{AnyFeed, AnyLeases};
use super::handler::Handler;
use super::host_leases::HostLeases;
use super::watch::Watch;
use super::{AccountError, CosmosListener, FeedNews, LeaseContainer};
use crate::Invoker;

/// Pauses between looks for what is missing, doubling from one to the other.
const MISSING: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// Functions that run at a stop have their own time-out, and the worker its drain time, after which it drops the listener.
const DRAIN: Duration = Duration::from_secs(60 * 60);

/// What a processor is made of.
pub(super) struct Prepared {
    pub(super) feed: AnyFeed,
    pub(super) leases: AnyLeases,
    pub(super) identity: FeedIdentity,
}

/// What keeps a listener from its start.
pub(super) enum Missing {
    /// It is waited for, and told as something that is expected to come.
    Waits(String),
    /// Something failed.
    Failed(String),
}

impl Missing {
    pub(super) fn text(self) -> String {
        match self {
            Self::Waits(text) | Self::Failed(text) => text,
        }
    }
}

impl CosmosListener {
    /// Listens until `stop` is cancelled and what was taken is done.
    pub async fn run<I: Invoker>(self, invoker: Arc<I>, stop: CancellationToken) {
        let mut told: Option<String> = None;
        let (shortest, longest) = MISSING;
        let mut pause = shortest;
        while !stop.is_cancelled() {
            match stop.run_until_cancelled(self.prepare()).await {
                None => break,
                Some(Ok(prepared)) => {
                    if told.take().is_some() {
                        let text = format!(
                            "Function '{}' gets the changes of container '{}' now.",
                            self.function, self.trigger.container
                        );
                        self.log.write(LogLevel::Information, &text);
                        self.news.tell(FeedNews::Trouble(None));
                    }
                    match self.process(prepared, invoker.clone(), &stop).await {
                        Ok(()) => pause = shortest,
                        Err(error) => {
                            self.tell_missing(&mut told, Missing::Failed(error.to_string()));
                            stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                            pause = (pause * 2).min(longest);
                        }
                    }
                }
                Some(Err(missing)) => {
                    self.tell_missing(&mut told, missing);
                    stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    /// Runs a processor until `stop`, or until a container is gone.
    async fn process<I: Invoker>(
        &self,
        prepared: Prepared,
        invoker: Arc<I>,
        stop: &CancellationToken,
    ) -> Result<(), ProcessorError> {
        let Prepared { feed, leases, identity } = prepared;
        let (feed, leases) = (Arc::new(feed), Arc::new(leases));
        let environment: Arc<dyn Environment> = Arc::new(Machine::default());
        let (gone, stuck) = (stop.child_token(), Arc::default());
        let instance = format!("{}-{}", self.worker, Uuid::new_v4());
        let watch = Arc::new(Watch {
            listener: self.clone(),
            instance: instance.clone(),
            stuck: Arc::clone(&stuck),
            gone: gone.clone(),
            trouble: Mutex::default(),
        });
        let handler = Handler {
            listener: self.clone(),
            invoker,
            environment: environment.clone(),
            container_rid: identity.container_rid,
            stuck,
        };
        let processor =
            ChangeFeedProcessor::<AnyFeed, AnyLeases, Handler<I>>::builder(feed.clone(), leases.clone(), handler)
                .name(self.unit())
                .instance(instance)
                .options(self.options())
                .notifications(watch.clone())
                .environment(environment.clone())
                .build()?;
        let estimator = Estimator::<AnyFeed, AnyLeases>::new(feed, leases, self.unit());
        tokio::select! {
            ended = processor.run(gone) => ended,
            () = watch.follow_lag(&estimator, environment.as_ref()) => Ok(()),
        }
    }

    /// Name of the deployment unit. In a lease container functions that give no prefix share what they share there; host state keeps them
    /// apart.
    pub(super) fn unit(&self) -> String {
        let prefix = &self.trigger.lease_prefix;
        match self.trigger.lease_store {
            FeedLeaseStore::Host if prefix.is_empty() => format!("{}.", self.function),
            _ => prefix.clone(),
        }
    }

    fn options(&self) -> ProcessorOptions {
        let trigger = &self.trigger;
        ProcessorOptions {
            mode: match trigger.mode {
                ChangeFeedMode::LatestVersion => FeedMode::LatestVersion,
                ChangeFeedMode::AllVersionsAndDeletes => FeedMode::AllVersionsAndDeletes,
            },
            start: match trigger.start {
                ChangeFeedStart::Now => ProcessorStart::Now,
                ChangeFeedStart::Beginning => ProcessorStart::Beginning,
                ChangeFeedStart::Time(at) => ProcessorStart::Time(at),
            },
            acquire_interval: trigger.lease_acquire_interval,
            renew_interval: trigger.lease_renew_interval,
            expiration_interval: trigger.lease_expiration_interval,
            poll_delay: trigger.feed_poll_delay,
            max_items: trigger.max_items,
            drain: DRAIN,
            ..ProcessorOptions::default()
        }
    }

    /// Says once what keeps it from its start.
    fn tell_missing(&self, told: &mut Option<String>, missing: Missing) {
        let level = match missing {
            Missing::Waits(_) => LogLevel::Warning,
            Missing::Failed(_) => LogLevel::Error,
        };
        let text = missing.text();
        if told.as_ref() == Some(&text) {
            return;
        }
        self.log.write(level, &format!("Function '{}' gets no changes now: {text}; it is tried again.", self.function));
        self.news.tell(FeedNews::Trouble(Some(text.clone())));
        *told = Some(text);
    }

    /// Finds the containers, and makes the lease container where that is wanted.
    pub(super) async fn prepare(&self) -> Result<Prepared, Missing> {
        let trigger = &self.trigger;
        let feed = self.account.feed(&trigger.database, &trigger.container);
        let identity = feed.identity().await.map_err(|error| self.unread(&error))?;
        let leases = match trigger.lease_store {
            FeedLeaseStore::Host => AnyLeases::Host(HostLeases::new(&self.state, &self.app, self.clock.clone())),
            FeedLeaseStore::Container => self.lease_container(&identity).await?,
        };
        Ok(Prepared { feed, leases, identity })
    }

    fn unread(&self, error: &FeedError) -> Missing {
        let (container, database) = (&self.trigger.container, &self.trigger.database);
        match error.kind {
            FeedErrorKind::NotFound => Missing::Waits(format!(
                "it waits for the container '{container}' of the database '{database}', which does not exist yet"
            )),
            _ => Missing::Failed(format!(
                "the container '{container}' of the database '{database}' can't be read: {error}"
            )),
        }
    }

    async fn lease_container(&self, monitored: &FeedIdentity) -> Result<AnyLeases, Missing> {
        let trigger = &self.trigger;
        let (database, container) = (trigger.lease_database.as_str(), trigger.lease_container.as_str());
        let failed = |error: AccountError| {
            Missing::Failed(format!(
                "the lease container '{container}' of the database '{database}' can't be used: {error}"
            ))
        };
        let account = &self.lease_account;
        let rid = match account.rid(database, container).await {
            Err(AccountError::NotFound) if trigger.creates_lease_container => {
                let new = LeaseContainer { database, container, throughput: trigger.lease_throughput };
                account.make_container(&new).await.map_err(failed)?;
                account.rid(database, container).await.map_err(failed)?
            }
            Err(AccountError::NotFound) => {
                return Err(Missing::Waits(format!(
                    "it waits for the lease container '{container}' of the database '{database}', which does not exist yet (the \
                     container '{}' of the database '{}' does): make it with the partition key /id, or set \
                     createLeaseContainerIfNotExists to true, or leaseStore to host",
                    trigger.container, trigger.database
                )));
            }
            found => found.map_err(failed)?,
        };
        if rid == monitored.container_rid && account.is_same(&self.account) {
            return Err(Missing::Failed(format!(
                "the monitored container '{}' of the database '{}' is also its lease container '{container}' of '{database}', by \
                 another connection: give leaseContainerName another name, or set leaseStore to host",
                trigger.container, trigger.database
            )));
        }
        match account.leases(database, container).await.map_err(failed)? {
            Some(leases) => Ok(leases),
            None => Err(Missing::Failed(format!(
                "the lease container '{container}' of the database '{database}' must have the partition key /id or /partitionKey: make \
                 another one, and name it in leaseContainerName"
            ))),
        }
    }
}
