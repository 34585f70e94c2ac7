//! Sending an answer: at once, or head first and the body as it comes.

use wasip2::http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::OutputStream;

/// An answer whose head has been sent. Dropped before `finish`, it shows the caller an incomplete body.
pub(crate) struct Started {
    stream: OutputStream,
    body: OutgoingBody,
}

impl Started {
    /// Sends at most 4,096 bytes; false when nobody listens any more.
    pub(crate) fn send(&self, bytes: &[u8]) -> bool {
        self.stream.blocking_write_and_flush(bytes).is_ok()
    }

    pub(crate) fn finish(self) {
        drop(self.stream);
        let _ = OutgoingBody::finish(self.body, None);
    }
}

pub(crate) fn start(out: ResponseOutparam, status: u16) -> Option<Started> {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).ok()?;
    let body = response.body().ok()?;
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().ok()?;
    Some(Started { stream, body })
}

/// An answer with a body of any length.
pub(crate) fn whole(out: ResponseOutparam, status: u16, body: &str) {
    if let Some(answer) = start(out, status)
        && body.as_bytes().chunks(4096).all(|part| answer.send(part))
    {
        answer.finish();
    }
}

/// A value of the query with `%XX` decoded.
pub(crate) fn text(query: &str, name: &str) -> Option<String> {
    let (_, value) = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
    let mut parts = value.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        decoded.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        decoded.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(decoded).ok()
}
