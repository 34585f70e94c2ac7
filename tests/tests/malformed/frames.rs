//! HTTP/2 by hand: frames out, the decisive frame back (RFC 9113, section 4 and 6; RFC 7541 for header blocks).

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::Target;
use crate::answers::connect;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;
pub(crate) const PADDED: u8 = 0x8;
pub(crate) const WITH_PRIORITY: u8 = 0x20;
pub(crate) const ACK: u8 = 0x1;

/// How the server ended what it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection, with this error code.
    GoAway(u32),
    /// The stream, with this error code.
    Reset(u32),
    /// An answer with this status.
    Answer(u16),
    /// The connection, without a word.
    Closed,
    /// It did not: nothing came for a while.
    Open,
}

/// A connection after the prefaces.
pub(crate) struct Http2(TcpStream);

impl Http2 {
    /// Connects, sends the preface and empty settings.
    pub(crate) fn open() -> Self {
        let mut stream = connect();
        stream.write_all(PREFACE).unwrap();
        let mut connection = Self(stream);
        connection.send(&frame(SETTINGS, 0, 0, &[]));
        connection
    }

    /// Sends these bytes; false when the server no longer takes any.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// The end of the last thing that was sent: of the connection, or of `stream`.
    pub(crate) fn end(&mut self, stream: u32) -> End {
        loop {
            match self.next() {
                Ok((GOAWAY, _, payload)) => return End::GoAway(number(&payload[4..8])),
                Ok((RST_STREAM, of, payload)) if of == stream => return End::Reset(number(&payload)),
                Ok((HEADERS, of, payload)) if of == stream => return End::Answer(status(&payload)),
                Ok(_) => {}
                Err(end) => return end,
            }
        }
    }

    /// The next frame: type, stream and payload.
    pub(crate) fn next(&mut self) -> Result<(u8, u32, Vec<u8>), End> {
        let mut head = [0; 9];
        self.fill(&mut head)?;
        let mut payload = vec![0; number(&[0, head[0], head[1], head[2]]) as usize];
        self.fill(&mut payload)?;
        Ok((head[3], number(&head[5..9]), payload))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), End> {
        self.0.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => End::Open,
            _ => End::Closed,
        })
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[length[1], length[2], length[3], kind, flags][..], &stream.to_be_bytes(), payload].concat()
}

/// A header block: every field literal, never indexed, without compression.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

fn text(value: &str) -> Vec<u8> {
    let mut rest = value.len();
    let mut bytes = Vec::new();
    if rest < 127 {
        bytes.push(u8::try_from(rest).unwrap());
    } else {
        bytes.push(127);
        rest -= 127;
        while rest >= 128 {
            bytes.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        bytes.push(u8::try_from(rest).unwrap());
    }
    bytes.extend_from_slice(value.as_bytes());
    bytes
}

/// The pseudo-headers of a GET of this path at the target.
pub(crate) fn get(path: &str) -> Vec<(&str, &str)> {
    vec![(":method", "GET"), (":scheme", "http"), (":authority", &Target::get().host), (":path", path)]
}

/// A request without a body as one frame.
pub(crate) fn request(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &block(fields))
}

/// The status at the start of an answer's header block.
fn status(block: &[u8]) -> u16 {
    // A change of the table's size may come first.
    let at = block.iter().position(|byte| byte & 0xe0 != 0x20).unwrap();
    match block[at] {
        byte @ 0x88..=0x8e => [200, 204, 206, 304, 400, 404, 500][usize::from(byte - 0x88)],
        // Literal value for the name in the static table; with or without indexing.
        0x48 | 0x08 | 0x18 => {
            let (length, value) = (block[at + 1], &block[at + 2..]);
            let digits = if length & 128 == 0 { value[..3].to_vec() } else { huffman_digits(value) };
            std::str::from_utf8(&digits).unwrap().parse().unwrap()
        }
        other => panic!("an answer begins with {other:#x}"),
    }
}

/// Three digits in the code of RFC 7541, appendix B: 0 to 2 have five bits, 3 to 9 six.
fn huffman_digits(bytes: &[u8]) -> Vec<u8> {
    let bit = |at: usize| u32::from(bytes[at / 8] >> (7 - at % 8) & 1);
    let read = |at: usize, count: usize| (0..count).fold(0, |code, next| code << 1 | bit(at + next));
    let mut at = 0;
    let digit = |_| {
        let short = read(at, 5);
        let (code, length) = if short < 3 { (short, 5) } else { (read(at, 6) - 0x19 + 3, 6) };
        at += length;
        b'0' + u8::try_from(code).unwrap()
    };
    (0..3).map(digit).collect()
}
