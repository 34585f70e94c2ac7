//! What a processor knows of the world: the time, how to wait, and chance. A simulation sets all three.

use std::pin::Pin;
use std::time::Duration;

use hearth_model::clock::{Clock, SystemClock, Timestamp};

/// A wait.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time, how to wait, and chance.
pub trait Environment: Clock + 'static {
    /// Ends after so long, by a clock that nobody sets.
    fn sleep(&self, time: Duration) -> Sleep;

    /// Time that passed since some moment, by a clock that nobody sets. What is told apart from [`Clock::now`], which other machines
    /// compare with theirs.
    fn elapsed(&self) -> Duration;

    /// A number from 0 up to but without 1.
    fn random(&self) -> f64;
}

/// This machine, within a Tokio runtime.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    started: tokio::time::Instant,
}

impl Default for Machine {
    fn default() -> Self {
        Self { started: tokio::time::Instant::now() }
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}

impl Environment for Machine {
    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn random(&self) -> f64 {
        let mut bytes = [0; 2];
        // Without chance waits are of middle length.
        getrandom::fill(&mut bytes).map_or(0.5, |()| f64::from(u16::from_le_bytes(bytes)) / 65536.0)
    }
}
