//! Request heads that are broken, oversized, or name no host (RFC 9112, sections 2, 3 and 5).

use crate::answers::{answered, refused, send};

/// A GET with these bytes between the Host header and the end of the head.
fn get(headers: &[u8]) -> Vec<u8> {
    [b"GET /api/ok HTTP/1.1\r\nhost: HOST\r\n", headers, b"\r\n"].concat()
}

/// A head that consists of these lines.
fn head(lines: &[&str]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\r\n").into_bytes()).chain(*b"\r\n").collect()
}

#[test]
fn broken_header_lines_are_refused() {
    refused(&[
        ("a space before the colon", get(b"x-a : 1\r\n"), &[400]),
        ("a tab before the colon", get(b"x-a\t: 1\r\n"), &[400]),
        ("a folded line", get(b"x-a: 1\r\n 2\r\n"), &[400]),
        ("a folded length", get(b"content-length: 1\r\n 2\r\n"), &[400]),
        ("no colon", get(b"x-a\r\n"), &[400]),
        ("no name", get(b": 1\r\n"), &[400]),
        ("a space in the name", get(b"x a: 1\r\n"), &[400]),
        ("a bracket in the name", get(b"x(a): 1\r\n"), &[400]),
        ("a letter beyond ASCII in the name", get("x-\u{e4}: 1\r\n".as_bytes()), &[400]),
        ("NUL in the value", get(b"x-a: 1\x002\r\n"), &[400]),
        ("NUL in the name", get(b"x\0a: 1\r\n"), &[400]),
        ("CR in the value", get(b"x-a: 1\r2\r\n"), &[400]),
        ("a control character in the value", get(b"x-a: 1\x012\r\n"), &[400]),
        ("DEL in the value", get(b"x-a: 1\x7f2\r\n"), &[400]),
        ("white space before the first line", head(&["GET /api/ok HTTP/1.1", " host: HOST"]), &[400]),
    ]);
}

#[test]
fn broken_request_lines_are_refused() {
    refused(&[
        ("HTTP/0.9", b"GET /api/smuggled\r\n".to_vec(), &[400]),
        ("no target", head(&["GET HTTP/1.1", "host: HOST"]), &[400]),
        ("no method", head(&["/api/smuggled HTTP/1.1", "host: HOST"]), &[400]),
        ("a method that is no word", head(&["G@T /api/smuggled HTTP/1.1", "host: HOST"]), &[400]),
        ("a space in the target", head(&["GET /api/smuggled now HTTP/1.1", "host: HOST"]), &[400]),
        ("NUL in the target", head(&["GET /api/\0smuggled HTTP/1.1", "host: HOST"]), &[400]),
        ("small letters", head(&["GET /api/smuggled http/1.1", "host: HOST"]), &[400]),
        ("HTTP/1.2", head(&["GET /api/smuggled HTTP/1.2", "host: HOST"]), &[400, 505]),
        ("HTTP/2.0", head(&["GET /api/smuggled HTTP/2.0", "host: HOST"]), &[400, 505]),
        ("HTTP/11", head(&["GET /api/smuggled HTTP/11", "host: HOST"]), &[400]),
        ("no path", head(&["GET api/smuggled HTTP/1.1", "host: HOST"]), &[400]),
        ("TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03".repeat(20), &[400]),
        ("noise", (0..=255_u8).rev().collect::<Vec<u8>>().repeat(40), &[400]),
    ]);
}

#[test]
fn a_request_names_one_host() {
    let hosts = |lines: &[&str]| {
        let lines: Vec<&str> = [&["GET /api/ok HTTP/1.1"], lines, &["connection: close"]].concat();
        head(&lines)
    };
    answered(&[
        ("no host", hosts(&[]), &[400]),
        ("an empty host", hosts(&["host:"]), &[400]),
        ("two hosts", hosts(&["host: HOST", "host: HOST"]), &[400]),
        ("two other hosts", hosts(&["host: a.localhost", "host: HOST"]), &[400]),
        ("a path", hosts(&["host: HOST/api"]), &[400]),
        ("a user", hosts(&["host: user@HOST"]), &[400]),
        ("a space", hosts(&["host: a HOST"]), &[400]),
        ("a list", hosts(&["host: HOST, HOST"]), &[400]),
        ("a port alone", hosts(&["host: :80"]), &[400]),
        ("an app that is none", hosts(&["host: nobody.localhost"]), &[404]),
    ]);
}

#[test]
fn the_target_counts_more_than_the_host_header() {
    answered(&[
        (
            "the app in the target",
            head(&["GET http://HOST/api/ok HTTP/1.1", "host: nobody.localhost", "connection: close"]),
            &[200],
        ),
        (
            "another in the target",
            head(&["GET http://nobody.localhost/api/ok HTTP/1.1", "host: HOST", "connection: close"]),
            &[404],
        ),
        (
            "a user in the target",
            head(&["GET http://user@HOST/api/ok HTTP/1.1", "host: HOST", "connection: close"]),
            &[400],
        ),
    ]);
}

#[test]
fn what_is_too_large_is_refused_with_its_own_status() {
    let long = "x".repeat(100_000);
    let many: String = (0..2000).map(|at| format!("x-{at}: 1\r\n")).collect();
    refused(&[
        ("a long target", head(&[&format!("GET /api/ok?{long} HTTP/1.1"), "host: HOST"]), &[414, 431]),
        ("a long method", head(&[&format!("{long} /api/ok HTTP/1.1"), "host: HOST"]), &[400, 431]),
        ("a long header", get(format!("x-a: {long}\r\n").as_bytes()), &[431]),
        ("a long name", get(format!("{long}: 1\r\n").as_bytes()), &[431]),
        ("many headers", get(many.as_bytes()), &[431]),
        ("a head without end", format!("GET /api/ok HTTP/1.1\r\nhost: HOST\r\nx-a: {long}").into_bytes(), &[431]),
    ]);
    let fine = "x".repeat(6000);
    answered(&[
        (
            "a target that is not",
            head(&[&format!("GET /api/ok?{fine} HTTP/1.1"), "host: HOST", "connection: close"]),
            &[200],
        ),
        (
            "a header that is not",
            head(&["GET /api/ok HTTP/1.1", "host: HOST", &format!("x-a: {fine}"), "connection: close"]),
            &[200],
        ),
    ]);
}

#[test]
fn no_proxy_and_no_mirror() {
    answered(&[
        ("a tunnel", head(&["CONNECT HOST HTTP/1.1", "host: HOST", "connection: close"]), &[405]),
        (
            "a tunnel elsewhere",
            head(&["CONNECT example.org:443 HTTP/1.1", "host: example.org:443", "connection: close"]),
            &[405],
        ),
        ("HTTP/1.0 with a host", head(&["GET /api/ok HTTP/1.0", "host: HOST"]), &[200]),
        (
            "empty lines before",
            [b"\r\n\r\n".to_vec(), head(&["GET /api/ok HTTP/1.1", "host: HOST", "connection: close"])].concat(),
            &[200],
        ),
    ]);
    // TRACE is a method like others for a function that takes all; what must not be is an echo of the request by the host.
    let trace = send(&head(&["TRACE /api/ok HTTP/1.1", "host: HOST", "x-secret: hunter2", "connection: close"]));
    assert!(matches!(trace.statuses().as_slice(), [200 | 404 | 405 | 501]), "{trace:?}");
    assert!(!trace.answers[0].1.contains("hunter2"), "{trace:?}");
}

#[test]
fn an_upgrade_is_not_taken() {
    answered(&[
        (
            "to HTTP/2",
            head(&[
                "GET /api/ok HTTP/1.1",
                "host: HOST",
                "connection: upgrade, http2-settings, close",
                "upgrade: h2c",
                "http2-settings: AAMAAABkAAQAoAAAAAIAAAAA",
            ]),
            &[200],
        ),
        (
            "to WebSocket",
            head(&[
                "GET /api/ok HTTP/1.1",
                "host: HOST",
                "connection: upgrade, close",
                "upgrade: websocket",
                "sec-websocket-version: 13",
                "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            ]),
            &[200],
        ),
    ]);
}
