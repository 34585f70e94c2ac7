//! What the scheduler knows, copied out for those who show it.

use std::collections::BTreeMap;
use std::sync::Arc;

use hearth_model::control::{AppState, FunctionReport, Standing};
use hearth_model::host_json::Placement;
use hearth_model::ids::{AppName, DeploymentId, WorkerId};
use hearth_state::{Decision, Member};

use super::Told;
use super::demand::Bounds;
use super::plan::{AppPlan, Plan, WorkerPlan};

/// One moment of the plan.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// Every app that exists.
    pub(crate) apps: BTreeMap<AppName, AppStatus>,
    /// Every worker that ever registered.
    pub(crate) workers: BTreeMap<WorkerId, WorkerStatus>,
    /// What outlives registrations, those who were removed included; filled by the owner.
    pub(crate) members: BTreeMap<WorkerId, Member>,
    /// What workers told in their last beats; filled by the owner.
    pub(crate) told: BTreeMap<WorkerId, Told>,
}

/// An app as its workers see it.
#[derive(Debug)]
pub(crate) struct AppStatus {
    /// `running`, `starting`, `failed`, `noWorker` or `empty`.
    pub(crate) state: &'static str,
    /// Workers that take calls for the active deployment.
    pub(crate) running_on: Vec<WorkerId>,
    /// Who holds or should hold which deployment.
    pub(crate) holders: Vec<Holder>,
    /// As a worker indexed the active deployment; none before one did.
    pub(crate) functions: Option<Vec<FunctionReport>>,
    /// From the same worker.
    pub(crate) warnings: Vec<String>,
    /// Where it should run; none while nothing serves.
    pub(crate) placement: Option<PlacementStatus>,
    /// Why it runs where it does, newest first.
    pub(crate) decisions: Vec<Decision>,
}

/// Where an app should run.
#[derive(Debug)]
pub(crate) struct PlacementStatus {
    pub(crate) asked: Arc<Placement>,
    /// How many workers it should have now.
    pub(crate) wanted: usize,
    pub(crate) least: usize,
    /// None for as many as there are.
    pub(crate) most: Option<usize>,
    /// Invocations that run or wait, smoothed.
    pub(crate) outstanding: u64,
    /// From and to.
    pub(crate) moving: Option<(WorkerId, WorkerId)>,
    /// What it waits for; empty for nothing.
    pub(crate) waiting: String,
}

/// One app on one worker.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) worker: WorkerId,
    pub(crate) deployment: DeploymentId,
    pub(crate) state: &'static str,
    pub(crate) reason: Option<String>,
    /// Revision of the settings that it was loaded with.
    pub(crate) settings: u64,
    pub(crate) settings_error: Option<String>,
    /// Its code is not in memory.
    pub(crate) unloaded: bool,
}

/// A worker as the plan has it.
#[derive(Debug)]
pub(crate) struct WorkerStatus {
    /// `live`, `cordoned`, `draining`, `drained` (what it had has moved away) or `missing`.
    pub(crate) state: &'static str,
    /// Apps it should serve.
    pub(crate) apps: Vec<AppName>,
}

impl Plan {
    /// Copies out what is known now.
    pub(crate) fn view(&self) -> View {
        let apps = self.apps.iter().map(|(name, app)| (name.clone(), self.app_status(app))).collect();
        let workers = self.workers.iter().map(|(worker, plan)| (worker.clone(), self.worker_status(worker, plan)));
        View { apps, workers: workers.collect(), ..View::default() }
    }

    fn app_status(&self, app: &AppPlan) -> AppStatus {
        let mut status = AppStatus {
            state: "empty",
            running_on: Vec::new(),
            holders: Vec::new(),
            functions: None,
            warnings: Vec::new(),
            placement: app.active.as_ref().map(|active| self.placement_status(app, &active.placement)),
            decisions: app.journal.newest().cloned().collect(),
        };
        if let Some(active) = &app.active {
            for worker in &app.assignees {
                status.holders.push(self.holder(worker, &active.deployment));
                let report = self.workers.get(worker).and_then(|plan| plan.reports.get(&active.deployment));
                if let Some(report) = report.filter(|report| !report.functions.is_empty()) {
                    let before = status.functions.replace(report.functions.clone());
                    keep_troubles(status.functions.iter_mut().flatten(), before.unwrap_or_default());
                    status.warnings.clone_from(&report.warnings);
                }
            }
            let on = |state: &str| status.holders.iter().filter(|holder| holder.state == state).count();
            status.state = if on("running") > 0 {
                "running"
            } else if status.holders.is_empty() || on("missing") == status.holders.len() {
                "noWorker"
            } else if on("failed") == status.holders.len() {
                "failed"
            } else {
                "starting"
            };
            let running = status.holders.iter().filter(|holder| holder.state == "running");
            status.running_on = running.map(|holder| holder.worker.clone()).collect();
        }
        if let Some(rollout) = &app.rollout {
            for worker in rollout.workers.keys().filter(|worker| rollout.prepares(worker)) {
                status.holders.push(self.holder(worker, &rollout.held.deployment));
            }
            for (worker, reason) in &rollout.failed {
                let deployment = rollout.held.deployment.clone();
                let reason = Some(reason.clone());
                status.holders.push(Holder {
                    worker: worker.clone(),
                    deployment,
                    state: "failed",
                    reason,
                    settings: 0,
                    settings_error: None,
                    unloaded: false,
                });
            }
        }
        status
    }

    fn placement_status(&self, app: &AppPlan, asked: &Arc<Placement>) -> PlacementStatus {
        let bounds = Bounds::of(asked, &self.rules);
        PlacementStatus {
            asked: asked.clone(),
            wanted: app.demand.wanted(bounds),
            least: bounds.least,
            most: Some(bounds.most).filter(|most| *most != usize::MAX),
            outstanding: app.demand.outstanding(),
            moving: app.moving.as_ref().map(|moving| (moving.from.clone(), moving.to.clone())),
            waiting: app.journal.waiting().to_owned(),
        }
    }

    fn holder(&self, worker: &WorkerId, deployment: &DeploymentId) -> Holder {
        let plan = self.workers.get(worker);
        let report = plan.and_then(|plan| plan.reports.get(deployment));
        let state = match (plan.is_none_or(|plan| plan.missing), report.map(|report| report.state)) {
            (true, _) => "missing",
            (false, None) => "assigned",
            (false, Some(AppState::Preparing)) => "preparing",
            (false, Some(AppState::Ready)) => "ready",
            (false, Some(AppState::Running)) => "running",
            (false, Some(AppState::Failed)) => "failed",
        };
        let reason = report.and_then(|report| report.reason.clone());
        Holder {
            worker: worker.clone(),
            deployment: deployment.clone(),
            state,
            reason,
            settings: report.map_or(0, |report| report.settings),
            settings_error: report.and_then(|report| report.settings_error.clone()),
            unloaded: report.is_some_and(|report| report.unloaded),
        }
    }

    fn worker_status(&self, worker: &WorkerId, plan: &WorkerPlan) -> WorkerStatus {
        let serves = self.apps.iter().filter(|(_, app)| app.active.is_some() && app.assignees.contains(worker));
        let apps: Vec<AppName> = serves.map(|(name, _)| name.clone()).collect();
        let state = if plan.missing {
            "missing"
        } else if plan.leaving() {
            if apps.is_empty() { "drained" } else { "draining" }
        } else if plan.standing == Standing::Cordoned {
            "cordoned"
        } else {
            "live"
        };
        WorkerStatus { state, apps }
    }
}

/// What keeps a function from hearing of events on one worker is told although it does not on another.
fn keep_troubles<'a>(functions: impl Iterator<Item = &'a mut FunctionReport>, before: Vec<FunctionReport>) {
    let mut troubles: BTreeMap<String, String> =
        before.into_iter().filter_map(|function| Some((function.name, function.listener_error?))).collect();
    for function in functions.filter(|function| function.listener_error.is_none()) {
        function.listener_error = troubles.remove(&function.name);
    }
}
