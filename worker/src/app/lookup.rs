//! Questions to host state on behalf of calls: which app has this name, this host name?
//!
//! Few at once and each for a short time: neither a flood of made-up names nor a state that is slow may hold up those who
//! call what is loaded. What state does not know is remembered for a moment.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::ids::AppName;
use hearth_state::{Database, Deployment, StateError};
use tokio::sync::Semaphore;

/// Questions asked at once.
const AT_ONCE: usize = 8;
/// A question, the wait for its turn included, may take this long.
const LIMIT: Duration = Duration::from_secs(5);
/// The same where there is an app that answers instead.
const LIMIT_WITH_DEFAULT: Duration = Duration::from_millis(100);
/// A name that host state does not know is not asked for again for this long.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// Unknown names remembered; a flood of names does not grow memory.
const MAX_UNKNOWN: usize = 1024;

pub(super) struct Lookups {
    state: Database,
    turns: Semaphore,
    unknown: Mutex<HashMap<String, Instant>>,
}

impl Lookups {
    pub(super) fn new(state: Database) -> Self {
        Self { state, turns: Semaphore::new(AT_ONCE), unknown: Mutex::default() }
    }

    /// The only app, if there is exactly one.
    pub(super) async fn only_app(&self) -> Option<AppName> {
        match self.state.apps().list().await.ok()?.as_slice() {
            [only] => Some(only.name.clone()),
            _ => None,
        }
    }

    /// Whether an app's active deployment is known to be another one, or none.
    pub(super) async fn is_outdated(&self, app: &AppName, deployment: &hearth_model::ids::DeploymentId) -> bool {
        match tokio::time::timeout(LIMIT, self.state.apps().get(app)).await {
            Ok(Ok(current)) => current.and_then(|app| app.active).as_ref() != Some(deployment),
            _ => false,
        }
    }

    /// The app that has this custom host name.
    pub(super) async fn by_host_name(&self, host: &str, has_default: bool) -> Option<AppName> {
        if self.is_unknown(host, has_default) {
            return None;
        }
        let limit = if has_default { LIMIT_WITH_DEFAULT } else { LIMIT };
        let found = self.ask(limit, async || self.state.apps().by_host_name(host).await).await;
        match found {
            Ok(Some(app)) => {
                self.unknown().remove(host);
                Some(app.name)
            }
            Ok(None) => {
                self.remember_unknown(host);
                None
            }
            Err(reason) => {
                tracing::warn!(category = "Host.General", "host name {host:?} can't be looked up: {reason}");
                self.remember_unknown(host);
                None
            }
        }
    }

    /// The active deployment of an app and the app's host names; nothing when there is no such app or nothing active. When
    /// `needless` says so once it is this question's turn, it is not asked.
    pub(super) async fn active(&self, name: &AppName, needless: impl Fn() -> bool) -> Result<Active, String> {
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

    async fn ask<T>(
        &self,
        limit: Duration,
        question: impl AsyncFnOnce() -> Result<T, StateError>,
    ) -> Result<T, String> {
        let asked = async {
            let _turn = self.turns.acquire().await.map_err(|error| error.to_string())?;
            question().await.map_err(|error| error.to_string())
        };
        tokio::time::timeout(limit, asked).await.unwrap_or_else(|_| Err("host state did not answer in time".into()))
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
        assert_eq!(lookups.by_host_name("shop.test", true).await, None);
        assert!(lookups.is_unknown("shop.test", true));
        assert!(matches!(lookups.active(&shop, || false).await, Ok(Active::Unknown)));

        state.apps().create(&shop, b"sealed").await.unwrap();
        state.apps().set_host_names(&shop, &["shop.test".to_owned()]).await.unwrap();
        lookups.unknown().clear();
        assert_eq!(lookups.by_host_name("shop.test", true).await, Some(shop.clone()));
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
        assert_eq!(lookups.by_host_name("shop.test", true).await, None);
        assert!(started.elapsed() < LIMIT, "not the wait of those that have none");
        assert!(lookups.is_unknown("shop.test", true), "and the next call does not ask at once");
    }
}
