//! An app gets workers as it is called.

use std::time::{Duration, Instant};

use hearth_tests::{Callers, Cluster};
use http::Method;
use serde_json::json;

use crate::{publish, reasons};

#[test]
fn more_calls_bring_more_workers_and_a_quiet_fewer() {
    let cluster = Cluster::with(3, &[("HEARTH_SCALE_IN_AFTER", "5")]);
    publish(&cluster, &json!({"minWorkers": 1, "targetConcurrency": 2}));
    let runs = cluster.spread("shop", 1);
    let slow = cluster.call(cluster.named(&runs[0]), "shop", Method::GET, "/api/slow?chunks=20&pause=50");
    let callers = Callers::begin(8, &slow);
    let since = Instant::now();
    cluster.spread("shop", 3);
    assert!(since.elapsed() < Duration::from_secs(40), "{:?}", since.elapsed());
    let told = reasons(&cluster);
    assert!(told.contains("2 per worker are meant (targetConcurrency)"), "{told}");
    let seen = callers.end();
    assert!(seen.iter().all(|seen| seen.text().is_some()), "no caller noticed");
    cluster.spread("shop", 1);
    let told = reasons(&cluster);
    assert!(told.contains("were enough for the last 5 s"), "{told}");
}
