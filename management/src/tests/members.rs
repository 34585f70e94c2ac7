//! One-time tokens, lasting credentials and what operators decide about workers.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hearth_model::control::{BEAT_PATH, BeatRequest, JOIN_PATH, JoinRequest, RegisterRequest, RegisterResponse};
use hearth_model::join_token::JoinToken;
use hearth_state::{Delivery, join_proof};
use serde_json::{Value, json};

use super::bench::{Place, Reply, Role, package};
use super::worker::{FakeWorker, beat, register, request};
use crate::secret;

const STATE: &str = "mssql://hearth:secret@db.example.org/hearth";

async fn role(place: &Place) -> Role {
    place.start_with(|options| options.state_url = Some(STATE.into())).await
}

async fn post(role: &Role, path: &str, body: Value) -> Reply {
    role.call("POST", path, body.to_string()).await
}

async fn token(role: &Role) -> JoinToken {
    let made = post(role, "/api/workers/tokens", json!({})).await.expect(201).json();
    assert!(made["command"].as_str().unwrap().ends_with(made["token"].as_str().unwrap()));
    assert!(!made["sameMachine"].as_bool().unwrap());
    made["token"].as_str().unwrap().parse().unwrap()
}

async fn join(role: &Role, token: &JoinToken, name: &str, credential: &str) -> Reply {
    let asked = JoinRequest {
        token: hex::encode(token.id),
        proof: hex::encode(join_proof(&token.secret)),
        name: name.into(),
        credential: hex::encode(secret::hash(credential)),
    };
    role.call("POST", JOIN_PATH, serde_json::to_vec(&asked).unwrap()).await
}

fn by_credential(role: &Role, name: &str, credential: &str) -> RegisterRequest {
    RegisterRequest { token: String::new(), credential: Some(credential.into()), ..request(role, name) }
}

/// Beats, naming the credential that is stored; what it is answered as the next one.
async fn beat_holding(role: &Role, as_: &RegisterResponse, held: &str) -> Option<String> {
    let beat = BeatRequest {
        worker: as_.worker.clone(),
        epoch: as_.epoch,
        revision: 0,
        draining: false,
        apps: vec![],
        draining_reason: None,
        stopping: false,
        load: None,
        loads: Default::default(),
        credential_held: Some(hex::encode(secret::hash(held))),
        counters: Default::default(),
    };
    let request =
        http::Request::post(role.url(BEAT_PATH)).header("authorization", format!("Bearer {}", as_.credential));
    let answer = role.send(request.body(serde_json::to_vec(&beat).unwrap().into()).unwrap()).await.expect(200);
    answer.json()["credential"].as_str().map(str::to_owned)
}

fn code(reply: &Reply) -> String {
    reply.json()["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_delivers_state_and_key_to_one_worker() {
    let place = Place::new();
    let role = role(&place).await;
    let token = token(&role).await;
    assert_eq!(token.management, role.url(""));
    let answer = join(&role, &token, "m2", "mine").await.expect(200).json();
    let wrapped = STANDARD.decode(answer["delivery"].as_str().unwrap()).unwrap();
    let delivery = Delivery::open(&token.secret, "m2", &wrapped).unwrap();
    assert_eq!(*delivery.state, STATE);
    delivery.write_key_file(&place.dir.path().join("key-2")).unwrap();
    let read = |name: &str| std::fs::read(place.dir.path().join(name)).unwrap();
    assert_eq!(read("key-2"), read("key"));
    assert!(Delivery::open(&[0; 32], "m2", &wrapped).is_err());

    join(&role, &token, "m2", "mine").await.expect(200);
    for (name, credential) in [("m2", "another"), ("m3", "another")] {
        let refused = join(&role, &token, name, credential).await.expect(403);
        assert_eq!(code(&refused), "join_token_used");
    }
    let mut guessed = token.clone();
    guessed.secret = [7; 32].into();
    assert_eq!(code(&join(&role, &guessed, "m3", "x").await.expect(401)), "join_token_invalid");
    let garbled = json!({"token": "xyz", "proof": "", "name": "m3", "credential": ""});
    assert_eq!(code(&post(&role, JOIN_PATH, garbled).await.expect(401)), "join_token_invalid");
    for seconds in [0, 31 * 24 * 3600] {
        let refused = post(&role, "/api/workers/tokens", json!({"ttlSeconds": seconds})).await.expect(400);
        assert_eq!(code(&refused), "join_token_lifetime");
    }
    role.stop().await;
}

#[tokio::test]
async fn a_live_workers_name_is_not_given_away() {
    let place = Place::new();
    let role = role(&place).await;
    let live = FakeWorker::join(&role, "w1").await;
    let token = token(&role).await;
    assert_eq!(code(&join(&role, &token, "w1", "mine").await.expect(409)), "worker_name_in_use");
    join(&role, &token, "w2", "mine").await.expect(200);
    drop(live);
    role.stop().await;
}

#[tokio::test]
async fn machines_join_only_where_management_can_tell_of_host_state() {
    let place = Place::new();
    let role = place.start().await;
    let refused = post(&role, "/api/workers/tokens", json!({})).await.expect(409);
    assert_eq!(code(&refused), "join_unavailable");
    role.stop().await;
}

#[tokio::test]
async fn a_credential_is_renewed_through_beats_and_both_open_in_between() {
    let place = Place::new();
    let set = |options: &mut crate::ManagementOptions| {
        options.state_url = Some(STATE.into());
        options.credential_period = Duration::from_micros(1);
    };
    let role = place.start_with(set).await;
    let token = token(&role).await;
    join(&role, &token, "m2", "first").await.expect(200);
    assert_eq!(code(&register(&role, &by_credential(&role, "m2", "wrong")).await.expect(401)), "credential_invalid");
    let enter = async |credential: &str| -> RegisterResponse {
        let reply = register(&role, &by_credential(&role, "m2", credential)).await.expect(200);
        serde_json::from_slice(&reply.body).unwrap()
    };
    let session = enter("first").await;
    let lost = beat_holding(&role, &session, "first").await.unwrap();
    // The worker died before it stored that, and later before it could tell that it stored the next one.
    let session = enter("first").await;
    let second = beat_holding(&role, &session, "first").await.unwrap();
    assert_eq!(code(&register(&role, &by_credential(&role, "m2", &lost)).await.expect(401)), "credential_invalid");
    let session = enter(&second).await;
    assert_eq!(code(&register(&role, &by_credential(&role, "m2", "first")).await.expect(401)), "credential_invalid");
    // A confirmation by a beat is as good.
    let third = beat_holding(&role, &session, &second).await.unwrap();
    let _next = beat_holding(&role, &session, &third).await;
    assert_eq!(code(&register(&role, &by_credential(&role, "m2", &second)).await.expect(401)), "credential_invalid");
    enter(&third).await;
    role.stop().await;

    // In the ordinary course nothing is due.
    let role = place.start_with(|options| options.state_url = Some(STATE.into())).await;
    let session: RegisterResponse =
        serde_json::from_slice(&register(&role, &by_credential(&role, "m2", &third)).await.expect(200).body).unwrap();
    assert_eq!(beat_holding(&role, &session, &third).await, None);
    role.stop().await;
}

#[tokio::test]
async fn what_operators_decide_is_shown_and_outlives_management() {
    let place = Place::new();
    let role = role(&place).await;
    let workers = [FakeWorker::join(&role, "w1").await, FakeWorker::join(&role, "w2").await];
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    let third = FakeWorker::join(&role, "w3").await;
    let why = json!({"reason": "new disk"});
    let shown = post(&role, "/api/workers/w1/cordon", why.clone()).await.expect(200).json();
    assert_eq!((&shown["state"], &shown["reason"]), (&"cordoned".into(), &"new disk".into()));
    post(&role, "/api/workers/nobody/drain", json!({})).await.expect(404);

    let refused = role.call("DELETE", "/api/workers/w1", "").await.expect(409);
    assert_eq!(code(&refused), "worker_in_use");
    post(&role, "/api/workers/w1/drain", why).await.expect(200);
    role.until("/api/workers", |list| list["workers"][0]["state"] == "drained").await;
    role.until("/api/apps/shop", |app| app["runningOn"] == json!(["w2", "w3"])).await;
    role.stop().await;

    let role = self::role(&place).await;
    let listed = role.get("/api/workers").await.json();
    assert_eq!(listed["workers"][0]["reason"], "new disk");
    let resumed = FakeWorker::resume(&role, workers[0].registered.clone());
    role.until("/api/workers", |list| list["workers"][0]["state"] == "drained").await;
    role.call("POST", "/api/workers/w1/uncordon", "").await.expect(200);
    role.until("/api/workers", |list| list["workers"][0]["state"] == "live").await;
    drop((workers, third, resumed));
    role.stop().await;
}

#[tokio::test]
async fn a_removed_worker_is_out_until_it_joins_again() {
    let place = Place::new();
    let role = role(&place).await;
    join(&role, &token(&role).await, "m2", "mine").await.expect(200);
    let worker = FakeWorker::join_with(&role, by_credential(&role, "m2", "mine")).await;
    role.call("DELETE", "/api/workers/m2?force=true", "").await.expect(204);
    let registered = worker.registered.clone();
    let refused = worker.refused().await;
    assert!(refused.starts_with("403") && refused.contains("worker_removed"), "{refused}");
    assert_eq!(code(&beat(&role, &registered, 0, vec![]).await.expect(403)), "worker_removed");
    assert_eq!(code(&register(&role, &by_credential(&role, "m2", "mine")).await.expect(403)), "worker_removed");
    assert_eq!(role.get("/api/workers").await.json()["workers"], json!([]));
    role.stop().await;

    let role = self::role(&place).await;
    assert_eq!(role.get("/api/workers").await.json()["workers"], json!([]));
    assert_eq!(code(&beat(&role, &registered, 0, vec![]).await.expect(403)), "worker_removed");
    join(&role, &token(&role).await, "m2", "mine again").await.expect(200);
    let back = FakeWorker::join_with(&role, by_credential(&role, "m2", "mine again")).await;
    role.until("/api/workers", |list| list["workers"][0]["state"] == "live").await;
    drop(back);
    role.stop().await;
}

#[tokio::test]
async fn a_worker_of_the_shared_token_is_back_when_it_registers_again() {
    let place = Place::new();
    let role = role(&place).await;
    let worker = FakeWorker::join(&role, "w1").await;
    role.call("DELETE", "/api/workers/w1?force=true", "").await.expect(204);
    assert!(worker.refused().await.starts_with("403"));
    let back = FakeWorker::join(&role, "w1").await;
    role.until("/api/workers", |list| list["workers"][0]["state"] == "live").await;
    assert!(back.registered.epoch > 1);
    role.stop().await;
}
