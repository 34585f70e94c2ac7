//! `binding('text')`: between strings and bytes.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rquickjs::prelude::Opt;
use rquickjs::{Ctx, Exception, Function, Object, Result, String as JsString, TypedArray, Value};

use crate::raw;

const PADDED: GeneralPurpose = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new());
const BARE: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_BARE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, BARE);

pub(super) fn binding<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("utf8Encode", Function::new(ctx.clone(), utf8_encode)?)?;
    object.set("utf8Decode", Function::new(ctx.clone(), utf8_decode)?)?;
    object.set("utf8Length", Function::new(ctx.clone(), utf8_length)?)?;
    object.set("latin1Encode", Function::new(ctx.clone(), latin1_encode)?)?;
    object.set("latin1Decode", Function::new(ctx.clone(), latin1_decode)?)?;
    object.set("hexEncode", Function::new(ctx.clone(), hex_encode)?)?;
    object.set("hexDecode", Function::new(ctx.clone(), hex_decode)?)?;
    object.set("base64Encode", Function::new(ctx.clone(), base64_encode)?)?;
    object.set("base64Decode", Function::new(ctx.clone(), base64_decode)?)?;
    Ok(object)
}

/// The string in UTF-8; a lone surrogate becomes U+FFFD.
pub(crate) fn lossy(text: &JsString<'_>) -> String {
    String::from_utf8(well_formed(text)).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Like [`lossy`], as bytes.
fn well_formed(text: &JsString<'_>) -> Vec<u8> {
    let mut bytes = raw::with_string_bytes(text, <[u8]>::to_vec);
    // QuickJS writes a lone surrogate as ED A0..BF xx, which takes as many bytes as U+FFFD.
    for at in 0..bytes.len().saturating_sub(2) {
        if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
            bytes[at..at + 3].copy_from_slice(&[0xEF, 0xBF, 0xBD]);
        }
    }
    bytes
}

fn utf8_encode<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, well_formed(&text))
}

fn utf8_length(text: JsString<'_>) -> usize {
    raw::with_string_bytes(&text, <[u8]>::len)
}

fn utf8_decode<'js>(
    ctx: Ctx<'js>,
    bytes: TypedArray<'js, u8>,
    fatal: Opt<bool>,
    strip_bom: Opt<bool>,
) -> Result<JsString<'js>> {
    let text = raw::with_bytes(&bytes, |bytes| {
        let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) if strip_bom.0.unwrap_or(false) => rest,
            _ => bytes,
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => JsString::from_str(ctx.clone(), text).map(Some),
            Err(_) if fatal.0.unwrap_or(false) => Ok(None),
            Err(_) => JsString::from_str(ctx.clone(), &String::from_utf8_lossy(bytes)).map(Some),
        }
    })?;
    text.ok_or_else(|| Exception::throw_type(&ctx, "The encoded data was not valid for encoding utf-8"))
}

fn latin1_encode<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<TypedArray<'js, u8>> {
    let bytes = raw::with_string_bytes(&text, |bytes| {
        if bytes.is_ascii() {
            return bytes.to_vec();
        }
        #[expect(clippy::cast_possible_truncation, reason = "Node keeps the low byte of each UTF-16 unit")]
        units(bytes).map(|unit| unit as u8).collect()
    });
    TypedArray::new(ctx, bytes)
}

/// UTF-16 units of what QuickJS writes; lone surrogates as they are.
fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let mut rest = bytes;
    let mut low = None;
    std::iter::from_fn(move || {
        if let Some(unit) = low.take() {
            return Some(unit);
        }
        let (&first, _) = rest.split_first()?;
        let length = match first {
            0..0xC0 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        }
        .min(rest.len());
        let (character, after) = rest.split_at(length);
        rest = after;
        let code = character
            .iter()
            .skip(1)
            .fold(u32::from(first) & if length == 1 { 0x7F } else { 0x7F >> length }, |code, byte| {
                (code << 6) | u32::from(byte & 0x3F)
            });
        if code < 0x1_0000 {
            return u16::try_from(code).ok();
        }
        low = u16::try_from(0xDC00 | (code - 0x1_0000) & 0x3FF).ok();
        u16::try_from(0xD800 | ((code - 0x1_0000) >> 10) & 0x3FF).ok()
    })
}

fn latin1_decode<'js>(ctx: Ctx<'js>, bytes: TypedArray<'js, u8>) -> Result<Value<'js>> {
    raw::with_bytes(&bytes, |bytes| match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => JsString::from_str(ctx, text).map(JsString::into_value),
        _ => raw::string_from_utf16(&ctx, &bytes.iter().map(|byte| u16::from(*byte)).collect::<Vec<_>>()),
    })
}

fn hex_encode(bytes: TypedArray<'_, u8>) -> String {
    raw::with_bytes(&bytes, |bytes| hex::encode(bytes))
}

/// Stops at the first pair that is not hexadecimal, as Node does.
fn hex_decode<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<TypedArray<'js, u8>> {
    let bytes: Vec<u8> = raw::with_string_bytes(&text, |text| {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        text.chunks_exact(2).map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
    });
    TypedArray::new(ctx, bytes)
}

fn base64_encode(bytes: TypedArray<'_, u8>, url_safe: Opt<bool>) -> String {
    let engine = if url_safe.0.unwrap_or(false) { &URL_BARE } else { &PADDED };
    raw::with_bytes(&bytes, |bytes| engine.encode(bytes))
}

/// Both alphabets; ignores what belongs to none and stops at the first `=`, as Node does.
fn base64_decode<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, raw::with_string_bytes(&text, decode_leniently))
}

fn decode_leniently(text: &[u8]) -> Vec<u8> {
    let mut clean: Vec<u8> = text
        .iter()
        .take_while(|byte| **byte != b'=')
        .filter_map(|byte| match byte {
            b'+' => Some(b'-'),
            b'/' => Some(b'_'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => Some(*byte),
            _ => None,
        })
        .collect();
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    URL_BARE.decode(&clean).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_node_reads_it() {
        let cases: [(&str, &[u8]); 6] = [
            ("aGVsbG8=", b"hello"),
            ("aGVs bG8\n", b"hello"),
            ("-_-_", &[0xFB, 0xFF, 0xBF]),
            ("+/+/", &[0xFB, 0xFF, 0xBF]),
            ("aGVsbG8=ignored", b"hello"),
            ("a", b""),
        ];
        for (text, expected) in cases {
            assert_eq!(decode_leniently(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn utf16_units_of_all_lengths_and_of_lone_surrogates() {
        let text = "a\u{e9}\u{20ac}\u{1f600}";
        assert_eq!(units(text.as_bytes()).collect::<Vec<_>>(), text.encode_utf16().collect::<Vec<_>>());
        assert_eq!(units(&[0xED, 0xA0, 0x80]).collect::<Vec<_>>(), [0xD800]);
    }
}
