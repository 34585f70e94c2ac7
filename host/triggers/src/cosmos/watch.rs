//! What is to be seen of a listener while its processor runs: what fails, which ranges it has, and how far it is behind.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_cosmos::processor::{
    CloseReason, Environment, Estimator, FeedErrorKind, Lag, Lease, LeaseStoreErrorKind, Notifications, ProcessorError,
};
use hearth_model::host_json::LogLevel;
use tokio_util::sync::CancellationToken;

use super::account::{AnyFeed, AnyLeases};
use super::handler::Failing;
use super::{CosmosListener, FeedNews};

/// From one look at the lag to the next: as often as the original's estimator looks (reference: Cosmos DB, section 8.10).
const EVERY: Duration = Duration::from_secs(5);
/// Items that are work for one worker, where the trigger bounds no batch (reference: Cosmos DB, section 9.6).
const ITEMS_OF_A_WORKER: u32 = 100;

/// What the processor of a listener tells.
pub(super) struct Watch {
    pub(super) listener: CosmosListener,
    /// Name of the processor's instance.
    pub(super) instance: String,
    /// Ranges whose batch does not get done.
    pub(super) stuck: Arc<Mutex<HashMap<Arc<str>, Failing>>>,
    /// Cancelled when a container is gone: the processor's leases and positions mean nothing any more.
    pub(super) gone: CancellationToken,
    /// What was last told to fail.
    pub(super) trouble: Mutex<Option<String>>,
}

impl Watch {
    /// Tells how far the listener's deployment unit is behind, whenever that changes; never ends.
    pub(super) async fn follow_lag(&self, estimator: &Estimator<AnyFeed, AnyLeases>, environment: &dyn Environment) {
        let mut told = None;
        loop {
            environment.sleep(EVERY).await;
            match estimator.estimate().await {
                Ok(lag) => {
                    self.is_well();
                    self.leave_to_others(&lag);
                    let now = (lag.total(), self.workers_for(&lag));
                    if told != Some(now) {
                        let (behind, workers) = now;
                        self.listener.news.tell(FeedNews::Lag { behind, workers });
                        told = Some(now);
                    }
                }
                // What keeps the feed from being read is told where it is read.
                Err(error) => {
                    tracing::debug!(category = "Host.Triggers.CosmosDB", %error, "the lag of a feed is not known")
                }
            }
        }
    }

    /// Ranges that do not go on are told by whoever has them.
    fn leave_to_others(&self, lag: &Lag) {
        for lease in &lag.leases {
            if lease.owner.as_deref().is_some_and(|owner| !owner.eq_ignore_ascii_case(&self.instance)) {
                self.listener.is_free_of(&self.stuck, &lease.token.as_str().into());
            }
        }
    }

    /// How many workers a lag is work for: no more than there are leases.
    fn workers_for(&self, lag: &Lag) -> u32 {
        let each = u64::from(self.listener.trigger.max_items.unwrap_or(ITEMS_OF_A_WORKER).max(1));
        let leases = u32::try_from(lag.leases.len()).unwrap_or(u32::MAX).max(1);
        u32::try_from(lag.total().div_ceil(each)).unwrap_or(u32::MAX).min(leases)
    }

    /// Nothing fails any more.
    fn is_well(&self) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.take().is_some() {
            let text = format!(
                "Function '{}' gets the changes of container '{}' again.",
                self.listener.function, self.listener.trigger.container
            );
            self.listener.log.write(LogLevel::Information, &text);
            self.listener.news.tell(FeedNews::Trouble(None));
        }
    }

    fn fails(&self, error: &ProcessorError) {
        let text = error.to_string();
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.as_ref() != Some(&text) {
            let line = format!("Function '{}' gets no changes now: {text}; it is tried again.", self.listener.function);
            self.listener.log.write(LogLevel::Error, &line);
            self.listener.news.tell(FeedNews::Trouble(Some(text.clone())));
            *trouble = Some(text);
        }
    }

    fn debug(&self, what: &str, lease: &Lease) {
        tracing::debug!(
            category = "Host.Triggers.CosmosDB",
            app = %self.listener.app,
            function = %self.listener.function,
            container = %self.listener.trigger.container,
            range = %lease.token,
            "{what}"
        );
    }
}

impl Notifications for Watch {
    fn acquired(&self, lease: &Lease) {
        self.debug("the lease of a range was acquired", lease);
    }

    fn released(&self, lease: &Lease, reason: CloseReason) {
        self.debug(&format!("the lease of a range is no longer here: {reason}"), lease);
        // A range that does not go on is not better for being nobody's.
        if reason != CloseReason::DelegateFailed {
            self.listener.is_free_of(&self.stuck, &lease.token.as_str().into());
        }
    }

    fn checkpointed(&self, _: &Lease) {
        self.is_well();
    }

    fn failed(&self, lease: Option<&Lease>, error: &ProcessorError) {
        match error {
            // Told where the function is called.
            ProcessorError::Delegate(_) => {}
            ProcessorError::LeaseLost { .. } => {
                if let Some(lease) = lease {
                    self.debug(&format!("{error} (this is expected while workers come and go)"), lease);
                }
            }
            ProcessorError::Feed(feed) if feed.kind == FeedErrorKind::NotFound => self.gone.cancel(),
            ProcessorError::Store(store) if store.kind == LeaseStoreErrorKind::NotFound => self.gone.cancel(),
            ProcessorError::Feed(_) | ProcessorError::Store(_) | ProcessorError::Setup(_) => self.fails(error),
        }
    }
}
