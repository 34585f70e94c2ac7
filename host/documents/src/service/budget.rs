//! Budgets of request units: each range of a container may be asked for its share of the container's throughput, in each process.
//!
//! A budget is a bucket that fills with the time, up to what one second gives. An operation is let in while there is anything in
//! it and paid for afterwards, when its cost is known, so a bucket may owe; who comes meanwhile is told when to come again.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use http::StatusCode;

use super::charge::Charge;
use super::{Container, DocumentService, Range, lock};
use crate::protocol::{DocumentError, substatus};

/// Ranges whose buckets are remembered; a bucket that is forgotten is full again.
const REMEMBERED: usize = 10_000;

/// A range of a container: the container's number and the range's.
type Key = (i64, i64);

#[derive(Debug, Default)]
pub(super) struct Budgets(Mutex<HashMap<Key, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Request units that are left; below zero when it owes.
    left: f64,
    at: Timestamp,
}

impl Budgets {
    /// Whether a range may be asked for something. `throughput` is in request units per second.
    ///
    /// # Errors
    /// 429 with sub-status 3200, and when to try again.
    pub(super) fn admit(&self, range: Key, throughput: f64, now: Timestamp) -> Result<(), DocumentError> {
        let mut buckets = lock(&self.0);
        if buckets.len() >= REMEMBERED && !buckets.contains_key(&range) {
            buckets.clear();
        }
        let bucket = buckets.entry(range).or_insert(Bucket { left: throughput, at: now });
        bucket.left = (bucket.left + now.since(bucket.at).as_secs_f64() * throughput).min(throughput);
        bucket.at = now;
        if bucket.left > 0.0 {
            return Ok(());
        }
        let wait = Duration::from_secs_f64((-bucket.left / throughput).clamp(0.001, 60.0));
        let message = "Request rate is large: the throughput of this container is used up. Try again after the time in \
                       x-ms-retry-after-ms, or raise the container's throughput";
        Err(DocumentError::new(StatusCode::TOO_MANY_REQUESTS, message)
            .with_substatus(substatus::BUDGET_EXHAUSTED)
            .retry_after(wait))
    }

    /// Takes what an operation cost.
    pub(super) fn pay(&self, range: Key, charge: Charge) {
        if let Some(bucket) = lock(&self.0).get_mut(&range) {
            bucket.left -= charge.0;
        }
    }
}

impl DocumentService {
    /// Whether a range of a container may be asked for something.
    ///
    /// # Errors
    /// 429 when its budget is used up.
    pub(super) fn admit(&self, container: &Container, range: &Range) -> Result<(), DocumentError> {
        let Some(throughput) = container.throughput else { return Ok(()) };
        self.0.budgets.admit((container.number, range.id), throughput, self.0.clock.now())
    }

    /// Takes from a range's budget what was done.
    pub(super) fn pay(&self, container: &Container, range: &Range, charge: Charge) {
        self.pay_range(container, range.id, charge);
    }

    pub(super) fn pay_range(&self, container: &Container, range: i64, charge: Charge) {
        if container.throughput.is_some() {
            self.0.budgets.pay((container.number, range), charge);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_that_owes_is_asked_again_when_it_has_paid() {
        let budgets = Budgets::default();
        let at = |millis: i64| Timestamp::from_micros(1_800_000_000_000_000 + millis * 1000);
        let range = (1, 0);
        budgets.admit(range, 400.0, at(0)).unwrap();
        budgets.pay(range, Charge(500.0));
        let refused = budgets.admit(range, 400.0, at(0)).unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.substatus), (429, 3200));
        assert_eq!(refused.retry_after, Some(Duration::from_millis(250)));
        assert!(budgets.admit((1, 1), 400.0, at(0)).is_ok(), "another range has a bucket of its own");
        assert!(budgets.admit(range, 400.0, at(249)).is_err());
        budgets.admit(range, 400.0, at(251)).unwrap();
        budgets.pay(range, Charge(1.0));
        budgets.admit(range, 400.0, at(600_000)).unwrap();
        budgets.pay(range, Charge(401.0));
        assert!(budgets.admit(range, 400.0, at(600_000)).is_err(), "a bucket holds one second's worth and no more");
    }
}
