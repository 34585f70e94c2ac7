//! The management API apart from publishing.

use axum::body::Body;
use http::Request;

use super::bench::{Place, package};
use super::worker::FakeWorker;

#[tokio::test]
async fn apps_are_made_shown_and_deleted() {
    let place = Place::new();
    let role = place.start().await;
    let mut worker = FakeWorker::join(&role, "w1").await;
    let made = role.call("PUT", "/api/apps/shop", "").await.expect(201).json();
    assert_eq!((made["name"].as_str(), made["state"].as_str()), (Some("shop"), Some("empty")));
    assert_eq!(made["scmUrl"], format!("http://shop.scm.localhost:{}", role.addr.port()));
    role.call("PUT", "/api/apps/shop", "").await.expect(200);
    role.call("PUT", "/api/apps/scm", "").await.expect(400);
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    worker.told(|told| !told.is_empty()).await;

    role.call("DELETE", "/api/apps/shop", "").await.expect(204);
    worker.told(<[_]>::is_empty).await;
    assert_eq!(role.call("DELETE", "/api/apps/shop", "").await.expect(404).json()["code"], "app_not_found");
    role.get("/api/apps/shop").await.expect(404);
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    role.stop().await;
}

#[tokio::test]
async fn the_api_needs_the_admin_key() {
    let place = Place::new();
    let role = place.start().await;
    for path in ["/api/apps", "/api/apps/shop", "/api/workers", "/api/nothing"] {
        let none = role.send(Request::get(role.url(path)).body(Body::empty()).unwrap()).await.expect(401);
        assert_eq!(none.json()["code"], "unauthorized");
        let wrong = Request::get(role.url(path)).header("authorization", "Bearer wrong").body(Body::empty()).unwrap();
        role.send(wrong).await.expect(401);
    }
    let bearer = Request::get(role.url("/api/apps")).header("authorization", format!("bearer {}", role.admin_key));
    role.send(bearer.body(Body::empty()).unwrap()).await.expect(200);
    for path in ["/healthz", "/readyz", "/"] {
        role.send(Request::get(role.url(path)).body(Body::empty()).unwrap()).await.expect(200);
    }
    role.stop().await;
}

#[tokio::test]
async fn host_names_belong_to_one_app_and_reach_the_workers() {
    let place = Place::new();
    let role = place.start().await;
    let mut worker = FakeWorker::join(&role, "w1").await;
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    role.call("PUT", "/api/apps/other", "").await.expect(201);
    let names = r#"{"hostNames": ["Shop.Example.org"]}"#;
    let set = role.call("PUT", "/api/apps/shop/host-names", names).await.expect(200).json();
    assert_eq!(set["hostNames"][0], "shop.example.org");
    worker.told(|told| told.iter().any(|one| one.host_names == ["shop.example.org"])).await;
    role.call("PUT", "/api/apps/other/host-names", names).await.expect(409);
    role.call("PUT", "/api/apps/nowhere/host-names", names).await.expect(404);
    role.call("PUT", "/api/apps/shop/host-names", r#"{"hostNames": ["a b"]}"#).await.expect(400);
    role.call("PUT", "/api/apps/shop/host-names", vec![b' '; 2 << 20]).await.expect(413);
    role.stop().await;
}

#[tokio::test]
async fn credentials_are_kept_sealed() {
    let place = Place::new();
    let role = place.start().await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let shown = role.get("/api/apps/shop/publish-credentials").await.expect(200);
    assert_eq!(shown.json()["user"], "$shop");
    assert_eq!(shown.header("cache-control"), "no-store");
    let password = role.password("shop").await;
    let stored = role.state.apps().list().await.unwrap().remove(0).publish_credential;
    assert!(!stored.windows(password.len()).any(|window| window == password.as_bytes()));
    role.get("/api/apps/nowhere/publish-credentials").await.expect(404);
    let reset = role.call("POST", "/api/apps/shop/publish-credentials/reset", "").await.expect(200).json();
    assert_ne!(reset["password"], password.as_str());
    role.scm("GET", "shop", "/api/deployments", &password, "").await.expect(401);
    role.scm("GET", "shop", "/api/deployments", reset["password"].as_str().unwrap(), "").await.expect(200);
    role.call("POST", "/api/apps/nowhere/publish-credentials/reset", "").await.expect(404);
    role.stop().await;
}
