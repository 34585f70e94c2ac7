//! A plain `wasi:http` app whose functions do what a host must survive or report; the whole-system tests publish it.
//!
//! Each function is a folder with a function.json; the component finds out by the last part of the path which one is
//! meant.

mod answer;
mod outbound;
mod streams;

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

use wasip2::clocks::monotonic_clock;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

use crate::answer::{text, whole};

/// A year, in nanoseconds.
const FOR_EVER: u64 = 365 * 24 * 3600 * 1_000_000_000;

struct App;

wasip2::http::proxy::export!(App);

impl Guest for App {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        match path.rsplit('/').next().unwrap_or_default() {
            "hello" => whole(out, 200, "hello"),
            "counter" => whole(out, 200, &count().to_string()),
            "inspect" => whole(out, 200, &inspect(&request, &target)),
            "trap" => std::process::abort(),
            "loop" => spin(),
            "hang" => monotonic_clock::subscribe_duration(FOR_EVER).block(),
            // Returns without an answer: the parameter is dropped unset.
            "no_response" => drop(out),
            "trap_midway" => streams::trap_midway(out),
            "slow" => streams::slow(out, number(query, "chunks", 10), number(query, "pause", 50)),
            "sink" => streams::sink(&request, out),
            "outbound" => outbound::relay(text(query, "url").unwrap_or_default(), out),
            _ => whole(out, 404, "no such function"),
        }
    }
}

/// How often this instance has counted: 1 for a fresh one.
fn count() -> u32 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

fn spin() {
    let mut turns = 0_u64;
    while black_box(true) {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// What the request says of itself, a line each: method, scheme, authority, path with query, headers.
fn inspect(request: &IncomingRequest, target: &str) -> String {
    let mut lines = format!(
        "method: {:?}\nscheme: {:?}\nauthority: {}\npath: {target}\n",
        request.method(),
        request.scheme(),
        request.authority().unwrap_or_default()
    );
    for (name, value) in request.headers().entries() {
        lines.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&value)));
    }
    lines
}

fn number(query: &str, name: &str, absent: u64) -> u64 {
    text(query, name).and_then(|text| text.parse().ok()).unwrap_or(absent)
}
