//! When a version is loaded, and loaded again because its app's settings changed, or the files of one under development.
//!
//! Which load is due follows from what is held and what is known, so nothing depends on the order in which news arrives. A load
//! with newer settings touches neither role nor generation: what management wants is a matter of its own, and may change while the
//! load is under way. What is loaded answers until its successor is there, and goes on when there is none.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use hearth_model::control::AppState;
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_state::{AppMode, AppRevision};

use super::{Held, Inner};
use crate::app::idle::Remembered;
use crate::app::keys::KeySource;
use crate::app::live::LiveApp;
use crate::app::loaded::LoadedApp;

/// What is to be loaded.
pub(in crate::app) struct Load {
    pub(in crate::app) app: AppName,
    pub(in crate::app) deployment: DeploymentId,
    pub(in crate::app) digest: Digest,
    /// The same version with other settings, or other files.
    pub(in crate::app) before: Option<Arc<LoadedApp>>,
    /// Files changed since `before` was loaded.
    pub(in crate::app) other_files: bool,
    /// With what the same version was loaded before its code left memory.
    pub(in crate::app) remembered: Option<Remembered>,
    /// No assignment asked for it, but a call: labels that the app asks for are this worker's to check.
    pub(in crate::app) unasked: bool,
}

impl Load {
    /// The same version with other settings only: its components need not be loaded again.
    pub(in crate::app) fn reusable(&self) -> Option<&Arc<LoadedApp>> {
        self.before.as_ref().filter(|_| !self.other_files)
    }
}

/// How often the files of a version changed; never, for a package.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::app) struct FileChanges {
    seen: u64,
    tried: u64,
    loaded: u64,
}

/// Why a version could not be loaded.
#[derive(Debug)]
pub(in crate::app) struct LoadError {
    /// Public text.
    pub(in crate::app) reason: String,
    /// Revision of the settings that were read; 0 when it did not get that far.
    pub(in crate::app) settings: u64,
    /// The app or this deployment of it does not exist any more.
    pub(in crate::app) gone: bool,
}

impl Held {
    /// Notes that a load begins, with settings that are at least of revision `wanted`.
    pub(in crate::app) fn begin(&mut self, wanted: u64) -> Load {
        self.loading = true;
        self.tried = self.tried.max(wanted);
        self.files.tried = self.files.seen;
        if self.loaded.is_none() {
            // One that was unloaded goes on counting as running: its first caller waits for it, and nobody else needs to know.
            if self.unloaded.is_none() {
                self.state = AppState::Preparing;
            }
            self.failed_at = None;
        }
        Load {
            app: self.app.clone(),
            deployment: self.deployment.clone(),
            digest: self.digest.clone(),
            before: self.loaded.clone(),
            other_files: self.files.loaded < self.files.tried,
            remembered: self.unloaded.as_ref().map(|unloaded| unloaded.remembered.clone()),
            unasked: self.generation == 0,
        }
    }

    fn is_due(&self, wanted: u64, now: Instant) -> bool {
        if self.loading {
            return false;
        }
        if self.files.tried < self.files.seen {
            return true;
        }
        match &self.loaded {
            Some(loaded) => loaded.revision.settings < wanted && (self.tried < wanted || self.retry.is_due(now)),
            // What could not be loaded at all is tried again for a call; other settings may help it now.
            None => self.state == AppState::Failed && self.tried < wanted,
        }
    }

    fn take(&mut self, result: Result<LoadedApp, LoadError>, now: Instant) {
        self.loading = false;
        match result {
            // A slow load must not undo a newer one.
            Ok(new) if self.loaded.as_ref().is_some_and(|old| old.revision.settings > new.revision.settings) => {}
            Ok(new) => {
                // What was remembered may be older than what is known to be there.
                match new.revision.settings < self.tried {
                    true => self.retry.failed(now),
                    false => self.retry.succeeded(),
                }
                self.tried = self.tried.max(new.revision.settings);
                self.loaded = Some(Arc::new(new));
                self.unloaded = None;
                self.since = now;
                self.files.loaded = self.files.tried;
                self.reason = None;
                self.failed_at = None;
                self.reload_error = None;
            }
            Err(error) => {
                self.tried = self.tried.max(error.settings);
                match &self.loaded {
                    // Another load was faster and had the same settings or newer ones.
                    Some(loaded) if loaded.revision.settings >= self.tried && self.files.loaded == self.files.tried => {
                    }
                    Some(_) => {
                        self.retry.failed(now);
                        self.reload_error = Some(error.reason);
                    }
                    None => {
                        self.unloaded = None;
                        self.state = AppState::Failed;
                        self.reason = Some(error.reason);
                        self.failed_at = Some(now);
                    }
                }
            }
        }
    }
}

impl Inner {
    /// What of an app outlives its versions.
    pub(in crate::app) fn live(&mut self, app: &AppName, source: &Arc<KeySource>) -> Arc<LiveApp> {
        let make = || {
            let live = LiveApp::new(app.clone(), source.clone());
            if let Some(known) = self.revisions.get(app) {
                live.set_mode(known.mode);
            }
            Arc::new(live)
        };
        self.live.entry(app.clone()).or_insert_with(make).clone()
    }

    /// Adds a version, whose load is to begin now.
    pub(in crate::app) fn add(&mut self, mut new: Held) -> Load {
        let load = new.begin(self.wanted(&new.app));
        self.held.push(new);
        load
    }

    /// Takes in what host state says of an app; what is older than what is known is passed over.
    pub(in crate::app) fn learn(&mut self, news: AppRevision) {
        if let Some(live) = self.live.get(&news.app)
            && self.revisions.get(&news.app).is_none_or(|known| known.revision <= news.revision)
            && live.set_mode(news.mode)
        {
            tracing::info!(category = "Host.General", app = news.app.as_str(), "{}: now {:?}", news.app, news.mode);
        }
        let known = self.revisions.entry(news.app.clone()).or_insert_with(|| news.clone());
        if known.revision <= news.revision {
            if news.deleted {
                // Whoever makes an app under this name shares nothing with what is here.
                self.held.retain(|held| held.app != news.app);
            }
            *known = news;
        }
    }

    /// Forgets what was known of host state before a backup took its place, and lets go of the apps that are not in `present`.
    /// Versions that answer go on until host state says what is active now; those that are to be compared with it are answered.
    pub(in crate::app) fn begin_anew(&mut self, present: &[AppRevision]) -> Vec<(AppName, DeploymentId)> {
        let present: HashSet<&AppName> = present.iter().filter(|one| !one.deleted).map(|one| &one.app).collect();
        self.revisions.clear();
        self.held.retain(|held| present.contains(&held.app));
        self.live.retain(|app, _| present.contains(app));
        for held in &mut self.held {
            (held.generation, held.tried) = (0, 0);
        }
        self.held.iter().map(|held| (held.app.clone(), held.deployment.clone())).collect()
    }

    /// Forgets the deleted apps of which nothing is held and whose keys are known to be gone.
    pub(in crate::app) fn forget_deleted(&mut self) {
        let Self { held, live, revisions, .. } = self;
        revisions.retain(|app, known| {
            let read = |live: &Arc<LiveApp>| live.keys.revision() == 0 || live.keys.revision() >= known.keys;
            let gone = known.deleted && live.get(app).is_none_or(read) && held.iter().all(|held| held.app != *app);
            if gone {
                live.remove(app);
            }
            !gone
        });
    }

    /// Greatest revision of an app's settings that is known.
    pub(in crate::app) fn wanted(&self, app: &AppName) -> u64 {
        self.revisions.get(app).map_or(0, |known| known.settings)
    }

    /// The files of a version changed.
    pub(in crate::app) fn files_changed(&mut self, deployment: &DeploymentId) {
        if let Some(held) = self.held.iter_mut().find(|held| held.deployment == *deployment) {
            held.files.seen += 1;
        }
    }

    /// Whether an app is known to be offline.
    pub(in crate::app) fn is_offline(&self, app: &AppName) -> bool {
        self.revisions.get(app).is_some_and(|known| known.mode == AppMode::Offline && !known.deleted)
    }

    /// The loads that are to begin now; they count as begun.
    pub(in crate::app) fn due(&mut self, now: Instant) -> Vec<Load> {
        let Self { held, revisions, .. } = self;
        let mut due = Vec::new();
        for held in held.iter_mut().filter(|held| !held.retiring) {
            // What was deleted is dropped when management says so, and has no settings any more.
            let known = revisions.get(&held.app).filter(|known| !known.deleted);
            let wanted = known.map_or(0, |known| known.settings);
            if held.is_due(wanted, now) {
                due.push(held.begin(wanted));
            }
        }
        due
    }

    /// Apps whose keys were read before they changed, with the revision to read. A reading that failed has its pause.
    pub(in crate::app) fn stale_keys(&self, now: Instant) -> Vec<(Arc<LiveApp>, u64)> {
        let mut stale = Vec::new();
        for (app, live) in &self.live {
            let wanted = self.revisions.get(app).map_or(0, |known| known.keys);
            if live.keys.is_stale(wanted, now) {
                stale.push((live.clone(), wanted));
            }
        }
        stale
    }

    /// Takes the result of a load to the version it was for, if that is still held.
    pub(in crate::app) fn finish(
        &mut self,
        app: &AppName,
        deployment: &DeploymentId,
        result: Result<LoadedApp, LoadError>,
        now: Instant,
    ) {
        if let Ok(loaded) = &result {
            self.learn(loaded.revision.clone());
        }
        if result.as_ref().is_err_and(|error| error.gone) {
            self.held.retain(|held| held.app != *app || held.deployment != *deployment);
        }
        let same = |held: &&mut Held| held.app == *app && held.deployment == *deployment;
        if let Some(held) = self.held.iter_mut().find(same) {
            held.take(result, now);
        }
    }
}
