//! An app gets workers for the messages that wait in its queues.

use hearth_tests::Cluster;
use http::Method;
use serde_json::json;

use crate::{publish_guest, reasons};

#[test]
fn messages_that_wait_bring_a_second_worker_that_takes_its_share() {
    let cluster = Cluster::start(2);
    let queues = json!({"batchSize": 1, "newBatchThreshold": 0});
    let host = json!({"version": "2.0", "placement": {"minWorkers": 1}, "extensions": {"queues": queues}});
    publish_guest(&cluster, "events", &host);
    let runs = cluster.spread("shop", 1);
    let messages: Vec<String> = (0..90).map(|number| format!("sleep:1000 {number}")).collect();
    let call = cluster.call(cluster.named(&runs[0]), "shop", Method::POST, "/api/submit");
    call.body(messages.join("\n")).send().expect(202);
    cluster.spread("shop", 2);
    let told = reasons(&cluster);
    assert!(told.contains("from 1 to 2 worker(s): messages wait in its queues for"), "{told}");
    for worker in &cluster.workers {
        worker.log().with(0, &["Executed 'Functions.work' (Succeeded"]);
    }
}
