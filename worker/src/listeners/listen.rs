//! One listener from its start to its stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearth_model::host_json::LogLevel;
use hearth_state::TimerKey;
use hearth_triggers::cosmos::{CosmosListener, FeedNews, TellFeedNews};
use hearth_triggers::queue::{ListenerLog, QueueListener, QueueNews, TellNews};
use hearth_triggers::timer::TimerListener;
use tokio_util::sync::CancellationToken;

use super::source::{Feed, Queue, Source, Timer};
use super::tell;
use crate::app::{Apps, EventFunction, ListeningApp};
use crate::events::AppInvoker;

/// After a listener that could not begin, doubling up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A function and what runs it.
pub(super) struct Listening {
    app: ListeningApp,
    function: EventFunction,
    apps: Arc<Apps>,
    invoker: Arc<AppInvoker>,
}

impl Listening {
    pub(super) fn new(apps: &Arc<Apps>, app: &ListeningApp, function: &EventFunction) -> Self {
        Self {
            app: app.clone(),
            function: function.clone(),
            apps: apps.clone(),
            invoker: Arc::new(AppInvoker::new(apps.clone(), app.app.clone())),
        }
    }

    /// Listens until `stop`, and then finishes what was taken. What can't begin now is tried again.
    pub(super) async fn run(self, source: Source, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let ended = match &source {
                Source::Timer(timer) => {
                    self.timer(timer, &stop).await;
                    Ok(())
                }
                Source::Queue(queue) => self.queue(queue, &stop).await,
                Source::Feed(feed) => self.feed(feed, &stop).await,
            };
            let Err(trouble) = ended else { continue };
            tell(&self.apps, &self.app, &self.function, Some(&trouble));
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    async fn queue(&self, queue: &Queue, stop: &CancellationToken) -> Result<(), String> {
        let services = self.apps.services();
        let source = services.queues.source(&self.app.app, &queue.target, &queue.trigger.queue).await?;
        let listener = QueueListener {
            function: self.function.definition.name.clone(),
            trigger: queue.trigger.clone(),
            options: queue.options.clone(),
            source,
            cores: services.cores,
            development: services.development,
            log: self.log(),
            poisoned: services.counters.poisoned.clone(),
            news: self.news(),
        };
        tell(&self.apps, &self.app, &self.function, None);
        listener.run(self.invoker.clone(), stop.clone()).await;
        Ok(())
    }

    async fn feed(&self, feed: &Feed, stop: &CancellationToken) -> Result<(), String> {
        let (services, app) = (self.apps.services(), &self.app.app);
        let function = self.function.definition.name.clone();
        let listener = CosmosListener {
            app: app.clone(),
            function: function.clone(),
            trigger: feed.trigger.clone(),
            retry: feed.retry,
            account: services.cosmos.account(app, &feed.target).await?,
            lease_account: services.cosmos.account(app, &feed.leases).await?,
            state: services.state.clone(),
            clock: services.clock.clone(),
            worker: services.worker.clone(),
            log: self.log(),
            news: self.feed_news(),
        };
        tell(&self.apps, &self.app, &self.function, None);
        listener.run(self.invoker.clone(), stop.clone()).await;
        services.feeds.forget(app, &function);
        self.app.live.set_backlog(function.as_str(), 0);
        Ok(())
    }

    async fn timer(&self, timer: &Timer, stop: &CancellationToken) {
        let listener = TimerListener {
            key: TimerKey { app: self.app.app.clone(), function: self.function.definition.name.clone() },
            trigger: timer.trigger.clone(),
            retry: timer.retry,
            start: timer.start.clone(),
            claims: self.apps.services().timers.clone(),
            log: self.log(),
        };
        tell(&self.apps, &self.app, &self.function, None);
        listener.run(self.invoker.clone(), stop.clone()).await;
    }

    /// What the listener to a queue tells goes to whoever asks how the app is, and to management with the next beat.
    fn news(&self) -> TellNews {
        let (apps, live, name) = (self.apps.clone(), self.app.live.clone(), self.function.definition.name.clone());
        TellNews::new(move |news| match news {
            QueueNews::Backlog(workers) => live.set_backlog(name.as_str(), workers),
            QueueNews::Trouble(trouble) => {
                apps.set_trouble(&live, name.as_str(), trouble.as_deref());
            }
        })
    }

    /// The same of the listener to a change feed.
    fn feed_news(&self) -> TellFeedNews {
        let (apps, live, app) = (self.apps.clone(), self.app.live.clone(), self.app.app.clone());
        let function = self.function.definition.name.clone();
        TellFeedNews::new(move |news| {
            let services = apps.services();
            match news {
                FeedNews::Trouble(trouble) => {
                    apps.set_trouble(&live, function.as_str(), trouble.as_deref());
                }
                FeedNews::Lag { behind, workers } => {
                    services.feeds.set_lag(&app, &function, behind);
                    live.set_backlog(function.as_str(), workers);
                }
                FeedNews::Stuck { lease_token, error } => {
                    services.feeds.set_stuck(&app, &function, &lease_token, error);
                }
                FeedNews::DeadLettered => {
                    services.counters.dead_lettered.fetch_add(1, Ordering::Relaxed);
                }
                FeedNews::Skipped => {
                    services.counters.passed_over.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    }

    /// The function's own part of the app's log.
    fn log(&self) -> ListenerLog {
        let log = self.function.log.clone();
        ListenerLog::new(move |level: LogLevel, line: &str| log.host(level, line))
    }
}
