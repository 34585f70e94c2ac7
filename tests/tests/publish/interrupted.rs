//! Publishes that break half way: nothing is left behind, nothing is lost, and the next one works.

use std::time::Duration;

use hearth_tests::{Callers, Hearth, Signal, eventually, kill, raw, signal};
use http::Method;

use crate::{V1_SAYS, V2_SAYS, latest, says, spooled, v1, v2, zipdeploy};

/// How many deployments the app has.
fn deployments(hearth: &Hearth, app: &str) -> usize {
    let list = hearth.manage(Method::GET, &format!("/apps/{app}/deployments")).send().expect(200).json();
    list.as_array().unwrap().len()
}

#[test]
fn an_upload_that_is_cut_off_leaves_nothing() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let package = v2().bytes();
    let head = format!(
        "POST /apps/site/api/zipdeploy HTTP/1.1\r\nhost: x\r\nx-functions-key: {}\r\ncontent-length: {}\r\n\r\n",
        hearth.admin_key(),
        package.len()
    );
    // The sender goes away in the middle, once before the first byte of the package and once after half of it.
    for sent in [0, package.len() / 2] {
        let answer = raw(hearth.management_address(), &[head.as_bytes(), &package[..sent]].concat());
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
        eventually("the upload to be removed", || (spooled(&hearth) == 0).then_some(()));
    }
    assert_eq!(deployments(&hearth, "site"), 1);
    assert_eq!(says(&hearth, "site"), V1_SAYS);
    zipdeploy(&hearth, "site", package).expect(200);
    assert_eq!(says(&hearth, "site"), V2_SAYS);
}

#[test]
fn management_killed_during_an_upload_forgets_it() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let package = v2().bytes();
    let mut upload =
        hearth.manage(Method::POST, "/apps/site/zipdeploy").header("content-length", &package.len().to_string()).open();
    upload.send(&package[..package.len() / 2]);
    eventually("the upload to arrive", || (spooled(&hearth) == 1).then_some(()));
    hearth.pids("management").into_iter().for_each(kill);
    // This call waits for the next management process, which has cleaned up before it answers.
    assert_eq!(deployments(&hearth, "site"), 1);
    assert_eq!(spooled(&hearth), 0);
    zipdeploy(&hearth, "site", package).expect(200);
    assert_eq!(says(&hearth, "site"), V2_SAYS);
}

#[test]
fn management_killed_during_a_deployment_tells_that_it_failed() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let worker = hearth.worker();
    // A worker that stands still keeps the deployment in progress.
    signal(worker, Signal::STOP);
    hearth.manage(Method::POST, "/apps/site/zipdeploy?isAsync=true").body(v2().bytes()).send().expect(202);
    eventually("the deployment to reach the worker", || (latest(&hearth, "site")["status"] == 2).then_some(()));
    hearth.pids("management").into_iter().for_each(kill);
    let shown = latest(&hearth, "site");
    assert_eq!((shown["status"].as_i64(), shown["complete"].as_bool()), (Some(3), Some(true)), "{shown}");
    let text = shown["status_text"].as_str().unwrap();
    assert!(text.to_lowercase().contains("interrupted") || text.to_lowercase().contains("management"), "{text}");
    signal(worker, Signal::CONT);
    assert_eq!(says(&hearth, "site"), V1_SAYS);
    zipdeploy(&hearth, "site", v2().bytes()).expect(200);
    assert_eq!(says(&hearth, "site"), V2_SAYS);
}

#[test]
fn two_publishes_at_once_end_as_one_after_the_other_or_one_refused() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let callers = Callers::begin(1, &hearth.app("site").call(Method::GET, "/api/hello"));
    let mut both = 0;
    let rounds = 5;
    for _ in 0..rounds {
        let answers = std::thread::scope(|scope| {
            let threads = [v1(), v2()].map(|package| {
                let hearth = &hearth;
                scope.spawn(move || zipdeploy(hearth, "site", package.bytes()))
            });
            threads.map(|thread| thread.join().unwrap())
        });
        let succeeded = answers.iter().filter(|answer| answer.status == 200).count();
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.status, 409, "{}", answer.text());
            assert!(answer.text().contains("There is a deployment currently in progress"), "{}", answer.text());
        }
        assert!(succeeded >= 1, "{answers:?}");
        both += succeeded;
        // Whichever came last serves, on state and worker alike.
        let shown = hearth.show("site");
        assert_eq!(
            (&shown["activeDeployment"], shown["state"].as_str()),
            (&shown["deployments"][0]["id"], Some("running"))
        );
    }
    assert_eq!(deployments(&hearth, "site"), 1 + both, "a refused publish leaves no deployment");
    for seen in callers.end() {
        let text = seen.text().unwrap_or_else(|| panic!("a call failed: {:?}", seen.answer));
        assert!([V1_SAYS, V2_SAYS].contains(&text.as_str()), "{text}");
    }
}

#[test]
fn a_publish_goes_on_when_its_client_has_gone() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let worker = hearth.worker();
    signal(worker, Signal::STOP);
    let gone = hearth.manage(Method::POST, "/apps/site/zipdeploy").body(v2().bytes()).within(Duration::from_secs(1));
    gone.try_send().unwrap_err();
    signal(worker, Signal::CONT);
    eventually("the deployment to succeed", || (latest(&hearth, "site")["status"] == 4).then_some(()));
    assert_eq!(says(&hearth, "site"), V2_SAYS);
}
