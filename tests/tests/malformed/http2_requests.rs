//! Requests over HTTP/2 that are no requests: the stream is reset or refused, the connection may go on (RFC 9113,
//! section 8).

use crate::Target;
use crate::frames::{DATA, END_HEADERS, END_STREAM, End, HEADERS, Http2, block, frame, get, request};

/// Sends each header list as a request of its own; none may succeed.
#[track_caller]
fn none_succeeds(cases: &[(&str, Vec<(&str, &str)>)]) {
    let mut wrong = Vec::new();
    for (name, fields) in cases {
        let mut connection = Http2::open();
        connection.send(&request(1, fields));
        let end = connection.end(1);
        if !matches!(end, End::Reset(1) | End::GoAway(1) | End::Answer(400)) {
            wrong.push(format!("{name}: {end:?}"));
        }
    }
    Target::get().unharmed();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The request for what must not be reached, with one pseudo-header changed, left out (`None`), or as it is.
fn with<'a>(name: &str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let all = get("/api/smuggled").into_iter().map(|(other, old)| {
        let value = if other == name { value } else { Some(old) };
        value.map(|value| (other, value))
    });
    all.flatten().collect()
}

/// The same with more behind.
fn and<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [get("/api/smuggled"), more.to_vec()].concat()
}

#[test]
fn pseudo_headers_must_be_there_once_and_first() {
    none_succeeds(&[
        ("no method", with(":method", None)),
        ("no scheme", with(":scheme", None)),
        ("no path", with(":path", None)),
        ("an empty path", with(":path", Some(""))),
        ("a path without a slash", with(":path", Some("api/smuggled"))),
        ("no authority and no host", with(":authority", None)),
        ("an empty authority", with(":authority", Some(""))),
        ("a user in the authority", with(":authority", Some("user@target.localhost"))),
        ("a path in the authority", with(":authority", Some("target.localhost/x"))),
        ("two methods", and(&[(":method", "GET")])),
        ("two paths", and(&[(":path", "/api/ok")])),
        ("an unknown one", and(&[(":proto", "x")])),
        ("one of answers", and(&[(":status", "200")])),
        ("one behind a header", [vec![("x-a", "1")], get("/api/smuggled")].concat()),
        ("a method that is no word", with(":method", Some("GE T"))),
        ("a line end in the path", with(":path", Some("/api/smuggled\r\nx: y"))),
        ("a space in the path", with(":path", Some("/api/smuggled HTTP/1.1"))),
    ]);
}

#[test]
fn headers_must_be_those_of_http2() {
    none_succeeds(&[
        ("capitals", and(&[("X-A", "1")])),
        ("connection", and(&[("connection", "close")])),
        ("keep-alive", and(&[("keep-alive", "timeout=5")])),
        ("proxy-connection", and(&[("proxy-connection", "close")])),
        ("transfer-encoding", and(&[("transfer-encoding", "chunked")])),
        ("upgrade", and(&[("upgrade", "h2c")])),
        ("te", and(&[("te", "gzip")])),
        ("an empty name", and(&[("", "1")])),
        ("a space in the name", and(&[("x a", "1")])),
        ("a line end in the name", and(&[("x\r\na", "1")])),
        ("a line end in the value", and(&[("x-a", "1\r\nx-b: 2")])),
        ("NUL in the value", and(&[("x-a", "1\u{0}2")])),
    ]);
    // The same with headers that are allowed.
    let mut connection = Http2::open();
    connection.send(&request(1, &[get("/api/ok"), vec![("te", "trailers"), ("x-a", "1")]].concat()));
    assert_eq!(connection.end(1), End::Answer(200));
}

#[test]
fn a_body_has_the_length_that_was_said() {
    let post = |length: &'static str| {
        let fields = get("/api/smuggled")
            .into_iter()
            .map(|(name, value)| (name, if name == ":method" { "POST" } else { value }));
        fields.chain([("content-length", length)]).collect::<Vec<_>>()
    };
    let with_body = |length: &'static str, body: &[u8]| {
        [frame(HEADERS, END_HEADERS, 1, &block(&post(length))), frame(DATA, END_STREAM, 1, body)].concat()
    };
    let cases = [
        ("more than said", with_body("3", b"hello")),
        ("less than said", with_body("9", b"hello")),
        ("nothing instead", request(1, &post("5"))),
        ("no number", with_body("five", b"hello")),
        ("a sign", with_body("+5", b"hello")),
        ("two numbers", with_body("5, 5", b"hello")),
    ];
    for (name, bytes) in cases {
        let mut connection = Http2::open();
        connection.send(&bytes);
        let end = connection.end(1);
        assert!(matches!(end, End::Reset(1) | End::GoAway(1) | End::Answer(400)), "{name}: {end:?}");
    }
    Target::get().unharmed();
}

#[test]
fn there_is_no_tunnel() {
    for fields in [
        vec![(":method", "CONNECT"), (":authority", "example.org:443")],
        vec![
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":path", "/api/ok"),
            (":authority", &Target::get().host),
        ],
    ] {
        let mut connection = Http2::open();
        connection.send(&request(1, &fields));
        let end = connection.end(1);
        assert!(matches!(end, End::Answer(400 | 405 | 501) | End::Reset(_) | End::GoAway(1)), "{fields:?}: {end:?}");
    }
    Target::get().unharmed();
}

#[test]
fn the_authority_counts_more_than_a_host_header() {
    for (authority, host, ends) in [
        (Some(Target::get().host.as_str()), "nobody.localhost", &[End::Answer(200), End::Answer(400)][..]),
        (Some("nobody.localhost"), &Target::get().host, &[End::Answer(404), End::Answer(400)]),
        (None, &Target::get().host, &[End::Answer(200)]),
    ] {
        let mut fields: Vec<(&str, &str)> = get("/api/ok");
        fields.retain(|(name, _)| *name != ":authority");
        fields.extend(authority.map(|authority| (":authority", authority)));
        fields.push(("host", host));
        let mut connection = Http2::open();
        connection.send(&request(1, &fields));
        let end = connection.end(1);
        assert!(ends.contains(&end), "{authority:?} and {host}: {end:?}");
    }
}
