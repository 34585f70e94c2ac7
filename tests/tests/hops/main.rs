//! A call that arrives at a worker which does not have its app: another one answers, and nobody can tell.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod calls;
mod failure;
mod health;
mod outage;
mod strangers;

use hearth_tests::{Cluster, Role, test_guest};

/// Three workers, two of which have the apps `typed` (the typed world) and `plain` (`wasi:http`).
fn three() -> Cluster {
    let cluster = Cluster::start(3);
    for (app, guest) in [("typed", "faults"), ("plain", "faults-http")] {
        cluster.publish(app, &test_guest(guest));
        cluster.spread(app, 2);
    }
    cluster
}

/// A worker that has an app.
fn having<'c>(cluster: &'c Cluster, app: &str) -> &'c Role {
    cluster.named(&cluster.running_on(app)[0])
}
