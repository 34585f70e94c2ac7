//! Binary JSON, as some clients send items (the one for Rust does by default): a first byte of 0x80, then values, each begun by a
//! byte that says what it is. Here it becomes the text that it stands for; answers are text, which every client takes.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::MAX_DEPTH;
use crate::protocol::DocumentError;

/// What a body in binary JSON begins with.
pub const BINARY_JSON: u8 = 0x80;
/// Most bytes of text that one body may become: strings may stand for earlier ones many times over.
const LONGEST_TEXT: usize = 16 * 1024 * 1024;

/// Strings that are one byte, from 0x20 on.
const SYSTEM_STRINGS: [&str; 32] = [
    "$s",
    "$t",
    "$v",
    "_attachments",
    "_etag",
    "_rid",
    "_self",
    "_ts",
    "attachments/",
    "coordinates",
    "geometry",
    "GeometryCollection",
    "id",
    "url",
    "Value",
    "label",
    "LineString",
    "link",
    "MultiLineString",
    "MultiPoint",
    "MultiPolygon",
    "name",
    "Name",
    "Type",
    "Point",
    "Polygon",
    "properties",
    "type",
    "value",
    "Feature",
    "FeatureCollection",
    "_id",
];

/// The text that a body in binary JSON stands for.
///
/// # Errors
/// 400 for what is not binary JSON, or is of a kind that JSON cannot carry.
pub fn from_binary(body: &[u8]) -> Result<String, DocumentError> {
    let mut reader = Reader { body, at: 1, out: String::with_capacity(body.len() * 2) };
    let whole = reader.value(0).filter(|()| reader.at == body.len() && body.first() == Some(&BINARY_JSON));
    match whole {
        Some(()) => Ok(reader.out),
        None => Err(DocumentError::bad_request(format!(
            "The body begins like binary JSON and is not: there is a mistake near byte {}.",
            reader.at
        ))),
    }
}

struct Reader<'b> {
    body: &'b [u8],
    at: usize,
    out: String,
}

impl<'b> Reader<'b> {
    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let bytes = self.body.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// A length or count of so many bytes, little endian.
    fn length(&mut self, width: usize) -> Option<usize> {
        Some(self.bytes(width)?.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn value(&mut self, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH || self.out.len() > LONGEST_TEXT {
            return None;
        }
        let [marker] = self.fixed()?;
        match marker {
            0x00..=0x1F => self.whole(i64::from(marker)),
            0x20..=0x3F | 0x71..=0xC6 => {
                self.at -= 1;
                let text = self.string(true)?;
                self.quoted(&text)
            }
            0xC7 => {
                let number = u64::from_le_bytes(self.fixed()?);
                self.number(&number.to_string())
            }
            0xC8..=0xCE | 0xD7..=0xDC => self.bare_number(marker),
            0xD0 => self.number("null"),
            0xD1 => self.number("false"),
            0xD2 => self.number("true"),
            0xD3 => {
                let guid = uuid::Uuid::from_bytes_le(self.fixed()?);
                self.quoted(&guid.to_string())
            }
            0xDD..=0xDF => {
                let length = self.length(1 << (marker - 0xDD))?;
                let bytes = self.bytes(length)?;
                self.quoted(&STANDARD.encode(bytes))
            }
            0xE0..=0xE7 => self.container(marker - 0xE0, false, depth),
            0xE8..=0xEF => self.container(marker - 0xE8, true, depth),
            0xF0 | 0xF1 => {
                let [item] = self.fixed()?;
                let count = self.length(usize::from(marker - 0xEF))?;
                self.numbers(item, count)
            }
            0xF2 | 0xF3 => {
                let [inner, item] = self.fixed()?;
                let width = usize::from(marker - 0xF1);
                let (count, arrays) = (self.length(width)?, self.length(width)?);
                if inner != marker - 2 {
                    return None;
                }
                self.separated('[', ']', arrays, |reader| reader.numbers(item, count))
            }
            _ => None,
        }
    }

    /// So many things with commas between them.
    fn separated(
        &mut self,
        open: char,
        close: char,
        count: usize,
        mut one: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.out.push(open);
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            if self.out.len() > LONGEST_TEXT {
                return None;
            }
            one(self)?;
        }
        self.out.push(close);
        Some(())
    }

    /// An array or object: empty, of one, or with a length and perhaps a count.
    fn container(&mut self, form: u8, named: bool, depth: u32) -> Option<()> {
        let (open, close) = if named { ('{', '}') } else { ('[', ']') };
        let end = match form {
            0 => Some(self.at),
            1 => None,
            _ => {
                let width = 1_usize << ((form - 2) % 3);
                let length = self.length(width)?;
                if form > 4 {
                    self.length(width)?;
                }
                Some(self.at.checked_add(length).filter(|end| *end <= self.body.len())?)
            }
        };
        self.out.push(open);
        let mut first = true;
        while end.map_or(first, |end| self.at < end) {
            if !first {
                self.out.push(',');
            }
            first = false;
            if named {
                let name = self.string(true)?;
                self.quoted(&name)?;
                self.out.push(':');
            }
            self.value(depth + 1)?;
        }
        self.out.push(close);
        end.is_none_or(|end| self.at == end).then_some(())
    }

    fn numbers(&mut self, item: u8, count: usize) -> Option<()> {
        self.separated('[', ']', count, |reader| reader.bare_number(item))
    }

    /// A number of the kind that a marker says.
    fn bare_number(&mut self, marker: u8) -> Option<()> {
        let whole = match marker {
            0xC8 | 0xD7 => i64::from(u8::from_le_bytes(self.fixed()?)),
            0xC9 | 0xD9 => i64::from(i16::from_le_bytes(self.fixed()?)),
            0xCA | 0xDA => i64::from(i32::from_le_bytes(self.fixed()?)),
            0xCB | 0xDB => i64::from_le_bytes(self.fixed()?),
            0xD8 => i64::from(i8::from_le_bytes(self.fixed()?)),
            0xDC => i64::from(u32::from_le_bytes(self.fixed()?)),
            0xCC | 0xCE => {
                let number = f64::from_le_bytes(self.fixed()?);
                return self.double(number);
            }
            0xCD => {
                let number = f64::from(f32::from_le_bytes(self.fixed()?));
                return self.double(number);
            }
            _ => return None,
        };
        self.whole(whole)
    }

    fn whole(&mut self, number: i64) -> Option<()> {
        self.number(&number.to_string())
    }

    /// What is not finite has no place in JSON.
    fn double(&mut self, number: f64) -> Option<()> {
        let text = serde_json::Number::from_f64(number)?.to_string();
        self.number(&text)
    }

    fn number(&mut self, text: &str) -> Option<()> {
        self.out.push_str(text);
        Some(())
    }

    fn quoted(&mut self, text: &str) -> Option<()> {
        self.out.push_str(&serde_json::to_string(text).ok()?);
        Some(())
    }

    /// A string, which may stand for one before it unless it is that one.
    fn string(&mut self, may_refer: bool) -> Option<String> {
        let [marker] = self.fixed()?;
        let length = match marker {
            0x20..=0x3F => return SYSTEM_STRINGS.get(usize::from(marker - 0x20)).map(|text| (*text).to_owned()),
            0x71..=0x74 => return self.base64(marker),
            0x75..=0x77 => return self.guid(marker),
            0x78..=0x7A => {
                let count = self.length(1)?;
                let table: &[u8; 16] = match marker {
                    0x78 => b"0123456789abcdef",
                    0x79 => b"0123456789ABCDEF",
                    _ => b" 0123456789:-.TZ",
                };
                return packed(self.bytes((count * 4).div_ceil(8))?, count, 4, |code| {
                    table.get(usize::from(code)).copied()
                });
            }
            0x7B..=0x7D => {
                let (count, base) = (self.length(1)?, self.length(1)?);
                let base = u8::try_from(base).ok()?;
                let bits = usize::from(marker - 0x77);
                return packed(self.bytes((count * bits).div_ceil(8))?, count, bits, |code| base.checked_add(code));
            }
            0x7E | 0x7F => {
                let count = self.length(usize::from(marker - 0x7D))?;
                return packed(self.bytes((count * 7).div_ceil(8))?, count, 7, Some);
            }
            0x80..=0xBF => usize::from(marker & 0x3F),
            0xC0..=0xC2 => self.length(1 << (marker - 0xC0))?,
            0xC3..=0xC6 if may_refer => {
                let target = self.length(usize::from(marker - 0xC2))?;
                let after = std::mem::replace(&mut self.at, target);
                let text = self.string(false);
                self.at = after;
                return text;
            }
            _ => return None,
        };
        String::from_utf8(self.bytes(length)?.to_vec()).ok()
    }

    /// Bytes whose text is base64; the second number says how much padding it has, inverted where the padding was left out.
    fn base64(&mut self, marker: u8) -> Option<String> {
        let groups = self.length(if matches!(marker, 0x71 | 0x73) { 1 } else { 2 })?;
        let [padding] = self.fixed()?;
        let (padding, written) = if padding > 2 { (!padding, false) } else { (padding, true) };
        let bytes = self.bytes((groups * 3).checked_sub(usize::from(padding))?)?;
        let engine = match (marker > 0x72, written) {
            (false, true) => &STANDARD,
            (false, false) => &STANDARD_NO_PAD,
            (true, true) => &URL_SAFE,
            (true, false) => &URL_SAFE_NO_PAD,
        };
        Some(engine.encode(bytes))
    }

    /// Digits of a GUID, the lower half of each byte first.
    fn guid(&mut self, marker: u8) -> Option<String> {
        let bytes: [u8; 16] = self.fixed()?;
        let guid = uuid::Uuid::from_bytes(bytes.map(|byte| byte.rotate_left(4)));
        Some(match marker {
            0x75 => guid.hyphenated().to_string(),
            0x76 => guid.hyphenated().to_string().to_uppercase(),
            _ => format!("\"{}\"", guid.hyphenated()),
        })
    }
}

/// Characters of a few bits each, the lowest bits first; there are bytes for all of them.
fn packed(bytes: &[u8], count: usize, bits: usize, character: impl Fn(u8) -> Option<u8>) -> Option<String> {
    let code = |index: usize| {
        (0..bits).fold(0, |code, bit| {
            let at = index * bits + bit;
            code | ((bytes[at / 8] >> (at % 8)) & 1) << bit
        })
    };
    (0..count).map(|index| character(code(index)).map(char::from)).collect()
}
