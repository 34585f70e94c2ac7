//! What a worker holds: versions of apps with their roles and states, and the table that calls read.

mod reload;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use hearth_model::control::{AppReport, AppState, AssignmentRole};
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_state::AppRevision;

use crate::app::activity::Told;
use crate::app::idle::Unloaded;
use crate::app::live::LiveApp;
use crate::app::loaded::LoadedApp;
use crate::app::retry::Retry;

pub(super) use reload::{FileChanges, Load, LoadError};

/// What calls read; never changed, only replaced.
#[derive(Default)]
pub(super) struct Table {
    pub(super) by_name: HashMap<AppName, Arc<LoadedApp>>,
    pub(super) by_host: HashMap<String, AppName>,
    pub(super) default: Option<AppName>,
}

/// Everything behind the lock of [`super::Apps`].
#[derive(Default)]
pub(super) struct Inner {
    pub(super) held: Vec<Held>,
    pub(super) default: Option<AppName>,
    /// Apps that are or were here.
    pub(super) live: HashMap<AppName, Arc<LiveApp>>,
    /// The latest that is known of each app's settings, keys and mode.
    pub(super) revisions: HashMap<AppName, AppRevision>,
    /// What the last change left to report.
    pub(super) reported: Vec<AppReport>,
    /// What the last beat told of the apps' load.
    pub(super) told: Told,
}

impl Inner {
    /// Sets states by roles and lets go of what has a successor; true when the reports differ from the last ones.
    pub(super) fn settle(&mut self) -> bool {
        for held in &mut self.held {
            if held.loaded.is_some() {
                held.state = match held.role {
                    AssignmentRole::Serve => AppState::Running,
                    AssignmentRole::Prepare => AppState::Ready,
                };
            }
        }
        let starting =
            |held: &&Held| !held.retiring && held.role == AssignmentRole::Serve && held.state == AppState::Preparing;
        let waiting: Vec<AppName> = self.held.iter().filter(starting).map(|held| held.app.clone()).collect();
        self.held.retain(|held| !held.retiring || (held.loaded.is_some() && waiting.contains(&held.app)));
        let reports = self.reports();
        let news = reports != self.reported;
        self.reported = reports;
        news
    }

    /// The version of an app that calls wait for.
    pub(super) fn serving(&mut self, app: &AppName) -> Option<&mut Held> {
        let serves = |held: &&mut Held| held.app == *app && held.role == AssignmentRole::Serve && !held.retiring;
        self.held.iter_mut().find(serves)
    }

    /// The table as it should be now.
    pub(super) fn table(&self) -> Table {
        let mut table = Table { default: self.default.clone(), ..Table::default() };
        for held in self.in_turn() {
            if let Some(loaded) = &held.loaded {
                table.by_name.insert(held.app.clone(), loaded.clone());
            }
            if held.loaded.is_some() || held.unloaded.is_some() {
                for host_name in &held.host_names {
                    table.by_host.insert(host_name.clone(), held.app.clone());
                }
            }
        }
        table
    }

    /// The version of an app that answers calls.
    pub(super) fn answering(&self, app: &AppName) -> Option<Arc<LoadedApp>> {
        self.in_turn().into_iter().filter(|held| held.app == *app).filter_map(|held| held.loaded.clone()).next_back()
    }

    /// Versions that may answer; of one app the last that can does.
    pub(super) fn in_turn(&self) -> Vec<&Held> {
        let mut serving: Vec<&Held> = self.held.iter().filter(|held| held.role == AssignmentRole::Serve).collect();
        // The one that is wanted replaces the one that is retiring.
        serving.sort_by_key(|held| (!held.retiring, held.generation));
        serving
    }

    /// What management is told: everything but what only waits for its successor.
    pub(super) fn reports(&self) -> Vec<AppReport> {
        let held = self.held.iter().filter(|held| !held.retiring);
        held.map(|held| {
            let mut report = AppReport {
                app: held.app.clone(),
                deployment: held.deployment.clone(),
                generation: held.generation,
                state: held.state,
                reason: held.reason.clone(),
                functions: Vec::new(),
                warnings: Vec::new(),
                settings: 0,
                settings_error: held.reload_error.clone(),
                unloaded: false,
            };
            match (&held.loaded, &held.unloaded) {
                (Some(loaded), _) => {
                    report.functions.clone_from(&loaded.reports);
                    report.warnings.clone_from(&loaded.warnings);
                    report.settings = loaded.revision.settings;
                }
                (None, Some(unloaded)) => {
                    report.functions.clone_from(&unloaded.reports);
                    report.warnings.clone_from(&unloaded.warnings);
                    // It will be loaded with what is then known.
                    report.settings = self.wanted(&held.app).max(unloaded.remembered.revision.settings);
                    report.unloaded = true;
                }
                (None, None) => {}
            }
            if let Some(live) = self.live.get(&held.app).filter(|_| held.role == AssignmentRole::Serve) {
                live.add_troubles(&mut report.functions);
            }
            report
        })
        .collect()
    }
}

/// One version of an app.
pub(super) struct Held {
    pub(super) app: AppName,
    pub(super) deployment: DeploymentId,
    pub(super) digest: Digest,
    pub(super) host_names: Vec<String>,
    /// 0 when no assignment asked for it.
    pub(super) generation: u64,
    pub(super) role: AssignmentRole,
    /// No longer wanted, but answering until its successor can.
    pub(super) retiring: bool,
    pub(super) state: AppState,
    pub(super) reason: Option<String>,
    pub(super) failed_at: Option<Instant>,
    pub(super) loaded: Option<Arc<LoadedApp>>,
    /// Its code is not in memory, because nobody called; the next call loads it.
    pub(super) unloaded: Option<Unloaded>,
    /// When it was loaded last, or taken on.
    pub(super) since: Instant,
    /// A load is under way: the first, or one with newer settings beside what answers meanwhile.
    pub(super) loading: bool,
    /// Greatest revision of the settings with which loading was tried.
    pub(super) tried: u64,
    /// When a load with newer settings is tried again.
    pub(super) retry: Retry,
    /// Of a folder under development: how often its files changed.
    pub(super) files: FileChanges,
    /// Why it could not be loaded with newer settings or files.
    pub(super) reload_error: Option<String>,
}

impl Held {
    /// A version that is about to be loaded; generation 0 when no assignment asked for it.
    pub(super) fn new(
        app: AppName,
        deployment: DeploymentId,
        digest: Digest,
        host_names: Vec<String>,
        generation: u64,
        role: AssignmentRole,
    ) -> Self {
        Self {
            app,
            deployment,
            digest,
            host_names,
            generation,
            role,
            retiring: false,
            state: AppState::Preparing,
            reason: None,
            failed_at: None,
            loaded: None,
            unloaded: None,
            since: Instant::now(),
            loading: false,
            tried: 0,
            retry: Retry::default(),
            files: FileChanges::default(),
            reload_error: None,
        }
    }
}
