//! Outbound HTTP of guests through the proxy that the environment names.

use bytes::Bytes;
use hearth_tests::{Hearth, LocalServer, test_guest};
use http::{Method, Response};

fn behind(proxy: &LocalServer, no_proxy: &str) -> Hearth {
    let url = format!("http://user:secret@{}", proxy.address());
    let hearth = Hearth::with().env("HTTP_PROXY", &url).env("HTTPS_PROXY", &url).env("NO_PROXY", no_proxy).start();
    hearth.publish("faults", &test_guest("faults"));
    hearth.publish("faults-http", &test_guest("faults-http"));
    hearth
}

#[test]
fn requests_go_through_the_proxy_and_the_rule_still_holds() {
    let proxy = LocalServer::answering(|request| {
        // A tunnel is refused: only that it was asked for is of interest here.
        let status = if request.method() == Method::CONNECT { 403 } else { 200 };
        Response::builder().status(status).body(Bytes::from_static(b"from the proxy")).expect("a valid response")
    });
    let hearth = behind(&proxy, "direct.test");

    for app in ["faults", "faults-http"] {
        let answer = hearth.app(app).get("/api/outbound?url=http%3A%2F%2Fshop.test%2Fprices%3Fa%3D1");
        assert!(answer.text().contains("from the proxy"), "{app}: {}", answer.text());
    }
    let seen: Vec<String> = proxy.requests().iter().map(|request| request.uri().to_string()).collect();
    let first = &proxy.requests()[0];
    // "user:secret"
    assert_eq!(first.headers()["proxy-authorization"], "Basic dXNlcjpzZWNyZXQ=");
    assert_eq!(seen, ["http://shop.test/prices?a=1", "http://shop.test/prices?a=1"], "in the form for proxies");

    // TLS is tunnelled: the proxy is asked for the target, never for its content.
    hearth.app("faults").get("/api/outbound?url=https%3A%2F%2Fshop.test%2Fsecret");
    let last = proxy.requests().pop().expect("a third request");
    assert_eq!((last.method(), last.uri().to_string().as_str()), (&Method::CONNECT, "shop.test:443"));

    // What the rule forbids is not handed to the proxy either, nor is what needs none.
    let count = proxy.requests().len();
    for url in ["http%3A%2F%2F169.254.169.254%2Flatest", "http%3A%2F%2Flocalhost%2F", "http%3A%2F%2Fdirect.test%2F"] {
        let answer = hearth.app("faults").get(&format!("/api/outbound?url={url}"));
        assert!(!answer.text().contains("from the proxy"), "{url}: {}", answer.text());
    }
    assert_eq!(proxy.requests().len(), count);
}
