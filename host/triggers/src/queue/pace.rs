//! How long to wait before the next look.

use std::time::Duration;

/// How a source is looked at while it has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pacing {
    /// By polling: growing pauses up to this one (reference: section 4.2).
    Polled {
        /// `maxPollingInterval`.
        longest: Duration,
    },
    /// By waiting to be woken; the looks between are for what no bell was rung for.
    Woken,
}

const POLLED_FIRST: Duration = Duration::from_millis(100);
const WOKEN_FIRST: Duration = Duration::from_millis(50);
const WOKEN_LONGEST: Duration = Duration::from_secs(1);
/// Pauses while functions can't run.
const RELUCTANT_FIRST: Duration = Duration::from_millis(100);
const RELUCTANT_LONGEST: Duration = Duration::from_secs(10);

/// The pauses of one listener.
#[derive(Debug)]
pub(super) struct Pace {
    pacing: Pacing,
    /// Looks since there was something.
    empty: u32,
    /// Times in a row that the function could not be run.
    not_run: u32,
    /// Whether the last of them was waited for.
    rested: bool,
}

impl Pace {
    pub(super) fn new(pacing: Pacing) -> Self {
        Self { pacing, empty: 0, not_run: 0, rested: true }
    }

    /// There were messages.
    pub(super) fn found(&mut self) {
        self.empty = 0;
    }

    /// There were none: how long to wait.
    pub(super) fn empty(&mut self) -> Duration {
        let pause = self.pause(random());
        self.empty = self.empty.saturating_add(1);
        pause
    }

    /// The pause after so many empty looks; `random` is from 0 to 1.
    fn pause(&self, random: f64) -> Duration {
        match self.pacing {
            Pacing::Woken => doubled(WOKEN_FIRST, self.empty).min(WOKEN_LONGEST),
            Pacing::Polled { longest } => {
                let more = match self.empty.checked_sub(1) {
                    None => Duration::ZERO,
                    Some(exponent) => doubled(POLLED_FIRST, exponent).mul_f64(0.8 + 0.4 * random),
                };
                (POLLED_FIRST + more).min(longest)
            }
        }
    }

    /// A function ran.
    pub(super) fn ran(&mut self) {
        self.not_run = 0;
        self.rested = true;
    }

    /// A function could not be run.
    pub(super) fn not_run(&mut self) {
        if self.rested {
            self.not_run = self.not_run.saturating_add(1);
            self.rested = false;
        }
    }

    /// How long to leave messages to other workers, once for each time that functions could not be run.
    pub(super) fn reluctance(&mut self) -> Option<Duration> {
        if self.rested {
            return None;
        }
        self.rested = true;
        Some(doubled(RELUCTANT_FIRST, self.not_run - 1).min(RELUCTANT_LONGEST))
    }
}

/// A duration doubled so many times, at most an hour or so.
pub(super) fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1 << times.min(16))
}

fn random() -> f64 {
    let mut byte = [0; 1];
    getrandom::fill(&mut byte).map_or(0.5, |()| f64::from(byte[0]) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn milliseconds(pacing: Pacing, looks: usize) -> Vec<u128> {
        let mut pace = Pace::new(pacing);
        (0..looks)
            .map(|_| {
                let pause = pace.pause(0.5);
                pace.empty += 1;
                pause.as_millis()
            })
            .collect()
    }

    #[test]
    fn an_empty_queue_is_looked_at_ever_less_often() {
        let polled = Pacing::Polled { longest: Duration::from_secs(2) };
        assert_eq!(milliseconds(polled, 8), [100, 200, 300, 500, 900, 1700, 2000, 2000]);
        assert_eq!(milliseconds(Pacing::Woken, 7), [50, 100, 200, 400, 800, 1000, 1000]);
        let shortest = Pacing::Polled { longest: Duration::from_millis(100) };
        assert_eq!(milliseconds(shortest, 3), [100, 100, 100]);
    }

    #[test]
    fn what_is_found_begins_it_anew() {
        let mut pace = Pace::new(Pacing::Polled { longest: Duration::from_secs(60) });
        for _ in 0..40 {
            assert!(pace.empty() <= Duration::from_secs(60));
        }
        assert_eq!(pace.empty(), Duration::from_secs(60));
        pace.found();
        assert_eq!(pace.empty(), Duration::from_millis(100));
    }

    #[test]
    fn a_worker_that_cannot_run_functions_leaves_messages_to_others() {
        let mut pace = Pace::new(Pacing::Woken);
        assert_eq!(pace.reluctance(), None);
        for expected in [100, 200, 400, 800] {
            // A whole batch that could not be run is one time.
            pace.not_run();
            pace.not_run();
            assert_eq!(pace.reluctance().map(|pause| pause.as_millis()), Some(expected));
            assert_eq!(pace.reluctance(), None);
        }
        pace.not_run();
        pace.ran();
        assert_eq!(pace.reluctance(), None);
    }

    proptest! {
        #[test]
        fn pauses_stay_between_the_shortest_and_the_longest(empty in any::<u32>(), random in 0.0..=1.0, longest in 100..120_000u64) {
            let longest = Duration::from_millis(longest);
            let pace = Pace { pacing: Pacing::Polled { longest }, empty, not_run: 0, rested: true };
            let pause = pace.pause(random);
            prop_assert!(POLLED_FIRST <= pause && pause <= longest);
        }
    }
}
