//! Simulated time and chance. A runtime of one thread tells when all its tasks wait; then the time goes on to the next timer, so that a
//! day passes in moments and the same seed makes the same run.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hearth_cosmos::processor::{Environment, Sleep};
use hearth_model::clock::{Clock, Timestamp};

/// 2026-01-01T00:00:00Z.
const BEGIN: i64 = 1_767_225_600_000_000;

/// Numbers that follow from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(Arc<Mutex<u64>>);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    pub(crate) fn number(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to but without `high`.
    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        low + self.number() % (high - low)
    }

    /// Whether something happens that does so many times in a thousand.
    pub(crate) fn per_mille(&self, times: u64) -> bool {
        self.number() % 1000 < times
    }

    pub(crate) fn millis(&self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }
}

#[derive(Default)]
struct Timers {
    now: Duration,
    next: u64,
    waiting: BTreeMap<(Duration, u64), Waker>,
}

/// The time of a simulation. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Time(Arc<Mutex<Timers>>);

impl Time {
    /// Since its beginning.
    pub(crate) fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        Timestamp::from_micros(BEGIN).plus(self.now())
    }

    pub(crate) fn sleep(&self, time: Duration) -> Sleep {
        let mut timers = self.0.lock().unwrap();
        timers.next += 1;
        let key = (timers.now + time, timers.next);
        Box::pin(Timer { time: self.clone(), key })
    }

    /// Goes on to the next timer.
    fn advance(&self) {
        let mut timers = self.0.lock().unwrap();
        let ((at, _), waker) = timers.waiting.pop_first().expect("something waits for what never comes");
        timers.now = timers.now.max(at);
        drop(timers);
        waker.wake();
    }

    /// Runs something to its end.
    pub(crate) fn run<T>(&self, simulation: impl Future<Output = T>) -> T {
        let time = self.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().on_thread_park(move || time.advance()).build();
        runtime.unwrap().block_on(simulation)
    }
}

struct Timer {
    time: Time,
    key: (Duration, u64),
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut timers = self.time.0.lock().unwrap();
        if timers.now >= self.key.0 {
            return Poll::Ready(());
        }
        timers.waiting.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.time.0.lock().unwrap().waiting.remove(&self.key);
    }
}

/// What one instance knows of the time: its clock may be ahead or behind.
pub(crate) struct Surroundings {
    pub(crate) time: Time,
    pub(crate) chance: Chance,
    pub(crate) ahead: Duration,
}

impl Clock for Surroundings {
    fn now(&self) -> Timestamp {
        self.time.timestamp().plus(self.ahead)
    }
}

impl Environment for Surroundings {
    fn sleep(&self, time: Duration) -> Sleep {
        self.time.sleep(time)
    }

    fn elapsed(&self) -> Duration {
        self.time.now()
    }

    #[expect(clippy::cast_precision_loss, reason = "chance")]
    fn random(&self) -> f64 {
        (self.chance.number() >> 12) as f64 / (1_u64 << 52) as f64
    }
}
