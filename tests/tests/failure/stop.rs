//! The end of `hearth up`, in good order or not, and the next one over the same data.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use hearth_tests::{Hearth, Signal, alive, eventually, kill, signal};
use http::Method;

use crate::{all_gone, both_answer, everyone, publish_both, with_apps};

#[test]
fn a_request_under_way_ends_well_before_everything_stops() {
    let hearth = publish_both(Hearth::with().workers(2).flag("--drain-timeout", "30").start());
    let processes = everyone(&hearth);
    assert_eq!(processes.len(), 4);
    let address = hearth.http_address();
    let mut slow = hearth.app("plain").call(Method::GET, "/api/slow?chunks=10&pause=100").open();
    slow.until("1\n");
    let typed = hearth.app("typed").call(Method::GET, "/api/hello?name=Ada").send().expect(200);
    assert_eq!(typed.text(), "Hello, Ada!\n");
    signal(hearth.pid(), Signal::TERM);
    hearth.log().with(0, &["Stopping; running invocations have 30 s"]);
    let answer = slow.answer();
    assert_eq!((answer.text().as_str(), answer.broken), ("2\n3\n4\n5\n6\n7\n8\n9\n10\n", None));
    let status = hearth.stop();
    assert_eq!(status.code(), Some(0), "{status:?}");
    all_gone(&processes);
    TcpStream::connect(address).expect_err("nobody listens any more");
}

#[test]
fn a_request_that_outlasts_the_drain_time_is_cut_off() {
    let hearth = with_apps(1);
    let processes = everyone(&hearth);
    let mut hanging = hearth.app("plain").call(Method::GET, "/api/slow?chunks=100000&pause=50").open();
    hanging.until("1\n");
    let moment = Instant::now();
    let status = hearth.stop();
    assert_eq!(status.code(), Some(0), "{status:?}");
    assert!(moment.elapsed() < Duration::from_secs(15), "{:?}", moment.elapsed());
    assert!(hanging.answer().broken.is_some());
    all_gone(&processes);
}

#[test]
fn the_second_signal_does_not_wait() {
    let hearth = publish_both(Hearth::with().flag("--drain-timeout", "3600").start());
    let mut hanging = hearth.app("plain").call(Method::GET, "/api/slow?chunks=100000&pause=50").open();
    hanging.until("1\n");
    let processes = everyone(&hearth);
    signal(hearth.pid(), Signal::TERM);
    hearth.log().with(0, &["Stopping; running invocations have 3600 s"]);
    // One that comes within the same moment counts as the first.
    eventually("the supervisor does not wait after a second signal", || {
        let there = alive(hearth.pid());
        if there {
            signal(hearth.pid(), Signal::INT);
        }
        (!there).then_some(())
    });
    all_gone(&processes);
}

#[test]
fn nobody_outlives_a_killed_supervisor() {
    let hearth = with_apps(2);
    let processes = everyone(&hearth);
    kill(hearth.pid());
    all_gone(&processes);
}

#[test]
fn the_next_one_over_the_same_data_has_the_same_apps_key_and_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = || Hearth::with().data(&data).start();
    let hearth = publish_both(start());
    let key = hearth.admin_key().to_owned();
    let credential = |hearth: &Hearth| {
        let path = "/api/apps/typed/publish-credentials";
        hearth.manage(Method::GET, path).send().expect(200).json()["password"].clone()
    };
    let password = credential(&hearth);
    let generation = hearth.show("typed")["generation"].clone();
    assert_eq!(hearth.stop().code(), Some(0));

    // After a stop in good order.
    let hearth = start();
    both_answer(&hearth);
    assert_eq!((hearth.admin_key(), credential(&hearth)), (key.as_str(), password.clone()));
    assert_eq!(hearth.show("typed")["generation"], generation);
    let processes = everyone(&hearth);
    // In the middle of a deployment.
    signal(hearth.worker(), Signal::STOP);
    hearth
        .manage(Method::POST, "/apps/plain/zipdeploy?isAsync=true")
        .body(hearth_tests::Zip::folder(&hearth_tests::sample("hello-http")).bytes())
        .send()
        .expect(202);
    kill(hearth.pid());
    processes.iter().for_each(|pid| signal(*pid, Signal::CONT));
    all_gone(&processes);
    drop(hearth);

    // After a kill.
    let hearth = start();
    both_answer(&hearth);
    assert_eq!((hearth.admin_key(), credential(&hearth)), (key.as_str(), password));
    let newest = hearth.show("plain")["deployments"][0].clone();
    assert_eq!((newest["status"].as_i64(), newest["complete"].as_bool()), (Some(3), Some(true)), "{newest}");
    hearth.publish("plain", &hearth_tests::sample("hello-http"));
    let text = eventually("the new version", || Some(hearth.app("plain").get("/api/hello").expect(200).text()));
    assert_eq!(text, "Hello, WASI!\n");
}
