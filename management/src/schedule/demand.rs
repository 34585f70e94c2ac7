//! How many workers an app should have: from what its workers report of its load, between what its placement allows.
//!
//! More at once when there is more to do than the workers that it has are meant for, twice as many at most and then a pause in which
//! the new ones take their share; fewer only after a long quiet, and one at a time, because a worker that is given up costs a load when
//! it is wanted again. Reports are smoothed, so that neither a burst nor a gap between two beats decides.

use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::host_json::Placement;

use super::plan::Rules;

/// A change of the load counts for half after about this long.
const SMOOTHING: Duration = Duration::from_secs(8);
/// Workers that were added get this long to take their share before more are added.
const PAUSE_OUT: Duration = Duration::from_secs(10);
/// So much above the target, in hundredths, is no reason yet to add a worker.
const TOLERANCE: u64 = 110;
/// Fewer workers would have to be loaded to so many hundredths of the target at most.
const COMFORT: u64 = 70;

/// How many workers an app may have, and what each is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) least: usize,
    pub(super) most: usize,
    /// Invocations, running and waiting, of one worker.
    pub(super) concurrency: u64,
    pub(super) latency: Option<Duration>,
}

impl Bounds {
    pub(super) fn of(placement: &Placement, rules: &Rules) -> Self {
        let size = |workers: u32| usize::try_from(workers).unwrap_or(usize::MAX).max(1);
        let most = placement.max_workers.map_or(usize::MAX, size);
        Self {
            least: placement.min_workers.map_or(rules.copies, size).min(most),
            most,
            concurrency: u64::from(placement.target_concurrency.unwrap_or(rules.target_concurrency)).max(1),
            latency: placement.target_latency,
        }
    }

    pub(super) fn clamp(&self, workers: usize) -> usize {
        workers.clamp(self.least, self.most)
    }
}

/// Load of an app over all its workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Observed {
    /// Invocations that run or wait.
    pub(super) outstanding: u64,
    /// Mean time to an answer; none when none was given since the beats before.
    pub(super) latency: Option<Duration>,
    /// Calls were refused because limits were reached.
    pub(super) refusing: bool,
    /// Workers for which there is work in the app's queues.
    pub(super) backlog: usize,
}

/// A new number of workers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scaled {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) reason: String,
}

/// How many workers an app should have, and how that came about.
#[derive(Debug, Default)]
pub(super) struct Demand {
    wanted: usize,
    /// Smoothed, in thousandths.
    outstanding: u64,
    /// Smoothed, in microseconds.
    latency: u64,
    considered: Option<Timestamp>,
    grown: Option<Timestamp>,
    quiet: Option<Quiet>,
}

/// Fewer workers would have been enough for some time.
#[derive(Debug)]
struct Quiet {
    since: Timestamp,
    /// So many were needed at most.
    needed: usize,
}

impl Demand {
    /// How many workers the app should have.
    pub(super) fn wanted(&self, bounds: Bounds) -> usize {
        bounds.clamp(self.wanted)
    }

    /// Smoothed invocations that run or wait.
    pub(super) fn outstanding(&self) -> u64 {
        self.outstanding.div_ceil(1000)
    }

    /// The app has so many workers already: fewer is a matter of a long quiet.
    pub(super) fn at_least(&mut self, workers: usize) {
        self.wanted = self.wanted.max(workers);
    }

    /// Takes in what the workers report now; the change if there is one.
    pub(super) fn consider(
        &mut self,
        now: Timestamp,
        observed: Observed,
        bounds: Bounds,
        assigned: usize,
        rules: &Rules,
    ) -> Option<Scaled> {
        // What it had before this management began is no change.
        let first = self.considered.is_none();
        self.smooth(now, observed);
        let from = self.wanted;
        let current = bounds.clamp(from);
        self.wanted = current;
        if from != current && !first {
            let reason = format!("its placement asks for {}", describe(bounds));
            return Some(Scaled { from, to: current, reason });
        }
        if let Some((needed, reason)) = self.short_of(observed, bounds, current) {
            self.quiet = None;
            let to = bounds.clamp(needed.min(current.saturating_mul(2)));
            let settled = self.grown.is_none_or(|at| now.since(at) >= PAUSE_OUT);
            // More workers are of no use to an app that can't get those it should have.
            if to > current && settled && assigned >= current {
                self.wanted = to;
                self.grown = Some(now);
                return Some(Scaled { from: current, to, reason });
            }
            return None;
        }
        self.rest(now, observed, bounds, current, rules)
    }

    fn smooth(&mut self, now: Timestamp, observed: Observed) {
        let passed = self.considered.map_or(Duration::ZERO, |before| now.since(before));
        self.considered = Some(now);
        let (passed, smoothing) = (passed.as_millis(), SMOOTHING.as_millis());
        let blend = |old: u64, new: u64| {
            let blended = (u128::from(old) * smoothing + u128::from(new) * passed) / (smoothing + passed);
            u64::try_from(blended).unwrap_or(u64::MAX)
        };
        self.outstanding = blend(self.outstanding, observed.outstanding.saturating_mul(1000));
        match observed.latency {
            Some(latency) => {
                self.latency = blend(self.latency, u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
            }
            None if observed.outstanding == 0 => self.latency = blend(self.latency, 0),
            None => {}
        }
    }

    /// Why more workers are needed, and how many.
    fn short_of(&self, observed: Observed, bounds: Bounds, current: usize) -> Option<(usize, String)> {
        let each = bounds.concurrency.saturating_mul(1000);
        let room = each.saturating_mul(size(current)) / 100;
        if self.outstanding > room.saturating_mul(TOLERANCE) {
            let needed = usize::try_from(self.outstanding.div_ceil(each)).unwrap_or(usize::MAX);
            let reason = format!(
                "{} invocations run or wait, and {} per worker are meant (targetConcurrency)",
                self.outstanding(),
                bounds.concurrency
            );
            return Some((needed, reason));
        }
        if observed.backlog > current {
            let reason = format!("messages wait in its queues for {} workers", observed.backlog);
            return Some((observed.backlog, reason));
        }
        if let Some(target) = bounds.latency
            && u128::from(self.latency) > target.as_micros()
            && observed.latency.is_some()
        {
            let reason = format!(
                "answers take {} ms in the mean, and {} ms are meant (targetLatency)",
                self.latency / 1000,
                target.as_millis()
            );
            return Some((current.saturating_add(1), reason));
        }
        let refused = "calls were refused because the app's limits on a worker were reached";
        observed.refusing.then(|| (current.saturating_add(1), refused.to_owned()))
    }

    /// One worker fewer when fewer were enough for long.
    fn rest(
        &mut self,
        now: Timestamp,
        observed: Observed,
        bounds: Bounds,
        current: usize,
        rules: &Rules,
    ) -> Option<Scaled> {
        let each = bounds.concurrency.saturating_mul(10).saturating_mul(COMFORT);
        let slow = bounds.latency.is_some_and(|target| u128::from(self.latency) * 2 > target.as_micros());
        let enough = match usize::try_from(self.outstanding.div_ceil(each.max(1))) {
            Ok(enough) if !slow && !observed.refusing => bounds.clamp(enough.max(observed.backlog).max(1)),
            _ => current,
        };
        if enough >= current {
            self.quiet = None;
            return None;
        }
        let quiet = self.quiet.get_or_insert(Quiet { since: now, needed: enough });
        quiet.needed = quiet.needed.max(enough);
        if quiet.needed >= current {
            *quiet = Quiet { since: now, needed: enough };
        }
        if now.since(quiet.since) < rules.quiet {
            return None;
        }
        let reason = format!(
            "{} worker(s) were enough for the last {} s: {} invocations run or wait",
            quiet.needed,
            rules.quiet.as_secs(),
            self.outstanding.div_ceil(1000)
        );
        // The next one goes sooner.
        quiet.since = now.minus(rules.quiet / 5 * 4);
        self.wanted = current - 1;
        Some(Scaled { from: current, to: current - 1, reason })
    }
}

fn size(workers: usize) -> u64 {
    u64::try_from(workers).unwrap_or(u64::MAX)
}

/// `2 workers`, `2 to 5 workers`, `2 workers or more`.
pub(super) fn describe(bounds: Bounds) -> String {
    match (bounds.least, bounds.most) {
        (least, usize::MAX) => format!("{least} workers or more"),
        (least, most) if least == most => format!("{least} workers"),
        (least, most) => format!("{least} to {most} workers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_that_fill_call_for_workers_and_empty_ones_give_them_back() {
        let rules = super::super::tests::rules();
        let bounds = Bounds { least: 1, most: 5, concurrency: 100, latency: None };
        let mut demand = Demand::default();
        let at = |second: u64| Timestamp(0).plus(Duration::from_secs(second));
        let full = Observed { backlog: 9, ..Observed::default() };
        assert_eq!(demand.consider(at(0), Observed::default(), bounds, 1, &rules), None);
        let scaled = demand.consider(at(1), full, bounds, 1, &rules).unwrap();
        assert_eq!((scaled.from, scaled.to), (1, 2), "twice as many at most");
        assert!(scaled.reason.contains("messages wait"), "{}", scaled.reason);
        assert_eq!(demand.consider(at(2), full, bounds, 2, &rules), None, "the new one takes its share first");
        assert_eq!(demand.consider(at(12), full, bounds, 2, &rules).unwrap().to, 4);
        let mut second = 12;
        while demand.wanted(bounds) > 1 {
            second += 1;
            demand.consider(at(second), Observed::default(), bounds, 4, &rules);
            assert!(second < 10_000);
        }
        assert!(Duration::from_secs(second - 12) >= rules.quiet);
    }
}
