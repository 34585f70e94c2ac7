//! Where apps run: who decides it, by which labels, on how many workers, and what an app costs that nobody calls.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod backlog;
mod idle;
mod labels;
mod load;
mod standby;

use hearth_tests::{Cluster, Zip, test_guest};
use serde_json::json;

/// Publishes the app `shop` with this placement, and waits until it runs.
fn publish(cluster: &Cluster, placement: &serde_json::Value) {
    publish_guest(cluster, "faults-http", &json!({"version": "2.0", "placement": placement}));
}

/// The same with another test guest and a whole host.json.
fn publish_guest(cluster: &Cluster, guest: &str, host: &serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("shop.zip");
    Zip::folder(&test_guest(guest)).json("host.json", host).write(&package);
    cluster.publish("shop", &package);
}

/// Reasons of the scheduler's decisions about the app, in one text.
fn reasons(cluster: &Cluster) -> String {
    cluster.json(&["apps", "show", "shop"])["decisions"].to_string()
}
