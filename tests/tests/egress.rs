//! Where a guest's outbound HTTP may go, for both forms of apps.
#![cfg(unix)]

use std::net::TcpListener;

use bytes::Bytes;
use hearth_tests::{Answer, Hearth, LocalServer, test_guest};
use http::{Method, Response};

fn publish(hearth: &Hearth) {
    hearth.publish("faults", &test_guest("faults"));
    hearth.publish("faults-http", &test_guest("faults-http"));
}

/// Lets the app get `url`.
fn outbound(hearth: &Hearth, app: &str, url: &str, more: &str) -> Answer {
    let url: String = url.bytes().map(|byte| format!("%{byte:02X}")).collect();
    hearth.app(app).get(&format!("/api/outbound?url={url}{more}"))
}

#[test]
fn the_machine_itself_is_closed_unless_the_operator_opens_it() {
    let server = LocalServer::saying("from the other service");
    let hearth = Hearth::start();
    publish(&hearth);
    let port = server.address().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433"] {
        let url = format!("http://{host}:{port}/secret");
        let told = outbound(&hearth, "faults", &url, "").expect(200).json();
        if host.parse::<std::net::IpAddr>().is_ok() || host == "localhost" {
            assert_eq!(told["error"], "denied", "{host}: {told}");
            let message = told["message"].as_str().unwrap();
            assert!(message.contains("egress") && message.contains("egress-allow"), "{message}");
        }
        assert!(told["error"].is_string(), "{host}: {told}");
        let mark = hearth.log().mark();
        let answer = outbound(&hearth, "faults-http", &url, "").expect(502);
        if host == "127.0.0.1" {
            assert!(answer.text().contains("DestinationIpProhibited"), "{}", answer.text());
            hearth.log().with(mark, &["127.0.0.1 is not allowed by the egress rule", "egress-allow"]);
        }
    }
    assert!(server.requests().is_empty(), "a request came through: {:?}", server.requests());
    // Management's own port is as closed as every other.
    let told = outbound(&hearth, "faults", &format!("{}/api/apps", hearth.management()), "").json();
    assert_eq!(told["error"], "denied");
}

#[test]
fn what_the_operator_opens_can_be_called() {
    let server = LocalServer::answering(|request| {
        let body = format!("{} {} {}", request.method(), request.uri(), String::from_utf8_lossy(request.body()));
        Response::builder().status(203).body(Bytes::from(body)).unwrap()
    });
    let hearth = Hearth::with().flag("--egress-allow", "127.0.0.0/8").start();
    publish(&hearth);
    let url = format!("http://{}/stock?item=tea", server.address());
    let told = outbound(&hearth, "faults", &url, "&method=GET").expect(200).json();
    assert_eq!((&told["status"], &told["body"]), (&203.into(), &"GET /stock?item=tea ".into()), "{told}");
    let answer = outbound(&hearth, "faults-http", &url, "").expect(203);
    assert_eq!(answer.text(), "GET /stock?item=tea ");
    assert_eq!(server.requests().len(), 2);
    assert_eq!(server.requests()[0].headers()["host"], server.address().to_string().as_str());

    // Only that network: the same machine under another address stays closed.
    let told = outbound(&hearth, "faults", "http://169.254.169.254/latest/meta-data", "").json();
    assert_eq!(told["error"], "denied");
    let told = outbound(&hearth, "faults", "ftp://127.0.0.1/", "").json();
    assert_eq!(told["error"], "invalid-request", "{told}");
}

#[test]
fn a_target_that_fails_is_told_apart_from_one_that_is_closed() {
    let hearth = Hearth::with().flag("--egress-allow", "127.0.0.1/32").start();
    publish(&hearth);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let told = outbound(&hearth, "faults", &refused, "").expect(200).json();
    assert_eq!(told["error"], "failed", "{told}");
    let answer = outbound(&hearth, "faults-http", &refused, "").expect(502);
    assert!(answer.text().contains("ConnectionRefused"), "{}", answer.text());

    // An error that the function hands on is a 500, with the reason in the log only.
    let mark = hearth.log().mark();
    let url: String = refused.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = hearth.app("faults").call(Method::GET, &format!("/api/outbound_or_fail?url={url}")).send().expect(500);
    assert!(!answer.text().contains("127.0.0.1"), "{}", answer.text());
    hearth.log().with(mark, &["asking the other service"]);
}

#[test]
fn a_target_that_does_not_answer_ends_at_the_requests_timeout() {
    let hearth = Hearth::with().flag("--egress-allow", "127.0.0.1/32").start();
    publish(&hearth);
    // Connections are accepted by the system and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let told = outbound(&hearth, "faults", &url, "&timeout=200").expect(200).json();
    assert_eq!(told["error"], "timeout", "{told}");
    assert!(told["message"].as_str().unwrap().contains("200 ms"), "{told}");
}
