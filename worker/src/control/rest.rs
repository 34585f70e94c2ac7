//! Whether this worker takes work: not outside its availability windows, and not while an operator drains it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hearth_model::availability::{Availability, Zone};
use hearth_model::clock::Clock;

/// When a worker takes work.
#[derive(Clone, Debug)]
pub struct AvailableTimes {
    /// The windows.
    pub windows: Availability,
    /// Where their times of day are meant.
    pub zone: Zone,
}

impl std::fmt::Display for AvailableTimes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.windows, self.zone)
    }
}

/// What keeps this worker from taking work.
pub(crate) struct Rest {
    times: Option<AvailableTimes>,
    clock: Arc<dyn Clock>,
    /// As management last said.
    drained: AtomicBool,
}

impl Rest {
    pub(crate) fn new(times: Option<AvailableTimes>, clock: Arc<dyn Clock>) -> Self {
        Self { times, clock, drained: AtomicBool::new(false) }
    }

    /// The windows as management shows them; empty for always.
    pub(crate) fn available(&self) -> String {
        self.times.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// Why this worker rests by its own choice; none while a window is open.
    pub(crate) fn reason(&self) -> Option<String> {
        let times = self.times.as_ref()?;
        let state = times.windows.at(self.clock.now(), &times.zone);
        if state.open {
            return None;
        }
        let until = state.until.map(|until| format!(", until {}", until.rfc3339())).unwrap_or_default();
        Some(format!("outside its availability window {times}{until}"))
    }

    /// Whether callers should go elsewhere where they can: a load balancer is told so.
    pub(crate) fn resting(&self) -> bool {
        self.drained.load(Ordering::SeqCst) || self.reason().is_some()
    }

    /// Whether an operator drains it; told by management.
    pub(crate) fn set_drained(&self, drained: bool) {
        if self.drained.swap(drained, Ordering::SeqCst) != drained {
            let what = if drained { "An operator drains this worker" } else { "This worker is in service again" };
            tracing::info!(category = "Host.General", "{what}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hearth_model::clock::{ManualClock, Timestamp};

    use super::*;

    #[test]
    fn a_worker_rests_outside_its_window_and_comes_back_by_itself() {
        let clock = Arc::new(ManualClock::new(Timestamp::parse_rfc3339("2026-03-02T21:59:00Z").unwrap()));
        let times = AvailableTimes { windows: "22:00-06:00".parse().unwrap(), zone: "UTC".parse().unwrap() };
        let rest = Rest::new(Some(times), clock.clone());
        assert_eq!(rest.available(), "22:00-06:00 UTC");
        let reason = rest.reason().unwrap();
        assert_eq!(reason, "outside its availability window 22:00-06:00 UTC, until 2026-03-02T22:00:00Z");
        clock.advance(Duration::from_secs(60));
        assert_eq!(rest.reason(), None);
        clock.advance(Duration::from_secs(8 * 3600 - 1));
        assert_eq!(rest.reason(), None);
        clock.advance(Duration::from_secs(1));
        assert!(rest.reason().is_some());
    }

    #[test]
    fn without_windows_only_an_operator_makes_it_rest() {
        let rest = Rest::new(None, Arc::new(ManualClock::default()));
        assert!(rest.available().is_empty() && rest.reason().is_none() && !rest.resting());
        rest.set_drained(true);
        assert!(rest.resting() && rest.reason().is_none());
        rest.set_drained(false);
        assert!(!rest.resting());
    }
}
