//! What load balancers ask, and a worker that leaves them time to notice.

use std::time::Duration;

use hearth_tests::{Call, Callers, Cluster, eventually, test_guest};
use http::Method;

#[test]
fn health_is_answered_where_no_app_is_named() {
    let cluster = Cluster::start(1);
    cluster.publish("plain", &test_guest("faults-http"));
    cluster.spread("plain", 1);
    let worker = &cluster.workers[0];
    let ask = |host: &str, path: &str| Call::new(worker.http(), Method::GET, path).host(host).send();
    for host in ["127.0.0.1", "localhost:7071", "localhost", "10.1.2.3:80", "unknown.example.org"] {
        assert_eq!(ask(host, "/healthz").expect(200).text(), "ok\n", "{host}");
        assert_eq!(ask(host, "/readyz").expect(200).text(), "ready\n", "{host}");
    }
    // Under an app's name all paths are the app's.
    assert_eq!(ask("plain.localhost", "/healthz").expect(404).json()["error"]["code"], "RouteNotFound");
    assert_eq!(ask("localhost", "/apps/plain/readyz").expect(404).json()["error"]["code"], "RouteNotFound");
    assert_eq!(Call::new(worker.http(), Method::POST, "/readyz").host("localhost").send().status, 405);
}

#[test]
fn a_worker_that_drains_says_so_first_and_no_call_fails() {
    let mut cluster = Cluster::start(0);
    let worker = cluster.worker("w1", &["--drain-grace", "3"]);
    cluster.workers.push(worker);
    cluster.publish("plain", &test_guest("faults-http"));
    cluster.spread("plain", 1);
    let other = cluster.worker("w2", &[]);
    cluster.workers.push(other);
    let ready =
        |worker: &hearth_tests::Role| Call::new(worker.http(), Method::GET, "/readyz").host("localhost").try_send();
    let leaving = &cluster.workers[0];
    // A load balancer that follows /readyz, and callers who come in over the other worker.
    let slow = cluster.call(leaving, "plain", Method::GET, "/api/slow?chunks=60&pause=100").open();
    let over_the_other = Callers::begin(2, &cluster.call(&cluster.workers[1], "plain", Method::GET, "/api/hello"));
    let straight = Callers::begin(2, &cluster.call(leaving, "plain", Method::GET, "/api/hello"));
    leaving.terminate();
    eventually("the worker to say so", || ready(leaving).is_ok_and(|answer| answer.status == 503).then_some(()));
    assert_eq!(ready(leaving).unwrap().json()["error"]["code"], "NotReady");
    straight.go_on(20);
    for seen in straight.end() {
        assert_eq!(seen.text().as_deref(), Some("hello"), "{:?}", seen.answer);
    }
    let mut slow = slow;
    slow.finish();
    let answer = slow.answer();
    assert!(answer.broken.is_none() && answer.text().ends_with("60\n"), "{answer:?}");
    assert_eq!(cluster.workers[0].ended(), Some(0));
    over_the_other.go_on(20);
    for seen in over_the_other.end() {
        assert_eq!(seen.text().as_deref(), Some("hello"), "{:?}", seen.answer);
        assert!(seen.end - seen.at < Duration::from_secs(10));
    }
}
