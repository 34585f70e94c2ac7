//! Processes that die at any moment of a publish: what is shown is what serves, and the next publish works.

use std::time::Duration;

use hearth_tests::{Callers, Hearth, Zip, eventually, kill, pause, sample, test_guest};
use http::Method;
use serde_json::Value;

/// Between the moments at which a process is killed, counted from the start of the publish.
const STEP: Duration = Duration::from_millis(15);
const MOMENTS: u32 = 8;

/// What `/api/hello` of the two versions says; a deployment's message tells which one it is of.
const FIRST: &str = "Hello, WASI!\n";
const SECOND: &str = "hello";

fn publish(hearth: &Hearth, second: bool) -> Result<u16, String> {
    let (package, message) = match second {
        false => (Zip::folder(&sample("hello-http")), "first"),
        true => (Zip::folder(&test_guest("faults-http")), "second"),
    };
    let call = hearth.manage(Method::POST, &format!("/apps/site/zipdeploy?message={message}")).body(package.bytes());
    call.try_send().map(|answer| answer.status)
}

/// The app once no deployment is in progress: the active one is one that succeeded, and it is what answers.
#[track_caller]
fn shown_is_what_serves(hearth: &Hearth) {
    let app = eventually("the deployments to end and the app to run", || {
        let app = hearth.show("site");
        let deployments = app["deployments"].as_array().unwrap().clone();
        let ended = deployments.iter().all(|one| one["complete"] == true);
        (ended && app["state"] == "running").then_some(app)
    });
    let deployments: Vec<&Value> = app["deployments"].as_array().unwrap().iter().collect();
    let active = deployments.iter().find(|one| one["id"] == app["activeDeployment"]).expect("the active one is listed");
    assert_eq!((active["status"].as_i64(), active["active"].as_bool()), (Some(4), Some(true)), "{active}");
    for failed in deployments.iter().filter(|one| one["status"] == 3) {
        assert!(!failed["status_text"].as_str().unwrap().is_empty(), "{failed}");
    }
    let expected = if active["message"] == "first" { FIRST } else { SECOND };
    for _ in 0..5 {
        assert_eq!(hearth.app("site").get("/api/hello").expect(200).text(), expected, "{app}");
    }
}

/// Publishes the two versions in turn and kills `role` each time a little later.
fn killed_at_any_moment(hearth: &Hearth, role: &str) {
    assert_eq!(publish(hearth, false), Ok(200));
    for moment in 1..=MOMENTS {
        std::thread::scope(|scope| {
            let publishing = scope.spawn(|| publish(hearth, moment % 2 == 1));
            pause(STEP * moment);
            hearth.pids(role).into_iter().for_each(kill);
            let ended = publishing.join().unwrap();
            println!("{role} killed after {:?}: {ended:?}", STEP * moment);
        });
        shown_is_what_serves(hearth);
    }
    assert_eq!(publish(hearth, false), Ok(200));
    shown_is_what_serves(hearth);
    assert_eq!(std::fs::read_dir(hearth.data().join("spool")).unwrap().count(), 0);
}

#[test]
fn management_killed_at_any_moment_of_a_publish() {
    let hearth = Hearth::start();
    assert_eq!(publish(&hearth, false), Ok(200));
    let callers = Callers::begin(1, &hearth.app("site").call(Method::GET, "/api/hello"));
    killed_at_any_moment(&hearth, "management");
    for seen in callers.end() {
        let text = seen.text().unwrap_or_else(|| panic!("a call failed: {:?}", seen.answer));
        assert!([FIRST, SECOND].contains(&text.as_str()), "{text}");
    }
}

#[test]
fn the_worker_killed_at_any_moment_of_a_publish() {
    killed_at_any_moment(&Hearth::start(), "worker");
}

#[test]
fn many_apps_are_published_at_once() {
    let hearth = Hearth::with().workers(2).start();
    let names: Vec<String> = (1..=12).map(|number| format!("app-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| hearth.publish(name, &sample("hello-http")));
        }
    });
    for name in &names {
        assert_eq!(hearth.app(name).get("/api/hello").expect(200).text(), FIRST, "{name}");
    }
    assert_eq!(hearth.json(&["apps", "list"])["apps"].as_array().unwrap().len(), names.len());
}
