//! Raw bytes over a connection, and the answers that came back.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::Target;

/// A connection on which nothing comes for so long is one that the server keeps open.
const QUIET: Duration = Duration::from_secs(5);

/// What came back over one connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Status and body of each answer, in order.
    pub(crate) answers: Vec<(u16, String)>,
    /// Whether the server closed the connection.
    pub(crate) closed: bool,
}

impl Seen {
    /// The statuses alone.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        self.answers.iter().map(|(status, _)| *status).collect()
    }
}

/// A connection to the target.
pub(crate) fn connect() -> TcpStream {
    let stream = TcpStream::connect(Target::get().hearth.http_address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(QUIET)).unwrap();
    stream.set_write_timeout(Some(QUIET)).unwrap();
    stream
}

/// Sends these bytes and reads until the server closes or is quiet. `HOST` in the text is the app's authority.
pub(crate) fn send(text: &[u8]) -> Seen {
    let mut stream = connect();
    // The server may well close before it has read everything.
    let _refused = stream.write_all(&with_host(text));
    read(&mut stream)
}

/// Puts the app's authority where `HOST` stands.
pub(crate) fn with_host(text: &[u8]) -> Vec<u8> {
    let host = Target::get().host.as_bytes();
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(4).position(|window| window == b"HOST") {
        bytes.extend_from_slice(&rest[..at]);
        bytes.extend_from_slice(host);
        rest = &rest[at + 4..];
    }
    bytes.extend_from_slice(rest);
    bytes
}

/// Reads answers until the server closes or is quiet.
pub(crate) fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let closed = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break false,
            // A reset ends it just as well.
            Err(_) => break true,
        }
    };
    Seen { answers: parse(&bytes), closed }
}

/// The answers in these bytes, by their own framing. Bytes that are none become an answer with status 0.
fn parse(mut bytes: &[u8]) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let Some((status, body, rest)) = one(bytes) else {
            answers.push((0, String::from_utf8_lossy(bytes).into_owned()));
            break;
        };
        answers.push((status, body));
        bytes = rest;
    }
    answers
}

fn one(bytes: &[u8]) -> Option<(u16, String, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut rest = &bytes[end + 4..];
    let status = head.strip_prefix("HTTP/1.1 ").or_else(|| head.strip_prefix("HTTP/1.0 "))?.get(..3)?.parse().ok()?;
    let header = |wanted: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    assert!(header("transfer-encoding").is_none(), "answers here have lengths: {head}");
    let length: usize = header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    let body = String::from_utf8_lossy(rest.get(..length)?).into_owned();
    rest = &rest[length..];
    Some((status, body, rest))
}

/// Sends each case and sees that it got one answer with one of the statuses (0: none at all), and that the connection was
/// closed. Tells every case that differs.
#[track_caller]
pub(crate) fn refused(cases: &[(&str, Vec<u8>, &[u16])]) {
    let mut wrong = Vec::new();
    for (name, bytes, allowed) in cases {
        let seen = send(bytes);
        let one = match seen.statuses().as_slice() {
            [] => allowed.contains(&0),
            [status] => allowed.contains(status),
            _ => false,
        };
        if !one || !seen.closed {
            wrong.push(format!("{name}: {seen:?}; allowed: {allowed:?}, closed"));
        }
    }
    Target::get().unharmed();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends each case and sees that the answers have exactly these statuses.
#[track_caller]
pub(crate) fn answered(cases: &[(&str, Vec<u8>, &[u16])]) {
    let mut wrong = Vec::new();
    for (name, bytes, statuses) in cases {
        let seen = send(bytes);
        if seen.statuses() != *statuses || !seen.closed {
            wrong.push(format!("{name}: {seen:?}; wanted: {statuses:?}, closed"));
        }
    }
    Target::get().unharmed();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
