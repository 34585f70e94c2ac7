//! Bodies that take their time, break off, or never end.

use wasip2::clocks::monotonic_clock;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};
use wasip2::io::streams::{InputStream, StreamError};

use crate::answer::{start, whole};

/// Bytes that `sink` takes at most in one step.
const CHUNK: u64 = 64 * 1024;

/// Head and first bytes go out, then the instance traps.
pub(crate) fn trap_midway(out: ResponseOutparam) {
    if let Some(answer) = start(out, 200) {
        answer.send(b"first part\n");
    }
    std::process::abort();
}

/// `chunks` lines with their number, `pause` milliseconds before each.
pub(crate) fn slow(out: ResponseOutparam, chunks: u64, pause: u64) {
    let Some(answer) = start(out, 200) else { return };
    for chunk in 1..=chunks {
        monotonic_clock::subscribe_duration(pause.saturating_mul(1_000_000)).block();
        if !answer.send(format!("{chunk}\n").as_bytes()) {
            return;
        }
    }
    answer.finish();
}

/// Reads the body to its end and answers its length in bytes.
pub(crate) fn sink(request: &IncomingRequest, out: ResponseOutparam) {
    let Ok(body) = request.consume() else { return };
    let Ok(input) = body.stream() else { return };
    match length(&input) {
        Ok(bytes) => whole(out, 200, &bytes.to_string()),
        Err(error) => whole(out, 400, &format!("the body broke off: {error}")),
    }
}

fn length(input: &InputStream) -> Result<usize, StreamError> {
    let mut bytes = 0;
    loop {
        match input.blocking_read(CHUNK) {
            Ok(chunk) => bytes += chunk.len(),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(error),
        }
    }
}
