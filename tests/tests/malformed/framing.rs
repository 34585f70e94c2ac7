//! Where a body ends: everything that two servers in a row could read differently (RFC 9112, sections 6 and 7).

use crate::answers::{answered, refused};

/// A hidden request, for whoever believes that the body before it ends early.
const HIDDEN: &str = "GET /api/smuggled HTTP/1.1\r\nhost: HOST\r\n\r\n";

/// A POST with these header lines and this after the head.
fn post(headers: &str, rest: &str) -> Vec<u8> {
    let headers: String = headers.lines().map(|line| format!("{line}\r\n")).collect();
    format!("POST /api/length HTTP/1.1\r\nhost: HOST\r\n{headers}\r\n{rest}").into_bytes()
}

/// RFC 9112, section 6.3: such a request is refused, or read by its chunks alone; either way its connection is closed, so
/// that what hides behind the chunks is nobody's request.
#[test]
fn a_length_beside_chunks_ends_the_connection() {
    let chunks = format!("0\r\n\r\n{HIDDEN}");
    refused(&[
        ("length first", post("content-length: 5\ntransfer-encoding: chunked", &chunks), &[200, 400]),
        ("chunked first", post("transfer-encoding: chunked\ncontent-length: 5", &chunks), &[200, 400]),
        ("length 0", post("content-length: 0\ntransfer-encoding: chunked", &chunks), &[200, 400]),
        (
            "length of all of it",
            post(&format!("transfer-encoding: chunked\ncontent-length: {}", chunks.len()), &chunks),
            &[200, 400],
        ),
        ("chunked with capitals", post("Content-Length: 5\nTransfer-Encoding: Chunked", &chunks), &[200, 400]),
    ]);
}

#[test]
fn a_length_is_one_number() {
    let lengths = ["+5", "-5", "-0", "5 5", "5, 6", "0x5", "5.0", "5e0", "", "five", "\u{ff15}", "5;", "5,"];
    let mut cases: Vec<(&str, Vec<u8>, &[u16])> = lengths
        .iter()
        .map(|length| (*length, post(&format!("content-length: {length}"), &format!("hello{HIDDEN}")), &[400][..]))
        .collect();
    let two = |first: u32, second: u32| {
        post(&format!("content-length: {first}\ncontent-length: {second}"), &format!("hello{HIDDEN}"))
    };
    cases.push(("two lengths", two(5, 6), &[400]));
    cases.push(("two lengths, the other order", two(6, 5), &[400]));
    cases.push(("zero and a length", two(0, 5), &[400]));
    refused(&cases);
    refused(&[
        ("beyond 64 bits", post("content-length: 18446744073709551616", "hello"), &[400]),
        ("the greatest of 64 bits", post("content-length: 18446744073709551615", "hello"), &[400, 413, 431]),
        ("beyond 63 bits", post("content-length: 9223372036854775808", "hello"), &[400, 413, 431]),
        ("digits without end", post(&format!("content-length: {}", "9".repeat(2000)), "hello"), &[400]),
    ]);
}

#[test]
fn a_coding_ends_with_chunked_and_is_no_other() {
    let encodings = [
        "identity",
        "gzip",
        "xchunked",
        "chunkedx",
        "chunked;q=1",
        "chunked, identity",
        "chunked, gzip",
        "\"chunked\"",
        "chunk",
        "chunked chunked",
        "",
        ",",
    ];
    let all = format!("5\r\nhello\r\n0\r\n\r\n{HIDDEN}");
    let mut cases: Vec<(&str, Vec<u8>, &[u16])> = encodings
        .iter()
        .map(|coding| (*coding, post(&format!("transfer-encoding: {coding}"), &all), &[400, 501][..]))
        .collect();
    let lines = "transfer-encoding: chunked\ntransfer-encoding: identity";
    cases.push(("chunked, then another line", post(lines, &all), &[400, 501]));
    cases.push(("with a length behind", post("transfer-encoding: x\ncontent-length: 5", &all), &[400, 501]));
    cases.push(("vertical tab", post("transfer-encoding: \u{b}chunked", &all), &[400, 501]));
    let old = post("transfer-encoding: chunked", &all);
    let old = String::from_utf8(old).unwrap().replace("HTTP/1.1\r\nhost", "HTTP/1.0\r\nhost").into_bytes();
    cases.push(("HTTP/1.0", old, &[400]));
    refused(&cases);
}

#[test]
fn chunks_are_read_by_the_letter() {
    let chunked = |rest: &str| post("transfer-encoding: chunked", rest);
    let broken = [
        ("a size beyond 64 bits", format!("fffffffffffffffff\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("a size that wraps", format!("10000000000000005\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("a sign", format!("+5\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("below zero", format!("-5\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("hexadecimal prefix", format!("0x5\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("no size", format!("\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("no number", format!("five\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("LF after the size", format!("5\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("LF after the data", format!("5\r\nhello\n0\r\n\r\n{HIDDEN}")),
        ("data longer than its size", format!("3\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("LF in an extension", format!("5;a\nb\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
        ("a long extension", format!("5;{}\r\nhello\r\n0\r\n\r\n{HIDDEN}", "a".repeat(70_000))),
        ("NUL", format!("5\0\r\nhello\r\n0\r\n\r\n{HIDDEN}")),
    ];
    let cases: Vec<(&str, Vec<u8>, &[u16])> =
        broken.iter().map(|(name, rest)| (*name, chunked(rest), &[400][..])).collect();
    refused(&cases);
}

#[test]
fn proper_bodies_are_read_and_nothing_behind_them_is_theirs() {
    let close = "connection: close";
    answered(&[
        ("a length", post(&format!("content-length: 5\n{close}"), "hello"), &[200]),
        ("spaces around the length", post(&format!("content-length:  \t5 \t\n{close}"), "hello"), &[200]),
        ("leading zeros", post(&format!("content-length: 0005\n{close}"), "hello"), &[200]),
        ("chunked", post(&format!("transfer-encoding: chunked\n{close}"), "5\r\nhello\r\n0\r\n\r\n"), &[200]),
        ("capitals", post(&format!("Transfer-Encoding: CHUNKED\n{close}"), "5\r\nhello\r\n0\r\n\r\n"), &[200]),
        (
            "zeros before a size",
            post(&format!("transfer-encoding: chunked\n{close}"), "0005\r\nhello\r\n000\r\n\r\n"),
            &[200],
        ),
        (
            "extensions",
            post(&format!("transfer-encoding: chunked\n{close}"), "5;a=b;c\r\nhello\r\n0;x\r\n\r\n"),
            &[200],
        ),
        (
            "trailers",
            post(&format!("transfer-encoding: chunked\n{close}"), "5\r\nhello\r\n0\r\nx-a: 1\r\n\r\n"),
            &[200],
        ),
        (
            "trailers that would frame",
            post(&format!("transfer-encoding: chunked\n{close}"), "5\r\nhello\r\n0\r\ncontent-length: 99\r\n\r\n"),
            &[200],
        ),
    ]);
}
