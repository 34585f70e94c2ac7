//! Which other workers have an app, as far as is known: read from host state when somebody asks, and again now and then.
//!
//! A call waits for host state only when nothing is known of an app, or nothing of late; otherwise what is known is used and read anew
//! beside the call. When host state does not answer, what was known goes on being used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::ids::{AppName, WorkerId};
use hearth_state::StateError;

/// What was read is used so long without a look whether it still holds.
const FRESH_FOR: Duration = Duration::from_secs(2);
/// And so long while it is read anew; after that a call waits for it.
const USABLE_FOR: Duration = Duration::from_secs(30);
/// Reading may take this long.
const LIMIT: Duration = Duration::from_secs(5);
/// Apps that are remembered.
const MAX_APPS: usize = 4096;

/// The workers that are to run an app and where their private listeners are.
pub(crate) type Assignees = Arc<[(WorkerId, String)]>;

#[derive(Default)]
pub(crate) struct Peers(Mutex<HashMap<AppName, Known>>);

struct Known {
    assignees: Assignees,
    /// When it was read.
    at: Instant,
    /// When it was last tried to read it.
    tried: Instant,
    reading: bool,
}

/// What is to be done for an answer.
enum Next {
    Use(Assignees),
    /// Use it, and have it read anew.
    Renew(Assignees),
    Wait,
}

impl Peers {
    /// The workers that are to run an app; nobody where that is not known. `read` asks host state.
    pub(crate) async fn of<R>(self: &Arc<Self>, app: &AppName, read: impl FnOnce() -> R) -> Assignees
    where
        R: Future<Output = Result<Vec<(WorkerId, String)>, StateError>> + Send + 'static,
    {
        match self.next(app, Instant::now()) {
            Next::Use(known) => known,
            Next::Renew(known) => {
                let (peers, app, reading) = (self.clone(), app.clone(), read());
                tokio::spawn(async move { peers.read(&app, reading).await });
                known
            }
            Next::Wait => {
                // In a task of its own: a caller that goes away must not leave it half done.
                let (peers, of, reading) = (self.clone(), app.clone(), read());
                let _ = tokio::spawn(async move { peers.read(&of, reading).await }).await;
                self.known().get(app).map(|known| known.assignees.clone()).unwrap_or_default()
            }
        }
    }

    fn next(&self, app: &AppName, now: Instant) -> Next {
        let mut all = self.known();
        let Some(known) = all.get_mut(app) else { return Next::Wait };
        let (age, tried) = (now.saturating_duration_since(known.at), now.saturating_duration_since(known.tried));
        if age < FRESH_FOR || known.reading || tried < FRESH_FOR {
            return Next::Use(known.assignees.clone());
        }
        // Whoever waited in vain has waited for all.
        let failing = known.tried > known.at;
        if age < USABLE_FOR || failing {
            known.reading = true;
            known.tried = now;
            return Next::Renew(known.assignees.clone());
        }
        Next::Wait
    }

    async fn read(&self, app: &AppName, reading: impl Future<Output = Result<Vec<(WorkerId, String)>, StateError>>) {
        let read = tokio::time::timeout(LIMIT, reading).await;
        let now = Instant::now();
        let mut all = self.known();
        if all.len() >= MAX_APPS && !all.contains_key(app) {
            all.clear();
        }
        let known = all.entry(app.clone()).or_insert_with(|| Known {
            assignees: Assignees::default(),
            at: now.checked_sub(USABLE_FOR).unwrap_or(now),
            tried: now,
            reading: false,
        });
        known.reading = false;
        known.tried = now;
        match read {
            Ok(Ok(assignees)) => (known.assignees, known.at) = (assignees.into(), now),
            Ok(Err(error)) => {
                tracing::debug!(category = "Host.General", "who else has app {app} can't be read: {error}");
            }
            Err(_) => tracing::debug!(category = "Host.General", "who else has app {app} was not read in time"),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<AppName, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn host_state_is_asked_once_and_what_was_known_outlives_it() {
        let peers = Arc::new(Peers::default());
        let shop = AppName::parse("shop").unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let ask = |works: bool| {
            let asked = asked.clone();
            move || {
                asked.fetch_add(1, Ordering::Relaxed);
                let one = (WorkerId::parse("one").unwrap(), "http://10.0.0.1:7072".to_owned());
                async move { if works { Ok(vec![one]) } else { Err(StateError::Unavailable("away".into())) } }
            }
        };
        for _ in 0..3 {
            assert_eq!(peers.of(&shop, ask(true)).await.len(), 1);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);

        let old = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        {
            let mut all = peers.known();
            let known = all.get_mut(&shop).unwrap();
            (known.at, known.tried) = (old, old);
        }
        assert_eq!(peers.of(&shop, ask(false)).await.len(), 1, "waited for, and the old one after all");
        assert_eq!(peers.of(&shop, ask(false)).await.len(), 1);
        assert_eq!(asked.load(Ordering::Relaxed), 2, "nobody waits again so soon");
    }

    #[tokio::test]
    async fn a_flood_of_names_does_not_grow_memory() {
        let peers = Arc::new(Peers::default());
        for number in 0..2 * MAX_APPS {
            let app = AppName::parse(&format!("app-{number}")).unwrap();
            peers.read(&app, async { Ok(Vec::new()) }).await;
        }
        assert!(peers.known().len() <= MAX_APPS);
    }
}
