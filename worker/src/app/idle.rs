//! Takes the code of apps that nobody calls out of memory. What is held stays held: addresses are known, reports are as before, and the
//! next call loads the version again, from the code cache, as one that waits for an app that starts. That needs no host state: what it does
//! not tell is as it was.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_model::control::{AppLoad, AssignmentRole, FunctionReport, WorkerLoad};
use hearth_model::host_json::IdleUnload;
use hearth_model::ids::AppName;
use hearth_model::settings::Settings;
use hearth_state::AppRevision;

use crate::app::apps::Apps;
use crate::app::held::{Held, Inner};
use crate::app::loaded::LoadedApp;
use crate::app::sources::EventSources;

/// What is known of a version whose code is not in memory.
pub(super) struct Unloaded {
    pub(super) reports: Vec<FunctionReport>,
    pub(super) warnings: Vec<String>,
    /// Those of its functions that events start: they are listened for all the same.
    pub(super) sources: Arc<EventSources>,
    /// With what it was loaded, for a call that comes while host state is away.
    pub(super) remembered: Remembered,
}

/// What host state said of an app when a version of it was loaded.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) revision: AppRevision,
    pub(super) settings: Arc<Settings>,
}

impl Unloaded {
    fn of(loaded: &LoadedApp) -> Self {
        Self {
            reports: loaded.reports.clone(),
            warnings: loaded.warnings.clone(),
            sources: loaded.sources.clone(),
            remembered: Remembered { revision: loaded.revision.clone(), settings: loaded.settings.clone() },
        }
    }
}

impl Apps {
    /// Unloads what nobody has called for long enough.
    pub(super) fn unload_idle(self: &Arc<Self>) {
        let mut inner = self.lock();
        let gone = inner
            .unload_idle(self.idle_unload, Instant::now(), |held| self.loader().folder(&held.deployment).is_some());
        if gone.is_empty() {
            return;
        }
        self.settle(&mut inner);
        drop(inner);
        for app in &gone {
            tracing::info!(
                category = "Host.General",
                app = app.name.as_str(),
                "{}: nobody called for a while, its code is unloaded until the next call",
                app.name
            );
        }
        // Instances and machine code take a while to give back, which nobody should wait for.
        tokio::task::spawn_blocking(move || drop(gone));
    }

    /// Whether the code of an app that is held is not in memory.
    pub(super) fn is_unloaded(&self, name: &AppName) -> bool {
        self.lock().held.iter().any(|held| held.app == *name && held.unloaded.is_some())
    }

    /// Load of this worker and of the apps that were called since the last time that this was asked.
    pub(crate) fn loads(&self) -> (WorkerLoad, std::collections::BTreeMap<AppName, AppLoad>) {
        let mut inner = self.lock();
        let Inner { live, told, .. } = &mut *inner;
        told.loads(live.iter().map(|(name, live)| (name, live.activity().clone())), Instant::now())
    }
}

impl Inner {
    /// Takes out the versions that nobody has called for long enough; one that is beside another is in the middle of something.
    pub(super) fn unload_idle(
        &mut self,
        usual: Option<Duration>,
        now: Instant,
        stays: impl Fn(&Held) -> bool,
    ) -> Vec<Arc<LoadedApp>> {
        let versions = |held: &[Held], app: &AppName| held.iter().filter(|held| held.app == *app).count();
        let mut gone = Vec::new();
        for at in 0..self.held.len() {
            let held = &self.held[at];
            let Some(loaded) = held.loaded.as_ref().filter(|_| held.is_at_rest() && !stays(held)) else { continue };
            let after = match loaded.host.placement.idle_unload {
                IdleUnload::Unset => usual,
                IdleUnload::After(after) => Some(after),
                IdleUnload::Never => None,
            };
            let idle = loaded.live.activity().idle(now).min(now.saturating_duration_since(held.since));
            if after.is_none_or(|after| idle < after) || versions(&self.held, &held.app) > 1 {
                continue;
            }
            let unloaded = Unloaded::of(loaded);
            let held = &mut self.held[at];
            held.unloaded = Some(unloaded);
            gone.extend(held.loaded.take());
        }
        // What no assignment asks for is of no more use.
        self.held.retain(|held| held.generation != 0 || held.unloaded.is_none());
        gone
    }
}

impl Held {
    /// Whether it serves and nothing is about to change about it.
    fn is_at_rest(&self) -> bool {
        self.role == AssignmentRole::Serve && !self.retiring && !self.loading && self.reload_error.is_none()
    }
}
