//! Events go on while management is away.

use hearth_tests::{Cluster, test_guest};

use crate::{APP, Store};

#[test]
fn a_worker_that_starts_while_management_is_away_listens_for_what_was_its_own() {
    let mut cluster = Cluster::start(1);
    cluster.publish(APP, &test_guest("events"));
    cluster.spread(APP, 1);
    let store = Store::at(cluster.state_file().parent().unwrap(), APP);
    cluster.stop_management();
    cluster.workers.remove(0).kill();
    store.put("work", "nobody calls");
    let worker = cluster.worker("w1", &[]);
    assert_eq!(store.done(1)["nobody calls"].len(), 1);
    // Its timers run as well.
    worker.log().with(0, &["Executed 'Functions.tick' (Succeeded"]);
}
