//! Frames that break the rules of HTTP/2: the connection ends with GOAWAY (RFC 9113, sections 3 to 6).

use std::io::Write;

use crate::Target;
use crate::answers::{connect, read};
use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, HEADERS, Http2, PADDED, PING, PREFACE, PRIORITY,
    PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, WITH_PRIORITY, block, frame, get, request,
};

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const STREAM_CLOSED: u32 = 5;
const FRAME_SIZE_ERROR: u32 = 6;
const COMPRESSION_ERROR: u32 = 9;

/// Sends each case over a connection of its own; the end must be GOAWAY with one of the codes, or the same for stream 1.
#[track_caller]
fn ended(cases: &[(&str, Vec<u8>, &[u32])]) {
    let mut wrong = Vec::new();
    for (name, bytes, codes) in cases {
        let mut connection = Http2::open();
        connection.send(bytes);
        let end = connection.end(1);
        let fits = match end {
            End::GoAway(code) | End::Reset(code) => codes.contains(&code),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{name}: {end:?}; wanted {codes:?}"));
        }
    }
    Target::get().unharmed();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn setting(id: u16, value: u32) -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
}

#[test]
fn the_frames_of_these_tests_are_understood() {
    let mut connection = Http2::open();
    for (stream, path, status) in [(1, "/api/ok", 200), (3, "/api/nothing", 404), (5, "/api/ok", 200)] {
        connection.send(&request(stream, &get(path)));
        assert_eq!(connection.end(stream), End::Answer(status), "{path}");
    }
    // A frame of an unknown type is passed over.
    connection.send(&frame(0xee, 0xff, 0, b"anything"));
    connection.send(&request(7, &get("/api/ok")));
    assert_eq!(connection.end(7), End::Answer(200));
}

#[test]
fn a_bad_preface_is_refused() {
    for preface in [
        &b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX",
        b"PRI / HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = connect();
        stream.write_all(preface).unwrap();
        let seen = read(&mut stream);
        assert!(seen.closed && matches!(seen.statuses().as_slice(), [] | [400 | 404 | 405 | 505]), "{seen:?}");
    }
    // Noise behind a good one.
    let mut stream = connect();
    stream.write_all(&[PREFACE, &b"not a frame, and nothing like one\r\n".repeat(3)].concat()).unwrap();
    let seen = read(&mut stream);
    assert!(seen.closed, "{seen:?}");
    Target::get().unharmed();
}

#[test]
fn frames_of_a_wrong_size_end_the_connection() {
    // The server's library calls some of them a protocol error.
    let size: &[u32] = &[FRAME_SIZE_ERROR, PROTOCOL_ERROR];
    ended(&[
        ("a frame above the limit", frame(DATA, 0, 1, &[0; 16_385]), size),
        ("a header block above the limit", frame(HEADERS, END_HEADERS, 1, &[0; 16_385]), size),
        ("a ping of 7 bytes", frame(PING, 0, 0, &[0; 7]), size),
        ("settings of 5 bytes", frame(SETTINGS, 0, 0, &[0; 5]), size),
        ("an acknowledgement with settings", frame(SETTINGS, ACK, 0, &[0; 6]), size),
        ("a window of 3 bytes", frame(WINDOW_UPDATE, 0, 0, &[0; 3]), size),
        ("a reset of 3 bytes", [request(1, &get("/api/ok")), frame(RST_STREAM, 0, 1, &[0; 3])].concat(), size),
    ]);
}

#[test]
fn frames_in_the_wrong_place_end_the_connection() {
    let error: &[u32] = &[PROTOCOL_ERROR];
    let open = frame(HEADERS, 0, 1, &block(&get("/api/smuggled")));
    let with_open = |next: Vec<u8>| [open.clone(), next].concat();
    ended(&[
        ("data without a stream", frame(DATA, END_STREAM, 1, b"x"), &[PROTOCOL_ERROR, STREAM_CLOSED]),
        ("data on the connection", frame(DATA, 0, 0, b"x"), error),
        ("headers on the connection", request(0, &get("/api/smuggled")), error),
        ("headers on a stream of the server", request(2, &get("/api/smuggled")), error),
        ("settings on a stream", frame(SETTINGS, 0, 1, &[]), error),
        ("a ping on a stream", frame(PING, 0, 1, &[0; 8]), error),
        ("a reset of an idle stream", frame(RST_STREAM, 0, 9, &[0; 4]), error),
        ("a reset of the connection", frame(RST_STREAM, 0, 0, &[0; 4]), error),
        ("a window of an idle stream", frame(WINDOW_UPDATE, 0, 9, &[0, 0, 0, 1]), error),
        ("a push", frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2]), error),
        ("a continuation of nothing", frame(CONTINUATION, END_HEADERS, 1, &[]), error),
        ("another frame inside headers", with_open(frame(PING, 0, 0, &[0; 8])), error),
        ("another stream inside headers", with_open(frame(CONTINUATION, END_HEADERS, 3, &[])), error),
        ("other headers inside headers", with_open(request(3, &get("/api/smuggled"))), error),
        ("more padding than frame", frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, &[200, 1, 2]), error),
        ("a stream that depends on itself", frame(PRIORITY, 0, 1, &[0, 0, 0, 1, 9]), error),
        (
            "headers that depend on themselves",
            frame(
                HEADERS,
                END_HEADERS | END_STREAM | WITH_PRIORITY,
                1,
                &[&[0, 0, 0, 1, 9][..], &block(&get("/api/smuggled"))].concat(),
            ),
            error,
        ),
    ]);
}

#[test]
fn settings_and_windows_out_of_range_end_the_connection() {
    ended(&[
        ("a push setting of 2", setting(2, 2), &[PROTOCOL_ERROR]),
        ("a window beyond 31 bits", setting(4, 1 << 31), &[FLOW_CONTROL_ERROR, PROTOCOL_ERROR]),
        ("a frame size of 1", setting(5, 1), &[PROTOCOL_ERROR]),
        ("a frame size beyond 24 bits", setting(5, 1 << 24), &[PROTOCOL_ERROR]),
        ("a window raised by nothing", frame(WINDOW_UPDATE, 0, 0, &[0; 4]), &[PROTOCOL_ERROR]),
        (
            "a window raised beyond 31 bits",
            [
                frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]),
                frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]),
            ]
            .concat(),
            &[FLOW_CONTROL_ERROR],
        ),
        (
            "a stream's window raised beyond 31 bits",
            [
                frame(HEADERS, END_HEADERS, 1, &block(&post("/api/length"))),
                frame(WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xff]),
            ]
            .concat(),
            &[FLOW_CONTROL_ERROR],
        ),
    ]);
}

/// The pseudo-headers of a POST.
fn post(path: &str) -> Vec<(&str, &str)> {
    get(path).into_iter().map(|(name, value)| (name, if name == ":method" { "POST" } else { value })).collect()
}

#[test]
fn header_blocks_that_cannot_be_read_end_the_connection() {
    let blocks: [(&str, Vec<u8>); 5] = [
        ("index 0", vec![0x80]),
        ("an index beyond the table", vec![0xff, 0xff, 0x7f]),
        ("a number without end", [vec![0xff], vec![0xff; 20]].concat()),
        ("a value that is cut off", vec![0x00, 0x05, b'x']),
        ("a table above the limit", vec![0x3f, 0xff, 0xff, 0xff, 0x7f]),
    ];
    let cases: Vec<(&str, Vec<u8>, &[u32])> = blocks
        .iter()
        .map(|(name, block)| {
            (*name, frame(HEADERS, END_HEADERS | END_STREAM, 1, block), &[COMPRESSION_ERROR, PROTOCOL_ERROR][..])
        })
        .collect();
    ended(&cases);
}
