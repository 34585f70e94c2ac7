//! Whatever happens to workers and apps, what must hold holds at every moment ([`Fleet`] checks it), and once nothing happens any more
//! everything comes to where it should be, and to rest.

use std::time::Duration;

use hearth_model::control::Standing;
use proptest::collection::vec;
use proptest::prelude::*;

use super::fleet::{Fleet, SECOND, machine, name, placement};
use super::{rules, worker};
use crate::schedule::demand::Bounds;
use crate::schedule::event::Event;
use crate::schedule::plan::Rules;

const LABELS: [&[(&str, &str)]; 4] = [&[], &[("zone", "a")], &[("zone", "b")], &[("zone", "b"), ("gpu", "true")]];
const PLACEMENTS: [&str; 8] = [
    "",
    r#""minWorkers": 1"#,
    r#""minWorkers": 1, "maxWorkers": 1"#,
    r#""minWorkers": 3, "maxWorkers": 4, "spread": "zone""#,
    r#""labels": {"zone": "b"}"#,
    r#""labels": {"gpu": "true"}, "minWorkers": 1"#,
    r#""labels": {"zone": "c"}"#,
    r#""maxWorkers": 3, "targetConcurrency": 5, "targetLatency": "00:00:00.1""#,
];

/// Something that happens; numbers choose among few, so that things meet.
#[derive(Clone, Debug)]
enum Happening {
    Join { worker: u8, labels: usize, capacity: u32, node: u8, broken: bool },
    Dies(u8),
    Stands(u8, Standing),
    Drains(u8, bool),
    Removed(u8),
    Publish { app: u8, placement: usize },
    Placed { app: u8, placement: usize },
    Deleted(u8),
    Calls { app: u8, calls: u64 },
    Latency(u64),
    Time(u8),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{Calls, Deleted, Dies, Drains, Join, Latency, Placed, Publish, Removed, Stands, Time};
    let standing = prop_oneof![Just(Standing::InService), Just(Standing::Cordoned), Just(Standing::Draining)];
    prop_oneof![
        4 => (0..6_u8, 0..LABELS.len(), 50..400_u32, 0..3_u8, prop::bool::weighted(0.1))
            .prop_map(|(worker, labels, capacity, node, broken)| Join { worker, labels, capacity, node, broken }),
        1 => (0..6_u8).prop_map(Dies),
        1 => (0..6_u8, standing).prop_map(|(worker, standing)| Stands(worker, standing)),
        1 => (0..6_u8, any::<bool>()).prop_map(|(worker, draining)| Drains(worker, draining)),
        1 => (0..6_u8).prop_map(Removed),
        3 => (0..6_u8, 0..PLACEMENTS.len()).prop_map(|(app, placement)| Publish { app, placement }),
        1 => (0..6_u8, 0..PLACEMENTS.len()).prop_map(|(app, placement)| Placed { app, placement }),
        1 => (0..6_u8).prop_map(Deleted),
        2 => (0..6_u8, 0..500_u64).prop_map(|(app, calls)| Calls { app, calls }),
        1 => (1..400_u64).prop_map(Latency),
        4 => (1..20_u8).prop_map(Time),
    ]
}

fn happens(fleet: &mut Fleet, happening: Happening) {
    let worker_name = |number: u8| format!("w{number}");
    let app_name = |number: u8| format!("app{number}");
    match happening {
        Happening::Join { worker, labels, capacity, node, broken } => {
            let mut new = machine(capacity, LABELS[labels]);
            new.traits.node = format!("m{node}");
            new.broken = broken;
            fleet.join(&worker_name(worker), new);
        }
        Happening::Dies(number) if fleet.machines.contains_key(&worker(&worker_name(number))) => {
            fleet.dies(&worker_name(number));
        }
        Happening::Stands(number, standing) => fleet.stands(&worker_name(number), standing),
        Happening::Drains(number, draining) => {
            if let Some(machine) = fleet.machines.get_mut(&worker(&worker_name(number))) {
                machine.draining = draining;
            }
        }
        Happening::Removed(number) => {
            fleet.machines.remove(&worker(&worker_name(number)));
            fleet.tell(Event::WorkerRemoved { worker: worker(&worker_name(number)) });
        }
        Happening::Publish { app, placement: asked } => fleet.begin(&app_name(app), placement(PLACEMENTS[asked])),
        Happening::Placed { app, placement: asked } => fleet.place(&app_name(app), placement(PLACEMENTS[asked])),
        Happening::Deleted(app) => fleet.tell(Event::AppDeleted { app: name(&app_name(app)) }),
        Happening::Calls { app, calls } => {
            fleet.calls.insert(name(&app_name(app)), calls);
        }
        Happening::Latency(millis) => fleet.latency = Duration::from_millis(millis),
        Happening::Time(seconds) => fleet.pass(usize::from(seconds), SECOND),
        Happening::Dies(_) => {}
    }
}

/// What holds once everything has come to rest.
fn settled(fleet: &Fleet) {
    for (name, app) in &fleet.plan.apps {
        let Some(active) = &app.active else { continue };
        let bounds = Bounds::of(&active.placement, &fleet.plan.rules);
        let fits = |number: &&hearth_model::ids::WorkerId| {
            let plan = &fleet.plan.workers[*number];
            active.placement.lacking(&plan.labels).is_none() && plan.keeps() && !fleet.machines[*number].broken
        };
        for worker in &app.assignees {
            let plan = &fleet.plan.workers[worker];
            assert_eq!(active.placement.lacking(&plan.labels), None, "{name} on {worker}");
        }
        let feasible =
            fleet.machines.keys().filter(fits).filter(|number| fleet.plan.workers[*number].eligible()).count();
        let able = app.assignees.iter().filter(fits).count();
        let least = bounds.least.min(feasible);
        assert!(able >= least, "{name} has {able} of {least}: {:#?}", fleet.why(name.as_str()));
        assert!(able <= bounds.most, "{name} has {able} of at most {}", bounds.most);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_must_hold_holds_and_everything_comes_to_rest(happenings in vec(happening(), 1..60)) {
        let mut fleet = Fleet::with(Rules { quiet: Duration::from_secs(30), ..rules() });
        for happening in happenings {
            happens(&mut fleet, happening);
        }
        // Long enough for every move, and for workers that were passed over to be tried again.
        fleet.pass(400, 5 * SECOND);
        settled(&fleet);
        let told: Vec<_> = fleet.machines.keys().map(|worker| fleet.plan.revision(worker)).collect();
        let broken = fleet.machines.values().any(|machine| machine.broken);
        let decided = fleet.decisions.len();
        fleet.pass(60, 5 * SECOND);
        // One that can't load what it is given is tried again from time to time.
        if !broken {
            let now: Vec<_> = fleet.machines.keys().map(|worker| fleet.plan.revision(worker)).collect();
            prop_assert_eq!(told, now, "nothing changed, and workers were told something else: {:#?}", &fleet.decisions[decided..]);
            prop_assert_eq!(fleet.decisions.len(), decided, "{:#?}", &fleet.decisions[decided..]);
        }
    }
}
