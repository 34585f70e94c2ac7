//! When what failed is tried again: after one second, then doubling up to two minutes (reference: Azure Functions, section 6.4).

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(120);

#[derive(Debug, Default)]
pub(super) struct Retry {
    next: Option<(Instant, Duration)>,
}

impl Retry {
    /// Whether it is time for another attempt; so it is when none has failed.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next.is_none_or(|(at, _)| at <= now)
    }

    pub(super) fn failed(&mut self, now: Instant) {
        let pause = self.next.map_or(FIRST, |(_, pause)| (pause * 2).min(LONGEST));
        self.next = Some((now + pause, pause));
    }

    pub(super) fn succeeded(&mut self) {
        self.next = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_two_minutes_and_begin_anew_after_a_success() {
        let (mut retry, mut now) = (Retry::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..9 {
            assert!(retry.is_due(now));
            retry.failed(now);
            let mut waited = 0;
            while !retry.is_due(now) {
                now += Duration::from_secs(1);
                waited += 1;
            }
            pauses.push(waited);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        retry.succeeded();
        assert!(retry.is_due(now));
        retry.failed(now);
        assert!(retry.is_due(now + FIRST));
    }
}
