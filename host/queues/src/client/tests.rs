mod server;

use std::time::Duration;

use hearth_model::clock::{ManualClock, Timestamp};

use super::*;
use crate::connection::{Identity, IdentityKind};
use crate::protocol::verify;
use server::{Reply, Seen, Server};

const KEY: &[u8] = b"a key that is hidden";

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_micros(1_772_366_400_000_000)))
}

fn client(endpoint: &str, credential: QueueCredential) -> QueueClient {
    with(endpoint, credential, clock(), IdentityEnvironment::default())
}

fn with(
    endpoint: &str,
    credential: QueueCredential,
    clock: Arc<ManualClock>,
    environment: IdentityEnvironment,
) -> QueueClient {
    let account = "shop".to_owned();
    let connection = QueueConnection { endpoint: endpoint.to_owned(), account, credential };
    QueueClients::new(clock, environment).client(&connection)
}

fn by_key(server: &Server) -> QueueClient {
    client(&format!("{}/shop", server.url), QueueCredential::SharedKey(KEY.to_vec()))
}

#[tokio::test]
async fn requests_are_signed_as_they_travel() {
    let server = Server::start(|_, _| Reply::status(200).header("x-ms-popreceipt", "next")).await;
    let client = by_key(&server);
    let receipt = Receipt("AgAA+/= 1".to_owned());
    assert_eq!(
        client.update("orders", "id/1", &receipt, Duration::from_millis(1500)).await,
        Ok(Receipt("next".into()))
    );
    client.put("orders", "<\u{e9}>").await.unwrap();
    client.delete("orders", "id", &receipt).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].target, "/shop/orders/messages/id%2F1?popreceipt=AgAA%2B%2F%3D%201&visibilitytimeout=2");
    assert_eq!(
        seen[1].body,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessage><MessageText>&lt;\u{e9}&gt;</MessageText></QueueMessage>"
    );
    let key = AccountKey::from_bytes(KEY.to_vec());
    for Seen { method, target, headers, .. } in &seen {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let signature = headers[AUTHORIZATION].to_str().unwrap().strip_prefix("SharedKey shop:").unwrap();
        let parts = SignedParts { method, path, query, headers };
        assert!(verify(Scheme::SharedKey, "shop", &key, &parts, signature), "{method} {target}");
        assert_eq!(headers["x-ms-date"], "Sun, 01 Mar 2026 12:00:00 GMT");
    }
}

#[tokio::test]
async fn a_shared_access_signature_stands_in_the_query() {
    let server = Server::start(|_, _| Reply::status(200)).await;
    let signature = QueueCredential::SharedAccessSignature("sv=2020&sig=a%2Bb".to_owned());
    let client = client(&server.url, signature);
    assert_eq!(client.length("orders").await, Ok(Some(0)));
    client.create("orders").await.unwrap();
    let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/orders?comp=metadata&sv=2020&sig=a%2Bb", "/orders?sv=2020&sig=a%2Bb"]);
    assert!(server.seen().iter().all(|seen| !seen.headers.contains_key(AUTHORIZATION)));
}

#[tokio::test]
async fn what_fails_for_the_moment_is_tried_again() {
    let server = Server::start(|times, _| match times {
        0 => Reply::Cut,
        1 => Reply::status(503).body("<Error><Code>ServerBusy</Code></Error>"),
        2 => Reply::status(429),
        _ => Reply::status(200).header("x-ms-approximate-messages-count", "7"),
    })
    .await;
    assert_eq!(by_key(&server).length("orders").await, Ok(Some(7)));
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_done() {
    let gone = |times: usize| if times == 0 { Reply::Cut } else { Reply::code(404, "MessageNotFound") };
    let server = Server::start(move |times, _| gone(times)).await;
    by_key(&server).delete("orders", "id", &Receipt("r".into())).await.unwrap();
    // At the first attempt it means that the message is somebody else's.
    let error = by_key(&server).delete("orders", "id", &Receipt("r".into())).await.unwrap_err();
    assert_eq!(error.kind, ClientErrorKind::MessageNotFound);
}

#[tokio::test]
async fn what_will_not_get_better_fails_at_once() {
    for (status, code, kind) in [
        (403, "AuthenticationFailed", ClientErrorKind::Denied),
        (400, "PopReceiptMismatch", ClientErrorKind::MessageNotFound),
        (404, "QueueNotFound", ClientErrorKind::QueueNotFound),
        (409, "QueueBeingDeleted", ClientErrorKind::QueueNotFound),
        (400, "OutOfRangeInput", ClientErrorKind::Other),
        (418, "a hidden <thing>", ClientErrorKind::Other),
    ] {
        let server = Server::start(move |_, _| Reply::code(status, code)).await;
        let error = by_key(&server).get("orders", 32, Duration::from_secs(600)).await.unwrap_err();
        assert_eq!((error.kind, server.seen().len()), (kind, 1), "{code}");
        let text = error.to_string();
        assert!(text.starts_with("can't get messages from the queue 'orders' at http://127.0.0.1:"), "{text}");
        assert!(text.contains(&format!("the service answered {status}")) && !text.contains("hidden"), "{text}");
    }
    let server = Server::start(|_, _| Reply::status(200).body("<html/>")).await;
    let error = by_key(&server).get("orders", 1, Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.kind, ClientErrorKind::Answer);
}

#[tokio::test]
async fn a_put_makes_the_queue_and_rings() {
    let server = Server::start(|_, seen| match (seen.method.as_str(), seen.target.contains("/messages")) {
        ("POST", _) if seen.earlier == 0 => Reply::code(404, "QueueNotFound"),
        ("PUT", false) => Reply::status(204),
        _ => Reply::status(201),
    })
    .await;
    let client = by_key(&server);
    let bell = client.bell("orders");
    client.put("orders", "x").await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), bell.notified()).await.unwrap();
    let methods: Vec<String> = server.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["POST", "PUT", "POST"]);
}

fn identity(kind: IdentityKind) -> QueueCredential {
    QueueCredential::Identity(Identity { kind })
}

/// A server that is a queue service and gives tokens besides: the first is good for an hour.
async fn with_tokens() -> Server {
    Server::start(|_, seen| {
        if seen.target.starts_with("/shop") {
            return Reply::status(200);
        }
        Reply::status(200).body(&format!(r#"{{"access_token": "token-{}", "expires_on": "1772370000"}}"#, seen.earlier))
    })
    .await
}

fn bearers(server: &Server) -> Vec<String> {
    let of_queue = server.seen().into_iter().filter(|seen| seen.target.starts_with("/shop"));
    of_queue.map(|seen| seen.headers[AUTHORIZATION].to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_expires() {
    let server = with_tokens().await;
    let environment = IdentityEnvironment {
        endpoint: Some(format!("{}/token", server.url)),
        header: Some("proof".to_owned()),
        metadata: None,
    };
    let clock = clock();
    let kind = IdentityKind::Managed { client_id: Some("mine".to_owned()) };
    let client = with(&format!("{}/shop", server.url), identity(kind), clock.clone(), environment);
    client.length("orders").await.unwrap();
    clock.advance(Duration::from_secs(54 * 60));
    client.length("orders").await.unwrap();
    clock.advance(Duration::from_secs(2 * 60));
    client.length("orders").await.unwrap();
    assert_eq!(bearers(&server), ["Bearer token-0", "Bearer token-0", "Bearer token-3"]);
    let asked = &server.seen()[0];
    assert_eq!(
        asked.target,
        "/token?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com%2F&client_id=mine"
    );
    assert_eq!(asked.headers["x-identity-header"], "proof");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_anew_once() {
    let server = Server::start(|_, seen| match seen.target.starts_with("/shop") {
        true => Reply::code(401, "InvalidAuthenticationInfo"),
        false => Reply::status(200).body(r#"{"access_token": "t", "expires_in": 3600}"#),
    })
    .await;
    let environment = IdentityEnvironment { metadata: Some(server.url.clone()), ..IdentityEnvironment::default() };
    let kind = identity(IdentityKind::Managed { client_id: None });
    let error = with(&format!("{}/shop", server.url), kind, clock(), environment).length("orders").await.unwrap_err();
    assert_eq!(error.kind, ClientErrorKind::Denied);
    let seen = server.seen();
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert_eq!(seen[0].headers["metadata"], "true");
    assert!(seen[0].target.starts_with("/metadata/identity/oauth2/token?api-version=2018-02-01&resource="));
}

#[tokio::test]
async fn an_app_registration_proves_itself_by_its_secret() {
    let server = with_tokens().await;
    let kind = IdentityKind::ClientSecret {
        tenant: "t".into(),
        client_id: "c".into(),
        secret: "hid&den".into(),
        authority: server.url.clone(),
    };
    client(&format!("{}/shop", server.url), identity(kind)).length("orders").await.unwrap();
    let asked = &server.seen()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/t/oauth2/v2.0/token"));
    assert_eq!(
        asked.body,
        "grant_type=client_credentials&client_id=c&client_secret=hid%26den&scope=https%3A%2F%2Fstorage.azure.com%2F.default"
    );
    // What it says when it refuses may repeat what it was sent.
    let server =
        Server::start(|_, _| Reply::status(401).body(r#"{"error": "invalid_client", "error_description": "hidden"}"#))
            .await;
    let kind = IdentityKind::ClientSecret {
        tenant: "t".into(),
        client_id: "c".into(),
        secret: "hidden".into(),
        authority: server.url.clone(),
    };
    let error = client(&server.url, identity(kind)).length("orders").await.unwrap_err();
    assert_eq!(error.kind, ClientErrorKind::Denied);
    let text = error.to_string();
    assert!(text.ends_with("the token service gave no token: it answered 401 invalid_client"), "{text}");
}

#[tokio::test]
async fn an_arc_agent_is_shown_what_only_its_group_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("challenge.key");
    std::fs::write(&file, "c2VjcmV0").unwrap();
    let realm = format!("Basic realm={}", file.display());
    let server = Server::start(move |_, seen| match seen.headers.get(AUTHORIZATION) {
        _ if seen.target.starts_with("/shop") => Reply::status(200),
        Some(answer) if answer == "Basic c2VjcmV0" => {
            Reply::status(200).body(r#"{"access_token": "arc", "expires_on": "1772370000"}"#)
        }
        _ => Reply::status(401).header("www-authenticate", &realm),
    })
    .await;
    let environment =
        IdentityEnvironment { endpoint: Some(format!("{}/token", server.url)), ..IdentityEnvironment::default() };
    let kind = identity(IdentityKind::Managed { client_id: None });
    with(&format!("{}/shop", server.url), kind, clock(), environment).length("orders").await.unwrap();
    assert_eq!(bearers(&server), ["Bearer arc"]);
}

#[tokio::test]
async fn one_client_for_each_connection() {
    let clients = QueueClients::new(clock(), IdentityEnvironment::default());
    let connection = |key: &[u8]| QueueConnection {
        endpoint: "http://127.0.0.1:1".into(),
        account: "shop".into(),
        credential: QueueCredential::SharedKey(key.to_vec()),
    };
    let first = clients.client(&connection(b"one"));
    assert!(Arc::ptr_eq(&first.0, &clients.client(&connection(b"one")).0));
    assert!(!Arc::ptr_eq(&first.0, &clients.client(&connection(b"two")).0));
    assert_eq!(format!("{first:?}"), "QueueClient(\"http://127.0.0.1:1\")");
}
