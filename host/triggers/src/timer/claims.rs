//! The claims that one worker holds on occurrences, renewed together while their functions run.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_state::{TimerClaim, Timers};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Time;

/// How long a claim is good for. One whose worker died is taken over that much later.
pub(super) const CLAIM: Duration = Duration::from_secs(30);

/// Two renewals may be missed.
const RENEWAL: Duration = Duration::from_secs(10);

/// What the timer listeners of one worker share: make it once, clone it for each. While a clone is left, claims are renewed.
pub struct TimerClaims<T> {
    pub(super) timers: Timers,
    pub(super) time: Arc<T>,
    shared: Arc<Shared>,
    renewal: Arc<AbortOnDropHandle<()>>,
}

impl<T> Clone for TimerClaims<T> {
    fn clone(&self) -> Self {
        Self {
            timers: self.timers.clone(),
            time: Arc::clone(&self.time),
            shared: Arc::clone(&self.shared),
            renewal: Arc::clone(&self.renewal),
        }
    }
}

impl<T> fmt::Debug for TimerClaims<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimerClaims").field("holder", &self.shared.holder).finish_non_exhaustive()
    }
}

struct Shared {
    /// Unique per process, so that a worker which comes back is not taken for the one that died.
    holder: String,
    held: Mutex<Held>,
    changed: Notify,
    bell: Notify,
}

#[derive(Default)]
struct Held {
    next: u64,
    claims: HashMap<u64, (TimerClaim, CancellationToken)>,
}

impl<T: Time> TimerClaims<T> {
    /// For the worker of this name. Call it within a runtime, in which claims are renewed.
    pub fn new(timers: Timers, worker: &str, time: Arc<T>) -> Self {
        let holder = format!("{worker}/{}", uuid::Uuid::now_v7().simple());
        let shared = Shared { holder, held: Mutex::default(), changed: Notify::new(), bell: Notify::new() };
        let shared = Arc::new(shared);
        let renewal = tokio::spawn(renew(timers.clone(), Arc::clone(&time), Arc::clone(&shared)));
        Self { timers, time, shared, renewal: Arc::new(AbortOnDropHandle::new(renewal)) }
    }

    /// Makes all listeners look now: for when another worker has stopped, or may have left something. Without it they look within
    /// seconds.
    pub fn ring(&self) {
        self.shared.bell.notify_waiters();
    }

    pub(super) fn holder(&self) -> &str {
        &self.shared.holder
    }

    /// Ends with the next [`TimerClaims::ring`].
    pub(super) async fn rung(&self) {
        self.shared.bell.notified().await;
    }

    /// Renews a claim until the answer is dropped.
    pub(super) fn hold(&self, claim: &TimerClaim) -> Holding {
        let lost = CancellationToken::new();
        let mut held = self.shared.lock();
        let number = held.next;
        held.next += 1;
        held.claims.insert(number, (claim.clone(), lost.clone()));
        drop(held);
        self.shared.changed.notify_one();
        Holding { number, lost, shared: Arc::clone(&self.shared) }
    }
}

/// A claim that is renewed.
pub(super) struct Holding {
    number: u64,
    lost: CancellationToken,
    shared: Arc<Shared>,
}

impl Holding {
    /// Ends when another has taken the occurrence over.
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.shared.lock().claims.remove(&self.number);
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn renew<T: Time>(timers: Timers, time: Arc<T>, shared: Arc<Shared>) {
    let mut due = Timestamp(i64::MAX);
    loop {
        let idle = shared.lock().claims.is_empty();
        due = match idle {
            true => Timestamp(i64::MAX),
            false => due.min(time.now().plus(RENEWAL)),
        };
        tokio::select! {
            () = shared.changed.notified() => continue,
            () = time.sleep_until(due) => due = Timestamp(i64::MAX),
        }
        let held: Vec<(u64, TimerClaim)> =
            shared.lock().claims.iter().map(|(number, (claim, _))| (*number, claim.clone())).collect();
        let (numbers, claims): (Vec<u64>, Vec<TimerClaim>) = held.into_iter().unzip();
        match timers.renew(&claims, CLAIM).await {
            Ok(kept) => {
                let held = shared.lock();
                for (number, _) in numbers.iter().zip(kept).filter(|(_, kept)| !kept) {
                    if let Some((_, lost)) = held.claims.get(number) {
                        lost.cancel();
                    }
                }
            }
            // Nobody is fenced by expiry alone, and the next time is soon.
            Err(error) => tracing::warn!(%error, "claims on timers could not be renewed; it is tried again"),
        }
    }
}
