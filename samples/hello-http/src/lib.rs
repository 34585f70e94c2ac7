//! A plain `wasi:http` component: nothing in it knows Hearth, `wasmtime serve` runs it too.
//!
//! It gets every request of its functions with the path as the caller sent it, prefix included, and streams: the
//! answer to `echo` begins before the request has ended, `count` sends a line at a time.

use wasip2::clocks::monotonic_clock;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::{OutputStream, StreamError};

/// Pause between two lines of `count`, in nanoseconds.
const PAUSE: u64 = 100_000_000;
/// Bytes that `echo` moves at most in one step.
const CHUNK: u64 = 64 * 1024;

struct App;

wasip2::http::proxy::export!(App);

impl Guest for App {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        match path.rsplit('/').next() {
            Some("hello") => answer(out, 200, |body| body.blocking_write_and_flush(b"Hello, WASI!\n")),
            Some("echo") => answer(out, 200, |body| echo(&request, body)),
            Some("count") => answer(out, 200, count),
            _ => answer(out, 404, |body| body.blocking_write_and_flush(b"No such function.\n")),
        }
    }
}

/// Sends the head, then the body as `write` produces it. An error means that the caller has gone: nothing is left to do.
fn answer(out: ResponseOutparam, status: u16, write: impl FnOnce(&OutputStream) -> Result<(), StreamError>) {
    let headers = Fields::new();
    // Neither fails: the name is no forbidden one, the status is a valid one, the body is taken once.
    let _ = headers.append("content-type", b"text/plain; charset=utf-8");
    let response = OutgoingResponse::new(headers);
    let _ = response.set_status_code(status);
    let Ok(body) = response.body() else { return };
    ResponseOutparam::set(out, Ok(response));

    let written = match body.write() {
        // The stream ends its life before the body is finished, as the interface asks.
        Ok(stream) => write(&stream),
        Err(()) => return,
    };
    // A body that is dropped unfinished tells the caller that the answer is not complete.
    if written.is_ok() {
        let _ = OutgoingBody::finish(body, None);
    }
}

fn echo(request: &IncomingRequest, out: &OutputStream) -> Result<(), StreamError> {
    let Ok(body) = request.consume() else { return Ok(()) };
    let Ok(input) = body.stream() else { return Ok(()) };
    loop {
        match out.blocking_splice(&input, CHUNK) {
            Ok(_) => {}
            Err(StreamError::Closed) => return out.blocking_flush(),
            Err(error) => return Err(error),
        }
    }
}

fn count(out: &OutputStream) -> Result<(), StreamError> {
    for line in ["one\n", "two\n", "three\n"] {
        out.blocking_write_and_flush(line.as_bytes())?;
        monotonic_clock::subscribe_duration(PAUSE).block();
    }
    Ok(())
}
