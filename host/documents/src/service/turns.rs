//! Turns of writers that got into each other's way: who changes what is there tries at once, and who was too late waits for its turn
//! among the others that were. So many callers of one process who change one item all come to their end, and nobody else waits.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tokio::sync::{Mutex, MutexGuard};

/// Turns that are taken independently of each other.
const TURNS: usize = 64;

#[derive(Debug)]
pub(super) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// Waits for the turn of what is changed, and has it until the guard is dropped.
    pub(super) async fn wait(&self, changed: &[u8]) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        changed.hash(&mut hasher);
        // The lowest byte is as good as the whole.
        let [turn, ..] = hasher.finish().to_le_bytes();
        self.0[usize::from(turn) % TURNS].lock().await
    }
}
