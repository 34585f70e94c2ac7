//! Links behind a reverse proxy with a path prefix: every one that is handed out leads back through the proxy.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use http::{HeaderValue, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;

use super::bench::{Place, Reply, Role, package};
use super::worker::FakeWorker;

/// Where the proxy shows management.
const PREFIX: &str = "/hearth";

/// A proxy that takes [`PREFIX`] off, and tells so in headers if it is one that does.
async fn proxy(role: &Role, tells: bool) -> SocketAddr {
    let to = role.addr;
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let pass = move |mut request: Request| {
        let client = client.clone();
        async move {
            let target = request.uri().path_and_query().unwrap().as_str();
            let Some(inner) = target.strip_prefix(PREFIX) else { return Err(StatusCode::BAD_GATEWAY) };
            *request.uri_mut() = format!("http://{to}{inner}").parse::<Uri>().unwrap();
            let headers = request.headers_mut();
            let host = headers.remove("host").unwrap();
            if tells {
                headers.insert("x-forwarded-host", host);
                headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
                headers.insert("x-forwarded-prefix", HeaderValue::from_static(PREFIX));
            }
            Ok(client.request(request).await.unwrap())
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass)).await });
    addr
}

/// Sends through the proxy at `addr`, with the admin key, as if it were known as `host`.
async fn call(role: &Role, addr: SocketAddr, host: &str, method: &str, path: &str, body: Vec<u8>) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{addr}{path}"))
        .header("host", host)
        .header("x-functions-key", &role.admin_key);
    role.send(request.body(body.into()).unwrap()).await
}

/// Every text in a document that is a link to management.
fn links(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("://") && !text.contains("fn.test") => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| links(value, found)),
        Value::Object(values) => values.values().for_each(|value| links(value, found)),
        _ => {}
    }
}

/// Publishes through the proxy and follows every link that comes back.
async fn every_link_leads_back(role: &Role, addr: SocketAddr, base: &str) {
    let _worker = FakeWorker::join(role, "w1").await;
    let host = base.strip_prefix("https://").unwrap().strip_suffix(PREFIX).unwrap();
    let path = format!("{PREFIX}/apps/shop/api/zipdeploy?isAsync=true");
    let accepted = call(role, addr, host, "POST", &path, package(&["hello"], "1")).await.expect(202);
    let mut found = vec![accepted.header("location").to_owned()];
    role.until("/api/apps/shop", |app| app["state"] == "running").await;
    for path in ["/api/apps/shop", "/api/apps/shop/publish-credentials", "/apps/shop/api/deployments"] {
        let answer = call(role, addr, host, "GET", &format!("{PREFIX}{path}"), vec![]).await.expect(200);
        links(&answer.json(), &mut found);
    }
    assert!(found.len() >= 7, "{found:?}");
    for link in found {
        let inner = link.strip_prefix(base).unwrap_or_else(|| panic!("{link} is not below {base}"));
        // A publishing site as such is no page.
        let page = if inner == "/apps/shop" { "/apps/shop/api/deployments" } else { inner };
        call(role, addr, host, "GET", &format!("{PREFIX}{page}"), vec![]).await.expect(200);
    }
}

#[tokio::test]
async fn a_public_url_with_a_path_stands_in_every_link() {
    let place = Place::new();
    let role = place
        .start_with(|options| {
            options.domain = "fn.test".into();
            options.public_url = Some("https://example.org/hearth".into());
            options.functions_url = Some("https://fn.test/f".into());
        })
        .await;
    let addr = proxy(&role, false).await;
    every_link_leads_back(&role, addr, "https://example.org/hearth").await;
    let names = r#"{"hostNames": ["shop.fn.test.example"]}"#;
    role.call("PUT", "/api/apps/shop/host-names", names).await.expect(200);
    let app = role.get("/api/apps/shop").await.json();
    assert_eq!(app["url"], "https://fn.test/f/apps/shop");
    assert_eq!(app["hostUrls"][0], "https://shop.fn.test.example");
    role.stop().await;
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_address_and_another_does_not() {
    let place = Place::new();
    let trusting = |network: &str| {
        let network = network.parse().unwrap();
        place.start_with(move |options| {
            options.trusted_proxies = vec![network];
            options.functions_url = Some("http://fn.test".into());
        })
    };
    let role = trusting("127.0.0.0/8").await;
    let addr = proxy(&role, true).await;
    every_link_leads_back(&role, addr, "https://outside.test/hearth").await;
    // The proxy's own host header names the publishing site; the one on the wire is management's.
    let reply = call(&role, addr, "shop.scm.localhost", "GET", "/hearth/api/deployments/latest", vec![]).await;
    let url = reply.expect(200).json()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://shop.scm.localhost/hearth/api/deployments/"), "{url}");
    role.stop().await;

    let role = trusting("10.0.0.0/8").await;
    let addr = proxy(&role, true).await;
    let site = call(&role, addr, "outside.test", "GET", "/hearth/api/apps/shop", vec![]).await.expect(200).json();
    assert_eq!(site["scmPathUrl"], format!("http://{}/apps/shop", role.addr));
    call(&role, addr, "shop.scm.localhost", "GET", "/hearth/api/deployments/latest", vec![]).await.expect(404);
    role.stop().await;
}
