//! Host state that cannot be reached.

use std::time::{Duration, Instant};

use hearth_tests::{Callers, Cluster, eventually, pause, test_guest};
use http::Method;

/// How long it is away in an ordinary run, in seconds: longer than every limit of a single question to it. `cargo xtask soak` has it
/// away for longer.
const SECONDS: u64 = 12;
/// No call takes longer meanwhile, on a busy machine.
const SLOWEST: Duration = Duration::from_secs(2);

#[test]
fn calls_go_on_from_memory_and_changes_are_caught_up_with() {
    let seconds = std::env::var("HEARTH_OUTAGE_SECONDS").map_or(SECONDS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let away = folder.path().join("away");
    let fault = format!("away:{}", away.display());
    let cluster = Cluster::with(3, &[("HEARTH_FAULT", &fault)]);
    cluster.publish("plain", &test_guest("faults-http"));
    cluster.spread("plain", 2);
    let warm = crate::having(&cluster, "plain");
    let edge = cluster.without("plain");
    let cold = |path: &str| cluster.call(&cluster.workers[0], "nowhere", Method::GET, path).send();
    let straight = Callers::begin(2, &cluster.call(warm, "plain", Method::GET, "/api/hello"));
    let handed = Callers::begin(1, &cluster.call(edge, "plain", Method::GET, "/api/hello"));

    std::fs::write(&away, "").unwrap();
    let begun = Instant::now();
    let first = cold("/api/hello");
    assert_eq!(
        (first.status, first.json()["error"]["code"].as_str()),
        (503, Some("StateUnavailable")),
        "{}",
        first.text()
    );
    while begun.elapsed() < Duration::from_secs(seconds) {
        let asked = Instant::now();
        let answer = cold("/api/hello").expect(503);
        assert!(answer.header("retry-after").is_some() && asked.elapsed() < SLOWEST, "after {:?}", asked.elapsed());
        pause(Duration::from_millis(300));
    }
    let change = cluster.command(&["settings", "set", "COLOUR=blue", "--app", "plain"]);
    assert!(!change.status.success(), "nobody could write it down");
    std::fs::remove_file(&away).unwrap();

    for seen in [straight.end(), handed.end()].concat() {
        assert_eq!(seen.text().as_deref(), Some("hello"), "{:?}", seen.answer);
        assert!(seen.end - seen.at < SLOWEST, "a call took {:?}", seen.end - seen.at);
    }
    eventually("an app that is not there to be known as such again", || {
        (cold("/api/hello").status == 404).then_some(())
    });
    eventually("a change to be taken again", || {
        cluster.command(&["settings", "set", "COLOUR=blue", "--app", "plain"]).status.success().then_some(())
    });
    eventually("the workers to see it", || warm.log().text().contains("plain: loaded again").then_some(()));
}

#[test]
fn a_worker_that_starts_before_its_database_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let away = folder.path().join("away");
    let fault = format!("away:{}", away.display());
    let cluster = Cluster::with(1, &[("HEARTH_FAULT", &fault)]);
    cluster.publish("plain", &test_guest("faults-http"));
    std::fs::write(&away, "").unwrap();
    std::thread::scope(|scope| {
        let starting = scope.spawn(|| cluster.worker("w2", &[]));
        pause(Duration::from_secs(2));
        std::fs::remove_file(&away).unwrap();
        let worker = starting.join().unwrap();
        let hello = cluster.call(&worker, "plain", Method::GET, "/api/hello").send();
        assert_eq!(hello.expect(200).text(), "hello");
    });
}
