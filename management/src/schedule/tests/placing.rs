//! Where apps are put, how many workers they get, and what is said about it.

use std::time::Duration;

use hearth_model::control::Standing;

use super::fleet::{Fleet, Machine, SECOND, machine, name, placement};
use super::{rules, worker};
use crate::schedule::event::Event;
use crate::schedule::plan::Rules;

#[test]
fn labels_spread_and_capacity_choose() {
    // Workers as `name capacity labels`, the app's placement, and where it then runs.
    let zones = ["a1 100 zone=a", "a2 100 zone=a", "b1 100 zone=b", "c1 100 gpu=true"];
    for (workers, asked, runs) in [
        (&zones[..], "", "a1 a2"),
        (&zones[..], r#""labels": {"gpu": "true"}"#, "c1"),
        (&zones[..], r#""labels": {"zone": "a"}, "minWorkers": 1"#, "a1"),
        (&zones[..], r#""labels": {"zone": "b", "gpu": "true"}"#, ""),
        (&zones[..3], r#""spread": "zone""#, "a1 b1"),
        (&zones[..], r#""spread": "zone", "minWorkers": 3"#, "a1 b1 c1"),
        (&zones[..], r#""minWorkers": 4"#, "a1 a2 b1 c1"),
        (&zones[..], r#""maxWorkers": 1"#, "a1"),
        (&["w1 100", "w2 400", "w3 200"][..], r#""minWorkers": 1"#, "w2"),
        (&["w1 100", "w2 400", "w3 200"][..], "", "w2 w3"),
    ] {
        let mut fleet = Fleet::with(rules());
        for text in workers {
            let mut parts = text.split(' ');
            let (name, capacity) = (parts.next().unwrap(), parts.next().unwrap().parse().unwrap());
            let labels: Vec<_> = parts.map(|label| label.split_once('=').unwrap()).collect();
            fleet.join(name, machine(capacity, &labels));
        }
        fleet.publish("shop", placement(asked));
        assert_eq!(fleet.on("shop"), runs, "{asked}");
    }
}

#[test]
fn workers_of_one_machine_count_as_one_place() {
    let mut fleet = Fleet::with(rules());
    for (name, node) in [("w1", "m1"), ("w2", "m1"), ("w3", "m2")] {
        let mut machine = machine(100, &[]);
        machine.traits.node = node.into();
        fleet.join(name, machine);
    }
    fleet.publish("shop", placement(""));
    assert_eq!(fleet.on("shop"), "w1 w3");
}

#[test]
fn an_app_that_no_worker_may_run_says_what_is_missing() {
    let mut fleet = Fleet::of(&["w1", "w2"]);
    fleet.publish("shop", placement(""));
    fleet.stands("w2", Standing::Cordoned);
    fleet.place("shop", placement(r#""labels": {"gpu": "true"}"#));
    assert_eq!(fleet.on("shop"), "", "labels are a demand, no wish");
    let why = fleet.why("shop");
    assert!(why.contains(&"retired w1: it lacks the label gpu=true".to_owned()), "{why:?}");
    let last = why.iter().rfind(|text| text.starts_with("waiting")).unwrap();
    assert!(last.contains("w1: it lacks the label gpu=true") && last.contains("w2: it lacks"), "{last}");
    let before = fleet.decisions.len();
    fleet.pass(60, SECOND);
    assert_eq!(fleet.decisions.len(), before, "it is said once");

    fleet.join("w3", machine(100, &[("gpu", "true")]));
    assert_eq!(fleet.on("shop"), "w3");
}

#[test]
fn who_no_longer_has_the_labels_answers_until_another_runs() {
    let mut fleet = Fleet::of(&["w1"]);
    fleet.join("w2", machine(100, &[("zone", "b")]));
    fleet.publish("shop", placement(r#""minWorkers": 1"#));
    assert_eq!(fleet.on("shop"), "w1");
    fleet.place("shop", placement(r#""minWorkers": 1, "labels": {"zone": "b"}"#));
    assert_eq!(fleet.on("shop"), "w1 w2");
    fleet.pass(1, SECOND);
    assert_eq!(fleet.on("shop"), "w2");
}

#[test]
fn a_deployment_waits_for_a_worker_with_its_labels() {
    let mut fleet = Fleet::of(&["w1"]);
    fleet.publish("shop", placement(r#""labels": {"gpu": "true"}"#));
    assert!(fleet.plan.apps[&name("shop")].active.is_none());
    assert!(fleet.plan.answer(&worker("w1")).unwrap().assignments.is_empty());
    fleet.join("w2", machine(100, &[("gpu", "true")]));
    fleet.pass(3, SECOND);
    assert_eq!(fleet.on("shop"), "w2");
}

#[test]
fn more_calls_bring_more_workers_and_a_long_quiet_fewer() {
    let mut fleet = Fleet::of(&["w1", "w2", "w3", "w4", "w5"]);
    fleet.publish("shop", placement(r#""minWorkers": 1, "maxWorkers": 4, "targetConcurrency": 10"#));
    assert_eq!(fleet.on("shop"), "w1");
    fleet.calls.insert(name("shop"), 10);
    fleet.pass(120, SECOND);
    assert_eq!(fleet.on("shop"), "w1", "what it is meant for");

    fleet.calls.insert(name("shop"), 38);
    fleet.pass(8, SECOND);
    assert_eq!(fleet.assigned()[&name("shop")].len(), 2, "twice as many at most");
    fleet.pass(60, SECOND);
    assert_eq!(fleet.on("shop"), "w1 w2 w3 w4");
    let why = fleet.why("shop").join("\n");
    assert!(why.contains("scaled: from 1 to 2 worker(s): ") && why.contains("10 per worker are meant"), "{why}");
    fleet.calls.insert(name("shop"), 400);
    fleet.pass(120, SECOND);
    assert_eq!(fleet.assigned()[&name("shop")].len(), 4, "maxWorkers");

    fleet.calls.insert(name("shop"), 3);
    fleet.pass(240, SECOND);
    assert_eq!(fleet.assigned()[&name("shop")].len(), 4, "not at once");
    // A short burst begins the quiet anew.
    fleet.calls.insert(name("shop"), 60);
    fleet.pass(20, SECOND);
    fleet.calls.insert(name("shop"), 3);
    fleet.pass(240, SECOND);
    assert_eq!(fleet.assigned()[&name("shop")].len(), 4);
    fleet.pass(120, SECOND);
    assert_eq!(fleet.assigned()[&name("shop")].len(), 3, "one at a time");
    fleet.pass(400, SECOND);
    assert_eq!(fleet.assigned()[&name("shop")].len(), 1);
}

#[test]
fn slow_answers_bring_workers_only_where_that_is_asked_for() {
    for (asked, workers) in [("", 1), (r#", "targetLatency": "00:00:00.2""#, 4)] {
        let mut fleet = Fleet::of(&["w1", "w2", "w3", "w4"]);
        fleet.publish("shop", placement(&format!(r#""minWorkers": 1{asked}"#)));
        fleet.calls.insert(name("shop"), 4);
        fleet.latency = Duration::from_millis(300);
        fleet.pass(120, SECOND);
        assert_eq!(fleet.assigned()[&name("shop")].len(), workers, "{asked}");
        fleet.latency = Duration::from_millis(150);
        fleet.pass(900, SECOND);
        assert_eq!(fleet.assigned()[&name("shop")].len(), workers, "still too near to the bound to give one up");
        fleet.latency = Duration::from_millis(20);
        fleet.pass(900, SECOND);
        assert_eq!(fleet.assigned()[&name("shop")].len(), 1);
    }
}

#[test]
fn load_that_wavers_around_the_target_changes_nothing() {
    let mut fleet = Fleet::of(&["w1", "w2", "w3", "w4"]);
    fleet.publish("shop", placement(r#""minWorkers": 1, "targetConcurrency": 10"#));
    fleet.calls.insert(name("shop"), 25);
    fleet.pass(120, SECOND);
    let before = fleet.on("shop");
    let decided = fleet.decisions.len();
    for round in 0..40 {
        fleet.calls.insert(name("shop"), if round % 2 == 0 { 19 } else { 31 });
        fleet.pass(20, SECOND);
    }
    assert_eq!((fleet.on("shop"), fleet.decisions.len()), (before, decided), "{:?}", fleet.why("shop"));
}

#[test]
fn a_new_worker_takes_its_share_a_few_a_minute() {
    let mut fleet = Fleet::of(&["w1", "w2"]);
    for number in 0..12 {
        fleet.publish(&format!("app{number}"), placement(""));
    }
    fleet.join("w3", machine(100, &[]));
    let carried =
        |fleet: &Fleet, name: &str| fleet.assigned().values().filter(|workers| workers.contains(&worker(name))).count();
    fleet.pass(40, SECOND);
    assert!((1..=6).contains(&carried(&fleet, "w3")), "six a minute: {}", carried(&fleet, "w3"));
    fleet.pass(120, SECOND);
    assert_eq!((carried(&fleet, "w1"), carried(&fleet, "w2"), carried(&fleet, "w3")), (8, 8, 8));
    let why = fleet.why("app0").into_iter().chain(fleet.why("app1")).collect::<Vec<_>>().join("\n");
    assert!(why.contains("which carries more for its capacity"), "{why}");
}

#[test]
fn nothing_is_moved_where_that_is_switched_off() {
    let mut fleet = Fleet::with(Rules { moves_per_minute: 0, ..rules() });
    fleet.join("w1", machine(100, &[]));
    for number in 0..6 {
        fleet.publish(&format!("app{number}"), placement(r#""minWorkers": 1"#));
    }
    fleet.join("w2", machine(100, &[]));
    fleet.pass(300, SECOND);
    assert!(fleet.assigned().values().all(|workers| workers.contains(&worker("w1"))));
}

#[test]
fn a_move_to_a_worker_that_can_not_load_the_app_is_given_up() {
    let mut fleet = Fleet::of(&["w1"]);
    for number in 0..4 {
        fleet.publish(&format!("app{number}"), placement(r#""minWorkers": 1, "maxWorkers": 1"#));
    }
    fleet.join("w2", Machine { broken: true, ..machine(100, &[]) });
    fleet.pass(120, SECOND);
    for number in 0..4 {
        assert_eq!(fleet.on(&format!("app{number}")), "w1", "{:?}", fleet.why(&format!("app{number}")));
    }
    let decided = fleet.decisions.len();
    fleet.pass(300, SECOND);
    assert_eq!(fleet.decisions.len(), decided, "not again and again");
}

#[test]
fn an_app_that_may_have_one_worker_leaves_one_that_can_not_load_it() {
    let mut fleet = Fleet::of(&["w1", "w2"]);
    fleet.publish("shop", placement(r#""minWorkers": 1, "maxWorkers": 1"#));
    fleet.machines.get_mut(&worker("w1")).unwrap().broken = true;
    fleet.pass(3, SECOND);
    assert_eq!(fleet.on("shop"), "w2");
    assert!(fleet.why("shop").iter().any(|text| text.starts_with("retired w1: it can't load the app")));
}

#[test]
fn apps_of_a_dead_worker_are_elsewhere_at_once_and_come_back_gently() {
    let mut fleet = Fleet::of(&["w1", "w2", "w3"]);
    for number in 0..9 {
        fleet.publish(&format!("app{number}"), placement(""));
    }
    fleet.dies("w1");
    assert!(fleet.assigned().values().all(|workers| workers.len() == 2 && !workers.contains(&worker("w1"))));
    assert!(fleet.why("app0").last().is_some_and(|text| text.contains("carries least")), "{:?}", fleet.why("app0"));
    fleet.join("w1", machine(100, &[]));
    fleet.pass(240, SECOND);
    let carried = fleet.assigned().values().filter(|workers| workers.contains(&worker("w1"))).count();
    assert_eq!(carried, 6);
}

#[test]
fn a_new_version_is_prepared_on_as_many_workers_as_the_app_has() {
    let mut fleet = Fleet::of(&["w1", "w2", "w3", "w4"]);
    let asked = || placement(r#""minWorkers": 1, "targetConcurrency": 10"#);
    fleet.publish("shop", asked());
    fleet.calls.insert(name("shop"), 30);
    fleet.pass(60, SECOND);
    let before = fleet.on("shop");
    assert_eq!(before.split(' ').count(), 3);
    fleet.publish("shop", asked());
    assert_eq!(fleet.on("shop"), before);
}

#[test]
fn a_restarted_plan_keeps_what_is_there_and_remembers_why() {
    let mut fleet = Fleet::of(&["w1", "w2", "w3"]);
    fleet.publish("shop", placement(r#""minWorkers": 1, "targetConcurrency": 10"#));
    fleet.calls.insert(name("shop"), 30);
    fleet.pass(60, SECOND);
    let held = fleet.plan.deployments(&name("shop")).remove(0);
    let mut again = Fleet::with(rules());
    again.now = fleet.now;
    again.machines.clone_from(&fleet.machines);
    let mut load = |event| again.plan.absorb(event, fleet.now, &mut vec![]);
    load(Event::AppKnown { app: name("shop"), host_names: vec![], generation: 9, active: Some(held) });
    for worker in fleet.machines.keys() {
        load(Event::WasAssigned { app: name("shop"), worker: worker.clone(), generation: 9 });
        load(Event::WorkerKnown { worker: worker.clone(), traits: fleet.machines[worker].traits.clone() });
    }
    for decision in fleet.decisions.clone() {
        load(Event::WasDecided(decision));
    }
    again.pass(240, SECOND);
    assert_eq!(again.on("shop"), "w1 w2 w3", "fewer is a matter of a long quiet");
    assert!(again.decisions.is_empty(), "{:?}", again.why("shop"));
    let view = again.plan.view();
    assert!(view.apps[&name("shop")].decisions.iter().any(|decision| decision.kind == "scaled"));
    again.pass(400, SECOND);
    assert_eq!(again.on("shop").split(' ').count(), 1);
}

#[test]
fn a_flawed_setting_is_told_once() {
    let mut fleet = Fleet::of(&["w1", "w2"]);
    fleet.publish("shop", placement(""));
    let mut held = fleet.plan.deployments(&name("shop")).remove(0);
    held.flaw = Some("AzureFunctionsJobHost__placement__maxWorkers must be a number".into());
    fleet.tell(Event::Placed { app: name("shop"), held: held.clone() });
    fleet.tell(Event::Placed { app: name("shop"), held });
    let told: Vec<_> = fleet.why("shop").into_iter().filter(|text| text.starts_with("configured")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("must be a number; it is left out"), "{told:?}");
    assert_eq!(fleet.on("shop"), "w1 w2");
}

#[test]
fn a_backlog_counts_until_a_beat_says_nothing_of_it() {
    let mut fleet = Fleet::of(&["w1", "w2", "w3"]);
    fleet.publish("shop", placement(r#""minWorkers": 1"#));
    assert_eq!(fleet.on("shop").split(' ').count(), 1);
    fleet.backlog.insert(name("shop"), 9);
    fleet.pass(30, SECOND);
    assert_eq!(fleet.on("shop"), "w1 w2 w3");
    fleet.backlog.clear();
    fleet.pass(600, SECOND);
    assert_eq!(fleet.on("shop").split(' ').count(), 1);
}
