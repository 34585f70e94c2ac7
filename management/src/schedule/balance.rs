//! Evens out what workers carry, gently: a few moves a minute, one app at a time, each begun only when it makes things better.
//!
//! Better is what brings an app's workers further apart, and what makes the sum of squared loads smaller without bringing workers of an
//! app closer together. Both sums only fall, so moving ends; nothing is moved back and forth. The one that is left goes on until the
//! other one runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, WorkerId};

use super::journal::MOVING;
use super::place::{Move, fits, shared};
use super::plan::{AppPlan, Plan, WorkerPlan};

/// Moves are counted over this time.
const WINDOW: Duration = Duration::from_secs(60);

/// A move that would make things better.
struct Candidate {
    app: AppName,
    from: WorkerId,
    to: WorkerId,
    /// How much further apart the app's workers would be: by label, by machine.
    apart: (usize, usize),
    /// How much the sum of squared loads would fall.
    relief: i64,
}

/// Begins the best move that there is, if one may begin now.
pub(super) fn rebalance(plan: &mut Plan, now: Timestamp) {
    plan.moves.retain(|at| now.since(*at) < WINDOW);
    if plan.moves.len() >= plan.rules.moves_per_minute {
        return;
    }
    let Some(best) = best(plan) else { return };
    let Candidate { app: name, from, to, apart, .. } = best;
    let Some(app) = plan.apps.get_mut(&name) else { return };
    let reason = if apart > (0, 0) {
        format!("from {from}, to bring the app's workers further apart")
    } else {
        format!("from {from}, which carries more for its capacity")
    };
    app.journal.write(&name, now, MOVING, Some(&to), reason.as_str());
    app.journal.because(&to, format!("moves {reason}"));
    app.assignees.insert(to.clone());
    app.moving = Some(Move { from, to, since: now });
    app.wire += 1;
    plan.moves.push_back(now);
}

fn best(plan: &Plan) -> Option<Candidate> {
    let carried = carried(&plan.apps);
    let of = |worker: &WorkerId| carried.get(worker).copied().unwrap_or_default();
    let targets: Vec<(&WorkerId, &WorkerPlan)> = plan.workers.iter().filter(|(_, worker)| worker.eligible()).collect();
    let mut best: Option<Candidate> = None;
    for (name, app) in &plan.apps {
        let Some(active) = app.active.as_ref().filter(|_| app.rollout.is_none() && app.moving.is_none()) else {
            continue;
        };
        let placement = &*active.placement;
        for from in &app.assignees {
            // Whoever leaves is left anyway.
            let Some(source) = plan.workers.get(from).filter(|worker| worker.keeps() && fits(worker, placement)) else {
                continue;
            };
            let others = || app.assignees.iter().filter(|worker| *worker != from);
            let before = shared(source, placement, &plan.workers, others());
            for &(to, target) in &targets {
                if app.assignees.contains(to) || app.shunned.contains_key(to) || !fits(target, placement) {
                    continue;
                }
                let after = shared(target, placement, &plan.workers, others());
                let relief = relief(of(from), source.capacity, of(to), target.capacity);
                let further = after < before;
                if !further && (after != before || relief <= 0) {
                    continue;
                }
                let apart =
                    if further { (before.0.saturating_sub(after.0), before.1.saturating_sub(after.1)) } else { (0, 0) };
                if best.as_ref().is_none_or(|best| (apart, relief) > (best.apart, best.relief)) {
                    best = Some(Candidate { app: name.clone(), from: from.clone(), to: to.clone(), apart, relief });
                }
            }
        }
    }
    best
}

/// Apps that each worker will carry when what moves has moved.
fn carried(apps: &BTreeMap<AppName, AppPlan>) -> BTreeMap<&WorkerId, i64> {
    let mut carried = BTreeMap::new();
    for app in apps.values() {
        let left = app.moving.as_ref().map(|moving| &moving.from);
        let prepared = app.rollout.iter().flat_map(|rollout| rollout.workers.keys());
        let all: BTreeSet<&WorkerId> = app.assignees.iter().chain(prepared).collect();
        for worker in all.into_iter().filter(|worker| Some(*worker) != left) {
            *carried.entry(worker).or_default() += 1;
        }
    }
    carried
}

/// How much the sum of squared loads, each for its capacity, falls when one app goes from one to the other; in millionths.
fn relief(from: i64, from_capacity: u32, to: i64, to_capacity: u32) -> i64 {
    let share = |apps: i64, capacity: u32| apps.saturating_mul(1_000_000) / i64::from(capacity.max(1));
    share(2 * from - 1, from_capacity) - share(2 * to + 1, to_capacity)
}
