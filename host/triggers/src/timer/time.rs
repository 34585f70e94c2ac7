//! What a listener knows of time: a clock, and a sleep that follows it.

use std::time::Duration;

use hearth_model::clock::{Clock, SystemClock, Timestamp};

/// A clock that can be waited on; a test's may run through a month in a second.
pub trait Time: Clock + 'static {
    /// Ends when the clock shows this time or a later one, however far away that is and however the clock is set meanwhile.
    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineTime;

/// The longest that goes by until it is noticed that the clock was set forward.
const GLANCE: Duration = Duration::from_secs(5);

impl Clock for MachineTime {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}

impl Time for MachineTime {
    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let rest = at.since(self.now());
            if rest.is_zero() {
                return;
            }
            tokio::time::sleep(rest.min(GLANCE)).await;
        }
    }
}
