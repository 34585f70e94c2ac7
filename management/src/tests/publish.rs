//! Publishing from the upload to the worker that serves.

use hearth_model::control::AssignmentRole;

use super::bench::{Place, package};
use super::worker::{Behaviour, FakeWorker};

fn serves(behaviour: &[&str]) -> Behaviour {
    Behaviour { functions: behaviour.iter().map(|name| ((*name).to_owned(), None)).collect(), ..Behaviour::default() }
}

#[tokio::test]
async fn a_published_app_runs_and_shows_its_functions() {
    let place = Place::new();
    let role = place.start().await;
    let mut worker = FakeWorker::join(&role, "w1").await;
    worker.behave(serves(&["hello"]));

    let reply = role.publish("shop", package(&["hello"], "1")).await.expect(200);
    let deployment = reply.json();
    assert_eq!((deployment["status"].as_i64(), deployment["active"].as_bool()), (Some(4), Some(true)));
    assert_eq!(deployment["provisioningState"], "Succeeded");
    assert_eq!(reply.header("scm-deployment-id"), deployment["id"].as_str().unwrap());
    let told = worker.told(|told| told.iter().any(|one| one.role == AssignmentRole::Serve)).await;
    assert_eq!(told[0].deployment.as_str(), deployment["id"].as_str().unwrap());
    assert!(role.state.packages().exists(&told[0].digest).await.unwrap());
    assert_eq!(place.spooled(), 0);

    let app = role.get("/api/apps/shop").await.expect(200).json();
    assert_eq!(app["state"], "running");
    assert_eq!(app["url"], "http://shop.localhost:7071");
    assert_eq!(app["functionList"][0]["invokeUrl"], "http://shop.localhost:7071/api/hello");
    assert_eq!(app["runningOn"][0], "w1");
    assert_eq!(app["deployments"].as_array().unwrap().len(), 1);
    let list = role.get("/api/apps").await.expect(200).json();
    assert_eq!((list["apps"][0]["name"].as_str(), list["apps"][0]["functions"].as_u64()), (Some("shop"), Some(1)));
    role.stop().await;
}

#[tokio::test]
async fn an_app_is_placed_on_two_workers() {
    let place = Place::new();
    let role = place.start().await;
    let workers = [FakeWorker::join(&role, "w1").await, FakeWorker::join(&role, "w2").await];
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    let app = role.get("/api/apps/shop").await.json();
    assert_eq!(app["runningOn"], serde_json::json!(["w1", "w2"]));
    let assigned = role.state.assignments().list().await.unwrap();
    assert_eq!(assigned.len(), 2);
    drop(workers);
    role.stop().await;
}

#[tokio::test]
async fn a_failing_version_is_refused_and_the_old_one_serves_on() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    worker.behave(serves(&["hello"]));
    let first = role.publish("shop", package(&["hello"], "1")).await.expect(200).json();

    let reason = "app.wasm imports 'foo:bar/baz', which is not given";
    worker.behave(Behaviour { fails: Some(reason.into()), ..Behaviour::default() });
    let refused = role.publish("shop", package(&["hello"], "2")).await.expect(400);
    assert!(refused.text().contains("imports 'foo:bar/baz'"), "{}", refused.text());

    let app = role.get("/api/apps/shop").await.json();
    assert_eq!((&app["activeDeployment"], &app["generation"]), (&first["id"], &1.into()));
    assert_eq!((&app["deployments"][0]["status"], &app["deployments"][1]["status"]), (&3.into(), &4.into()));
    let log = role.get("/apps/shop/api/deployments/latest/log").await.expect(200).json();
    let lines = log.as_array().unwrap();
    let line = lines.iter().find(|line| line["message"].as_str().unwrap().starts_with("w1: ")).unwrap();
    assert_eq!((&line["type"], line["message"].as_str()), (&2.into(), Some(format!("w1: {reason}").as_str())));
    let id = line["id"].as_str().unwrap();
    let alone = role.get(&format!("/apps/shop/deployments/latest/log/{id}")).await.expect(200).json();
    assert_eq!(alone[0]["message"], line["message"]);
    role.get("/apps/shop/deployments/latest/log/999").await.expect(404);
    role.stop().await;
}

#[tokio::test]
async fn functions_in_error_are_shown_and_fail_only_together() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    let broken = ("bye".to_owned(), Some("no export 'bye'".to_owned()));
    worker.behave(Behaviour { functions: vec![("hello".into(), None), broken.clone()], ..Behaviour::default() });
    role.publish("shop", package(&["hello", "bye"], "1")).await.expect(200);
    let app = role.get("/api/apps/shop").await.json();
    let shown = app["functionList"].as_array().unwrap();
    assert!(shown.iter().any(|one| one["name"] == "bye" && one["error"] == "no export 'bye'"), "{app}");

    worker.behave(Behaviour { functions: vec![broken], ..Behaviour::default() });
    let refused = role.publish("shop", package(&["bye"], "2")).await.expect(400);
    assert!(refused.text().contains("Every function is in error") && refused.text().contains("no export 'bye'"));
    role.stop().await;
}

#[tokio::test]
async fn without_a_worker_the_caller_is_told_and_the_deployment_waits() {
    let place = Place::new();
    let role = place.start_with(|options| options.publish_wait = std::time::Duration::from_secs(2)).await;
    let reply = role.publish("shop", package(&["hello"], "1")).await.expect(504);
    assert!(reply.text().contains("none is live"), "{}", reply.text());
    let waiting = role.get("/apps/shop/api/deployments/latest").await.expect(202);
    assert_eq!(waiting.json()["status"], 2);
    assert!(waiting.json()["status_text"].as_str().unwrap().contains("Waiting for a worker"));
    assert_eq!(waiting.header("location"), waiting.json()["url"].as_str().unwrap());

    let worker = FakeWorker::join(&role, "w1").await;
    let done = role.until("/apps/shop/api/deployments/latest", |latest| latest["complete"] == true).await;
    assert_eq!(done["status"], 4);
    drop(worker);
    role.stop().await;
}

#[tokio::test]
async fn rollback_brings_the_earlier_package_back() {
    let place = Place::new();
    let role = place.start().await;
    let mut worker = FakeWorker::join(&role, "w1").await;
    role.call("POST", "/api/apps/shop/rollback", "").await.expect(404);
    let first = role.publish("shop", package(&["hello"], "1")).await.expect(200).json();
    let nothing = role.call("POST", "/api/apps/shop/rollback", "").await.expect(409);
    assert_eq!(nothing.json()["code"], "nothing_to_roll_back_to");
    let digest = worker.told(|told| !told.is_empty()).await[0].digest.clone();
    role.publish("shop", package(&["hello"], "2")).await.expect(200);

    let rolled = role.call("POST", "/api/apps/shop/rollback", "").await.expect(200).json();
    assert_eq!((rolled["deployer"].as_str(), rolled["active"].as_bool()), (Some("rollback"), Some(true)));
    assert_ne!(rolled["id"], first["id"]);
    worker.told(|told| told.iter().any(|one| one.digest == digest && one.role == AssignmentRole::Serve)).await;

    let body = serde_json::json!({"deployment": first["id"], "isAsync": true}).to_string();
    role.call("POST", "/api/apps/shop/rollback", body).await.expect(202);
    role.until("/apps/shop/deployments/latest", |latest| latest["complete"] == true && latest["status"] == 4).await;
    let unknown = r#"{"deployment": "0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f"}"#;
    role.call("POST", "/api/apps/shop/rollback", unknown).await.expect(404);
    role.call("POST", "/api/apps/shop/rollback", r#"{"deployment": "yesterday"}"#).await.expect(400);
    role.call("POST", "/api/apps/shop/rollback", "{").await.expect(400);
    role.stop().await;
}

#[tokio::test]
async fn a_deployment_that_never_served_is_nothing_to_go_back_to() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    worker.behave(Behaviour { fails: Some("broken".into()), ..Behaviour::default() });
    role.publish("shop", package(&["hello"], "1")).await.expect(400);
    let failed = role.get("/apps/shop/deployments/latest").await.expect(200).json();
    let body = serde_json::json!({"deployment": failed["id"]}).to_string();
    let refused = role.call("POST", "/api/apps/shop/rollback", body).await.expect(409);
    assert_eq!(refused.json()["code"], "deployment_never_served");
    role.stop().await;
}
