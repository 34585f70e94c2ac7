//! What each worker should hold, as the complete answer to its beats.

use hearth_model::control::{Assignment, AssignmentRole, BeatResponse, Standing};
use hearth_model::ids::{AppName, WorkerId};

use super::event::Held;
use super::plan::{AppPlan, Plan};

/// Works out every worker's answer; an answer that changed gets the next revision.
pub(super) fn refresh(plan: &mut Plan) {
    let default_app = default_app(plan);
    for (worker, held) in &mut plan.workers {
        let answer = assignments(&plan.apps, worker);
        if held.answer != answer || held.default_app != default_app || held.configuration != plan.configuration {
            held.answer = answer;
            held.default_app.clone_from(&default_app);
            held.configuration = plan.configuration;
            held.revision += 1;
        }
    }
}

fn assignments(apps: &std::collections::BTreeMap<AppName, AppPlan>, worker: &WorkerId) -> Vec<Assignment> {
    let mut answer = Vec::new();
    for (name, app) in apps {
        let mut assign = |held: &Held, role| {
            answer.push(Assignment {
                app: name.clone(),
                host_names: app.host_names.clone(),
                generation: app.wire,
                deployment: held.deployment.clone(),
                digest: held.digest.clone(),
                role,
            });
        };
        if let Some(active) = app.active.as_ref().filter(|_| app.assignees.contains(worker)) {
            assign(active, AssignmentRole::Serve);
        }
        if let Some(rollout) = app.rollout.as_ref().filter(|rollout| rollout.prepares(worker)) {
            assign(&rollout.held, AssignmentRole::Prepare);
        }
    }
    answer
}

fn default_app(plan: &Plan) -> Option<AppName> {
    if let Some(app) = plan.rules.default_app.as_ref().filter(|app| plan.apps.contains_key(*app)) {
        return Some(app.clone());
    }
    let mut active = plan.apps.iter().filter(|(_, app)| app.active.is_some()).map(|(name, _)| name);
    match (active.next(), active.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
}

impl Plan {
    /// Revision of the answer that a worker would get now; none when the worker is unknown.
    pub(crate) fn revision(&self, worker: &WorkerId) -> Option<u64> {
        self.workers.get(worker).map(|held| held.revision)
    }

    /// The answer that a worker gets now.
    pub(crate) fn answer(&self, worker: &WorkerId) -> Option<BeatResponse> {
        self.workers.get(worker).map(|held| BeatResponse {
            revision: held.revision,
            assignments: held.answer.clone(),
            default_app: held.default_app.clone(),
            configuration: held.configuration,
            drain: held.standing == Standing::Draining,
            credential: None,
        })
    }
}
