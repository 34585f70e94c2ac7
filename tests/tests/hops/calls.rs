//! What functions and callers see is the same on both ways.

use hearth_tests::{Answer, Connection, LONG, Protocol, Role, eventually};
use http::Method;

use crate::{having, three};

const APPS: [&str; 2] = ["typed", "plain"];

#[test]
fn requests_and_answers_are_the_same_on_both_ways() {
    let cluster = three();
    for app in APPS {
        let (with, without) = (having(&cluster, app), cluster.without(app));
        for protocol in [Protocol::Http1, Protocol::Http2] {
            for method in [Method::GET, Method::POST, Method::HEAD, Method::DELETE] {
                let ask = |worker: &Role| {
                    let call = cluster
                        .call(worker, app, method.clone(), "/api/inspect?b=%20x&a=1&a=2")
                        .header("x-hearth-hop", "made up")
                        .header("x-forwarded-for", "192.0.2.7")
                        .header("x-own", "one")
                        .header("x-own", "two");
                    let call = if method == Method::POST { call.piece("some ").piece("text") } else { call };
                    Connection::new(worker.http(), protocol).send(&call).unwrap()
                };
                let (straight, handed) = (ask(with), ask(without));
                assert_eq!(seen(&straight), seen(&handed), "{app} {method} {protocol:?}");
                let headers = |answer| headers(answer, app == "typed");
                assert_eq!(headers(&straight), headers(&handed), "{app} {method} {protocol:?}");
                assert!(!straight.text().contains("made up"), "{}", straight.text());
            }
        }
        assert_eq!(cluster.running_on(app).len(), 2, "nobody loaded it for the calls");
    }
}

/// The answer without what differs from call to call.
fn seen(answer: &Answer) -> (u16, String) {
    let text = answer.text();
    let lines = text.lines().filter(|line| !line.starts_with("x-ms-invocation-id"));
    let text = lines.collect::<Vec<_>>().join("\n");
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(mut json) => {
            if let Some(id) = json.pointer_mut("/invocation/id") {
                id.take();
            }
            // The order of different headers means nothing.
            if let Some(headers) = json.get_mut("headers").and_then(|headers| headers.as_array_mut()) {
                headers.sort_by_key(ToString::to_string);
            }
            (answer.status, json.to_string())
        }
        Err(_) => {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            (answer.status, lines.join("\n"))
        }
    }
}

/// `framed`: with those about the body's length. Of a `wasi:http` answer it is chance whether all of it is there when the head is sent.
fn headers(answer: &Answer, framed: bool) -> Vec<(String, String)> {
    let left_out = |name: &str| name == "date" || !framed && matches!(name, "content-length" | "transfer-encoding");
    let all = answer.headers.iter().filter(|(name, _)| !left_out(name.as_str()));
    let mut all: Vec<_> = all.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    all.sort_unstable();
    all
}

#[test]
fn addresses_by_path_keys_and_errors_are_the_same_on_both_ways() {
    let cluster = three();
    let (with, without) = (having(&cluster, "typed"), cluster.without("typed"));
    for (path, status) in [("/apps/typed/api/inspect?a=1", 200), ("/apps/typed/api/nothing", 404), ("/apps/typed", 200)]
    {
        let ask =
            |worker: &Role| cluster.call(worker, "typed", Method::GET, path).host("127.0.0.1").send().expect(status);
        assert_eq!(seen(&ask(with)), seen(&ask(without)), "{path}");
    }
    let status = |worker: &Role, key: &str| {
        let call = cluster.call(worker, "typed", Method::GET, "/admin/host/status").header("x-functions-key", key);
        call.send().status
    };
    assert_eq!((status(with, "wrong"), status(without, "wrong")), (401, 401));
    let failed = cluster.call(without, "typed", Method::GET, "/api/panic").send().expect(500);
    assert!(failed.json()["error"]["invocationId"].is_string(), "{}", failed.text());
}

#[test]
fn bodies_of_any_size_stream_both_ways() {
    const LARGE: usize = 100 << 20;
    let cluster = three();
    let without = cluster.without("plain");
    let call = |path: &str| cluster.call(without, "plain", Method::POST, path);

    // With a length, and in chunks of which nobody knows how many come.
    assert_eq!(call("/api/sink").body(vec![7; LARGE]).within(2 * LONG).send().expect(200).text(), LARGE.to_string());
    let piece = vec![7; 1 << 20];
    let sent = call("/api/sink").send_chunks((0..40).map(|_| piece.as_slice()));
    assert_eq!(sent.expect(200).text(), (40 << 20).to_string());

    // What the function sends arrives when it is sent.
    let mut slow = call("/api/slow?chunks=1000&pause=20").open();
    slow.finish();
    slow.until("3\n");
    drop(slow);

    let large = cluster.call(cluster.without("typed"), "typed", Method::GET, &format!("/api/big?bytes={}", 20 << 20));
    assert_eq!(large.send().expect(200).body.len(), 20 << 20);
    let mut connection = Connection::new(without.http(), Protocol::Http2);
    for _ in 0..3 {
        let call = call("/api/sink").piece(piece.clone()).piece(piece.clone());
        assert_eq!(connection.send(&call).unwrap().expect(200).text(), (2 << 20).to_string());
    }
}

#[test]
fn a_caller_that_goes_away_ends_the_hop() {
    let cluster = three();
    let without = cluster.without("plain");
    let mut slow = cluster.call(without, "plain", Method::GET, "/api/slow?chunks=100000&pause=20").open();
    slow.until("2\n");
    drop(slow);
    // The function finds that nobody takes its answer, and ends; so no worker has anything left to wait for.
    let names = cluster.running_on("plain");
    let log = |name: &str| cluster.named(name).log().text();
    eventually("the worker that ran it to let it go", || {
        names.iter().any(|name| log(name).contains("Executed 'Functions.slow'")).then_some(())
    });
}

#[test]
fn a_body_that_breaks_off_breaks_off_for_the_caller() {
    let cluster = three();
    // Whether the head of the answer gets out before the break is chance; that it looks complete must not be.
    let complete = |worker: &Role| {
        let answer = cluster.call(worker, "plain", Method::GET, "/api/trap_midway").try_send();
        answer.is_ok_and(|answer| answer.broken.is_none())
    };
    // A call that was lost and may be repeated is taken by the worker itself, which then has the app as well.
    let (without, having) = (cluster.without("plain"), having(&cluster, "plain"));
    for _ in 0..5 {
        assert!(!complete(without) && !complete(having));
    }
}
