//! Functions that end badly: by trap, limit or error.

use std::hint::black_box;

use hearth_sdk::prelude::*;

/// Bytes that `allocate` takes at a time.
const BLOCK: usize = 1024 * 1024;

/// A Rust panic with the query's `message`.
#[http(auth_level = "anonymous")]
fn panic(request: Request) {
    panic_with(request.query("message").unwrap_or("boom"));
}

#[inline(never)]
fn panic_with(message: &str) {
    assert!(message.is_empty(), "{message}");
}

/// The `unreachable` instruction without a word: `abort`.
#[http(auth_level = "anonymous")]
fn abort() {
    std::process::abort();
}

/// Never ends and never calls the host.
#[http(name = "loop", auth_level = "anonymous")]
fn spin() {
    let mut turns = 0_u64;
    while black_box(true) {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Calls itself until the stack is used up.
#[http(auth_level = "anonymous")]
fn recurse() -> String {
    depth(black_box(0)).to_string()
}

#[inline(never)]
fn depth(level: u64) -> u64 {
    // The frame is used after the call, so that this does not become a loop.
    let frame = black_box([level; 16]);
    if black_box(level) == u64::MAX {
        return 0;
    }
    depth(level + 1).wrapping_add(black_box(frame[3]))
}

/// Takes memory and touches it until there is none.
#[http(auth_level = "anonymous")]
fn allocate() -> String {
    let mut blocks = Vec::new();
    while black_box(true) {
        blocks.push(black_box(vec![1_u8; BLOCK]));
    }
    blocks.len().to_string()
}

/// An error with a cause: 500 without a word, both in the log.
#[http(auth_level = "anonymous")]
fn fail() -> Result<()> {
    "many".parse::<u32>().context("the count in the stock file is unreadable")?;
    Ok(())
}

/// An error made for the caller: the query's `status` and `message`.
#[http(auth_level = "anonymous")]
fn refuse(request: Request) -> Result<()> {
    let status = request.query("status").and_then(|status| status.parse().ok()).unwrap_or(409);
    Err(Error::new(status, request.query("message").unwrap_or("Not now.")))
}

/// The status of the query as it is, valid or not.
#[http(auth_level = "anonymous")]
fn status(request: Request) -> Result<Response> {
    Ok(Response::new(request.query("status").unwrap_or("200").parse()?))
}

/// A header that HTTP does not allow.
#[http(auth_level = "anonymous")]
fn bad_header() -> Response {
    Response::text("bad").with_header("x bad", "a\r\nb")
}
