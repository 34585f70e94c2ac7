//! Figures for an operator's monitoring.

use axum::body::Body;
use http::Request;

use super::bench::Place;
use super::worker::{beat, register, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_page_tells_of_management_and_its_workers_to_the_admin_key() {
    let place = Place::new();
    let role = place.start().await;
    let nobody = Request::get(role.url("/metrics")).body(Body::empty()).unwrap();
    role.send(nobody).await.expect(401);

    let registered = serde_json::from_slice(&register(&role, &request(&role, "w1")).await.expect(200).body).unwrap();
    beat(&role, &registered, 0, vec![]).await.expect(200);
    let page = role.get("/metrics").await.expect(200);
    assert!(page.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    let value = |name: &str| -> u64 {
        let found = page.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {name} in\n{}", page.text())).parse().unwrap()
    };
    assert!(value("hearth_state_commits_total{role=\"management\"}") > 0);
    assert_eq!(value("hearth_state_retries_total{role=\"worker\",worker=\"w1\"}"), 4, "as the worker told");
    assert_eq!(value("hearth_workers{state=\"live\"}"), 1);
    assert_eq!(value("hearth_scheduler_active"), 1);

    let standby = place.start_with(|options| options.spool_dir = options.spool_dir.join("second")).await;
    let page = standby.get("/metrics").await.expect(200);
    assert!(page.text().contains("hearth_scheduler_active 0\n") && !page.text().contains("worker=\"w1\""));
}
