//! More than one request on a connection, and requests that break off.

use std::io::{Read, Write};
use std::net::Shutdown;

use crate::Target;
use crate::answers::{Seen, connect, read, send, with_host};

fn get(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: HOST\r\n{more}\r\n")
}

fn post(body: &str) -> String {
    format!("POST /api/length HTTP/1.1\r\nhost: HOST\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn answers_come_in_the_order_of_the_requests() {
    let chunked = "POST /api/length HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    let requests = [
        get("/api/ok", ""),
        post("a"),
        get("/api/nothing", ""),
        // A body that looks like a request is a body.
        post("GET /api/smuggled HTTP/1.1\r\nhost: HOST\r\n\r\n"),
        chunked.to_owned(),
        post(""),
        get("/api/ok", "connection: close\r\n"),
        // Behind `close` nothing counts.
        get("/api/smuggled", ""),
    ];
    // The length of the fourth is that of its text with the host filled in.
    let hidden = String::from_utf8(with_host(b"GET /api/smuggled HTTP/1.1\r\nhost: HOST\r\n\r\n")).unwrap();
    let requests = requests
        .map(|request| request)
        .concat()
        .replace(&post("GET /api/smuggled HTTP/1.1\r\nhost: HOST\r\n\r\n"), &post(&hidden));
    let seen = send(requests.as_bytes());
    assert_eq!(seen.statuses(), [200, 200, 404, 200, 200, 200, 200], "{seen:?}");
    assert!(seen.closed);
    let length: u64 = hidden.bytes().map(u64::from).sum();
    let bodies: Vec<&str> = seen.answers.iter().map(|(_, body)| body.as_str()).collect();
    assert_eq!(
        [bodies[0], bodies[1], bodies[3], bodies[4], bodies[5], bodies[6]],
        ["ok", "1 97", &format!("{} {length}", hidden.len()), "2 195", "0 0", "ok",]
    );
    Target::get().unharmed();
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let mut stream = connect();
    let request = format!("{}{}", post("hello"), get("/api/ok", "connection: close\r\n"));
    for byte in with_host(request.as_bytes()) {
        stream.write_all(&[byte]).unwrap();
    }
    let seen = read(&mut stream);
    assert_eq!(seen, Seen { answers: vec![(200, "5 532".into()), (200, "ok".into())], closed: true });
}

#[test]
fn a_request_that_breaks_off_runs_nothing() {
    let whole = [
        "GET /api/smuggled HTTP/1.1\r\nhost: HOST\r\n".to_owned(),
        "GET /api/smuggled HTTP/1.1\r\nhost: HO".to_owned(),
        "GET /api/smug".to_owned(),
        "POST /api/smuggled HTTP/1.1\r\nhost: HOST\r\ncontent-length: 10\r\n\r\nhello".to_owned(),
        "POST /api/smuggled HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel".to_owned(),
        "POST /api/smuggled HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n".to_owned(),
        "POST /api/smuggled HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n".to_owned(),
    ];
    for request in whole {
        let mut stream = connect();
        stream.write_all(&with_host(request.as_bytes())).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let seen = read(&mut stream);
        assert!(matches!(seen.statuses().as_slice(), [] | [400 | 408]) && seen.closed, "{request:?}: {seen:?}");
    }
    Target::get().unharmed();
}

#[test]
fn a_body_is_asked_for_only_when_it_is_wanted() {
    let ask = |path: &str, length: u64| {
        let mut stream = connect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: HOST\r\ncontent-length: {length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(&with_host(head.as_bytes())).unwrap();
        stream
    };
    let mut wanted = ask("/api/length", 5);
    let mut interim = [0; 25];
    wanted.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    wanted.write_all(b"hello").unwrap();
    assert_eq!(read(&mut wanted), Seen { answers: vec![(200, "5 532".into())], closed: true });

    // What is refused by its head is refused at once: the first line is the answer's own.
    for (path, length, status) in [("/api/nothing", 5, 404), ("/api/length", 1 << 40, 413)] {
        let seen = read(&mut ask(path, length));
        assert_eq!((seen.statuses(), seen.closed), (vec![status], true), "{path}: {seen:?}");
    }
    // A caller that does not wait for it is as welcome.
    let mut eager = ask("/api/length", 5);
    eager.write_all(b"hello").unwrap();
    assert_eq!(read(&mut eager).statuses().last(), Some(&200));
}
