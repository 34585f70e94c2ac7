//! The keys of an app as this worker knows them: one set for all its versions, swapped whole when it changes.
//!
//! Whoever calls compares in memory. A key that is not known may be one that was made a moment ago and not heard of, so such a
//! caller has the set read again, at most once a minute; nobody else waits for that.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use hearth_model::ids::AppName;
use hearth_model::keys::{CallerLevel, KeySet};
use hearth_state::{Database, Keyring, StateError};
use tokio::sync::Mutex;

use crate::app::retry::Retry;

/// An unknown key has the set read again at most this often (reference: Azure Functions, section 2.4).
const REREAD_EVERY_MILLIS: u64 = 60_000;
/// A reading may take this long.
const LIMIT: Duration = Duration::from_secs(5);

/// Where keys are read.
pub(crate) struct KeySource {
    pub(crate) state: Database,
    pub(crate) keyring: Keyring,
    /// Nobody is asked for a key: for an app under development.
    pub(crate) open: bool,
}

pub(crate) struct LiveKeys {
    app: AppName,
    source: Arc<KeySource>,
    set: ArcSwap<KeySet>,
    /// Revision with which the set was read; 0 before that.
    revision: AtomicU64,
    /// Held while the set is read, so that the newest reading is the one that stays.
    reading: Mutex<()>,
    /// When a reading that failed is tried again.
    retry: std::sync::Mutex<Retry>,
    /// Milliseconds after `born` of the last reading for an unknown key, plus one; 0 before that.
    reread: AtomicU64,
    born: Instant,
}

impl LiveKeys {
    pub(super) fn new(app: AppName, source: Arc<KeySource>) -> Self {
        Self {
            app,
            source,
            set: ArcSwap::default(),
            revision: AtomicU64::new(0),
            reading: Mutex::default(),
            retry: std::sync::Mutex::default(),
            reread: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    /// The set as it is now.
    pub(crate) fn set(&self) -> Arc<KeySet> {
        self.set.load_full()
    }

    /// Whether nobody is asked for a key.
    pub(crate) fn are_off(&self) -> bool {
        self.source.open
    }

    /// What a caller of `function` who presents this key may do; an empty name stands for the admin API.
    pub(crate) async fn level(&self, presented: Option<&str>, function: &str) -> CallerLevel {
        let level = self.set.load().level(presented, function);
        let unknown = level == CallerLevel::Anonymous && presented.is_some_and(|key| !key.is_empty());
        if !unknown || !self.may_reread(Instant::now()) {
            return level;
        }
        // Seldom, so that its state is no part of every call's.
        if let Err(reason) = Box::pin(self.read(0)).await {
            tracing::warn!(category = "Host.General", app = self.app.as_str(), "{}: {reason}", self.app);
        }
        self.set.load().level(presented, function)
    }

    /// True for one caller a minute.
    fn may_reread(&self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.born);
        let now = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX - 1) + 1;
        let last = self.reread.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= REREAD_EVERY_MILLIS;
        due && self.reread.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Revision with which the set was read.
    pub(super) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Whether the set was read before this revision and it is time to read it again.
    pub(super) fn is_stale(&self, wanted: u64, now: Instant) -> bool {
        let read = self.revision();
        read != 0 && read < wanted && self.retry().is_due(now)
    }

    fn retry(&self) -> MutexGuard<'_, Retry> {
        self.retry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that the set was read at all. The error is public text.
    pub(crate) async fn known(&self) -> Result<(), String> {
        self.complete(0).await
    }

    /// Makes sure that the set is at least of this revision. The error is public text.
    pub(super) async fn at_least(&self, revision: u64) -> Result<(), String> {
        if self.revision() >= revision.max(1) { Ok(()) } else { self.read(revision).await }
    }

    /// The same; where the set is read, the master key and the host's `default` are added if they are missing. The error is
    /// public text.
    pub(super) async fn complete(&self, revision: u64) -> Result<(), String> {
        let known = self.revision() >= revision.max(1);
        if known { Ok(()) } else { self.within_limit(self.read_once(revision, true)).await }
    }

    async fn read(&self, wanted: u64) -> Result<(), String> {
        self.within_limit(self.read_once(wanted, false)).await
    }

    async fn within_limit(&self, reading: impl Future<Output = Result<(), StateError>>) -> Result<(), String> {
        let result = match tokio::time::timeout(LIMIT, reading).await {
            Ok(result) => result.map_err(|error| format!("the app's keys can't be read: {error}")),
            Err(_) => Err("the app's keys can't be read: host state did not answer in time".to_owned()),
        };
        let mut retry = self.retry();
        if result.is_ok() {
            retry.succeeded();
        } else {
            retry.failed(Instant::now());
        }
        result
    }

    /// `wanted` is a revision that has been seen, so that what is read is at least as new.
    async fn read_once(&self, wanted: u64, complete: bool) -> Result<(), StateError> {
        let _alone = self.reading.lock().await;
        let KeySource { state, keyring, .. } = &*self.source;
        // First the revision: the set is then as new or newer.
        let revision = state.configuration().get(&self.app).await?.map(|app| app.keys);
        let set = match self.read_set(state, keyring, complete).await {
            // It was deleted, and nobody has a key of it any more.
            Err(StateError::Missing(_)) => KeySet::default(),
            set => set?,
        };
        self.set.store(Arc::new(set));
        // A deleted app has no revision any more; what was seen of it still counts, else it would be read for ever.
        let revision = revision.unwrap_or_else(|| self.revision().max(wanted));
        self.revision.store(revision.max(1), Ordering::Release);
        Ok(())
    }

    async fn read_set(&self, state: &Database, keyring: &Keyring, complete: bool) -> Result<KeySet, StateError> {
        if !complete {
            return state.app_keys().list(keyring, &self.app).await;
        }
        match state.app_keys().ensure(keyring, &self.app).await {
            Err(error @ (StateError::Missing(_) | StateError::Corrupt(_) | StateError::Incompatible(_))) => Err(error),
            // What is there works on; where state can only be read, nothing is made up.
            Err(error) => {
                tracing::warn!(
                    category = "Host.Startup",
                    app = self.app.as_str(),
                    "{}: missing keys can't be made: {error}",
                    self.app
                );
                state.app_keys().list(keyring, &self.app).await
            }
            set => set,
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::keys::KeyScope;
    use hearth_state::{OpenOptions, StateUrl};

    use super::*;

    async fn keys(folder: &std::path::Path) -> LiveKeys {
        let url = StateUrl::sqlite(&folder.join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let keyring = Keyring::load_or_create(&folder.join("key")).unwrap();
        let shop = AppName::parse("shop").unwrap();
        state.apps().create(&shop, b"sealed").await.unwrap();
        LiveKeys::new(shop, Arc::new(KeySource { state, keyring, open: false }))
    }

    #[tokio::test]
    async fn an_unknown_key_has_the_set_read_again_once_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path()).await;
        keys.known().await.unwrap();
        let master = keys.set().master().unwrap().to_owned();
        assert_eq!(keys.level(Some(&master), "").await, CallerLevel::Admin);

        let KeySource { state, keyring, .. } = &*keys.source;
        let of_app = state.app_keys();
        let put = |value| of_app.put(keyring, &keys.app, &KeyScope::Host, "new", value);
        put("first").await.unwrap();
        assert_eq!(keys.level(Some("first"), "hello").await, CallerLevel::Function, "asked for at once");
        put("second").await.unwrap();
        assert_eq!(keys.level(Some("second"), "hello").await, CallerLevel::Anonymous, "not again so soon");
        assert_eq!(keys.level(Some("first"), "hello").await, CallerLevel::Function);
        assert!(!keys.may_reread(keys.born + Duration::from_secs(59)));
        assert!(keys.may_reread(Instant::now() + Duration::from_secs(61)));
        assert!(!keys.may_reread(Instant::now() + Duration::from_secs(62)), "one caller only");
        for none in [None, Some("")] {
            assert_eq!(keys.level(none, "hello").await, CallerLevel::Anonymous);
        }

        // The watcher is told of the revision and reads at once.
        let revision = state.configuration().get(&keys.app).await.unwrap().unwrap().keys;
        assert!(keys.is_stale(revision, Instant::now()));
        keys.at_least(revision).await.unwrap();
        assert!(!keys.is_stale(revision, Instant::now()));
        assert_eq!(keys.level(Some("second"), "hello").await, CallerLevel::Function);
        assert_eq!(keys.level(Some("first"), "hello").await, CallerLevel::Anonymous, "revoked");
    }

    #[tokio::test]
    async fn a_deleted_app_has_no_keys() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path()).await;
        keys.known().await.unwrap();
        let master = keys.set().master().unwrap().to_owned();
        keys.source.state.apps().delete(&keys.app).await.unwrap();
        let changes = keys.source.state.configuration().changes(0).await.unwrap();
        let deleted = changes.iter().find(|change| change.deleted).unwrap().keys;
        assert!(keys.is_stale(deleted, Instant::now()));
        keys.at_least(deleted).await.unwrap();
        assert_eq!(keys.level(Some(&master), "").await, CallerLevel::Anonymous);
        assert!(!keys.is_stale(deleted, Instant::now()), "read once");
    }

    #[tokio::test]
    async fn an_app_made_again_has_keys_of_its_own_from_its_first_load() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path()).await;
        keys.known().await.unwrap();
        let before = keys.set().master().unwrap().to_owned();
        let state = &keys.source.state;
        state.apps().delete(&keys.app).await.unwrap();
        state.apps().create(&keys.app, b"sealed").await.unwrap();
        let revision = state.configuration().get(&keys.app).await.unwrap().unwrap().keys;
        keys.complete(revision).await.unwrap();
        let master = keys.set().master().unwrap().to_owned();
        assert_ne!(master, before);
        assert_eq!(keys.level(Some(&before), "").await, CallerLevel::Anonymous);
        assert_eq!(keys.level(Some(&master), "").await, CallerLevel::Admin);
    }
}
