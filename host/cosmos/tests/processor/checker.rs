//! What must be true of every run, looked at while it happens: changes are handled at least once and in order of their partition key, no
//! stored position passes one that was not, and no two instances have a lease at once for longer than the protocol allows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::time::Time;

#[derive(Default)]
struct Seen {
    /// By partition key: changes that were written, and how many of the first were handled.
    written: BTreeMap<u64, u64>,
    handled: BTreeMap<u64, u64>,
    deliveries: u64,
    /// Instances that have a lease, since when; by token.
    owners: BTreeMap<String, BTreeMap<String, Duration>>,
    longest_overlap: Duration,
    /// Instances from when on they are left alone.
    faults: Vec<String>,
}

/// Clones are the same.
#[derive(Clone)]
pub(crate) struct Checker {
    seen: Arc<Mutex<Seen>>,
    time: Time,
}

impl Checker {
    pub(crate) fn new(time: Time) -> Self {
        Self { seen: Arc::default(), time }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub(crate) fn written(&self, key: u64, sequence: u64) {
        self.seen().written.insert(key, sequence + 1);
    }

    /// A change was handled. Whether anything before it was not is told at the end.
    pub(crate) fn handled(&self, key: u64, sequence: u64, instance: &str) {
        let now = self.time.now();
        let mut seen = self.seen();
        seen.deliveries += 1;
        let next = seen.handled.entry(key).or_default();
        match sequence {
            later if later > *next => {
                let next = *next;
                seen.faults.push(format!("{now:?}: {instance} handled {key}-{sequence} before {key}-{next}"));
            }
            first if first == *next => *next += 1,
            _ => {}
        }
    }

    /// A position was stored after the first `count` changes of a key.
    pub(crate) fn position_passed(&self, key: u64, count: u64, token: &str) {
        let now = self.time.now();
        let mut seen = self.seen();
        let handled = seen.handled.get(&key).copied().unwrap_or(0);
        if count > handled {
            seen.faults.push(format!("{now:?}: the position of {token} passed {key}-{handled}, which was not handled"));
        }
    }

    pub(crate) fn acquired(&self, instance: &str, token: &str) {
        let now = self.time.now();
        let mut seen = self.seen();
        if seen.owners.entry(token.to_owned()).or_default().insert(instance.to_owned(), now).is_some() {
            seen.faults.push(format!("{now:?}: {instance} acquired {token} twice"));
        }
    }

    /// An instance no longer has a lease, or any lease.
    pub(crate) fn released(&self, instance: &str, token: Option<&str>) {
        let now = self.time.now();
        let mut seen = self.seen();
        let Seen { owners, longest_overlap, .. } = &mut *seen;
        for (of, owners) in owners.iter_mut().filter(|(of, _)| token.is_none_or(|token| token == of.as_str())) {
            let Some(since) = owners.remove(instance) else { continue };
            for (other, other_since) in owners.iter() {
                let overlap = now.saturating_sub(since.max(*other_since));
                if std::env::var_os("HEARTH_SIMULATION_TRACE").is_some() {
                    println!("{now:?}: {instance} and {other} both had {of} for {overlap:?}");
                }
                *longest_overlap = overlap.max(*longest_overlap);
            }
        }
    }

    /// Longest time that two instances had one lease.
    pub(crate) fn longest_overlap(&self) -> Duration {
        self.seen().longest_overlap
    }

    /// Who has leases now, and how many.
    pub(crate) fn owners(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for owner in self.seen().owners.values().flat_map(BTreeMap::keys) {
            *counts.entry(owner.clone()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn is_drained(&self) -> bool {
        let seen = self.seen();
        seen.written == seen.handled
    }

    /// Changes that were written and handled, and deliveries of them.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let seen = self.seen();
        (seen.written.values().sum(), seen.handled.values().sum(), seen.deliveries)
    }

    /// What was not as it must be.
    pub(crate) fn faults(&self) -> Vec<String> {
        let seen = self.seen();
        let mut faults = seen.faults.clone();
        for (key, written) in &seen.written {
            let handled = seen.handled.get(key).copied().unwrap_or(0);
            if handled < *written {
                faults.push(format!("{key}-{handled} was never handled, nor {} after it", written - handled - 1));
            }
        }
        faults
    }
}
