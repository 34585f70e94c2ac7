//! What of events is counted, of all apps of this process together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hearth_triggers::{Event, InvocationFailure};

/// Names in [`hearth_model::control::BeatRequest::counters`] begin with this.
const PREFIX: &str = "event_";

#[derive(Debug, Default)]
pub(crate) struct EventCounters {
    invocations: AtomicU64,
    failures: AtomicU64,
    retries: AtomicU64,
    superseded: AtomicU64,
    /// Messages that were moved to a poison queue; listeners count them.
    pub(crate) poisoned: Arc<AtomicU64>,
    /// Batches of change feeds that were moved to a dead-letter container; listeners count them.
    pub(crate) dead_lettered: AtomicU64,
    /// Batches of change feeds that were passed over although the function failed; listeners count them.
    pub(crate) passed_over: AtomicU64,
}

impl EventCounters {
    /// An invocation ended.
    pub(super) fn ended(&self, event: &Event, result: &Result<(), InvocationFailure>) {
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        count(&self.invocations);
        if event.retry.as_ref().is_some_and(|retry| retry.retry_count > 0) {
            count(&self.retries);
        }
        match result {
            Ok(()) | Err(InvocationFailure::NotRun(_)) => {}
            Err(InvocationFailure::Failed(_)) => {
                count(&self.failures);
            }
            Err(InvocationFailure::Superseded) => {
                count(&self.superseded);
            }
        }
    }

    /// By the names under which beats tell it.
    pub(crate) fn told(&self) -> BTreeMap<String, u64> {
        let counters = [
            ("invocations", &self.invocations),
            ("failures", &self.failures),
            ("retries", &self.retries),
            ("superseded", &self.superseded),
            ("poisoned", &*self.poisoned),
            ("dead_lettered", &self.dead_lettered),
            ("passed_over", &self.passed_over),
        ];
        counters.map(|(name, counter)| (format!("{PREFIX}{name}"), counter.load(Ordering::Relaxed))).into()
    }
}
