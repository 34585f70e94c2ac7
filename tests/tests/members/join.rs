//! Joining: what a token brings, and what every other token is answered.

use hearth_tests::{Machine, eventually, mode};

use crate::{app, installation, join, runs_on, token, worker_when};

#[test]
fn a_machine_with_nothing_but_a_token_becomes_a_worker_that_runs_an_app() {
    let hearth = installation(1);
    let machine = Machine::new();
    let token = token(&hearth);
    let worker = machine.start(["--name", "m2", "--label", "room=cellar", "--join", &token]);
    let listed = worker_when(&hearth, "m2", |worker| worker["state"] == "live");
    assert_eq!(listed["labels"]["room"], "cellar");
    hearth.publish("hello", &app());
    runs_on(&hearth, "hello", &["m2", "worker-1"]);
    assert_eq!(worker.get("hello", "/api/hello?name=Ada").send().text(), "Hello, Ada!\n");
    assert_eq!(mode(&machine.file("member.json")), 0o600);
    assert_eq!(mode(&machine.file("installation.key")), 0o600);
    assert!(!machine.file("state.db").exists());
    let secrets = [&token[..], std::str::from_utf8(&hearth_member(&machine)).unwrap()].map(str::to_owned);
    for secret in secrets {
        assert!(!worker.log().text().contains(&secret) && !hearth.log().text().contains(&secret));
    }

    // It is the same worker after a restart: without the token, and with it.
    worker.kill();
    let again = machine.start::<&str>([]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live" && worker["pid"] == again.pid());
    assert_eq!(again.get("hello", "/api/hello?name=Bob").send().text(), "Hello, Bob!\n");
    assert_eq!(again.stop().code(), Some(0));
    let third = machine.start(["--join", &token]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live" && worker["pid"] == third.pid());
    drop(third);
    let (code, log) = machine.try_start(["--name", "other"]).err().expect("another name is refused");
    assert!(code == Some(78) && log.contains("joined as 'm2'"), "{code:?} {log}");
}

/// The credential on disk.
fn hearth_member(machine: &Machine) -> Vec<u8> {
    let member: serde_json::Value =
        serde_json::from_slice(&std::fs::read(machine.file("member.json")).unwrap()).unwrap();
    member["credential"].as_str().unwrap().as_bytes().to_vec()
}

#[test]
fn a_token_is_good_for_one_machine() {
    let hearth = installation(1);
    let used = token(&hearth);
    let first = Machine::new();
    let _worker = first.start(["--name", "m2", "--join", &used]);
    for name in ["m2", "m3"] {
        let (code, log) = Machine::new().try_start(["--name", name, "--join", &used]).err().expect("it is refused");
        assert_eq!(code, Some(77), "{log}");
        assert!(log.contains("used before") && log.contains("hearth workers token"), "{log}");
        assert!(!log.contains(&used), "{log}");
    }
    let workers = hearth.json(&["workers", "list"]);
    assert_eq!(workers["workers"].as_array().unwrap().len(), 2, "{workers}");
}

#[test]
fn a_token_whose_time_is_over_says_so() {
    let hearth = installation(1);
    let made = hearth.json(&["workers", "token", "--ttl", "1s"]);
    let expires = made["expires"].as_str().unwrap();
    eventually("the token's end", || {
        // Times of this form sort as text.
        let now = hearth.json(&["workers", "list"])["workers"][0]["lastBeat"].as_str().unwrap().to_owned();
        (now.as_str() > expires).then_some(())
    });
    let (code, log) =
        Machine::new().try_start(["--name", "m2", "--join", made["token"].as_str().unwrap()]).err().expect("refused");
    assert!(code == Some(77) && log.contains("expired") && log.contains("--ttl"), "{code:?} {log}");
}

#[test]
fn what_is_no_token_is_refused_without_asking_anybody() {
    let hearth = installation(1);
    let token = token(&hearth);
    let mut wrong = token.clone().into_bytes();
    let middle = wrong.len() / 2;
    wrong[middle] = if wrong[middle] == b'A' { b'B' } else { b'A' };
    let wrong = String::from_utf8(wrong).unwrap();
    let machine = Machine::new();
    for text in [&token[..token.len() - 5], &wrong, "hello"] {
        let (code, log) = machine.try_start(["--name", "m2", "--join", text]).err().expect("it is refused");
        assert!(code == Some(78) && log.contains("--join"), "{code:?} {log}");
        assert!(!log.contains(&token[20..40]), "{log}");
    }
    // What is another installation's is as unknown as what somebody made up.
    let other = installation(1);
    let (code, log) = machine
        .try_start(["--name", "m2", "--management", other.management(), "--join", &token])
        .err()
        .expect("it is refused");
    assert!(code == Some(77) && log.contains("no such join token"), "{code:?} {log}");
    machine.start(["--name", "m2", "--join", &token]);
}

#[test]
fn neither_a_live_workers_name_nor_another_installations_folder_is_taken() {
    let hearth = installation(1);
    let machine = Machine::new();
    let token = token(&hearth);
    let (code, log) = machine.try_start(["--name", "worker-1", "--join", &token]).err().expect("the name is taken");
    assert!(code == Some(77) && log.contains("has the name 'worker-1'"), "{code:?} {log}");
    let worker = machine.start(["--name", "m2", "--join", &token]);
    assert_eq!(worker.stop().code(), Some(0));
    std::fs::remove_file(machine.file("member.json")).unwrap();
    let fresh = crate::token(&hearth);
    let (code, log) = machine.try_start(["--name", "m3", "--join", &fresh]).err().expect("the folder is taken");
    assert!(code == Some(78) && log.contains("installation.key") && log.contains("--data"), "{code:?} {log}");
    let _other = join(&hearth, &Machine::new(), "m3");
}
