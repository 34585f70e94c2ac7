//! How long to wait before the next try or look.

use std::time::Duration;

/// Pauses that double, from a first one up to a longest, each a little longer or shorter by chance.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    first: Duration,
    longest: Duration,
    times: u32,
}

impl Pace {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first: first.min(longest), longest, times: 0 }
    }

    /// The next pause; `random` is from 0 to 1.
    pub(super) fn next(&mut self, random: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.times.min(16));
        self.times = self.times.saturating_add(1);
        doubled.min(self.longest).mul_f64(0.8 + 0.2 * random)
    }

    /// Begins with the first one again.
    pub(super) fn again(&mut self) {
        self.times = 0;
    }

    /// How many pauses there were in a row.
    pub(super) fn times(&self) -> u32 {
        self.times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut pace = Pace::new(Duration::from_millis(100), Duration::from_secs(1));
        let mut pauses = (0..6).map(|_| pace.next(1.0).as_millis()).collect::<Vec<_>>();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
        pace.again();
        pauses.clear();
        pauses.extend((0..2).map(|_| pace.next(0.0).as_millis()));
        assert_eq!(pauses, [80, 160]);
        assert_eq!(pace.times(), 2);
    }
}
