//! Apps and workers in a simulated time: workers load what they are told to and report it with the load that a test gives them, host
//! state says yes to everything, and every step is checked for what must hold at all times.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::control::{AppLoad, AppReport, AppState, AssignmentRole, Standing};
use hearth_model::host_json::Placement;
use hearth_model::ids::{AppName, DeploymentId, Digest, WorkerId};
use hearth_state::Decision;

use super::super::event::{Action, Event, Held, Loads, Traits};
use super::super::plan::{Plan, Rules};
use super::{rules, worker};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// A worker as it is, whatever management knows of it.
#[derive(Clone, Default)]
pub(super) struct Machine {
    pub(super) traits: Traits,
    pub(super) draining: bool,
    /// Loads nothing.
    pub(super) broken: bool,
    /// Does not report.
    pub(super) dead: bool,
}

pub(super) struct Fleet {
    pub(super) plan: Plan,
    pub(super) now: Timestamp,
    pub(super) machines: BTreeMap<WorkerId, Machine>,
    /// Invocations that run or wait, of each app.
    pub(super) calls: BTreeMap<AppName, u64>,
    /// For how many workers there is work in each app's queues.
    pub(super) backlog: BTreeMap<AppName, u32>,
    /// Mean time to an answer.
    pub(super) latency: Duration,
    pub(super) decisions: Vec<Decision>,
    /// When moves began.
    pub(super) moves: Vec<Timestamp>,
    ended: u64,
    generation: u64,
    numbers: u8,
}

pub(super) fn name(app: &str) -> AppName {
    AppName::parse(app).unwrap()
}

pub(super) fn placement(text: &str) -> Placement {
    let file = format!(r#"{{"version": "2.0", "placement": {{{text}}}}}"#);
    Placement::parse(file.as_bytes(), &hearth_model::settings::Settings::new()).unwrap()
}

pub(super) fn machine(capacity: u32, labels: &[(&str, &str)]) -> Machine {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Machine { traits: Traits { capacity, labels, node: String::new() }, ..Machine::default() }
}

impl Fleet {
    pub(super) fn with(rules: Rules) -> Self {
        Self {
            plan: Plan::new(rules),
            now: Timestamp::from_micros(1_000_000),
            machines: BTreeMap::new(),
            calls: BTreeMap::new(),
            backlog: BTreeMap::new(),
            latency: Duration::from_millis(5),
            decisions: Vec::new(),
            moves: Vec::new(),
            ended: 0,
            generation: 0,
            numbers: 0,
        }
    }

    /// Ordinary workers of these names.
    pub(super) fn of(workers: &[&str]) -> Self {
        let mut fleet = Self::with(rules());
        for name in workers {
            fleet.join(name, machine(100, &[]));
        }
        fleet
    }

    pub(super) fn join(&mut self, name: &str, machine: Machine) {
        let traits = machine.traits.clone();
        self.machines.insert(worker(name), machine);
        self.tell(Event::WorkerKnown { worker: worker(name), traits });
    }

    pub(super) fn dies(&mut self, name: &str) {
        self.machines.get_mut(&worker(name)).unwrap().dead = true;
        self.tell(Event::WorkersMissing { workers: vec![worker(name)] });
    }

    pub(super) fn stands(&mut self, name: &str, standing: Standing) {
        self.tell(Event::WorkerStanding { worker: worker(name), standing });
    }

    /// Publishes, and waits until the app runs or time is up.
    pub(super) fn publish(&mut self, app: &str, placement: Placement) {
        self.begin(app, placement);
        self.pass(5, SECOND);
    }

    pub(super) fn begin(&mut self, app: &str, placement: Placement) {
        let app = name(app);
        self.tell(Event::AppKnown { app: app.clone(), host_names: vec![], generation: 0, active: None });
        self.numbers = self.numbers.wrapping_add(1);
        let id = format!("0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d{:04x}", self.generation * 7 + u64::from(self.numbers));
        let held = Held {
            deployment: DeploymentId::parse(&id).unwrap(),
            digest: Digest::from_bytes(&[self.numbers; 32]),
            placement: Arc::new(placement),
            flaw: None,
        };
        self.tell(Event::Deploy { app, held });
    }

    /// Settings put another placement over the active deployment.
    pub(super) fn place(&mut self, app: &str, placement: Placement) {
        for held in self.plan.deployments(&name(app)) {
            let held = Held { placement: Arc::new(placement.clone()), ..held };
            self.tell(Event::Placed { app: name(app), held });
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let before = self.assigned();
            for action in self.plan.decide(event, self.now) {
                if let Action::Activate { app, deployment, .. } = action {
                    self.generation += 1;
                    events.push(Event::Activated { app, deployment, generation: self.generation });
                }
            }
            self.check(&before);
        }
    }

    /// Lets time pass: each step is a tick and a beat of every worker.
    pub(super) fn pass(&mut self, steps: usize, each: Duration) {
        for _ in 0..steps {
            self.now = self.now.plus(each);
            self.tell(Event::Tick);
            for beat in self.beats() {
                self.tell(beat);
            }
        }
    }

    fn beats(&mut self) -> Vec<Event> {
        self.ended += 100;
        let mut running: BTreeMap<AppName, u64> = BTreeMap::new();
        let mut told = Vec::new();
        for (worker, machine) in self.machines.iter().filter(|(_, machine)| !machine.dead) {
            let Some(answer) = self.plan.answer(worker) else { continue };
            for one in answer.assignments.iter().filter(|one| one.role == AssignmentRole::Serve && !machine.broken) {
                *running.entry(one.app.clone()).or_default() += 1;
            }
            told.push((worker.clone(), machine.clone(), answer));
        }
        let beat = |(worker, machine, answer): (WorkerId, Machine, hearth_model::control::BeatResponse)| {
            let mut load = Loads::default();
            let mut reports = Vec::new();
            for one in answer.assignments {
                let state = match one.role {
                    _ if machine.broken => AppState::Failed,
                    AssignmentRole::Prepare => AppState::Ready,
                    AssignmentRole::Serve => AppState::Running,
                };
                let (calls, backlog_workers) = (self.calls.get(&one.app), self.backlog.get(&one.app).copied());
                if state == AppState::Running && (calls.is_some() || backlog_workers.is_some()) {
                    let app_load = AppLoad {
                        running: calls.map_or(0, |calls| calls.div_ceil(running[&one.app])),
                        backlog_workers: backlog_workers.unwrap_or_default(),
                        ended: self.ended,
                        latency_us: u64::try_from(self.latency.as_micros()).unwrap(),
                        ..AppLoad::default()
                    };
                    load.apps.insert(one.app.clone(), app_load);
                }
                reports.push(AppReport {
                    app: one.app,
                    deployment: one.deployment,
                    generation: one.generation,
                    state,
                    reason: machine.broken.then(|| "disk full".to_owned()),
                    functions: vec![super::function("f", None)],
                    warnings: vec![],
                    settings: 0,
                    settings_error: None,
                    unloaded: false,
                });
            }
            Event::Beat { worker, draining: machine.draining, reports, load }
        };
        told.into_iter().map(beat).collect()
    }

    /// The workers of each app.
    pub(super) fn assigned(&self) -> BTreeMap<AppName, BTreeSet<WorkerId>> {
        self.plan.apps.iter().map(|(name, app)| (name.clone(), app.assignees.clone())).collect()
    }

    /// The workers of one app, as one text.
    pub(super) fn on(&self, app: &str) -> String {
        self.assigned()[&name(app)].iter().map(WorkerId::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The decisions about an app, newest last: `placed w1: why`.
    pub(super) fn why(&self, app: &str) -> Vec<String> {
        let of = |one: &&Decision| one.app == name(app);
        let text = |one: &Decision| match &one.worker {
            Some(worker) => format!("{} {worker}: {}", one.kind, one.reason),
            None => format!("{}: {}", one.kind, one.reason),
        };
        self.decisions.iter().filter(of).map(text).collect()
    }

    /// What must hold after every event.
    fn check(&mut self, before: &BTreeMap<AppName, BTreeSet<WorkerId>>) {
        let (fresh, _) = self.plan.take_decisions();
        for (name, app) in &self.plan.apps {
            let none = BTreeSet::new();
            let before = before.get(name).unwrap_or(&none);
            let told = |kind: &str| -> BTreeSet<WorkerId> {
                let of = |one: &&Decision| one.app == *name && one.kind == kind;
                fresh.iter().filter(of).filter_map(|one| one.worker.clone()).collect()
            };
            let added: BTreeSet<_> = app.assignees.difference(before).cloned().collect();
            let gone: BTreeSet<_> = before.difference(&app.assignees).cloned().collect();
            assert_eq!(added, told("placed"), "every worker that an app is given has its reason: {fresh:?}");
            assert_eq!(gone, told("retired"), "and every one that it loses: {fresh:?}");

            let Some(active) = &app.active else { continue };
            for worker in &added {
                let plan = &self.plan.workers[worker];
                assert_eq!(active.placement.lacking(&plan.labels), None, "{name} was given to {worker}");
                assert!(plan.keeps(), "{name} was given to {worker}, which leaves");
            }
            // Beside those that stay until others took over, and the one that a move leaves.
            let stays = app.assignees.iter().filter(|worker| {
                let plan = self.plan.workers.get(*worker);
                plan.is_some_and(|plan| plan.keeps() && active.placement.lacking(&plan.labels).is_none())
            });
            let most = active.placement.max_workers.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
            assert!(stays.count() <= most.saturating_add(usize::from(app.moving.is_some())), "{name} has too many");
        }
        for one in &fresh {
            assert!(!one.reason.is_empty() && one.reason.len() < 600, "{one:?}");
            if one.kind == "moving" && one.reason.starts_with("from ") {
                self.moves.push(one.at);
            }
        }
        let minute = self.moves.iter().filter(|at| self.now.since(**at) < Duration::from_secs(60)).count();
        assert!(minute <= self.plan.rules.moves_per_minute, "{minute} moves within a minute");
        self.decisions.extend(fresh);
    }
}
