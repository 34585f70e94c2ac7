//! Lasting credentials of workers, renewed through their beats.
//!
//! A worker that joined with a one-time token names in each beat the credential it has stored. When that one has been in
//! use for the period, it is sent another, and both open until it names the new one: whoever dies in between goes on
//! with what is on its disk. What is due is decided by the database's time; this only keeps from asking at each beat.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hearth_model::ids::WorkerId;
use hearth_state::{Database, StateError};
use tokio::time::Instant;

use crate::secret;

/// How often per period state is asked whether a worker's credential is due.
const LOOKS_PER_PERIOD: u32 = 24;

/// When each worker was looked at.
pub(crate) struct Rotation {
    period: Duration,
    seen: Mutex<HashMap<WorkerId, Seen>>,
}

struct Seen {
    held: String,
    next_look: Instant,
}

impl Rotation {
    pub(crate) fn new(period: Duration) -> Self {
        Self { period, seen: Mutex::default() }
    }

    /// Takes note of what a worker holds, and answers its next credential when one is due. Failures wait for a later
    /// beat: the present credential opens meanwhile.
    pub(crate) async fn renew(&self, state: &Database, worker: &WorkerId, held: &str) -> Option<String> {
        let (changed, due) = self.look(worker, held)?;
        let renewed = async {
            if changed && let Ok(hash) = hex::decode(held).unwrap_or_default().try_into() {
                state.members().confirm(worker, &hash).await?;
            }
            if !due {
                return Ok(None);
            }
            let Ok(next) = secret::generate() else { return Ok(None) };
            let offered = state.members().offer(worker, &secret::hash(&next), self.period).await?;
            Ok::<_, StateError>(offered.then_some(next))
        };
        match renewed.await {
            Ok(next) => next,
            Err(error) => {
                tracing::debug!(%worker, %error, "the worker's credential is renewed later");
                self.forget(worker);
                None
            }
        }
    }

    /// Whether the worker holds another credential than before, and whether state is to be asked; none when neither.
    fn look(&self, worker: &WorkerId, held: &str) -> Option<(bool, bool)> {
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.get(worker);
        let changed = known.is_none_or(|known| known.held != held);
        let due = known.is_none_or(|known| known.next_look <= now);
        if !changed && !due {
            return None;
        }
        let next_look = match known {
            Some(known) if !due => known.next_look,
            _ => now + self.period / LOOKS_PER_PERIOD,
        };
        seen.insert(worker.clone(), Seen { held: held.to_owned(), next_look });
        Some((changed, due))
    }

    fn forget(&self, worker: &WorkerId) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(worker);
    }
}
