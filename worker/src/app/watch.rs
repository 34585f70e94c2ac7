//! Keeps settings, keys and modes of the apps here as they are in host state.
//!
//! Host state is asked twice a second what changed, one small read, and at once when somebody knows that there is news: management by a
//! beat, or this worker's own admin API. So changes arrive with management down. What each app was last loaded or read with is compared
//! with what is known, so that nothing is missed between a load and its watching, and a change that fails is tried again. When a
//! backup has taken the place of host state, its generation says so, and nothing that was known counts any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hearth_model::ids::AppName;
use hearth_state::StateError;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::apps::Apps;
use crate::app::live::LiveApp;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// The same while host state does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Host state must answer within this time.
const LIMIT: Duration = Duration::from_secs(5);
/// Apps whose keys are read at once.
const AT_ONCE: usize = 8;

/// How far this worker has seen, and the bell.
#[derive(Default)]
pub(super) struct Watch {
    seen: AtomicU64,
    /// Generation of host state under which that was; 0 before the first look.
    generation: AtomicU64,
    bell: Notify,
}

impl Apps {
    /// Somebody knows of this revision: looks at once if it is news.
    pub(crate) fn ring(&self, revision: u64) {
        if revision > self.watch.seen.load(Ordering::Relaxed) {
            self.watch.bell.notify_one();
        }
    }

    /// Watches until `stop`, at which it ends also when host state does not answer.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        stop.run_until_cancelled(self.watch_on()).await;
    }

    async fn watch_on(self: &Arc<Self>) {
        let (mut silent, mut wait) = (false, PAUSE);
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
            // Modes are among what is seen.
            self.listening_changed.notify_one();
            // What is unloaded is loaded with what was known then, so nothing is while host state may say something else.
            if !silent {
                self.unload_idle();
            }
            // One that does not answer is asked less and less often.
            wait = if silent { (wait * 2).min(LONGEST_PAUSE) } else { PAUSE };
            tokio::select! {
                () = self.watch.bell.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Asks host state for what is new; for everything, when it is another state than before.
    async fn look(self: &Arc<Self>) -> Result<(), String> {
        let state = &self.source().state;
        // The generation first: what is read after it is of that generation or, if of a later one, read again.
        let generation = answered(state.installation().generation()).await?;
        let before = self.watch.generation.load(Ordering::Relaxed);
        let anew = before != 0 && before != generation;
        let since = if anew { 0 } else { self.watch.seen.load(Ordering::Relaxed) };
        let changes = answered(state.configuration().changes(since)).await?;
        self.heard();
        let mut seen = since;
        let mut outdated = Vec::new();
        {
            let mut inner = self.lock();
            if anew {
                tracing::warn!(
                    category = "Host.General",
                    "host state was restored from a backup: everything is loaded anew"
                );
                outdated = inner.begin_anew(&changes);
            }
            let mut deleted = anew;
            for change in changes {
                seen = seen.max(change.revision);
                deleted |= change.deleted;
                inner.learn(change);
            }
            if deleted {
                self.settle(&mut inner);
            }
        }
        self.watch.seen.store(seen, Ordering::Relaxed);
        self.watch.generation.store(generation, Ordering::Relaxed);
        self.clone().drop_outdated(outdated).await;
        Ok(())
    }

    /// Does what follows from what is known: loads with other settings begin, keys are read.
    async fn catch_up(self: &Arc<Self>) {
        let stale = {
            let mut inner = self.lock();
            self.begin_due(&mut inner);
            inner.forget_deleted();
            inner.stale_keys(std::time::Instant::now())
        };
        // One app whose keys are read slowly must not hold up the others for long.
        for some in stale.chunks(AT_ONCE) {
            let mut readings = JoinSet::new();
            for (live, revision) in some.iter().cloned() {
                readings.spawn(async move { read_keys(&live, revision).await });
            }
            readings.join_all().await;
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

/// What host state answers, in time.
async fn answered<T>(question: impl Future<Output = Result<T, StateError>>) -> Result<T, String> {
    match tokio::time::timeout(LIMIT, question).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("it did not answer in time".to_owned()),
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
