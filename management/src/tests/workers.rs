//! The worker protocol: joining, beating, being fenced, going missing.

use std::time::Duration;

use axum::body::Body;
use hearth_model::control::{BEAT_PATH, RegisterResponse};
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::bench::{PATIENCE, Place, package};
use super::worker::{FakeWorker, beat, beat_request, register, request};

#[tokio::test]
async fn a_worker_joins_with_the_token_and_is_listed() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    assert_eq!((worker.registered.epoch, worker.registered.lease_ms), (1, 8_000));
    assert!(worker.registered.beat_interval_ms <= 2_667);
    let list = role.get("/api/workers").await.expect(200).json();
    let shown = &list["workers"][0];
    assert_eq!((shown["name"].as_str(), shown["state"].as_str()), (Some("w1"), Some("live")));
    assert_eq!((&shown["labels"]["room"], &shown["pid"]), (&"a".into(), &4711.into()));

    let mut wrong = request(&role, "w2");
    wrong.token = "wrong".into();
    let refused = register(&role, &wrong).await.expect(401);
    assert_eq!(refused.json()["code"], "join_token_invalid");
    assert!(refused.json()["message"].as_str().unwrap().contains("join token"));
    register(&role, &request(&role, "w 2")).await.expect(400);
    let mut odd = request(&role, "w2");
    odd.control_url = "nonsense".into();
    assert_eq!(register(&role, &odd).await.expect(400).json()["code"], "worker_url_invalid");
    role.stop().await;
}

#[tokio::test]
async fn beats_are_refused_by_reason() {
    let place = Place::new();
    let role = place.start().await;
    let reply = register(&role, &request(&role, "w1")).await.expect(200);
    let first: RegisterResponse = serde_json::from_slice(&reply.body).unwrap();
    let mut wrong = first.clone();
    wrong.credential = "wrong".into();
    assert_eq!(beat(&role, &wrong, 0, vec![]).await.expect(401).json()["code"], "credential_invalid");
    let mut unknown = first.clone();
    unknown.worker = hearth_model::ids::WorkerId::parse("nobody").unwrap();
    assert_eq!(beat(&role, &unknown, 0, vec![]).await.expect(401).json()["code"], "worker_unknown");
    let none = Request::post(role.url(BEAT_PATH)).body(Body::empty()).unwrap();
    role.send(none).await.expect(401);
    beat(&role, &first, 0, vec![]).await.expect(200);

    // A beat that waits for news is answered when its worker is fenced.
    let revision = beat(&role, &first, 0, vec![]).await.expect(200).json()["revision"].as_u64().unwrap();
    let waiting = async { beat(&role, &first, revision, vec![]).await };
    let again = async {
        // Either order is right; the beat must not be answered with assignments once the other one has registered.
        register(&role, &request(&role, "w1")).await.expect(200)
    };
    let (_, second) = tokio::join!(waiting, again);
    let second: RegisterResponse = serde_json::from_slice(&second.body).unwrap();
    assert_eq!(second.epoch, 2);
    assert_eq!(beat(&role, &first, 0, vec![]).await.expect(409).json()["code"], "worker_fenced");
    beat(&role, &second, 0, vec![]).await.expect(200);
    role.stop().await;
}

#[tokio::test]
async fn news_ring_through_a_beat_that_waits() {
    let place = Place::new();
    let role = place.start_with(|options| options.worker_lease = Duration::from_secs(600)).await;
    // A single beat is held back far longer than the test waits, so an answer proves that it was rung.
    let mut worker = FakeWorker::join(&role, "w1").await;
    worker.told(<[_]>::is_empty).await;
    let published = tokio::time::timeout(Duration::from_secs(4), role.publish("shop", package(&["hello"], "1")));
    published.await.expect("a waiting beat was not rung").expect(200);
    role.stop().await;
}

#[tokio::test]
async fn a_silent_worker_goes_missing_and_its_apps_move() {
    let place = Place::new();
    let lease = Duration::from_millis(900);
    let role = place.start_with(|options| options.worker_lease = lease).await;
    let first = FakeWorker::join(&role, "w1").await;
    let second = FakeWorker::join(&role, "w2").await;
    let third = FakeWorker::join(&role, "w3").await;
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    let gone = first.registered.clone();
    drop(first);
    let app = role.until("/api/apps/shop", |app| app["runningOn"] == serde_json::json!(["w2", "w3"])).await;
    assert_eq!(app["state"], "running");
    let listed = role.get("/api/workers").await.json();
    assert_eq!((&listed["workers"][0]["name"], &listed["workers"][0]["state"]), (&"w1".into(), &"missing".into()));
    let back = beat(&role, &gone, 0, vec![]).await.expect(409);
    assert_eq!(back.json()["code"], "lease_expired");
    let returned = FakeWorker::join(&role, "w1").await;
    assert_eq!(returned.registered.epoch, 2);
    role.until("/api/workers", |list| list["workers"][0]["state"] == "live").await;
    drop((second, third));
    role.stop().await;
}

#[tokio::test]
async fn a_second_worker_of_the_same_name_takes_over() {
    let place = Place::new();
    let role = place.start().await;
    let first = FakeWorker::join(&role, "w1").await;
    let second = FakeWorker::join(&role, "w1").await;
    let refused = first.refused().await;
    assert!(refused.starts_with("409") && refused.contains("worker_fenced"), "{refused}");
    drop(second);
    role.stop().await;
}

#[tokio::test]
async fn a_stopping_role_answers_the_beats_that_wait() {
    let place = Place::new();
    let role = place.start().await;
    let reply = register(&role, &request(&role, "w1")).await.expect(200);
    let registered: RegisterResponse = serde_json::from_slice(&reply.body).unwrap();
    let revision = beat(&role, &registered, 0, vec![]).await.expect(200).json()["revision"].as_u64().unwrap();
    let last_beat = role.get("/api/workers").await.json()["workers"][0]["lastBeat"].clone();

    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let waiting = tokio::spawn(client.request(beat_request(&role.url(BEAT_PATH), &registered, revision, vec![])));
    role.until("/api/workers", |list| list["workers"][0]["lastBeat"] != last_beat).await;
    tokio::time::timeout(PATIENCE, role.stop()).await.unwrap();
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer.status(), 503);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("shutting_down"));
}
