//! Reading a request's body and sending an answer.

use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

/// Bytes that are read or written at most in one step.
const STEP: usize = 4096;

/// The whole body as text; what did not arrive is missing.
pub(crate) fn body(request: &IncomingRequest) -> String {
    let mut bytes = Vec::new();
    if let Ok(body) = request.consume()
        && let Ok(input) = body.stream()
    {
        while let Ok(part) = input.blocking_read(STEP as u64) {
            bytes.extend(part);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A complete answer.
pub(crate) fn answer(out: ResponseOutparam, status: u16, text: &str) {
    let headers = Fields::new();
    let _ = headers.append("content-type", b"application/json");
    let response = OutgoingResponse::new(headers);
    let _ = response.set_status_code(status);
    let Ok(body) = response.body() else { return };
    ResponseOutparam::set(out, Ok(response));
    if let Ok(stream) = body.write() {
        for part in text.as_bytes().chunks(STEP) {
            if stream.blocking_write_and_flush(part).is_err() {
                return;
            }
        }
    }
    let _ = OutgoingBody::finish(body, None);
}
