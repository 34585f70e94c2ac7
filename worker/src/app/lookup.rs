//! Questions to host state on behalf of calls: which app has this name, this host name?
//!
//! Few at once and each for a short time: neither a flood of made-up names nor a state that is slow may hold up those who
//! call what is loaded. What state does not know is remembered for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::ids::{AppName, WorkerId};
use hearth_state::{Database, Deployment, StateError, StateMetrics};
use tokio::sync::Semaphore;

use crate::hop::{Assignees, Peers};

/// Questions asked at once.
const AT_ONCE: usize = 8;
/// A question, the wait for its turn included, may take this long.
const LIMIT: Duration = Duration::from_secs(5);
/// The same where there is an app that answers instead.
const LIMIT_WITH_DEFAULT: Duration = Duration::from_millis(100);
/// Host state that did not answer is left alone for this long.
const AWAY_FOR: Duration = Duration::from_secs(1);
/// Why there was no answer, where that is all that is known.
const LATE: &str = "it did not answer in time";
/// A name that host state does not know is not asked for again for this long.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// Unknown names remembered; a flood of names does not grow memory.
const MAX_UNKNOWN: usize = 1024;

/// Host state did not answer a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateAway;

pub(super) struct Lookups {
    state: Database,
    turns: Arc<Semaphore>,
    peers: Arc<Peers>,
    unknown: Mutex<HashMap<String, Instant>>,
    /// Until when nothing is asked, because host state did not answer.
    away: Mutex<Option<Instant>>,
}

impl Lookups {
    /// What this process's host state counted.
    pub(super) fn counted(&self) -> StateMetrics {
        self.state.metrics()
    }

    pub(super) fn new(state: Database) -> Self {
        Self {
            state,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            peers: Arc::default(),
            unknown: Mutex::default(),
            away: Mutex::default(),
        }
    }

    /// The only app, if there is exactly one.
    pub(super) async fn only_app(&self) -> Option<AppName> {
        match self.state.apps().list().await.ok()?.as_slice() {
            [only] => Some(only.name.clone()),
            _ => None,
        }
    }

    /// The apps that a worker was to run when management decided last, each with the generation of that.
    pub(super) async fn assigned(&self, worker: &WorkerId) -> Result<Vec<(AppName, u64)>, StateAway> {
        let found = self.ask(LIMIT, async || self.state.assignments().for_worker(worker).await).await?;
        Ok(found.into_iter().map(|(app, _, _, generation)| (app, generation)).collect())
    }

    /// The workers that are to run an app, as far as is known.
    pub(super) async fn assignees(&self, app: &AppName) -> Assignees {
        if self.is_unknown(app.as_str(), false) {
            return Assignees::default();
        }
        let read = || {
            let (state, turns, app, away) = (self.state.clone(), self.turns.clone(), app.clone(), self.is_away());
            async move {
                if away {
                    return Err(StateError::Unavailable("it did not answer a moment ago".to_owned()));
                }
                let _turn = turns.acquire().await;
                state.assignments().live_of(&app).await
            }
        };
        self.peers.of(app, read).await
    }

    /// Whether an app's active deployment is known to be another one, or none.
    pub(super) async fn is_outdated(&self, app: &AppName, deployment: &hearth_model::ids::DeploymentId) -> bool {
        match tokio::time::timeout(LIMIT, self.state.apps().get(app)).await {
            Ok(Ok(current)) => current.and_then(|app| app.active).as_ref() != Some(deployment),
            _ => false,
        }
    }

    /// The app that has this custom host name.
    pub(super) async fn by_host_name(&self, host: &str, has_default: bool) -> Result<Option<AppName>, StateAway> {
        if self.is_unknown(host, has_default) {
            return Ok(None);
        }
        let limit = if has_default { LIMIT_WITH_DEFAULT } else { LIMIT };
        let found = self.ask(limit, async || self.state.apps().by_host_name(host).await).await;
        match found {
            Ok(Some(app)) => {
                self.unknown().remove(host);
                Ok(Some(app.name))
            }
            Ok(None) => {
                self.remember_unknown(host);
                Ok(None)
            }
            Err(StateAway) => {
                // The default app answers meanwhile, without asking each time.
                if has_default {
                    self.remember_unknown(host);
                }
                Err(StateAway)
            }
        }
    }

    /// The active deployment of an app and the app's host names; nothing when there is no such app or nothing active. When
    /// `needless` says so once it is this question's turn, it is not asked.
    pub(super) async fn active(&self, name: &AppName, needless: impl Fn() -> bool) -> Result<Active, StateAway> {
        if self.is_unknown(name.as_str(), false) {
            return Ok(Active::Unknown);
        }
        let question = async || {
            if needless() {
                return Ok(Active::Needless);
            }
            let Some(app) = self.state.apps().get(name).await? else { return Ok(Active::Unknown) };
            let Some(active) = app.active else { return Ok(Active::Unknown) };
            let deployment = self.state.deployments().get(&active).await?;
            Ok(deployment.map_or(Active::Unknown, |deployment| Active::Found(app.host_names, Box::new(deployment))))
        };
        let found = self.ask(LIMIT, question).await?;
        match found {
            Active::Unknown => self.remember_unknown(name.as_str()),
            Active::Found(..) | Active::Needless => {
                self.unknown().remove(name.as_str());
            }
        }
        Ok(found)
    }

    /// Puts a question. While host state does not answer, few questions are put to it, so that nobody waits in vain for long and no
    /// callers gather here; the others hear so at once.
    async fn ask<T>(
        &self,
        limit: Duration,
        question: impl AsyncFnOnce() -> Result<T, StateError>,
    ) -> Result<T, StateAway> {
        if !self.may_ask(Instant::now()) {
            return Err(StateAway);
        }
        let asked = async {
            let _turn = self.turns.acquire().await.map_err(|error| error.to_string())?;
            question().await.map_err(|error| error.to_string())
        };
        let answer = tokio::time::timeout(limit, asked).await;
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        match answer.unwrap_or_else(|_| Err(LATE.into())) {
            Ok(answer) => {
                *away = None;
                Ok(answer)
            }
            Err(reason) => {
                if limit < LIMIT && reason == LATE {
                    return Err(StateAway);
                }
                if away.is_none() {
                    tracing::warn!(
                        category = "Host.General",
                        "host state can't be asked for apps that are not loaded here: {reason}"
                    );
                }
                *away = Some(Instant::now() + AWAY_FOR);
                Err(StateAway)
            }
        }
    }

    /// Whether host state did not answer the last question.
    fn is_away(&self) -> bool {
        self.away.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether it is time for a question; while host state is away one is put at a time, as a trial.
    fn may_ask(&self, now: Instant) -> bool {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        match *away {
            Some(until) if now < until => false,
            Some(_) => {
                *away = Some(now + LIMIT);
                true
            }
            None => true,
        }
    }

    /// Whether a name was unknown a moment ago. With `renew`, a name that was unknown before that is asked for again by this caller
    /// only: the others do not wait meanwhile.
    fn is_unknown(&self, name: &str, renew: bool) -> bool {
        match self.unknown().get_mut(name) {
            None => false,
            Some(at) if at.elapsed() < UNKNOWN_FOR => true,
            Some(at) => {
                if renew {
                    *at = Instant::now();
                }
                false
            }
        }
    }

    fn remember_unknown(&self, name: &str) {
        let mut unknown = self.unknown();
        if unknown.len() >= MAX_UNKNOWN {
            unknown.clear();
        }
        unknown.insert(name.to_owned(), Instant::now());
    }

    fn unknown(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answer of [`Lookups::active`].
pub(super) enum Active {
    Found(Vec<String>, Box<Deployment>),
    Unknown,
    Needless,
}

#[cfg(test)]
mod tests {
    use hearth_state::{OpenOptions, StateUrl};

    use super::*;

    async fn lookups(dir: &std::path::Path) -> (Lookups, Database) {
        let url = StateUrl::sqlite(&dir.join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        (Lookups::new(state.clone()), state)
    }

    #[tokio::test]
    async fn what_is_unknown_is_remembered_and_the_memory_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let (lookups, state) = lookups(dir.path()).await;
        let shop = AppName::parse("shop").unwrap();
        assert_eq!(lookups.by_host_name("shop.test", true).await, Ok(None));
        assert!(lookups.is_unknown("shop.test", true));
        assert!(matches!(lookups.active(&shop, || false).await, Ok(Active::Unknown)));

        state.apps().create(&shop, b"sealed").await.unwrap();
        state.apps().set_host_names(&shop, &["shop.test".to_owned()]).await.unwrap();
        lookups.unknown().clear();
        assert_eq!(lookups.by_host_name("shop.test", true).await, Ok(Some(shop.clone())));
        assert!(matches!(lookups.active(&shop, || false).await, Ok(Active::Unknown)), "nothing is active");
        lookups.unknown().clear();
        assert!(matches!(lookups.active(&shop, || true).await, Ok(Active::Needless)));

        for number in 0..2 * MAX_UNKNOWN {
            lookups.remember_unknown(&number.to_string());
        }
        assert!(lookups.unknown().len() <= MAX_UNKNOWN);
    }

    #[tokio::test]
    async fn a_state_that_does_not_answer_costs_those_with_a_default_app_little() {
        let dir = tempfile::tempdir().unwrap();
        let (lookups, _state) = lookups(dir.path()).await;
        let _others = lookups.turns.acquire_many(8).await.unwrap();
        let started = Instant::now();
        assert_eq!(lookups.by_host_name("shop.test", true).await, Err(StateAway));
        assert!(started.elapsed() < LIMIT, "not the wait of those that have none");
        assert!(lookups.is_unknown("shop.test", true), "and the next call does not ask at once");
    }

    #[tokio::test]
    async fn a_state_that_does_not_answer_is_asked_by_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let (lookups, state) = lookups(dir.path()).await;
        let shop = AppName::parse("shop").unwrap();
        state.close().await;
        assert!(matches!(lookups.active(&shop, || false).await, Err(StateAway)));
        assert!(!lookups.may_ask(Instant::now()), "nobody waits meanwhile");
        let later = Instant::now() + 2 * AWAY_FOR;
        assert!(lookups.may_ask(later) && !lookups.may_ask(later), "one tries");
    }
}
