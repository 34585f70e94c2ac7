//! Keeps settings, keys and modes of the apps here as they are in host state.
//!
//! Host state is asked twice a second what changed, one small read, and at once when somebody knows that there is news: management by a
//! beat, or this worker's own admin API. So changes arrive with management down. What each app was last loaded or read with is compared
//! with what is known, so that nothing is missed between a load and its watching, and a change that fails is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hearth_model::ids::AppName;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::app::apps::Apps;
use crate::app::live::LiveApp;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Host state must answer within this time.
const LIMIT: Duration = Duration::from_secs(5);

/// How far this worker has seen, and the bell.
#[derive(Default)]
pub(super) struct Watch {
    seen: AtomicU64,
    bell: Notify,
}

impl Apps {
    /// Somebody knows of this revision: looks at once if it is news.
    pub(crate) fn ring(&self, revision: u64) {
        if revision > self.watch.seen.load(Ordering::Relaxed) {
            self.watch.bell.notify_one();
        }
    }

    /// Watches until `stop`.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut silent = false;
        loop {
            match self.look().await {
                Ok(()) if silent => {
                    silent = false;
                    tracing::info!(category = "Host.General", "changes of settings and keys are seen again");
                }
                Ok(()) => {}
                Err(reason) => {
                    if !silent {
                        tracing::warn!(
                            category = "Host.General",
                            "changes of settings and keys are not seen until host state answers: {reason}"
                        );
                    }
                    silent = true;
                }
            }
            self.catch_up().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.watch.bell.notified() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Asks host state for what is new.
    async fn look(&self) -> Result<(), String> {
        let since = self.watch.seen.load(Ordering::Relaxed);
        let changes = tokio::time::timeout(LIMIT, self.source().state.configuration().changes(since))
            .await
            .map_err(|_| "it did not answer in time".to_owned())?
            .map_err(|error| error.to_string())?;
        let mut seen = since;
        let mut inner = self.lock();
        for change in changes {
            seen = seen.max(change.revision);
            inner.learn(change);
        }
        self.watch.seen.store(seen, Ordering::Relaxed);
        Ok(())
    }

    /// Does what follows from what is known: loads with other settings begin, keys are read.
    async fn catch_up(self: &Arc<Self>) {
        let stale = {
            let mut inner = self.lock();
            self.begin_due(&mut inner);
            inner.stale_keys(std::time::Instant::now())
        };
        for (live, revision) in stale {
            read_keys(&live, revision).await;
        }
    }

    /// Applies what host state says of an app now, keys before the answer. For whoever has just changed it by this worker; the
    /// change is made already, so that what can't be applied now is left to the watcher.
    pub(crate) async fn refresh(self: &Arc<Self>, app: &AppName) {
        let news = tokio::time::timeout(LIMIT, self.source().state.configuration().get(app)).await;
        if let Ok(Ok(Some(news))) = news {
            let keys = news.keys;
            let live = {
                let mut inner = self.lock();
                let live = inner.live(app, self.source());
                inner.learn(news);
                self.begin_due(&mut inner);
                live
            };
            read_keys(&live, keys).await;
        } else {
            self.watch.bell.notify_one();
        }
    }
}

async fn read_keys(live: &LiveApp, revision: u64) {
    match live.keys.at_least(revision).await {
        Ok(()) => {
            tracing::debug!(category = "Host.General", app = live.name.as_str(), "{}: keys read again", live.name)
        }
        Err(reason) => {
            tracing::error!(
                category = "Host.General",
                app = live.name.as_str(),
                "{}: {reason}; those before count",
                live.name
            );
        }
    }
}
