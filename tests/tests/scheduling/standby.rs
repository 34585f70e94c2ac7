//! Two management processes on one host state.

use std::time::{Duration, Instant};

use hearth_tests::{Callers, Cluster, Signal, alive, eventually, signal};
use http::Method;
use serde_json::json;

use crate::publish;

/// In seconds.
const LEASE: u64 = 3;

fn cluster() -> Cluster {
    Cluster::with(2, &[("HEARTH_SCHEDULER_LEASE", &LEASE.to_string())])
}

#[test]
fn when_the_one_that_decides_is_killed_the_other_takes_over_and_the_workers_follow() {
    let mut cluster = cluster();
    publish(&cluster, &json!({}));
    cluster.spread("shop", 2);
    let standby = cluster.standby("second");
    let first = cluster.management().pid();
    cluster.ask_at(&standby);
    assert_eq!(cluster.spread("shop", 2), ["w1", "w2"], "it answers by the one that decides");
    let callers = Callers::begin(1, &cluster.call(&cluster.workers[0], "shop", Method::GET, "/api/hello"));

    cluster.management().kill();
    eventually("it to end", || (!alive(first)).then_some(()));
    let since = Instant::now();
    cluster.spread("shop", 2);
    let took = since.elapsed();
    assert!(took < Duration::from_secs(LEASE + 7), "the workers report to it {took:?} later");
    publish(&cluster, &json!({"maxWorkers": 1}));
    cluster.spread("shop", 1);
    callers.go_on(5);
    let seen = callers.end();
    assert!(seen.iter().all(|seen| seen.text().is_some()), "no caller noticed");
}

#[test]
fn one_that_slept_through_its_lease_decides_nothing_any_more() {
    let mut cluster = cluster();
    publish(&cluster, &json!({}));
    cluster.spread("shop", 2);
    let standby = cluster.standby("second");
    let first = cluster.management().pid();
    signal(first, Signal::STOP);
    let mark = standby.log().mark();
    standby.log().with(mark.saturating_sub(100), &["this management process decides now"]);
    let mark = cluster.management().log().mark();
    signal(first, Signal::CONT);
    cluster.management().log().with(mark, &["another management process decides now; this one stands by"]);
    // It answers by the other one now, and what is asked of it is done.
    publish(&cluster, &json!({"maxWorkers": 1}));
    cluster.spread("shop", 1);
    cluster.ask_at(&standby);
    cluster.spread("shop", 1);
}
