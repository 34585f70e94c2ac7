//! How long to wait before a child that ended is started again.

use std::time::Duration;

/// Wait after the first end.
const FIRST: Duration = Duration::from_millis(100);
/// Longest wait.
const MOST: Duration = Duration::from_secs(5);
/// A child that was ready for this long is healthy: its next end counts as the first.
const HEALTHY: Duration = Duration::from_secs(10);

/// Doubles from 100 ms to 5 s.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after an end; `was_ready` is how long the child had been ready, if it was.
    pub(super) fn after(&mut self, was_ready: Option<Duration>) -> Duration {
        if was_ready.is_some_and(|time| time >= HEALTHY) {
            self.failures = 0;
        }
        let wait = FIRST.saturating_mul(1 << self.failures.min(16)).min(MOST);
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_bound_and_begin_anew_after_health() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..8).map(|_| backoff.after(None).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(backoff.after(Some(Duration::from_secs(9))).as_millis(), 5000);
        assert_eq!(backoff.after(Some(Duration::from_secs(10))).as_millis(), 100);
        for _ in 0..100 {
            assert!(backoff.after(None) <= MOST);
        }
    }
}
