//! Which workers get an app: as many as the rules say where there are that many, the least loaded first.
//!
//! Who serves keeps serving while it can; nothing is moved only to even out the load, because every move costs a compile.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::control::AppState;
use hearth_model::ids::{AppName, WorkerId};

use super::event::Action;
use super::plan::{AppPlan, WorkerPlan};

/// How many apps each worker has been given.
pub(super) struct Load(BTreeMap<WorkerId, u64>);

impl Load {
    /// Counts what the plan says now.
    pub(super) fn count(apps: &BTreeMap<AppName, AppPlan>, workers: &BTreeMap<WorkerId, WorkerPlan>) -> Self {
        let mut load: BTreeMap<_, _> = workers.keys().map(|worker| (worker.clone(), 0)).collect();
        for app in apps.values() {
            let prepared = app.rollout.iter().flat_map(|rollout| rollout.workers.keys());
            for worker in app.assignees.iter().chain(prepared) {
                *load.entry(worker.clone()).or_default() += 1;
            }
        }
        Self(load)
    }

    /// One more app for a worker.
    pub(super) fn add(&mut self, worker: &WorkerId) {
        *self.0.entry(worker.clone()).or_default() += 1;
    }

    /// Apps per hundred units of capacity, in thousandths.
    fn relative(&self, worker: &WorkerId, capacity: u32) -> u64 {
        self.0.get(worker).copied().unwrap_or_default() * 100_000 / u64::from(capacity.max(1))
    }

    /// The worker that carries least, may go on with what it has, and passes `wanted`; by name where equal.
    pub(super) fn least<'a>(
        &self,
        workers: &'a BTreeMap<WorkerId, WorkerPlan>,
        wanted: impl Fn(&WorkerId, &WorkerPlan) -> bool,
    ) -> Option<&'a WorkerId> {
        workers
            .iter()
            .filter(|(worker, plan)| plan.keeps() && wanted(worker, plan))
            .min_by_key(|(worker, plan)| self.relative(worker, plan.capacity))
            .map(|(worker, _)| worker)
    }
}

/// Keeps the active deployment of an app on enough workers.
pub(super) fn serve(
    name: &AppName,
    app: &mut AppPlan,
    workers: &BTreeMap<WorkerId, WorkerPlan>,
    load: &mut Load,
    copies: usize,
    actions: &mut Vec<Action>,
) {
    let Some(active) = &app.active else { return };
    let state = |worker: &WorkerId| workers.get(worker).and_then(|plan| plan.state(&active.deployment));
    let keeps = |worker: &WorkerId| workers.get(worker).is_some_and(WorkerPlan::keeps);

    // A failed one stays on the list: its worker may yet recover, and taking it off would make it fail again when chosen anew.
    let mut chosen: BTreeSet<WorkerId> = app.assignees.iter().filter(|worker| keeps(worker)).cloned().collect();
    let failed = chosen.iter().filter(|worker| state(worker) == Some(AppState::Failed)).count();
    while chosen.len() - failed < copies {
        let Some(worker) = load.least(workers, |worker, plan| plan.eligible() && !chosen.contains(worker)).cloned()
        else {
            break;
        };
        if !app.assignees.contains(&worker) {
            load.add(&worker);
        }
        chosen.insert(worker);
    }
    // One that drains answers its callers until others took over.
    let running = chosen.iter().filter(|worker| state(worker) == Some(AppState::Running)).count();
    if running == 0 || running < copies.min(chosen.len() - failed) {
        let draining = |worker: &&WorkerId| workers.get(worker).is_some_and(|plan| plan.leaving() && !plan.missing);
        chosen.extend(app.assignees.iter().filter(draining).cloned());
    }

    if chosen != app.assignees {
        app.assignees = chosen;
        app.wire += 1;
    }
    if app.written.as_ref() != Some(&(app.generation, app.assignees.clone())) {
        app.written = Some((app.generation, app.assignees.clone()));
        let assigned = app.assignees.iter().map(|worker| (worker.clone(), active.deployment.clone())).collect();
        actions.push(Action::Assign { app: name.clone(), generation: app.generation, workers: assigned });
    }
}
