//! Etags: the version of an item or resource as clients see it (reference: Cosmos DB, section 3).

use hearth_state::documents::ItemVersion;

/// Adds the etag of a version to a text, with its quotes: `"0000d826-0000-0700-0000-000000000000"`.
pub fn write(out: &mut String, version: i64) {
    out.push('"');
    write_digits(out, version);
    out.push('"');
}

/// The etag of a version as it stands in headers, with its quotes.
pub fn text(version: i64) -> String {
    let mut out = String::with_capacity(38);
    write(&mut out, version);
    out
}

/// Adds the etag as it stands in JSON: its own quotes are escaped.
pub(super) fn write_json(out: &mut String, version: i64) {
    out.push_str("\"\\\"");
    write_digits(out, version);
    out.push_str("\\\"\"");
}

fn write_digits(out: &mut String, version: i64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = version.to_be_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6) {
            out.push('-');
        }
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out.push_str("-0000-000000000000");
}

/// The version of an item behind its etag, with or without quotes; none for a text that is no etag of this store.
pub fn read(text: &str) -> Option<ItemVersion> {
    version(text).map(ItemVersion)
}

/// As [`read`], of any resource.
pub fn version(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let digits = text.strip_suffix("-0000-000000000000")?;
    let mut version = 0_u64;
    for (at, byte) in digits.bytes().enumerate() {
        if matches!(at, 8 | 13) {
            if byte != b'-' {
                return None;
            }
        } else {
            version = version << 4 | u64::from(char::from(byte).to_digit(16)?);
        }
    }
    (digits.len() == 18).then_some(version.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_read_back() {
        assert_eq!(text(0x0000_d826_0000_0700), "\"0000d826-0000-0700-0000-000000000000\"");
        for number in [0, 1, 128, i64::MAX, 1_795_341_896_000_000] {
            assert_eq!(version(&text(number)), Some(number));
            assert_eq!(version(text(number).trim_matches('"')), Some(number));
        }
        for bad in ["", "\"", "\"\"", "\"1\"", "abc", "W/\"0000d826-0000-0700-0000-000000000000\"", "*"] {
            assert_eq!(version(bad), None, "{bad}");
        }
        let other = text(1).replace("-0000-000000000000", "-0000-5d2f1ca20000");
        assert_eq!(version(&other), None, "an etag of another store");
    }
}
