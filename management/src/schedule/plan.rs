//! The scheduler's state and its one entry, [`Plan::decide`]: pure, no clock, no input or output.
//!
//! Host state is the truth for what is active and who is assigned; the plan is rebuilt from it and from the workers'
//! beats. A wire generation per app grows with every change of what the app should be. It needs no storing: a plan that
//! starts again below what a worker reports steps over it before that worker is answered.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::control::{AppLoad, AppReport, AppState, Assignment, Standing, WorkerLoad};
use hearth_model::ids::{AppName, DeploymentId, WorkerId};
use hearth_state::Decision;

use super::demand::{Bounds, Demand, Observed};
use super::event::{Action, Event, Held, Loads, Outcome, Traits};
use super::journal::{Journal, SCALED};
use super::place::{self, Move};
use super::rollout::Rollout;

/// What the scheduler is set to.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// How many workers serve an app that names no number, where there are that many.
    pub(crate) copies: usize,
    /// Invocations, running and waiting, that a worker is meant for of an app that names no number.
    pub(crate) target_concurrency: u32,
    /// Fewer workers must have been enough for so long before one is given up.
    pub(crate) quiet: Duration,
    /// Apps that change workers in any minute only to even out what workers carry; 0 for none.
    pub(crate) moves_per_minute: usize,
    /// How long a worker may prepare before it counts as failed.
    pub(crate) prepare_timeout: Duration,
    /// Answers for host names which name no app.
    pub(crate) default_app: Option<AppName>,
    /// Where revisions of answers begin; different at each start, so that no worker takes a new plan for one it has seen.
    pub(crate) first_revision: u64,
}

/// Everything the scheduler knows.
pub(crate) struct Plan {
    pub(super) rules: Rules,
    pub(super) apps: BTreeMap<AppName, AppPlan>,
    pub(super) workers: BTreeMap<WorkerId, WorkerPlan>,
    /// Latest revision of the apps' settings, keys and modes that this role knows of.
    pub(super) configuration: u64,
    /// When moves were begun, within the last minute.
    pub(super) moves: VecDeque<Timestamp>,
}

/// What an app should be, and who serves it.
pub(super) struct AppPlan {
    pub(super) host_names: Vec<String>,
    /// As in state: counts activations.
    pub(super) generation: u64,
    /// As sent to workers.
    pub(super) wire: u64,
    pub(super) active: Option<Held>,
    pub(super) assignees: BTreeSet<WorkerId>,
    pub(super) rollout: Option<Rollout>,
    /// What state was last told about the assignees.
    pub(super) written: Option<(u64, BTreeSet<WorkerId>)>,
    pub(super) demand: Demand,
    /// It is on its way from one worker to another.
    pub(super) moving: Option<Move>,
    /// Workers that could not load the active version, and since when they are passed over.
    pub(super) shunned: BTreeMap<WorkerId, Timestamp>,
    pub(super) journal: Journal,
}

/// What a worker is and holds.
pub(super) struct WorkerPlan {
    pub(super) capacity: u32,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) node: String,
    pub(super) load: WorkerLoad,
    pub(super) loads: BTreeMap<AppName, Heard>,
    pub(super) draining: bool,
    pub(super) missing: bool,
    /// What an operator has decided.
    pub(super) standing: Standing,
    pub(super) reports: HashMap<DeploymentId, AppReport>,
    pub(super) revision: u64,
    pub(super) answer: Vec<Assignment>,
    pub(super) default_app: Option<AppName>,
    pub(super) configuration: u64,
}

/// What a worker's last beat told of one app.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    pub(super) load: AppLoad,
    /// Invocations that ended since the beat before.
    ended: u64,
    /// Calls that were refused since the beat before.
    refused: u64,
}

impl WorkerPlan {
    /// Whether it may be given something new.
    pub(super) fn eligible(&self) -> bool {
        self.keeps() && self.standing == Standing::InService
    }

    /// Whether it may go on with what it has, new versions of that included.
    pub(super) fn keeps(&self) -> bool {
        !self.missing && !self.leaving()
    }

    /// Whether what it has should move away, by its own wish or an operator's.
    pub(super) fn leaving(&self) -> bool {
        self.draining || !matches!(self.standing, Standing::InService | Standing::Cordoned)
    }

    /// How far it is with a deployment.
    pub(super) fn state(&self, deployment: &DeploymentId) -> Option<AppState> {
        self.reports.get(deployment).map(|report| report.state)
    }
}

impl WorkerPlan {
    /// Takes in what it has to do, and how much of that is new since the beat before.
    fn hear(&mut self, loads: Loads) {
        self.load = loads.worker;
        // What a beat does not name was not called since the one before.
        for heard in self.loads.values_mut() {
            (heard.load.running, heard.load.waiting, heard.ended, heard.refused) = (0, 0, 0, 0);
            heard.load.backlog_workers = 0;
        }
        for (app, load) in loads.apps {
            // Of what came before the first beat that names it nothing is known.
            let before = self.loads.get(&app).map_or(load, |heard| heard.load);
            let ended = load.ended.saturating_sub(before.ended);
            let refused = load.refused.saturating_sub(before.refused);
            self.loads.insert(app, Heard { load, ended, refused });
        }
    }
}

impl AppPlan {
    /// Whether a worker that loaded the app by itself may keep it.
    fn takes_in(&self, worker: &WorkerPlan) -> bool {
        let Some(active) = &self.active else { return false };
        let most = active.placement.max_workers.and_then(|most| usize::try_from(most).ok());
        place::fits(worker, &active.placement) && most.is_none_or(|most| self.assignees.len() < most)
    }

    /// What its workers report of its load.
    fn observe(&self, name: &AppName, workers: &BTreeMap<WorkerId, WorkerPlan>) -> Observed {
        let mut observed = Observed::default();
        let (mut ended, mut spent) = (0_u64, 0_u64);
        for heard in workers.values().filter_map(|worker| worker.loads.get(name)) {
            observed.outstanding += heard.load.running + heard.load.waiting;
            observed.refusing |= heard.refused > 0;
            let backlog = usize::try_from(heard.load.backlog_workers).unwrap_or(usize::MAX);
            observed.backlog = observed.backlog.max(backlog);
            ended += heard.ended;
            spent = spent.saturating_add(heard.load.latency_us.saturating_mul(heard.ended));
        }
        observed.latency = spent.checked_div(ended).map(Duration::from_micros);
        observed
    }
}

impl Plan {
    /// An empty plan.
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, apps: BTreeMap::new(), workers: BTreeMap::new(), configuration: 0, moves: VecDeque::new() }
    }

    /// Takes one event at the time `now` and says what is to be done. Answers to workers are read from [`Plan::answer`].
    pub(crate) fn decide(&mut self, event: Event, now: Timestamp) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.absorb(event, now, &mut actions) {
            self.settle(now, &mut actions);
        }
        actions
    }

    /// Takes one event in without drawing conclusions, as is right while the plan is being rebuilt; false when it says
    /// nothing new.
    pub(crate) fn absorb(&mut self, event: Event, now: Timestamp, actions: &mut Vec<Action>) -> bool {
        match event {
            Event::AppKnown { app, host_names, generation, active } => {
                self.app_known(app, host_names, generation, active)
            }
            Event::WasAssigned { app, worker, generation } => {
                if let Some(plan) = self.apps.get_mut(&app) {
                    plan.journal.had(worker.clone());
                    plan.assignees.insert(worker);
                    plan.demand.at_least(plan.assignees.len());
                    plan.written = Some((generation, plan.assignees.clone()));
                }
            }
            Event::WasDecided(decision) => {
                if let Some(plan) = self.apps.get_mut(&decision.app) {
                    plan.journal.remember(decision);
                }
            }
            Event::Placed { app, held } => {
                if let Some(plan) = self.apps.get_mut(&app) {
                    let rollout = plan.rollout.as_mut().map(Rollout::holds);
                    for known in plan.active.iter_mut().chain(rollout.into_iter().flatten()) {
                        if known.deployment == held.deployment {
                            known.clone_from(&held);
                        }
                    }
                }
            }
            Event::AppDeleted { app } => {
                if let Some(rollout) = self.apps.remove(&app).and_then(|plan| plan.rollout) {
                    actions.push(rollout.ended("The app was deleted while this deployment was in progress.".into()));
                }
            }
            Event::WorkerKnown { worker, traits } => self.worker_known(worker, traits, now),
            Event::WorkerStanding { worker, standing } => {
                let plan = self.worker_mut(worker);
                // The answer to its beats says so too.
                plan.revision += u64::from(plan.standing != standing);
                plan.standing = standing;
            }
            Event::WorkerRemoved { worker } => {
                self.workers.remove(&worker);
            }
            Event::Beat { worker, draining, reports, load } => {
                return self.beat(&worker, draining, reports, load);
            }
            Event::WorkersMissing { workers } => {
                for worker in workers {
                    if let Some(plan) = self.workers.get_mut(&worker) {
                        plan.missing = true;
                        plan.reports.clear();
                        plan.loads.clear();
                    }
                }
            }
            Event::Deploy { app, held } => {
                if let Some(plan) = self.apps.get_mut(&app) {
                    plan.rollout = Some(Rollout::new(held));
                    plan.wire += 1;
                }
            }
            Event::Rejected { deployment, text } => {
                actions.push(Action::Finish { deployment, outcome: Outcome::Failed { text } });
                return false;
            }
            Event::Activated { app, deployment, generation } => {
                if let Some(plan) = self.apps.get_mut(&app) {
                    super::rollout::activated(plan, &deployment, generation, now, actions);
                }
            }
            Event::Overtaken { app, generation, active } => {
                if let Some(plan) = self.apps.get_mut(&app) {
                    super::rollout::overtaken(plan, generation, active, actions);
                }
            }
            Event::Configured { revision } => {
                // Two writers may tell their revisions in either order.
                self.configuration = self.configuration.max(revision);
            }
            Event::Tick => self.scale(now),
        }
        true
    }

    /// The deployments of an app that serve or may come to.
    pub(crate) fn deployments(&self, app: &AppName) -> Vec<Held> {
        let Some(plan) = self.apps.get(app) else { return Vec::new() };
        let coming = plan.rollout.as_ref().map(|rollout| rollout.held.clone());
        plan.active.iter().cloned().chain(coming).collect()
    }

    /// Latest revision of the apps' settings, keys and modes that is known.
    pub(crate) fn configuration(&self) -> u64 {
        self.configuration
    }

    /// Whether the app exists.
    pub(crate) fn knows(&self, app: &AppName) -> bool {
        self.apps.contains_key(app)
    }

    /// Decides how many workers each app should have, and whether one is to change workers.
    fn scale(&mut self, now: Timestamp) {
        for (name, app) in &mut self.apps {
            let Some(active) = &app.active else { continue };
            let bounds = Bounds::of(&active.placement, &self.rules);
            let observed = app.observe(name, &self.workers);
            if let Some(scaled) = app.demand.consider(now, observed, bounds, app.assignees.len(), &self.rules) {
                let text = format!("from {} to {} worker(s): {}", scaled.from, scaled.to, scaled.reason);
                app.journal.write(name, now, SCALED, None, text);
            }
        }
        super::balance::rebalance(self, now);
    }

    /// The decisions since this was asked last, and for each app that has some the time of the oldest one to keep.
    pub(crate) fn take_decisions(&mut self) -> (Vec<Decision>, Vec<(AppName, Timestamp)>) {
        let mut decisions = Vec::new();
        let mut oldest = Vec::new();
        for (name, app) in &mut self.apps {
            let fresh = app.journal.take_fresh();
            if let Some(at) = app.journal.oldest().filter(|_| !fresh.is_empty()) {
                oldest.push((name.clone(), at));
            }
            decisions.extend(fresh);
        }
        (decisions, oldest)
    }

    /// Brings every app and every answer in line with what is known.
    fn settle(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        let mut load = place::Load::count(&self.apps, &self.workers);
        for (name, app) in &mut self.apps {
            place::serve(name, app, &self.workers, &mut load, &self.rules, now, actions);
            super::rollout::advance(name, app, &self.workers, &mut load, &self.rules, now, actions);
        }
        super::answer::refresh(self);
    }

    /// Of an app that is known already only the host names are taken: what is active changes here first.
    fn app_known(&mut self, app: AppName, host_names: Vec<String>, generation: u64, active: Option<Held>) {
        match self.apps.entry(app) {
            Entry::Occupied(known) => {
                let plan = known.into_mut();
                if plan.host_names != host_names {
                    plan.host_names = host_names;
                    plan.wire += 1;
                }
            }
            Entry::Vacant(unknown) => {
                unknown.insert(AppPlan {
                    host_names,
                    generation,
                    wire: generation,
                    active,
                    assignees: BTreeSet::new(),
                    rollout: None,
                    written: None,
                    demand: Demand::default(),
                    moving: None,
                    shunned: BTreeMap::new(),
                    journal: Journal::default(),
                });
            }
        }
    }

    fn worker_known(&mut self, worker: WorkerId, traits: Traits, now: Timestamp) {
        for app in self.apps.values_mut() {
            if let Some(rollout) = &mut app.rollout {
                rollout.restart(&worker, now);
            }
        }
        let plan = self.worker_mut(worker);
        let Traits { capacity, labels, node } = traits;
        (plan.capacity, plan.labels, plan.node) = (capacity, labels, node);
        plan.draining = false;
        plan.missing = false;
        plan.reports.clear();
        plan.loads.clear();
        plan.load = WorkerLoad::default();
    }

    /// The worker of this name; one that was not known counts as missing until it is.
    fn worker_mut(&mut self, worker: WorkerId) -> &mut WorkerPlan {
        let revision = self.rules.first_revision.max(1);
        self.workers.entry(worker).or_insert_with(|| WorkerPlan {
            capacity: 100,
            labels: BTreeMap::new(),
            node: String::new(),
            load: WorkerLoad::default(),
            loads: BTreeMap::new(),
            draining: false,
            missing: true,
            standing: Standing::InService,
            reports: HashMap::new(),
            revision,
            answer: Vec::new(),
            default_app: None,
            configuration: 0,
        })
    }

    /// Takes a beat in; false when it says nothing new.
    fn beat(&mut self, worker: &WorkerId, draining: bool, reports: Vec<AppReport>, load: Loads) -> bool {
        let Some(plan) = self.workers.get_mut(worker) else { return false };
        plan.hear(load);
        let reports: HashMap<_, _> = reports.into_iter().map(|report| (report.deployment.clone(), report)).collect();
        if plan.draining == draining && plan.reports == reports && !plan.missing {
            return false;
        }
        plan.draining = draining;
        plan.missing = false;
        let takes = plan.eligible();
        for report in reports.values() {
            let Some(app) = self.apps.get_mut(&report.app) else { continue };
            if report.generation > app.wire {
                app.wire = report.generation + 1;
            }
            // It loaded the app by itself for a call: from now on it is counted and told of changes.
            let serves = matches!(report.state, AppState::Ready | AppState::Running);
            let is_active = app.active.as_ref().is_some_and(|held| held.deployment == report.deployment);
            let unasked = report.generation == 0 && serves && is_active && takes;
            if unasked && app.takes_in(plan) && app.assignees.insert(worker.clone()) {
                app.journal.because(worker, "it loaded the app by itself for a call");
                app.demand.at_least(app.assignees.len() - usize::from(app.moving.is_some()));
            }
        }
        plan.reports = reports;
        true
    }
}
