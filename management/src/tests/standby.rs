//! Two management processes on one host state: one decides, the other answers by it and takes over.

use std::time::{Duration, Instant};

use super::bench::{Place, package};
use super::worker::FakeWorker;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_answers_by_the_active_one_and_takes_over_at_an_orderly_stop() {
    let place = Place::new();
    let active = place.start().await;
    let standby = place.start_with(|options| options.spool_dir = options.spool_dir.join("second")).await;
    // The worker only knows the standby.
    let _worker = FakeWorker::join(&standby, "w1").await;
    standby.publish("shop", package(&["hello"], "1")).await.expect(200);
    let shown = active.get("/api/apps/shop").await.expect(200).json();
    assert_eq!(shown["state"], "running");
    let by_standby = standby.get("/api/apps/shop").await.expect(200).json();
    assert_eq!(by_standby["runningOn"], serde_json::json!(["w1"]));
    let link = by_standby["scmPathUrl"].as_str().unwrap();
    assert!(link.contains(&standby.addr.port().to_string()), "links lead back to where the caller asked: {link}");
    standby.get("/api/apps/none").await.expect(404);
    standby.get("/readyz").await.expect(200);

    active.stop().await;
    let since = Instant::now();
    // The request waits for the takeover.
    standby.get("/api/apps/shop").await.expect(200);
    assert!(since.elapsed() < Duration::from_secs(3), "the lease was given back: {:?}", since.elapsed());
    let _other = FakeWorker::join(&standby, "w2").await;
    standby.publish("shop", package(&["hello"], "2")).await.expect(200);
    standby.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_from_one_that_was_cut_off() {
    let place = Place::new();
    let short = Duration::from_secs(2);
    let active = place.start_with(|options| options.scheduler_lease = short).await;
    let worker = FakeWorker::join(&active, "w1").await;
    active.publish("shop", package(&["hello"], "1")).await.expect(200);
    let standby = place
        .start_with(|options| {
            options.scheduler_lease = short;
            options.spool_dir = options.spool_dir.join("second");
        })
        .await;
    drop(worker);
    active.kill().await;
    let since = Instant::now();
    let shown = standby.get("/api/apps/shop").await.expect(200).json();
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}", since.elapsed());
    assert!(shown["activeDeployment"].is_string(), "what was published is there: {shown}");
    standby.stop().await;
}
