//! What a worker holds: versions of apps with their roles and states, and the table that calls read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use hearth_model::control::{AppReport, AppState, AssignmentRole};
use hearth_model::ids::{AppName, DeploymentId, Digest};

use crate::app::loaded::LoadedApp;
use crate::logs::AppLogs;

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
    pub(super) logs: HashMap<AppName, Arc<AppLogs>>,
    /// What the last change left to report.
    pub(super) reported: Vec<AppReport>,
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
        let mut serving: Vec<&Held> = self.held.iter().filter(|held| held.role == AssignmentRole::Serve).collect();
        // The one that is wanted replaces the one that is retiring.
        serving.sort_by_key(|held| (!held.retiring, held.generation));
        for held in serving {
            if let Some(loaded) = &held.loaded {
                table.by_name.insert(held.app.clone(), loaded.clone());
                for host_name in &held.host_names {
                    table.by_host.insert(host_name.clone(), held.app.clone());
                }
            }
        }
        table
    }

    /// What management is told: everything but what only waits for its successor.
    pub(super) fn reports(&self) -> Vec<AppReport> {
        let held = self.held.iter().filter(|held| !held.retiring);
        held.map(|held| AppReport {
            app: held.app.clone(),
            deployment: held.deployment.clone(),
            generation: held.generation,
            state: held.state,
            reason: held.reason.clone(),
            functions: held.loaded.as_ref().map(|loaded| loaded.reports.clone()).unwrap_or_default(),
            warnings: held.loaded.as_ref().map(|loaded| loaded.warnings.clone()).unwrap_or_default(),
            settings: 0,
            settings_error: None,
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
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::host_json::HostJson;
    use hearth_model::route::RouteTable;

    use super::*;
    use crate::app::loaded::Throttle;

    fn shop() -> AppName {
        AppName::parse("shop").unwrap()
    }

    fn held(number: u32, generation: u64, role: AssignmentRole) -> Held {
        let deployment = DeploymentId::parse(&format!("00000000-0000-7000-8000-{number:012}")).unwrap();
        Held::new(shop(), deployment, Digest::from_bytes(&[0; 32]), vec![format!("v{number}.test")], generation, role)
    }

    fn loaded(mut held: Held) -> Held {
        let host = HostJson::default();
        held.loaded = Some(Arc::new(LoadedApp {
            name: shop(),
            routes: RouteTable::new("api"),
            functions: vec![],
            reports: vec![],
            // Tells versions apart.
            warnings: vec![held.deployment.to_string()],
            throttle: Throttle::new(&host),
            policy: crate::front::HttpPolicy::new(&host, &hearth_model::settings::Settings::new()).0,
            host,
        }));
        held
    }

    fn serving(inner: &Inner) -> Option<String> {
        inner.table().by_name.get(&shop()).map(|app| app.warnings[0].clone())
    }

    #[test]
    fn a_version_that_is_only_prepared_takes_no_calls() {
        let mut inner = Inner { held: vec![loaded(held(1, 1, AssignmentRole::Prepare))], ..Inner::default() };
        assert!(inner.settle());
        assert_eq!(inner.reports()[0].state, AppState::Ready);
        assert_eq!(serving(&inner), None);
        inner.held[0].role = AssignmentRole::Serve;
        assert!(inner.settle(), "a new state is news");
        assert!(!inner.settle(), "the same state is not");
        assert_eq!(serving(&inner), Some(inner.held[0].deployment.to_string()));
        assert_eq!(inner.table().by_host.get("v1.test"), Some(&shop()));
    }

    #[test]
    fn the_old_version_answers_until_the_new_one_can_and_is_not_reported() {
        let mut old = loaded(held(1, 1, AssignmentRole::Serve));
        old.retiring = true;
        let old_id = old.deployment.clone();
        let mut inner = Inner { held: vec![old, held(2, 2, AssignmentRole::Serve)], ..Inner::default() };
        inner.settle();
        assert_eq!(serving(&inner), Some(old_id.to_string()));
        assert_eq!(inner.reports().iter().map(|report| report.state).collect::<Vec<_>>(), [AppState::Preparing]);

        let new = inner.held.pop().unwrap();
        let new_id = new.deployment.clone();
        inner.held.push(loaded(new));
        inner.settle();
        assert_eq!(serving(&inner), Some(new_id.to_string()));
        assert_eq!(inner.held.len(), 1, "the old one is let go");
    }

    #[test]
    fn what_is_no_longer_wanted_and_has_no_successor_goes_at_once() {
        let mut old = loaded(held(1, 1, AssignmentRole::Serve));
        old.retiring = true;
        let mut failed = held(2, 2, AssignmentRole::Serve);
        failed.state = AppState::Failed;
        let mut inner = Inner { held: vec![old, failed], ..Inner::default() };
        inner.settle();
        assert_eq!(serving(&inner), None);
    }
}
