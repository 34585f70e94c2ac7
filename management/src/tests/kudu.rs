//! The Kudu routes: who gets in, which status answers what, and the shapes that its clients read.

use axum::body::Body;
use http::Request;

use super::bench::{Place, Role, package, zip};
use super::worker::{Behaviour, FakeWorker};

#[tokio::test]
async fn the_publish_credential_opens_its_own_app_only() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    for app in ["shop", "other"] {
        role.call("PUT", &format!("/api/apps/{app}"), "").await.expect(201);
    }
    let password = role.password("shop").await;
    role.scm("POST", "shop", "/api/zipdeploy", &password, package(&["hello"], "1")).await.expect(200);
    role.scm("PUT", "shop", "/zipdeploy", &password, package(&["hello"], "2")).await.expect(200);
    role.scm("GET", "shop", "/api/deployments", &password, "").await.expect(200);

    for (app, password) in [("shop", "wrong"), ("other", password.as_str()), ("nowhere", password.as_str())] {
        let refused = role.scm("GET", app, "/api/deployments", password, "").await.expect(401);
        assert!(refused.header("www-authenticate").starts_with("Basic "));
        assert!(refused.text().contains(&format!("'${app}'")), "{}", refused.text());
    }
    let refused = role.scm("POST", "shop", "/api/zipdeploy", "wrong", vec![0; 3 << 20]).await.expect(401);
    assert!(refused.text().contains("not right"), "a client that is still sending must see the answer");
    let nobody = Request::get(role.url("/apps/shop/deployments")).body(Body::empty()).unwrap();
    role.send(nobody).await.expect(401).header("www-authenticate");
    // The publish credential is not the admin key.
    let admin = Request::get(role.url("/api/apps")).header("x-functions-key", &password).body(Body::empty()).unwrap();
    role.send(admin).await.expect(401);
    role.stop().await;
}

#[tokio::test]
async fn an_asynchronous_publish_is_followed_by_its_location() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let password = role.password("shop").await;
    let path = "/api/zipdeploy?isAsync=true&deployer=az%20cli&author=Ada&authorEmail=a@b.c&message=Hello";
    let reply = role.scm("POST", "shop", path, &password, package(&["hello"], "1")).await.expect(202);
    let location = reply.header("location");
    let base = format!("http://shop.scm.localhost:{}/api/deployments/latest?deployer=az%20cli&time=", role.addr.port());
    assert!(location.starts_with(&base), "{location}");
    reply.header("retry-after");
    let path = location.split_once(&role.addr.port().to_string()).unwrap().1;
    let done = loop {
        let answer = role.scm("GET", "shop", path, &password, "").await;
        match answer.status.as_u16() {
            202 => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            _ => break answer.expect(200).json(),
        }
    };
    assert_eq!(done["status"], 4);
    for (field, value) in [("author", "Ada"), ("author_email", "a@b.c"), ("deployer", "az cli"), ("message", "Hello")] {
        assert_eq!(done[field], value);
    }
    for field in ["received_time", "start_time", "end_time", "last_success_end_time"] {
        assert!(done[field].as_str().unwrap().ends_with('Z'), "{field}");
    }
    assert_eq!(
        (&done["site_name"], &done["is_temp"], &done["complete"]),
        (&"shop".into(), &false.into(), &true.into())
    );
    assert!(done["log_url"].as_str().unwrap().ends_with("/log"));
    role.stop().await;
}

#[tokio::test]
async fn the_list_of_deployments_has_a_tag() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.get("/apps/shop/deployments").await.expect(404);
    let first = role.publish("shop", package(&["hello"], "1")).await.expect(200).json();
    let second = role.publish("shop", package(&["hello"], "2")).await.expect(200).json();
    let list = role.get("/apps/shop/api/deployments").await.expect(200);
    assert_eq!((&list.json()[0]["id"], &list.json()[1]["id"]), (&second["id"], &first["id"]));
    assert_eq!((&list.json()[0]["active"], &list.json()[1]["active"]), (&true.into(), &false.into()));
    let again = Request::get(role.url("/apps/shop/api/deployments"))
        .header("x-functions-key", &role.admin_key)
        .header("if-none-match", list.header("etag"));
    role.send(again.body(Body::empty()).unwrap()).await.expect(304);
    let one = role.get(&format!("/apps/shop/deployments/{}", first["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one.json()["id"], first["id"]);
    role.get("/apps/shop/deployments/0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f").await.expect(404);
    role.get("/apps/shop/deployments/temp-1").await.expect(404);
    role.stop().await;
}

async fn post(role: &Role, kind: &str, body: Vec<u8>) -> super::bench::Reply {
    let request = Request::post(role.url("/apps/shop/zipdeploy"))
        .header("authorization", format!("Bearer {}", role.admin_key))
        .header("content-type", kind);
    role.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn any_content_type_but_json_is_a_package() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    for kind in ["application/zip", "application/octet-stream", "application/x-www-form-urlencoded"] {
        post(&role, kind, package(&["hello"], kind)).await.expect(200);
    }
    let refused = post(&role, "application/json; charset=utf-8", br#"{"packageUri": "http://x"}"#.to_vec()).await;
    assert!(refused.expect(415).text().contains("zip"));
    role.stop().await;
}

#[tokio::test]
async fn bad_packages_are_refused_with_the_reason() {
    let place = Place::new();
    let role = place.start_with(|options| options.max_package_bytes = 100_000).await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.publish("shop", package(&["hello"], "1")).await.expect(200);

    assert!(role.publish("shop", vec![]).await.expect(400).text().contains("empty"));
    let large = role.publish("shop", vec![7; 200_000]).await.expect(413);
    assert!(large.text().contains("100000 bytes"), "{}", large.text());
    let streamed = futures_util::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(vec![7u8; 10_000])));
    role.call("POST", "/apps/shop/zipdeploy", Body::from_stream(streamed)).await.expect(413);

    let mut cut = package(&["hello"], "1");
    cut.truncate(cut.len() / 2);
    let broken = br#"{"bindings": ["#.to_vec();
    let cases = [
        (b"hello, I am no zip".to_vec(), "zip"),
        (cut, "zip"),
        (zip(&[("host.json".into(), br#"{"version": "1.0"}"#.to_vec())]), "version"),
        (zip(&[("index.js".into(), b"x".to_vec())]), "host.json"),
        (
            zip(&[("host.json".into(), br#"{"version":"2.0"}"#.to_vec()), ("hello/function.json".into(), broken)]),
            "Every function is in error. hello: ",
        ),
    ];
    for (body, words) in cases {
        let refused = role.publish("shop", body).await.expect(400);
        assert!(refused.text().contains(words), "expected '{words}' in: {}", refused.text());
        assert!(refused.header("content-type").starts_with("text/plain"));
        let latest = role.get("/apps/shop/deployments/latest").await.expect(200).json();
        assert_eq!((&latest["status"], &latest["complete"]), (&3.into(), &true.into()));
        assert_eq!(latest["status_text"].as_str().unwrap().trim(), refused.text().trim());
    }
    assert_eq!(role.get("/api/apps/shop").await.json()["generation"], 1);
    assert_eq!(place.spooled(), 0);
    role.stop().await;
}

#[tokio::test]
async fn two_publishes_at_once_get_one_conflict() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    worker.behave(Behaviour { stuck: true, ..Behaviour::default() });
    role.call("POST", "/apps/shop/zipdeploy?isAsync=true", package(&["hello"], "1")).await.expect(202);
    let conflict = role.publish("shop", package(&["hello"], "2")).await.expect(409);
    assert!(conflict.text().contains("deployment currently in progress"), "{}", conflict.text());
    role.call("POST", "/api/apps/shop/rollback", "").await.expect(409);
    // Another app is not in the way.
    role.call("POST", "/apps/other/zipdeploy?isAsync=true", package(&["hello"], "1")).await.expect(202);
    role.stop().await;
}

#[tokio::test]
async fn names_and_places_that_do_not_exist_are_told() {
    let place = Place::new();
    let role = place.start().await;
    let refused = role.publish("Shop_1", package(&["hello"], "1")).await.expect(400);
    assert!(refused.text().contains("lower-case letters"), "{}", refused.text());
    assert_eq!(role.get("/api/nothing").await.expect(404).json()["code"], "not_found");
    assert_eq!(role.call("POST", "/api/workers", "").await.expect(405).json()["code"], "method_not_allowed");
    role.get("/apps/shop/deployments/latest").await.expect(404);
    role.stop().await;
}
