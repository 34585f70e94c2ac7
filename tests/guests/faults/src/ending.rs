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

/// Calls itself until the call stack is used up.
#[http(auth_level = "anonymous")]
fn recurse() -> String {
    depth(black_box(0)).to_string()
}

/// Neither the end test nor the result lets a compiler make a loop of this. Nothing here has an address, so that the
/// call stack ends before the stack in linear memory does.
#[inline(never)]
fn depth(level: u64) -> u64 {
    if level == u64::MAX { level } else { depth(level + 1).rotate_left(7) ^ level }
}

/// Calls itself until the stack in linear memory, 1 MiB, is used up: the trap is an access out of bounds.
#[http(auth_level = "anonymous")]
fn recurse_in_memory() -> String {
    frames(black_box(0)).to_string()
}

#[inline(never)]
fn frames(level: u64) -> u64 {
    let frame = black_box([level; 128]);
    if level == u64::MAX { level } else { frames(level + 1).wrapping_add(black_box(&frame)[3]) }
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
