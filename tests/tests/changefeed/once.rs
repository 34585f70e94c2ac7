//! With leases in host state a batch's outputs and its position are one: each message is put once.

use hearth_tests::{Hearth, eventually, kill};

use crate::app::{expect_all, follows};
use crate::{Stage, write};

#[test]
fn each_batch_has_its_outputs_once_whoever_dies() {
    let options = "leaseStore: 'host', leaseAcquireInterval: 400, leaseRenewInterval: 700, leaseExpirationInterval: 3000, \
                   maxItemsPerInvocation: 1";
    let body =
        "await new Promise((done) => setTimeout(done, 30)); if (Math.random() < 0.2) throw new Error('by chance');";
    let stage = Stage::start(Hearth::with().workers(2).flag("--worker-lease", "2"), &follows(options, body));
    write(&stage.orders(), 6, 20);
    for _ in 0..2 {
        stage.hearth.log().with(0, &["Executed 'Functions.follow' (Succeeded"]);
        let workers = stage.hearth.pids("worker");
        kill(workers[1]);
        eventually("all workers to be there", || {
            let now = stage.hearth.pids("worker");
            (now.len() == 2 && !now.contains(&workers[1])).then_some(())
        });
    }
    let seen = stage.told.items(120);
    expect_all(&seen, 6, 20);
    for (key, numbers) in &seen {
        assert_eq!(numbers.len(), 20, "{key} was told of more than once: {numbers:?}");
    }
    let made = stage.store.call(http::Method::GET, "colls", "dbs/shop/colls/leases", "dbs/shop/colls/leases").send();
    assert_eq!(made.status, 404, "no lease container is made");
}
