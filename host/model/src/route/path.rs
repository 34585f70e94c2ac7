//! Request paths: split without allocation, decoded as the original's server does.

use std::borrow::Cow;

use super::template::MAX_SEGMENTS;

/// A path split at its slashes.
pub(super) struct Path<'a> {
    text: &'a str,
    /// Where each segment ends. Numbers rather than texts: a path is made for every call, and four times as much would be cleared.
    ends: [u32; MAX_SEGMENTS],
    /// How many there are, which may be more than are kept.
    pub(super) count: usize,
    /// Whether it is ASCII without percent-encoding, as nearly all are: then literals compare as bytes.
    plain: bool,
    /// Fingerprint of the first segment.
    first: u64,
}

/// A number that is the same for texts which differ only in ASCII case, and rarely for others.
pub(super) fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

impl<'a> Path<'a> {
    /// Splits a path; a slash at its start, and one at its end, do not count.
    pub(super) fn split(path: &'a str) -> Self {
        let text = path.strip_prefix('/').unwrap_or(path);
        let body = text.strip_suffix('/').unwrap_or(text);
        let mut split = Self { text, ends: [0; MAX_SEGMENTS], count: 0, plain: is_plain(text), first: 0 };
        if body.is_empty() && text.len() <= 1 {
            return split;
        }
        let slashes = body.bytes().enumerate().filter(|(_, byte)| *byte == b'/').map(|(at, _)| at);
        for end in slashes.chain([body.len()]) {
            if let Some(slot) = split.ends.get_mut(split.count) {
                // No request line is that long.
                *slot = u32::try_from(end).unwrap_or(u32::MAX);
            }
            split.count += 1;
        }
        split.first = fingerprint(split.segment(0).unwrap_or_default());
        split
    }

    /// A segment as received; `None` behind the last.
    pub(super) fn segment(&self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index).filter(|_| index < self.count)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize + 1);
        self.text.get(start..end)
    }

    /// Whether a literal of a template is a segment of this path, without regard to case.
    pub(super) fn is(&self, literal: &str, segment: &str) -> bool {
        literal.eq_ignore_ascii_case(segment) || (!self.plain && same(literal, segment))
    }

    /// Whether the first segment may be the literal with this fingerprint.
    pub(super) fn may_start_with(&self, literal: u64) -> bool {
        !self.plain || self.first == literal
    }

    /// Everything from a segment on, with its slashes, as received.
    pub(super) fn rest(&self, index: usize) -> &'a str {
        match self.segment(index) {
            Some(segment) => {
                let offset = segment.as_ptr() as usize - self.text.as_ptr() as usize;
                self.text.get(offset..).unwrap_or_default()
            }
            None => "",
        }
    }
}

/// Decodes percent-encoding once. `%2F` is left as it is, so that a value can't pretend to be two segments; so is what does
/// not decode to UTF-8.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        match (first, rest) {
            (b'%', [high, low, behind @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) if high << 4 | low != b'/' => {
                    decoded.push(high << 4 | low);
                    bytes = behind;
                    continue;
                }
                _ => decoded.push(b'%'),
            },
            _ => decoded.push(*first),
        }
        bytes = rest;
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii() && b != b'%')
}

/// Whether a literal of a template is a received segment, without regard to case.
pub(super) fn same(literal: &str, segment: &str) -> bool {
    if literal.eq_ignore_ascii_case(segment) {
        return true;
    }
    if literal.is_ascii() && is_plain(segment) {
        return false;
    }
    let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    folded(literal) == folded(&decode(segment))
}
