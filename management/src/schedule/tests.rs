//! The plan, driven by events: what a user would see of publishing, failing and moving apps.

mod fleet;
mod placing;
mod properties;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::control::{AppReport, AppState, AssignmentRole, FunctionReport, Standing};
use hearth_model::ids::{AppName, DeploymentId, Digest, WorkerId};

use super::event::{Action, Event, Held, Loads, Outcome, Traits};
use super::plan::{Plan, Rules};

/// A plan with the host state that answers its activations, and workers that report what they are told to.
struct Bench {
    plan: Plan,
    now: Timestamp,
    generation: u64,
    /// Somebody else's activation, to be found at the next one.
    overtaken_by: Option<Held>,
    assigned: Vec<String>,
    texts: Vec<String>,
    ended: Option<Outcome>,
    reports: BTreeMap<WorkerId, Vec<AppReport>>,
}

fn worker(name: &str) -> WorkerId {
    WorkerId::parse(name).unwrap()
}

fn app() -> AppName {
    AppName::parse("shop").unwrap()
}

fn held(number: u8) -> Held {
    let deployment = DeploymentId::parse(&format!("0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e{number:02x}")).unwrap();
    let placement = Arc::default();
    Held { deployment, digest: Digest::from_bytes(&[number; 32]), placement, flaw: None }
}

pub(super) fn rules() -> Rules {
    Rules {
        copies: 2,
        target_concurrency: 100,
        quiet: Duration::from_secs(300),
        moves_per_minute: 6,
        prepare_timeout: Duration::from_secs(600),
        default_app: None,
        first_revision: 7,
    }
}

fn traits(capacity: u32) -> Traits {
    Traits { capacity, ..Traits::default() }
}

fn function(name: &str, error: Option<&str>) -> FunctionReport {
    FunctionReport {
        name: name.into(),
        trigger: Some("httpTrigger".into()),
        route: Some(format!("api/{name}")),
        methods: Vec::new(),
        auth_level: None,
        disabled: false,
        error: error.map(Into::into),
        listener_error: None,
    }
}

impl Bench {
    fn new(workers: &[&str]) -> Self {
        let rules = rules();
        let mut bench = Self {
            plan: Plan::new(rules),
            now: Timestamp::from_micros(1_000_000),
            generation: 0,
            overtaken_by: None,
            assigned: Vec::new(),
            texts: Vec::new(),
            ended: None,
            reports: BTreeMap::new(),
        };
        bench.tell(Event::AppKnown { app: app(), host_names: vec![], generation: 0, active: None });
        for name in workers {
            bench.tell(Event::WorkerKnown { worker: worker(name), traits: traits(100) });
        }
        bench
    }

    fn tell(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for action in self.plan.decide(event, self.now) {
                match action {
                    Action::Progress { text, .. } => self.texts.push(text),
                    Action::Log { message, .. } => self.texts.push(message),
                    Action::Activate { app, deployment, expected } => {
                        assert_eq!(expected, self.generation, "an activation must expect the generation it knows");
                        self.generation += 1;
                        events.push(match self.overtaken_by.take() {
                            Some(active) => Event::Overtaken { app, generation: self.generation, active: Some(active) },
                            None => Event::Activated { app, deployment, generation: self.generation },
                        });
                    }
                    Action::Assign { workers, .. } => {
                        self.assigned = workers.iter().map(|(worker, _)| worker.to_string()).collect();
                    }
                    Action::Finish { outcome, .. } => self.ended = Some(outcome),
                }
            }
        }
    }

    fn report(&mut self, name: &str, held: &Held, state: AppState, functions: Vec<FunctionReport>) {
        self.report_full(name, held, state, functions, None, 1);
    }

    fn fail(&mut self, name: &str, held: &Held, reason: &str) {
        self.report_full(name, held, AppState::Failed, vec![], Some(reason), 1);
    }

    fn report_full(
        &mut self,
        name: &str,
        held: &Held,
        state: AppState,
        functions: Vec<FunctionReport>,
        reason: Option<&str>,
        generation: u64,
    ) {
        let reports = self.reports.entry(worker(name)).or_default();
        reports.retain(|report| report.deployment != held.deployment);
        reports.push(AppReport {
            app: app(),
            deployment: held.deployment.clone(),
            generation,
            state,
            reason: reason.map(Into::into),
            functions,
            warnings: vec![],
            settings: 0,
            settings_error: None,
            unloaded: false,
        });
        let reports = reports.clone();
        self.tell(Event::Beat { worker: worker(name), draining: false, reports, load: Loads::default() });
    }

    fn deploy(&mut self, number: u8) -> Held {
        self.ended = None;
        let held = held(number);
        self.tell(Event::Deploy { app: app(), held: held.clone() });
        held
    }

    /// Publishes and lets the workers that are asked carry it to the end.
    fn publish(&mut self, number: u8, names: &[&str]) -> Held {
        let held = self.deploy(number);
        for name in names {
            self.report(name, &held, AppState::Ready, vec![function("f", None)]);
        }
        for name in names {
            self.report(name, &held, AppState::Running, vec![function("f", None)]);
        }
        assert!(matches!(self.ended, Some(Outcome::Success { .. })), "{:?}", self.texts);
        held
    }

    /// What a worker is told: `serve 1`, `prepare 2`.
    fn told(&self, name: &str) -> Vec<String> {
        let answer = self.plan.answer(&worker(name)).unwrap();
        let role = |role| if role == AssignmentRole::Serve { "serve" } else { "prepare" };
        let number = |digest: &Digest| u8::from_str_radix(&digest.as_str()[..2], 16).unwrap();
        answer.assignments.iter().map(|one| format!("{} {}", role(one.role), number(&one.digest))).collect()
    }

    fn wire(&self, name: &str) -> u64 {
        self.plan.answer(&worker(name)).unwrap().assignments[0].generation
    }

    fn failure(&self) -> &str {
        match &self.ended {
            Some(Outcome::Failed { text }) => text,
            other => panic!("expected a failure, got {other:?}"),
        }
    }
}

#[test]
fn a_deployment_is_prepared_on_two_workers_then_served() {
    let mut bench = Bench::new(&["w1", "w2", "w3"]);
    let new = bench.deploy(1);
    assert_eq!((bench.told("w1"), bench.told("w2")), (vec!["prepare 1".to_owned()], vec!["prepare 1".to_owned()]));
    assert!(bench.told("w3").is_empty());

    bench.report("w1", &new, AppState::Ready, vec![function("f", None)]);
    assert_eq!(bench.told("w1"), ["prepare 1"], "it waits until the other one is ready too");
    bench.report("w2", &new, AppState::Ready, vec![function("f", None)]);
    assert_eq!((bench.told("w1"), bench.told("w2")), (vec!["serve 1".to_owned()], vec!["serve 1".to_owned()]));
    assert!(bench.ended.is_none(), "ready is not running");

    bench.report("w1", &new, AppState::Running, vec![function("f", None)]);
    assert!(bench.ended.is_none());
    bench.report("w2", &new, AppState::Running, vec![function("f", None)]);
    assert_eq!(bench.ended, Some(Outcome::Success { functions: vec![function("f", None)] }));
    assert_eq!(bench.assigned, ["w1", "w2"]);
}

#[test]
fn the_previous_version_serves_until_the_new_one_is_ready() {
    let mut bench = Bench::new(&["w1", "w2"]);
    bench.publish(1, &["w1", "w2"]);
    let new = bench.deploy(2);
    assert_eq!(bench.told("w1"), ["serve 1", "prepare 2"]);
    let answer = bench.plan.answer(&worker("w1")).unwrap();
    assert_eq!(answer.assignments[0].generation, answer.assignments[1].generation, "neither may look outdated");

    bench.report("w1", &new, AppState::Ready, vec![function("f", None)]);
    bench.report("w2", &new, AppState::Ready, vec![function("f", None)]);
    assert_eq!(bench.told("w1"), ["serve 2"]);
}

#[test]
fn a_deployment_that_fails_leaves_the_previous_one() {
    let mut bench = Bench::new(&["w1", "w2"]);
    bench.publish(1, &["w1", "w2"]);
    let new = bench.deploy(2);
    bench.fail("w1", &new, "app.wasm imports 'foo:bar', which is not given");
    assert!(bench.ended.is_none(), "the other worker may still make it");
    bench.fail("w2", &new, "app.wasm imports 'foo:bar', which is not given");
    assert_eq!(bench.failure(), "app.wasm imports 'foo:bar', which is not given");
    assert_eq!((bench.told("w1"), bench.told("w2")), (vec!["serve 1".to_owned()], vec!["serve 1".to_owned()]));
    assert_eq!(bench.generation, 1);
}

#[test]
fn one_worker_that_can_is_enough() {
    let mut bench = Bench::new(&["w1", "w2"]);
    let new = bench.deploy(1);
    bench.fail("w1", &new, "disk full");
    bench.report("w2", &new, AppState::Ready, vec![function("f", None)]);
    bench.report("w2", &new, AppState::Running, vec![function("f", None)]);
    assert!(matches!(bench.ended, Some(Outcome::Success { .. })));
    assert!(bench.texts.iter().any(|text| text == "w1: disk full"), "{:?}", bench.texts);
}

#[test]
fn functions_in_error_fail_a_deployment_only_when_none_is_left() {
    let mut bench = Bench::new(&["w1"]);
    let new = bench.deploy(1);
    bench.report("w1", &new, AppState::Ready, vec![function("a", Some("no export 'a'")), function("b", Some("bad"))]);
    assert_eq!(bench.failure(), "Every function is in error. a: no export 'a'; b: bad");

    let new = bench.deploy(2);
    let functions = vec![function("a", Some("no export 'a'")), function("b", None)];
    bench.report("w1", &new, AppState::Ready, functions.clone());
    bench.report("w1", &new, AppState::Running, functions.clone());
    assert_eq!(bench.ended, Some(Outcome::Success { functions }));
    assert!(bench.texts.iter().any(|text| text.contains("Function 'a' is in error: no export 'a'")));
}

#[test]
fn without_a_worker_it_waits_visibly() {
    let mut bench = Bench::new(&[]);
    let new = bench.deploy(1);
    assert!(bench.texts.iter().any(|text| text.contains("none is live")), "{:?}", bench.texts);
    bench.tell(Event::WorkerKnown { worker: worker("w1"), traits: traits(100) });
    assert_eq!(bench.told("w1"), ["prepare 1"]);
    bench.report("w1", &new, AppState::Ready, vec![function("f", None)]);
    bench.report("w1", &new, AppState::Running, vec![function("f", None)]);
    assert!(matches!(bench.ended, Some(Outcome::Success { .. })));
}

#[test]
fn apps_of_a_missing_worker_go_to_others() {
    let mut bench = Bench::new(&["w1", "w2", "w3"]);
    bench.publish(1, &["w1", "w2"]);
    bench.tell(Event::WorkersMissing { workers: vec![worker("w1")] });
    assert_eq!(bench.assigned, ["w2", "w3"]);
    assert_eq!(bench.told("w3"), ["serve 1"]);
    assert!(bench.told("w1").is_empty());
    assert_eq!(bench.plan.view().workers[&worker("w1")].state, "missing");
}

#[test]
fn a_worker_that_goes_missing_while_preparing_is_replaced() {
    let mut bench = Bench::new(&["w1", "w2", "w3"]);
    let new = bench.deploy(1);
    bench.report("w1", &new, AppState::Ready, vec![function("f", None)]);
    bench.tell(Event::WorkersMissing { workers: vec![worker("w2")] });
    assert_eq!(bench.told("w3"), ["prepare 1"]);
    bench.report("w3", &new, AppState::Ready, vec![function("f", None)]);
    assert_eq!(bench.told("w3"), ["serve 1"]);
}

#[test]
fn a_late_worker_takes_its_share() {
    let mut bench = Bench::new(&["w1"]);
    bench.publish(1, &["w1"]);
    bench.tell(Event::WorkerKnown { worker: worker("w2"), traits: traits(100) });
    assert_eq!(bench.assigned, ["w1", "w2"]);
    assert_eq!(bench.told("w2"), ["serve 1"]);
}

#[test]
fn the_least_loaded_workers_are_chosen() {
    let mut bench = Bench::new(&["w1", "w2"]);
    bench.publish(1, &["w1", "w2"]);
    for name in ["w3", "w4"] {
        bench.tell(Event::WorkerKnown { worker: worker(name), traits: traits(100) });
    }
    let other = AppName::parse("other").unwrap();
    bench.tell(Event::AppKnown { app: other.clone(), host_names: vec![], generation: 0, active: None });
    bench.tell(Event::Deploy { app: other, held: held(9) });
    assert_eq!((bench.told("w3"), bench.told("w4")), (vec!["prepare 9".to_owned()], vec!["prepare 9".to_owned()]));
    assert_eq!(bench.told("w1"), ["serve 1"]);
}

#[test]
fn a_draining_worker_keeps_its_callers_until_others_took_over() {
    let mut bench = Bench::new(&["w1"]);
    let held = bench.publish(1, &["w1"]);
    let reports = bench.reports[&worker("w1")].clone();
    bench.tell(Event::Beat { worker: worker("w1"), draining: true, reports, load: Loads::default() });
    assert_eq!(bench.told("w1"), ["serve 1"], "there is nobody else");
    bench.tell(Event::WorkerKnown { worker: worker("w2"), traits: traits(100) });
    assert_eq!((bench.told("w1"), bench.told("w2")), (vec!["serve 1".to_owned()], vec!["serve 1".to_owned()]));
    bench.report("w2", &held, AppState::Running, vec![function("f", None)]);
    assert!(bench.told("w1").is_empty());
    assert_eq!(bench.assigned, ["w2"]);
}

#[test]
fn a_cordoned_worker_keeps_its_app_and_gets_no_other() {
    let mut bench = Bench::new(&["w1"]);
    let held = bench.publish(1, &["w1"]);
    bench.tell(Event::WorkerStanding { worker: worker("w1"), standing: Standing::Cordoned });
    bench.tell(Event::WorkerKnown { worker: worker("w2"), traits: traits(100) });
    bench.report("w2", &held, AppState::Running, vec![function("f", None)]);
    assert_eq!(bench.assigned, ["w1", "w2"], "what it had it keeps");
    let other = AppName::parse("other").unwrap();
    bench.tell(Event::AppKnown { app: other.clone(), host_names: vec![], generation: 0, active: None });
    bench.tell(Event::Deploy { app: other, held: self::held(9) });
    assert_eq!(
        (bench.told("w1"), bench.told("w2")),
        (vec!["serve 1".into()], vec!["prepare 9".into(), "serve 1".into()])
    );
    bench.deploy(2);
    assert!(bench.told("w1").contains(&"prepare 2".to_owned()), "a new version of what it has is no new app");
}

#[test]
fn a_drain_moves_apps_away_and_an_uncordon_ends_it() {
    let mut bench = Bench::new(&["w1", "w2"]);
    let held = bench.publish(1, &["w1", "w2"]);
    bench.tell(Event::WorkerKnown { worker: worker("w3"), traits: traits(100) });
    bench.tell(Event::WorkerStanding { worker: worker("w1"), standing: Standing::Draining });
    assert!(bench.plan.answer(&worker("w1")).unwrap().drain);
    assert_eq!(bench.told("w3"), ["serve 1"]);
    assert_eq!(bench.plan.view().workers[&worker("w1")].state, "draining");
    bench.report("w3", &held, AppState::Running, vec![function("f", None)]);
    assert!(bench.told("w1").is_empty());
    assert_eq!(bench.plan.view().workers[&worker("w1")].state, "drained");
    bench.tell(Event::WorkerKnown { worker: worker("w1"), traits: traits(100) });
    assert!(bench.told("w1").is_empty(), "a new registration changes nothing about it");
    bench.tell(Event::WorkerStanding { worker: worker("w1"), standing: Standing::InService });
    assert_eq!(bench.plan.view().workers[&worker("w1")].state, "live");
    assert!(!bench.plan.answer(&worker("w1")).unwrap().drain);
}

#[test]
fn a_removed_worker_is_forgotten_and_its_apps_go_elsewhere() {
    let mut bench = Bench::new(&["w1", "w2"]);
    bench.publish(1, &["w1", "w2"]);
    bench.tell(Event::WorkerKnown { worker: worker("w3"), traits: traits(100) });
    bench.tell(Event::WorkerRemoved { worker: worker("w1") });
    assert_eq!(bench.assigned, ["w2", "w3"]);
    assert!(bench.plan.answer(&worker("w1")).is_none());
}

#[test]
fn a_worker_that_loaded_the_app_by_itself_is_counted() {
    let mut bench = Bench::new(&["w1", "w2", "w3"]);
    let held = bench.publish(1, &["w1", "w2"]);
    bench.report_full("w3", &held, AppState::Running, vec![function("f", None)], None, 0);
    assert_eq!(bench.assigned, ["w1", "w2", "w3"]);
    assert_eq!(bench.told("w3"), ["serve 1"]);
}

#[test]
fn a_restarted_plan_steps_over_what_workers_have_seen() {
    let mut bench = Bench::new(&[]);
    bench.plan = Plan::new(Rules { first_revision: 50, ..bench.plan.rules.clone() });
    let active = held(1);
    let now = bench.now;
    let mut load = |event| assert!(bench.plan.absorb(event, now, &mut vec![]));
    load(Event::AppKnown { app: app(), host_names: vec![], generation: 3, active: Some(active.clone()) });
    load(Event::WasAssigned { app: app(), worker: worker("w2"), generation: 3 });
    load(Event::WorkerKnown { worker: worker("w1"), traits: traits(100) });
    load(Event::WorkerKnown { worker: worker("w2"), traits: traits(100) });
    bench.tell(Event::Tick);
    assert_eq!(bench.told("w2"), ["serve 1"], "who served goes on");
    bench.report_full("w2", &active, AppState::Running, vec![], None, 41);
    assert!(bench.wire("w2") > 41);
}

#[test]
fn a_worker_that_failed_is_not_chosen_again_and_again() {
    let mut bench = Bench::new(&["w1"]);
    let held = bench.publish(1, &["w1"]);
    bench.tell(Event::WorkerKnown { worker: worker("w2"), traits: traits(100) });
    bench.fail("w2", &held, "disk full");
    let revision = bench.plan.revision(&worker("w2"));
    for _ in 0..3 {
        bench.tell(Event::Tick);
    }
    assert_eq!(bench.plan.revision(&worker("w2")), revision);
    assert_eq!(bench.told("w2"), ["serve 1"]);
}

#[test]
fn preparing_ends_after_its_time() {
    let mut bench = Bench::new(&["w1"]);
    bench.deploy(1);
    bench.now = bench.now.plus(Duration::from_secs(599));
    bench.tell(Event::Tick);
    assert!(bench.ended.is_none());
    bench.now = bench.now.plus(Duration::from_secs(2));
    bench.tell(Event::Tick);
    assert!(bench.failure().contains("did not finish within 600 s"));
}

#[test]
fn a_version_that_can_not_be_started_is_taken_back() {
    let mut bench = Bench::new(&["w1"]);
    bench.publish(1, &["w1"]);
    let new = bench.deploy(2);
    bench.report("w1", &new, AppState::Ready, vec![function("f", None)]);
    bench.fail("w1", &new, "out of memory");
    assert_eq!(bench.failure(), "Prepared, but could not be started: out of memory");
    assert_eq!(bench.told("w1"), ["serve 1"]);
    assert_eq!(bench.generation, 3);
}

#[test]
fn deleting_an_app_ends_its_deployment() {
    let mut bench = Bench::new(&["w1"]);
    bench.deploy(1);
    bench.tell(Event::AppDeleted { app: app() });
    assert!(bench.failure().contains("deleted"));
    assert!(bench.told("w1").is_empty());
}

#[test]
fn the_only_app_is_the_default() {
    let mut bench = Bench::new(&["w1"]);
    bench.publish(1, &["w1"]);
    assert_eq!(bench.plan.answer(&worker("w1")).unwrap().default_app, Some(app()));
    let active = Some(held(9));
    let other = AppName::parse("other").unwrap();
    bench.tell(Event::AppKnown { app: other, host_names: vec![], generation: 1, active });
    assert_eq!(bench.plan.answer(&worker("w1")).unwrap().default_app, None);
}

#[test]
fn what_state_says_is_active_counts() {
    let mut bench = Bench::new(&["w1"]);
    bench.publish(1, &["w1"]);
    let new = bench.deploy(2);
    bench.overtaken_by = Some(held(3));
    bench.report("w1", &new, AppState::Ready, vec![function("f", None)]);
    assert!(bench.failure().contains("Another change"));
    assert_eq!(bench.told("w1"), ["serve 3"]);
    bench.publish(4, &["w1"]);
}

#[test]
fn a_change_of_configuration_is_told_to_every_worker_once() {
    let mut bench = Bench::new(&["w1", "w2"]);
    let told = |bench: &Bench, name: &str| {
        let answer = bench.plan.answer(&worker(name)).unwrap();
        (answer.revision, answer.configuration)
    };
    let (before, _) = told(&bench, "w1");
    bench.tell(Event::Configured { revision: 12 });
    assert_eq!(told(&bench, "w1"), (before + 1, 12));
    assert_eq!(told(&bench, "w2").1, 12);
    // An earlier change that is told later says nothing new.
    bench.tell(Event::Configured { revision: 11 });
    assert_eq!(told(&bench, "w1"), (before + 1, 12));
    bench.tell(Event::WorkerKnown { worker: worker("w3"), traits: traits(100) });
    assert_eq!(told(&bench, "w3").1, 12, "one that joins later hears of it too");
}
