//! Functions that fail: nothing is lost, whatever their policy is, unless that is asked for.

use hearth_tests::{Hearth, eventually, kill, pause};
use http::Method;
use serde_json::Value;

use crate::app::{QUICK, distinct, expect_all, follows};
use crate::{Stage, write};

/// A fifth of all calls.
const BY_CHANCE: &str = "if (Math.random() < 0.2) throw new Error('by chance');";

#[test]
fn a_function_that_fails_by_chance_loses_nothing() {
    for policy in ["", "retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 20 },"] {
        let package = follows(&format!("{policy} {QUICK}, maxItemsPerInvocation: 5"), BY_CHANCE);
        let stage = Stage::start(Hearth::with(), &package);
        write(&stage.orders(), 6, 20);
        expect_all(&stage.told.items(120), 6, 20);
        stage.hearth.log().with(0, &["Executed 'Functions.follow' (Failed"]);
    }
}

#[test]
fn a_worker_that_is_killed_amid_batches_loses_nothing() {
    let slow = "await new Promise((done) => setTimeout(done, 50));";
    let package = follows(&format!("{QUICK}, maxItemsPerInvocation: 1"), slow);
    let stage = Stage::start(Hearth::with().workers(2).flag("--worker-lease", "2"), &package);
    write(&stage.orders(), 6, 25);
    for _ in 0..2 {
        stage.hearth.log().with(0, &["Executed 'Functions.follow' (Succeeded"]);
        let victim = stage.hearth.pids("worker")[0];
        kill(victim);
        eventually("all workers to be there", || {
            let now = stage.hearth.pids("worker");
            (now.len() == 2 && !now.contains(&victim)).then_some(())
        });
    }
    expect_all(&stage.told.items(150), 6, 25);
}

#[test]
fn what_always_fails_goes_to_the_dead_letters_and_the_rest_goes_on() {
    let package = follows(
        &format!(
            "retry: {{ strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: 20 }}, maxItemsPerInvocation: 1, \
             deadLetterContainerName: 'failed', {QUICK}"
        ),
        "if (items.some((item) => item.n === 1)) throw new Error('never this one');",
    );
    let stage = Stage::start(Hearth::with(), &package);
    write(&stage.orders(), 2, 4);
    let seen = stage.told.items(6);
    assert!(seen.values().all(|numbers| distinct(numbers) == [0, 2, 3]), "{seen:?}");
    let listed = stage.store.call(Method::GET, "docs", "dbs/shop/colls/failed", "dbs/shop/colls/failed/docs");
    let dead = listed.send().expect(200).json();
    let dead = dead["Documents"].as_array().unwrap();
    assert_eq!(dead.len(), 2, "{dead:?}");
    for letter in dead {
        assert_eq!((letter["function"].as_str(), letter["attempts"].as_u64()), (Some("follow"), Some(2)), "{letter}");
        assert!(letter["error"].as_str().unwrap().contains("never this one"), "{letter}");
        let items = letter["items"].as_array().unwrap();
        assert!(items.len() == 1 && items[0]["n"] == 1 && items[0]["_lsn"].is_u64(), "{letter}");
    }
    stage.hearth.log().with(0, &["is moved to the dead-letter container 'failed'"]);
}

#[test]
fn a_failure_is_passed_over_only_where_that_is_asked_for() {
    let fails = "if (items.some((item) => item.n === 1)) throw new Error('never this one');";
    let options = |more: &str| format!("maxItemsPerInvocation: 1, {QUICK}{more}");
    let stage = Stage::start(Hearth::with(), &follows(&options(", checkpointOnFailure: true"), fails));
    write(&stage.orders(), 1, 3);
    assert_eq!(distinct(&stage.told.items(2)["k0"]), [0, 2]);
    stage.hearth.log().with(0, &["is passed over, because function 'follow' failed and checkpointOnFailure is set"]);
    drop(stage);

    let stage = Stage::start(Hearth::with(), &follows(&options(""), fails));
    write(&stage.orders(), 1, 3);
    assert_eq!(stage.told.items(1)["k0"], [0]);
    stage.hearth.log().with(0, &["stays where it is, because function 'follow' failed"]);
    let status = eventually("the stuck range to be told", || {
        let metrics = stage.hearth.manage(Method::GET, "/metrics").send();
        let text = metrics.text();
        text.lines().any(|line| line.starts_with("hearth_feed_stuck{") && line.ends_with(" 1")).then_some(text)
    });
    assert!(status.contains("hearth_feed_lag{app=\"feeds\",function=\"follow\""), "{status}");
    // A while in which the function is called again and again.
    pause(std::time::Duration::from_secs(1));
    assert_eq!(stage.told.take(), Vec::<Value>::new(), "nothing overtakes it in its range");
}
