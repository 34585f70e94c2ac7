//! Which workers serve an app.
//!
//! A worker comes into question when it takes something new and has the labels that the app asks for. Of those the one is chosen that
//! shares least with the app's other workers: first in the value of the label that the app spreads over, then in its machine; then
//! the one that carries least for its capacity. Who serves keeps serving while it can: what evens out load is a matter of
//! [`balance`](super::balance), in small doses, because every move costs a load.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::control::{AppState, Standing};
use hearth_model::host_json::Placement;
use hearth_model::ids::{AppName, WorkerId};

use super::demand::{Bounds, describe};
use super::event::Action;
use super::journal::MOVING;
use super::plan::{AppPlan, Rules, WorkerPlan};

/// A worker that failed to load a version, or was too slow, is not chosen for it again for this long.
const SHUN: Duration = Duration::from_secs(10 * 60);
/// Workers that an explanation names.
const NAMED: usize = 6;

pub(super) type Workers = BTreeMap<WorkerId, WorkerPlan>;

/// How many apps each worker has been given.
pub(super) struct Load(BTreeMap<WorkerId, u64>);

/// A worker is to serve the app in place of another one, once it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: WorkerId,
    pub(super) to: WorkerId,
    pub(super) since: Timestamp,
}

impl Load {
    /// Counts what the plan says now.
    pub(super) fn count(apps: &BTreeMap<AppName, AppPlan>, workers: &Workers) -> Self {
        let mut load: BTreeMap<_, _> = workers.keys().map(|worker| (worker.clone(), 0)).collect();
        for app in apps.values() {
            let prepared = app.rollout.iter().flat_map(|rollout| rollout.workers.keys());
            let prepared = prepared.filter(|worker| !app.assignees.contains(*worker));
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

    /// One app fewer.
    fn remove(&mut self, worker: &WorkerId) {
        if let Some(apps) = self.0.get_mut(worker) {
            *apps = apps.saturating_sub(1);
        }
    }

    pub(super) fn of(&self, worker: &WorkerId) -> u64 {
        self.0.get(worker).copied().unwrap_or_default()
    }

    /// Apps per hundred units of capacity, in thousandths, with so many more.
    fn relative(&self, worker: &WorkerId, plan: &WorkerPlan, more: u64) -> u64 {
        (self.of(worker) + more) * 100_000 / u64::from(plan.capacity.max(1))
    }

    /// The best worker for an app that `chosen` serve already, of those that may go on with what they have and pass `wanted`.
    pub(super) fn best<'a>(
        &self,
        workers: &'a Workers,
        placement: &Placement,
        chosen: &BTreeSet<WorkerId>,
        wanted: impl Fn(&WorkerId, &WorkerPlan) -> bool,
    ) -> Option<&'a WorkerId> {
        workers
            .iter()
            .filter(|(worker, plan)| {
                plan.keeps() && !chosen.contains(*worker) && fits(plan, placement) && wanted(worker, plan)
            })
            .min_by_key(|(worker, plan)| {
                let shared = shared(plan, placement, workers, chosen.iter());
                (shared, self.relative(worker, plan, 1), plan.load.running + plan.load.waiting)
            })
            .map(|(worker, _)| worker)
    }
}

/// Whether a worker has the labels that an app asks for.
pub(super) fn fits(plan: &WorkerPlan, placement: &Placement) -> bool {
    placement.lacking(&plan.labels).is_none()
}

/// How many of these share the value of the label to spread over with a worker, and how many its machine.
pub(super) fn shared<'a>(
    plan: &WorkerPlan,
    placement: &Placement,
    workers: &Workers,
    others: impl Iterator<Item = &'a WorkerId>,
) -> (usize, usize) {
    let value = |plan: &WorkerPlan| placement.spread.as_ref().map(|label| plan.labels.get(label).cloned());
    let mine = value(plan);
    let mut same = (0, 0);
    for other in others.filter_map(|worker| workers.get(worker)) {
        same.0 += usize::from(mine.is_some() && value(other) == mine);
        same.1 += usize::from(!plan.node.is_empty() && other.node == plan.node);
    }
    same
}

/// Keeps the active deployment of an app on the workers it should have.
pub(super) fn serve(
    name: &AppName,
    app: &mut AppPlan,
    workers: &Workers,
    load: &mut Load,
    rules: &Rules,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let Some(active) = app.active.clone() else {
        app.journal.settle(name, now, &BTreeSet::new(), |worker| lost(worker, workers, &Placement::default()));
        return;
    };
    let placement = &*active.placement;
    let bounds = Bounds::of(placement, rules);
    let wanted = app.demand.wanted(bounds);
    let state = |worker: &WorkerId| workers.get(worker).and_then(|plan| plan.state(&active.deployment));
    let failed = |worker: &WorkerId| state(worker) == Some(AppState::Failed);
    let running = |worker: &WorkerId| state(worker) == Some(AppState::Running);
    let stays = |worker: &WorkerId| workers.get(worker).is_some_and(|plan| plan.keeps() && fits(plan, placement));

    app.journal.flawed(name, now, active.flaw.as_ref());
    app.shunned.retain(|_, since| now.since(*since) < SHUN);
    let mut chosen: BTreeSet<WorkerId> = app.assignees.iter().filter(|worker| stays(worker)).cloned().collect();
    go_on_moving(name, app, &mut chosen, running, failed, rules, now);
    let moving = usize::from(app.moving.is_some());

    // A failed one stays: its worker may yet recover, and one that is taken off would fail again when it is chosen anew. It gives way
    // only where the app may have no more workers.
    while chosen.iter().filter(|worker| !failed(worker)).count() < wanted + moving {
        let open = |worker: &WorkerId, plan: &WorkerPlan| plan.eligible() && !app.shunned.contains_key(worker);
        let Some(worker) = load.best(workers, placement, &chosen, open).cloned() else { break };
        if chosen.len() >= bounds.most.saturating_add(moving) {
            let Some(gives_way) = chosen.iter().find(|worker| failed(worker)).cloned() else { break };
            app.journal.because(&gives_way, "it can't load the app, and the app may have no more workers");
            app.shunned.insert(gives_way.clone(), now);
            load.remove(&gives_way);
            chosen.remove(&gives_way);
        }
        if !app.assignees.contains(&worker) {
            load.add(&worker);
            app.journal.because(&worker, chosen_because(&worker, workers, placement, &chosen, load, wanted));
        }
        chosen.insert(worker);
    }
    while let Some(worker) = surplus(&chosen, workers, placement, load, bounds, wanted + moving, running, failed) {
        app.journal.because(&worker, format!("{wanted} worker(s) are enough"));
        load.remove(&worker);
        chosen.remove(&worker);
    }
    let able = chosen.iter().filter(|worker| !failed(worker)).count();
    let lacks = chosen.is_empty() || able < placement.min_workers.map_or(0, |_| bounds.least);
    let waiting = if lacks { explain(placement, bounds, workers, &chosen) } else { String::new() };
    app.journal.waits(name, now, waiting);

    hand_over(app, &mut chosen, workers, placement, wanted.min(able), running);
    if chosen != app.assignees {
        app.assignees = chosen;
        app.wire += 1;
    }
    app.journal.settle(name, now, &app.assignees, |worker| lost(worker, workers, placement));
    if app.written.as_ref() != Some(&(app.generation, app.assignees.clone())) {
        app.written = Some((app.generation, app.assignees.clone()));
        let assigned = app.assignees.iter().map(|worker| (worker.clone(), active.deployment.clone())).collect();
        actions.push(Action::Assign { app: name.clone(), generation: app.generation, workers: assigned });
    }
}

/// Ends a move whose target runs, or that can't be made.
fn go_on_moving(
    name: &AppName,
    app: &mut AppPlan,
    chosen: &mut BTreeSet<WorkerId>,
    running: impl Fn(&WorkerId) -> bool,
    failed: impl Fn(&WorkerId) -> bool,
    rules: &Rules,
    now: Timestamp,
) {
    let Some(Move { from, to, since }) = app.moving.clone() else { return };
    if !chosen.contains(&from) || !chosen.contains(&to) {
        // What is left of it is a worker that serves, or has gone.
        app.moving = None;
    } else if running(&to) {
        app.journal.because(&from, format!("the app moved to {to}, which runs it"));
        chosen.remove(&from);
        app.moving = None;
    } else if failed(&to) || now.since(since) > rules.prepare_timeout {
        let why = if failed(&to) { "it can't load the app" } else { "it did not load the app in time" };
        app.journal.because(&to, format!("{why}; the app stays on {from}"));
        app.journal.write(name, now, MOVING, Some(&to), format!("the move from {from} ends: {why}"));
        app.shunned.insert(to.clone(), now);
        chosen.remove(&to);
        app.moving = None;
    }
}

/// One worker more than the app should have: one that does not run it yet if there is such a one, else the one that shares most with
/// others, else the one that carries most.
#[expect(clippy::too_many_arguments, reason = "one question, asked in one place, of everything that is known there")]
fn surplus(
    chosen: &BTreeSet<WorkerId>,
    workers: &Workers,
    placement: &Placement,
    load: &Load,
    bounds: Bounds,
    wanted: usize,
    running: impl Fn(&WorkerId) -> bool,
    failed: impl Fn(&WorkerId) -> bool,
) -> Option<WorkerId> {
    let able = chosen.iter().filter(|worker| !failed(worker)).count();
    let too_many = chosen.len() > bounds.most.max(wanted);
    if able <= wanted && !too_many {
        return None;
    }
    let of = |worker: &&WorkerId| too_many && able <= wanted || !failed(worker);
    let worst = chosen.iter().filter(of).max_by_key(|worker| {
        let plan = workers.get(*worker);
        let others = || chosen.iter().filter(|other| other != worker);
        let shared = plan.map(|plan| shared(plan, placement, workers, others()));
        (failed(worker), !running(worker), shared, plan.map(|plan| load.relative(worker, plan, 0)))
    });
    worst.cloned()
}

/// Whoever leaves answers its callers until others took over, and so does who no longer has the labels, as long as somebody with them
/// is on the way.
fn hand_over(
    app: &AppPlan,
    chosen: &mut BTreeSet<WorkerId>,
    workers: &Workers,
    placement: &Placement,
    needed: usize,
    running: impl Fn(&WorkerId) -> bool,
) {
    let taken_over = chosen.iter().filter(|worker| running(worker)).count();
    let somebody = !chosen.is_empty();
    for worker in &app.assignees {
        let Some(plan) = workers.get(worker).filter(|plan| !plan.missing) else { continue };
        let goes_on = if fits(plan, placement) {
            plan.leaving() && (taken_over == 0 || taken_over < needed)
        } else {
            somebody && taken_over == 0
        };
        if goes_on {
            chosen.insert(worker.clone());
        }
    }
}

/// Why a worker was chosen.
fn chosen_because(
    worker: &WorkerId,
    workers: &Workers,
    placement: &Placement,
    others: &BTreeSet<WorkerId>,
    load: &Load,
    wanted: usize,
) -> String {
    let Some(plan) = workers.get(worker) else { return String::new() };
    let mut reason = format!("{wanted} worker(s) are wanted");
    if let Some(label) = &placement.spread {
        let value = plan.labels.get(label).map_or("none", String::as_str);
        let (same, _) = shared(plan, placement, workers, others.iter());
        reason.push_str(&format!("; of its {label} ({value}) are {same} other(s)"));
    }
    let apps = load.of(worker);
    reason.push_str(&format!("; with {apps} app(s) and a capacity of {} it carries least", plan.capacity));
    reason
}

/// Why a worker is gone that nobody gave a reason for.
fn lost(worker: &WorkerId, workers: &Workers, placement: &Placement) -> String {
    match workers.get(worker) {
        None => "it was removed".to_owned(),
        Some(plan) => trouble(plan, placement).unwrap_or_else(|| "it did not take part in the new version".to_owned()),
    }
}

/// Why a worker is out of the question for an app.
fn trouble(plan: &WorkerPlan, placement: &Placement) -> Option<String> {
    if plan.missing {
        return Some("it is missing: it has not reported for the length of its lease".to_owned());
    }
    if plan.leaving() {
        return Some("it drains".to_owned());
    }
    if let Some((label, value)) = placement.lacking(&plan.labels) {
        return Some(format!("it lacks the label {label}={value}"));
    }
    (plan.standing == Standing::Cordoned).then(|| "it is cordoned".to_owned())
}

/// Why an app has not the workers it asks for.
fn explain(placement: &Placement, bounds: Bounds, workers: &Workers, chosen: &BTreeSet<WorkerId>) -> String {
    let mut text = format!("asks for {} and has {}", describe(bounds), chosen.len());
    let others: Vec<_> = workers.iter().filter(|(worker, _)| !chosen.contains(*worker)).collect();
    if others.is_empty() {
        text.push_str("; there is no other worker");
    }
    for (worker, plan) in others.iter().take(NAMED) {
        let why = trouble(plan, placement).unwrap_or_else(|| "it can't load the app".to_owned());
        text.push_str(&format!("; {worker}: {why}"));
    }
    if others.len() > NAMED {
        text.push_str(&format!("; and {} more", others.len() - NAMED));
    }
    text
}

/// Which workers do not come into question for a version, for whoever waits for its deployment; empty when there is none at all.
pub(super) fn obstacles(placement: &Placement, workers: &Workers) -> String {
    let out = workers.iter().filter_map(|(worker, plan)| Some(format!("{worker}: {}", trouble(plan, placement)?)));
    out.take(NAMED).collect::<Vec<_>>().join("; ")
}
