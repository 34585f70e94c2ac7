//! A credential that changes while its worker is killed at the worst moments.

use hearth_tests::{Hearth, Machine, eventually};
use serde_json::Value;

use crate::gate::{Gate, Mode};
use crate::{token, worker_when};

fn installation() -> Hearth {
    Hearth::with().flag("--worker-lease", "2").flag("--credential-period", "1").start()
}

fn credential(machine: &Machine) -> String {
    let member: Value = serde_json::from_slice(&std::fs::read(machine.file("member.json")).unwrap()).unwrap();
    member["credential"].as_str().unwrap().to_owned()
}

#[track_caller]
fn changes(machine: &Machine, from: &str) -> String {
    eventually("the next credential on disk", || Some(credential(machine)).filter(|now| now != from))
}

#[test]
fn a_worker_that_dies_before_it_stores_its_next_credential_goes_on_with_the_present_one() {
    let hearth = installation();
    let gate = Gate::to(hearth.management_address(), Mode::LoseOffer);
    let machine = Machine::new();
    let worker = machine.start(["--name", "m2", "--management", &gate.url(), "--join", &token(&hearth)]);
    let first = credential(&machine);
    gate.closed();
    worker.kill();
    assert_eq!(credential(&machine), first);
    gate.set(Mode::Open);
    let again = machine.start(["--management", &gate.url()]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live" && worker["pid"] == again.pid());
    let second = changes(&machine, &first);
    changes(&machine, &second);
}

#[test]
fn a_worker_that_dies_before_it_confirms_its_next_credential_enters_with_it() {
    let hearth = installation();
    let gate = Gate::to(hearth.management_address(), Mode::LoseConfirmation);
    let machine = Machine::new();
    let worker = machine.start(["--name", "m2", "--management", &gate.url(), "--join", &token(&hearth)]);
    let first = credential(&machine);
    gate.closed();
    let second = changes(&machine, &first);
    worker.kill();
    assert_eq!(credential(&machine), second);
    gate.set(Mode::Open);
    let again = machine.start(["--management", &gate.url()]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live" && worker["pid"] == again.pid());
    changes(&machine, &second);
    again.kill();

    // The one of the beginning opens no more, and neither does it where it is all that there is.
    let file = machine.file("member.json");
    let mut member: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    member["credential"] = first.into();
    member["previous"] = Value::Null;
    std::fs::write(&file, member.to_string()).unwrap();
    let (code, log) = machine.try_start(["--management", &gate.url()]).err().expect("it is refused");
    assert!(code == Some(77) && log.contains("hearth workers token"), "{code:?} {log}");
}
