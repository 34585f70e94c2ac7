//! Frames that are allowed one by one and harmful by the thousand: the connection ends, or it is simply served, and
//! whoever calls meanwhile is answered at once.

use std::time::{Duration, Instant};

use hearth_tests::{Connection, Protocol};
use http::Method;

use crate::Target;
use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, End, HEADERS, Http2, PING, RST_STREAM, SETTINGS, block, frame, get,
    request,
};

/// Longest a normal call may take during a flood, on a busy machine.
const SOON: Duration = Duration::from_secs(5);
const ENHANCE_YOUR_CALM: u32 = 11;

/// Memory of the worker in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", Target::get().hearth.worker())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Sends the frames again and again, `times` or until the server takes no more, with calls of others in between; then
/// tells how it ended.
#[track_caller]
fn flood(times: usize, frames: impl Fn(usize) -> Vec<u8>, first: &[u8]) -> End {
    let target = Target::get();
    let mut others = Connection::new(target.hearth.http_address(), Protocol::Http2);
    let before = resident();
    let mut connection = Http2::open();
    connection.send(first);
    for at in 0..times {
        if !connection.send(&frames(at)) {
            break;
        }
        if at % (times / 5).max(1) == 0 {
            let begin = Instant::now();
            let answer = others.send(&target.hearth.app("target").call(Method::GET, "/api/ok")).unwrap();
            assert!(answer.status == 200 && begin.elapsed() < SOON, "{} after {:?}", answer.status, begin.elapsed());
        }
    }
    let end = connection.end(1);
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "the worker grew by {grown} bytes");
    target.unharmed();
    end
}

#[test]
fn a_header_list_that_is_too_large_is_refused() {
    // 80 kB in frames that are each small enough.
    let field = block(&[("x-a", &"x".repeat(8000))]);
    let first = frame(HEADERS, END_STREAM, 1, &block(&get("/api/smuggled")));
    let middle = frame(CONTINUATION, 0, 1, &field).repeat(9);
    let bytes = [first, middle, frame(CONTINUATION, END_HEADERS, 1, &field)].concat();
    let mut connection = Http2::open();
    connection.send(&bytes);
    let end = connection.end(1);
    assert!(matches!(end, End::Answer(431) | End::Reset(_) | End::GoAway(_)), "{end:?}");
    Target::get().unharmed();
}

#[test]
fn headers_that_never_end_end_the_connection() {
    let first = frame(HEADERS, END_STREAM, 1, &block(&get("/api/smuggled")));
    let field = block(&[("x-a", &"x".repeat(1000))]);
    let end = flood(20_000, |_| frame(CONTINUATION, 0, 1, &field), &first);
    assert!(matches!(end, End::GoAway(_) | End::Closed), "{end:?}");
    let end = flood(20_000, |_| frame(CONTINUATION, 0, 1, &[]), &first);
    assert!(matches!(end, End::GoAway(_) | End::Closed), "{end:?}");
}

#[test]
fn a_small_block_that_unpacks_to_a_large_one_is_refused() {
    // The first field is put into the table; each further byte repeats it.
    let name = "x".repeat(2000);
    let indexed = [&[0x40][..], &block(&[("x-a", &name)])[1..]].concat();
    let head = [block(&get("/api/smuggled")), indexed, vec![0xbe; 8000]].concat();
    let mut connection = Http2::open();
    connection.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &head));
    let end = connection.end(1);
    assert!(matches!(end, End::Answer(431) | End::Reset(_) | End::GoAway(_)), "{end:?}");
    Target::get().unharmed();
}

#[test]
fn requests_taken_back_at_once_end_the_connection() {
    let stream = |at: usize| u32::try_from(at * 2 + 1).unwrap();
    let take_back =
        |at: usize| [request(stream(at), &get("/api/ok")), frame(RST_STREAM, 0, stream(at), &[0, 0, 0, 8])].concat();
    let end = flood(20_000, take_back, &[]);
    assert!(matches!(end, End::GoAway(ENHANCE_YOUR_CALM) | End::Closed), "{end:?}");
}

#[test]
fn pings_settings_and_empty_data_harm_nobody() {
    let begin = frame(HEADERS, END_HEADERS, 1, &block(&[get("/api/length")].concat()));
    for (name, one) in [
        ("settings", frame(SETTINGS, 0, 0, &[])),
        ("pings", frame(PING, 0, 0, &[0; 8])),
        ("empty data", frame(DATA, 0, 1, &[])),
    ] {
        // The sender reads nothing of what comes back.
        let end = flood(20_000, |_| one.clone(), &begin);
        assert!(matches!(end, End::GoAway(_) | End::Closed | End::Open), "{name}: {end:?}");
    }
}
