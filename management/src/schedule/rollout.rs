//! A deployment on its way to the workers: prepared beside the serving version, activated, started.
//!
//! The serving version stays until the new one is ready on every worker that can prepare it. A worker that fails to prepare is not
//! replaced (a broken package fails everywhere); one that goes missing is. The deployment fails when all of them failed,
//! or when every function is in error.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::control::{AppReport, AppState, FunctionReport};
use hearth_model::ids::{AppName, DeploymentId, WorkerId};
use hearth_state::LogKind;

use super::demand::Bounds;
use super::event::{Action, Held, Outcome};
use super::place::{self, Load};
use super::plan::{AppPlan, Rules, WorkerPlan};

/// One deployment that has not ended.
pub(super) struct Rollout {
    pub(super) held: Held,
    pub(super) phase: Phase,
    /// Workers that prepare or prepared it, with the time they were told.
    pub(super) workers: BTreeMap<WorkerId, Timestamp>,
    /// Workers that could not, and why.
    pub(super) failed: BTreeMap<WorkerId, String>,
    ready: BTreeSet<WorkerId>,
    functions: Vec<FunctionReport>,
    shown: String,
}

/// How far a rollout is.
pub(super) enum Phase {
    /// Workers compile and index.
    Preparing,
    /// State is being asked to make it the active one.
    Activating,
    /// Workers were told to serve it.
    Starting { previous: Option<Held>, since: Timestamp },
    /// It could not be started; state is being asked to make the previous one active again.
    Reverting { previous: Held },
}

impl Rollout {
    pub(super) fn new(held: Held) -> Self {
        Self {
            held,
            phase: Phase::Preparing,
            workers: BTreeMap::new(),
            failed: BTreeMap::new(),
            ready: BTreeSet::new(),
            functions: Vec::new(),
            shown: String::new(),
        }
    }

    /// The deployments that it may make the active one.
    pub(super) fn holds(&mut self) -> impl Iterator<Item = &mut Held> {
        let previous = match &mut self.phase {
            Phase::Starting { previous, .. } => previous.as_mut(),
            Phase::Reverting { previous } => Some(previous),
            Phase::Preparing | Phase::Activating => None,
        };
        std::iter::once(&mut self.held).chain(previous)
    }

    /// The end of a rollout that fails.
    pub(super) fn ended(&self, text: String) -> Action {
        Action::Finish { deployment: self.held.deployment.clone(), outcome: Outcome::Failed { text } }
    }

    /// Whether workers should hold it beside the serving version.
    pub(super) fn prepares(&self, worker: &WorkerId) -> bool {
        matches!(self.phase, Phase::Preparing | Phase::Activating) && self.workers.contains_key(worker)
    }

    /// A worker began anew: what it had prepared is void.
    pub(super) fn restart(&mut self, worker: &WorkerId, now: Timestamp) {
        self.ready.remove(worker);
        if let Some(since) = self.workers.get_mut(worker) {
            *since = now;
        }
    }

    fn log(&self, kind: LogKind, message: String) -> Action {
        Action::Log { deployment: self.held.deployment.clone(), kind, message }
    }

    fn show(&mut self, text: String, actions: &mut Vec<Action>) {
        if self.shown != text {
            self.shown.clone_from(&text);
            actions.push(Action::Progress { deployment: self.held.deployment.clone(), text });
        }
    }
}

/// Takes the rollout of one app as far as what is known allows.
pub(super) fn advance(
    name: &AppName,
    app: &mut AppPlan,
    workers: &BTreeMap<WorkerId, WorkerPlan>,
    load: &mut Load,
    rules: &Rules,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let Some(mut rollout) = app.rollout.take() else { return };
    let keep = match rollout.phase {
        Phase::Preparing => {
            if gather(app, &mut rollout, workers, load, rules, now, actions) {
                app.wire += 1;
            }
            listen(&mut rollout, workers, rules, now, actions);
            judge(name, app, &mut rollout, workers, actions)
        }
        Phase::Starting { .. } => start(name, app, &mut rollout, workers, rules, now, actions),
        Phase::Activating | Phase::Reverting { .. } => true,
    };
    if keep {
        app.rollout = Some(rollout);
    } else {
        app.wire += 1;
    }
}

/// Gives the rollout workers; true when the list changed.
fn gather(
    app: &AppPlan,
    rollout: &mut Rollout,
    workers: &BTreeMap<WorkerId, WorkerPlan>,
    load: &mut Load,
    rules: &Rules,
    now: Timestamp,
    actions: &mut Vec<Action>,
) -> bool {
    let placement = rollout.held.placement.clone();
    let wanted = app.demand.wanted(Bounds::of(&placement, rules));
    let before = rollout.workers.len();
    let fits = |plan: &WorkerPlan| plan.keeps() && place::fits(plan, &placement);
    rollout.workers.retain(|worker, _| workers.get(worker).is_some_and(fits));
    let mut changed = before != rollout.workers.len();
    rollout.ready.retain(|worker| rollout.workers.contains_key(worker));
    let mut added = Vec::new();
    while rollout.workers.len() + rollout.failed.len() < wanted {
        let chosen: BTreeSet<WorkerId> = rollout.workers.keys().cloned().collect();
        let open = |worker: &WorkerId| !rollout.workers.contains_key(worker) && !rollout.failed.contains_key(worker);
        // Who serves the old version has the app's callers and should switch without a gap.
        let serving =
            load.best(workers, &placement, &chosen, |worker, _| open(worker) && app.assignees.contains(worker));
        let fresh = || load.best(workers, &placement, &chosen, |worker, plan| plan.eligible() && open(worker));
        let Some(worker) = serving.or_else(fresh).cloned() else { break };
        load.add(&worker);
        added.push(worker.as_str().to_owned());
        rollout.workers.insert(worker, now);
        changed = true;
    }
    if !added.is_empty() {
        actions.push(rollout.log(LogKind::Message, format!("Preparing on {}.", added.join(", "))));
    }
    changed
}

/// Takes in what the workers say about it.
fn listen(
    rollout: &mut Rollout,
    workers: &BTreeMap<WorkerId, WorkerPlan>,
    rules: &Rules,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let deployment = rollout.held.deployment.clone();
    let mut failures = Vec::new();
    for (worker, since) in &rollout.workers {
        let report = workers.get(worker).and_then(|plan| plan.reports.get(&deployment));
        match report.map(|report| (report.state, report)) {
            Some((AppState::Ready | AppState::Running, report)) => {
                rollout.functions.clone_from(&report.functions);
                if rollout.ready.insert(worker.clone()) {
                    actions.push(ready_line(worker, report));
                }
            }
            Some((AppState::Failed, report)) => {
                let reason = report.reason.clone().unwrap_or_else(|| "the worker gave no reason; see its log".into());
                failures.push((worker.clone(), reason));
            }
            _ if passed(*since, now, rules.prepare_timeout) => {
                let reason = format!(
                    "preparing did not finish within {} s; see the worker's log for what it is doing",
                    rules.prepare_timeout.as_secs()
                );
                failures.push((worker.clone(), reason));
            }
            _ => {}
        }
    }
    for (worker, reason) in failures {
        actions.push(rollout.log(LogKind::Error, format!("{worker}: {reason}")));
        rollout.workers.remove(&worker);
        rollout.ready.remove(&worker);
        rollout.failed.insert(worker, reason);
    }
}

fn ready_line(worker: &WorkerId, report: &AppReport) -> Action {
    let mut message = format!("{worker} is ready with {} function(s).", report.functions.len());
    for warning in &report.warnings {
        message.push_str(" Warning: ");
        message.push_str(warning);
    }
    let kind = if report.warnings.is_empty() { LogKind::Message } else { LogKind::Warning };
    Action::Log { deployment: report.deployment.clone(), kind, message }
}

/// Decides whether preparing is over, and how; false when the rollout ended.
fn judge(
    name: &AppName,
    app: &AppPlan,
    rollout: &mut Rollout,
    workers: &BTreeMap<WorkerId, WorkerPlan>,
    actions: &mut Vec<Action>,
) -> bool {
    let waiting: Vec<&str> =
        rollout.workers.keys().filter(|worker| !rollout.ready.contains(*worker)).map(WorkerId::as_str).collect();
    if !waiting.is_empty() {
        let text = format!("Preparing on {}", waiting.join(", "));
        rollout.show(text, actions);
        return true;
    }
    if rollout.ready.is_empty() {
        if rollout.failed.is_empty() {
            let text = match place::obstacles(&rollout.held.placement, workers) {
                none if none.is_empty() => {
                    "Waiting for a worker: none is live. Start one with 'hearth worker', or see 'hearth up'.".to_owned()
                }
                obstacles => format!("Waiting for a worker: none is live that may run this app. {obstacles}."),
            };
            rollout.show(text, actions);
            return true;
        }
        let mut reasons: Vec<&String> = rollout.failed.values().collect();
        reasons.dedup();
        let text = reasons.into_iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        actions.push(rollout.ended(text));
        return false;
    }
    let in_error = rollout.functions.iter().filter(|function| function.error.is_some()).count();
    for function in &rollout.functions {
        let (kind, message) = match &function.error {
            Some(error) => (LogKind::Error, format!("Function '{}' is in error: {error}", function.name)),
            None => (LogKind::Message, describe(function)),
        };
        actions.push(rollout.log(kind, message));
    }
    if in_error > 0 && in_error == rollout.functions.len() {
        let list: Vec<String> = rollout
            .functions
            .iter()
            .map(|function| format!("{}: {}", function.name, function.error.as_deref().unwrap_or_default()))
            .collect();
        actions.push(rollout.ended(format!("Every function is in error. {}", list.join("; "))));
        return false;
    }
    rollout.phase = Phase::Activating;
    rollout.show("Activating".into(), actions);
    let deployment = rollout.held.deployment.clone();
    actions.push(Action::Activate { app: name.clone(), deployment, expected: app.generation });
    true
}

fn describe(function: &FunctionReport) -> String {
    let trigger = function.trigger.as_deref().unwrap_or("unknown trigger");
    match &function.route {
        Some(route) if function.methods.is_empty() => format!("Function '{}' - [{trigger}] /{route}", function.name),
        Some(route) => {
            format!("Function '{}' - [{trigger}] [{}] /{route}", function.name, function.methods.join(","))
        }
        None => format!("Function '{}' - [{trigger}]", function.name),
    }
}

/// Takes in that state made a deployment the active one.
pub(super) fn activated(
    app: &mut AppPlan,
    deployment: &DeploymentId,
    generation: u64,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let Some(mut rollout) = app.rollout.take() else { return };
    app.wire += 1;
    match &rollout.phase {
        Phase::Activating if rollout.held.deployment == *deployment => {
            app.generation = generation;
            let previous = app.active.replace(rollout.held.clone());
            app.assignees.clone_from(&rollout.ready);
            app.moving = None;
            app.shunned.clear();
            for worker in &rollout.ready {
                app.journal.because(worker, "it prepared the new version");
            }
            rollout.phase = Phase::Starting { previous, since: now };
            actions.push(rollout.log(LogKind::Message, format!("Active as generation {generation}.")));
            app.rollout = Some(rollout);
        }
        Phase::Reverting { previous } if previous.deployment == *deployment => {
            app.generation = generation;
            app.active = Some(previous.clone());
        }
        // An answer that belongs to an earlier rollout.
        _ => app.rollout = Some(rollout),
    }
}

/// Takes in that the app is not what it was thought to be: what is in state counts, and the rollout ends.
pub(super) fn overtaken(app: &mut AppPlan, generation: u64, active: Option<Held>, actions: &mut Vec<Action>) {
    app.wire += 1;
    app.generation = generation;
    app.active = active;
    if let Some(rollout) = app.rollout.take()
        && matches!(rollout.phase, Phase::Activating)
    {
        actions.push(rollout.ended("Another change of this app came first; publish again.".into()));
    }
}

/// Waits until the workers serve it; false when the rollout ended.
fn start(
    name: &AppName,
    app: &mut AppPlan,
    rollout: &mut Rollout,
    workers: &BTreeMap<WorkerId, WorkerPlan>,
    rules: &Rules,
    now: Timestamp,
    actions: &mut Vec<Action>,
) -> bool {
    let Phase::Starting { previous, since } = &rollout.phase else { return true };
    let deployment = &rollout.held.deployment;
    let mut running = Vec::new();
    let mut waiting = Vec::new();
    let mut failures = Vec::new();
    for worker in &app.assignees {
        let Some(plan) = workers.get(worker).filter(|plan| plan.keeps()) else { continue };
        match plan.reports.get(deployment).map(|report| (report.state, report)) {
            Some((AppState::Running, report)) => {
                if !report.functions.is_empty() {
                    rollout.functions.clone_from(&report.functions);
                }
                running.push(worker.as_str());
            }
            Some((AppState::Failed, report)) => failures.push(report.reason.clone().unwrap_or_default()),
            // One that joined after the activation is not waited for: others were ready before.
            _ if rollout.ready.contains(worker) || rollout.ready.is_empty() => waiting.push(worker.as_str()),
            _ => {}
        }
    }
    let late = passed(*since, now, rules.prepare_timeout);
    if !running.is_empty() && (waiting.is_empty() || late) {
        actions.push(rollout.log(LogKind::Message, format!("Running on {}.", running.join(", "))));
        let outcome = Outcome::Success { functions: std::mem::take(&mut rollout.functions) };
        actions.push(Action::Finish { deployment: deployment.clone(), outcome });
        return false;
    }
    if running.is_empty() && !failures.is_empty() && (waiting.is_empty() || late) {
        failures.dedup();
        let text = format!("Prepared, but could not be started: {}", failures.join("; "));
        let Some(previous) = previous.clone() else {
            actions.push(rollout.ended(text));
            return false;
        };
        let expected = app.generation;
        actions.push(Action::Activate { app: name.clone(), deployment: previous.deployment.clone(), expected });
        // The end comes last: until it is written, no other deployment of the app can begin.
        actions.push(rollout.ended(text));
        rollout.phase = Phase::Reverting { previous };
        return true;
    }
    let text = if waiting.is_empty() {
        "Active; waiting for a worker: none is live.".to_owned()
    } else {
        format!("Starting on {}", waiting.join(", "))
    };
    rollout.show(text, actions);
    true
}

fn passed(since: Timestamp, now: Timestamp, limit: Duration) -> bool {
    now.since(since) > limit
}
