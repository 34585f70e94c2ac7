//! Where apps run, by their host.json and their settings, and what is shown of it.

use std::collections::BTreeMap;

use super::bench::{COMPONENT, Place, Role, zip};
use super::worker::{FakeWorker, request};

fn package(placement: &str) -> Vec<u8> {
    let host = format!(r#"{{"version": "2.0", "placement": {placement}}}"#);
    let function = r#"{"scriptFile": "../app.wasm", "bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req"}, {"type": "http", "direction": "out", "name": "$return"}]}"#;
    zip(&[
        ("Host.json".into(), host.into_bytes()),
        ("app.wasm".into(), COMPONENT.to_vec()),
        ("hello/function.json".into(), function.as_bytes().to_vec()),
    ])
}

async fn worker(role: &Role, name: &str, room: &str) -> FakeWorker {
    let labels = BTreeMap::from([("room".to_owned(), room.to_owned())]);
    FakeWorker::join_with(role, hearth_model::control::RegisterRequest { labels, ..request(role, name) }).await
}

#[tokio::test]
async fn an_app_runs_where_its_labels_are_and_follows_its_settings() {
    let place = Place::new();
    let role = place.start().await;
    let _a = worker(&role, "a", "a").await;
    let b = worker(&role, "b", "b").await;
    role.publish("shop", package(r#"{"labels": {"room": "b"}, "maxWorkers": 3}"#)).await.expect(200);
    let shown = role.get("/api/apps/shop").await.json();
    assert_eq!(shown["runningOn"], serde_json::json!(["b"]), "{shown}");
    assert_eq!((&shown["placement"]["maxWorkers"], &shown["placement"]["labels"]["room"]), (&3.into(), &"b".into()));
    assert_eq!((&shown["decisions"][0]["kind"], &shown["decisions"][0]["worker"]), (&"placed".into(), &"b".into()));

    let settings = serde_json::json!({"set": {"AzureFunctionsJobHost__placement__labels__room": "a"}});
    role.call("PATCH", "/api/apps/shop/settings", settings.to_string()).await.expect(200);
    let moved = role.until("/api/apps/shop", |shown| shown["runningOn"] == serde_json::json!(["a"])).await;
    let reasons = moved["decisions"].to_string();
    assert!(reasons.contains("it lacks the label room=a"), "{reasons}");

    // Another management finds both the setting and what was decided.
    let registered = b.registered.clone();
    drop(b);
    role.stop().await;
    let role = place.start().await;
    let _b = FakeWorker::resume(&role, registered);
    let shown = role.get("/api/apps/shop").await.json();
    assert_eq!(shown["placement"]["labels"]["room"], "a", "{shown}");
    assert!(shown["decisions"].to_string().contains("it lacks the label room=a"), "{shown}");

    let settings = serde_json::json!({"set": {"AzureFunctionsJobHost__placement__maxWorkers": "many"}});
    role.call("PATCH", "/api/apps/shop/settings", settings.to_string()).await.expect(200);
    let told = |shown: &serde_json::Value| shown["decisions"][0]["kind"] == "configured";
    let shown = role.until("/api/apps/shop", told).await;
    assert!(shown["decisions"][0]["reason"].as_str().unwrap().contains("maxWorkers"), "{shown}");
    assert_eq!((&shown["placement"]["maxWorkers"], &shown["placement"]["labels"]["room"]), (&3.into(), &"a".into()));
    role.stop().await;
}

#[tokio::test]
async fn a_deployment_that_no_worker_may_run_says_why_it_waits() {
    let place = Place::new();
    let role = place.start_with(|options| options.publish_wait = std::time::Duration::from_secs(2)).await;
    let _a = worker(&role, "a", "a").await;
    let reply = role.publish("shop", package(r#"{"labels": {"room": "b"}}"#)).await.expect(504);
    assert!(reply.text().contains("a: it lacks the label room=b"), "{}", reply.text());
    let _b = worker(&role, "b", "b").await;
    role.until("/api/apps/shop", |shown| shown["runningOn"] == serde_json::json!(["b"])).await;
    role.stop().await;
}
