//! What rings between workers.

use std::time::Duration;

use hearth_model::clock::{Clock, SystemClock};
use hearth_tests::{Cluster, pause};
use serde_json::json;

use crate::outside::Outside;
use crate::{APP, package};

/// After so long a listener with nothing to do looks by itself only once a second.
const IDLE: Duration = Duration::from_millis(1600);
/// Far below that second, far above what a bell takes.
const SOON: Duration = Duration::from_millis(250);

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn a_message_put_at_one_worker_is_begun_at_another_at_once() {
    let cluster = Cluster::start(2);
    let host = json!({ "version": "2.0", "placement": { "maxWorkers": 1 } });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.zip");
    package(&host).write(&file);
    cluster.publish(APP, &file);
    cluster.spread(APP, 1);
    let printed = cluster.command(&["queues", "connection-string", "--app", APP]);
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let mut connection = Outside::connection(&String::from_utf8(printed.stdout).unwrap());
    let other = cluster.without(APP);
    connection.endpoint = format!("{}/{}", other.queues(), connection.account);
    let outside = Outside::of(&connection);
    let times = (0..7).map(|number| {
        pause(IDLE);
        let put = SystemClock.now().as_micros();
        outside.put("bench-in", &number.to_string());
        let told = outside.next("bench-out");
        let (body, began) = told.split_once(',').unwrap();
        assert_eq!(body, number.to_string());
        Duration::from_micros(u64::try_from(began.parse::<i64>().unwrap() - put).unwrap_or_default())
    });
    let times: Vec<Duration> = times.collect();
    assert_eq!(cluster.running_on(APP).len(), 1, "it is still at the other worker alone");
    assert!(median(times.clone()) < SOON, "{times:?}");
}
