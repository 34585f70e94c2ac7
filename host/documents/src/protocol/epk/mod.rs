//! Effective partition keys: where in a container's key space an item lies. Hashes are those of the service, bit for bit,
//! because SDKs compute them too (reference: Cosmos DB, sections 4.8, 4.9 and 14).
//!
//! They are bytes here and in host state, and upper-case hex in the protocol. The space goes from no bytes (`""`) to `FF`.

mod murmur;
#[cfg(test)]
mod tests;

use hearth_state::documents::KeyBounds;

use super::limits;
use super::partition_key::{HashKind, KeyComponent, PartitionKey, PartitionKeyDefinition};

/// Characters of a string that version 1 takes into account.
const V1_CHARACTERS: usize = 100;

/// Where a key lies. For a prefix of a hierarchical key: what the keys below it begin with.
pub fn effective_key(key: &PartitionKey, definition: &PartitionKeyDefinition) -> Vec<u8> {
    if key.0.is_empty() {
        return Vec::new();
    }
    match definition.kind() {
        HashKind::V2 => v2(&key.0).to_vec(),
        HashKind::Multi => key.0.iter().flat_map(|component| v2(std::slice::from_ref(component))).collect(),
        HashKind::V1 => {
            let cut: Vec<KeyComponent> = key.0.iter().map(cut).collect();
            let mut bytes = Vec::with_capacity(64);
            cut.iter().for_each(|component| hashed(&whole_32(component), 0x00, &mut bytes));
            let hash = f64::from(murmur::murmur3_32(&bytes));
            let mut out = Vec::with_capacity(64);
            ordered(&KeyComponent::Number(hash), &mut out);
            cut.iter().for_each(|component| ordered(component, &mut out));
            out
        }
        HashKind::Range => {
            let mut out = Vec::with_capacity(64);
            key.0.iter().for_each(|component| ordered(component, &mut out));
            out
        }
    }
}

/// The part of the key space that a key or a prefix of keys covers.
pub fn bounds(key: &PartitionKey, definition: &PartitionKeyDefinition) -> KeyBounds {
    let from = effective_key(key, definition);
    let mut to = from.clone();
    // No key is longer than another by a zero byte, and none goes on after a level with FF: hashes have two bits less.
    to.push(if key.is_complete(definition) { 0x00 } else { 0xff });
    KeyBounds { from: Some(from), to: Some(to) }
}

/// As the protocol writes it: upper-case hex, and `FF` for no bound.
pub fn to_hex(key: Option<&[u8]>) -> String {
    key.map_or_else(|| "FF".to_owned(), hex::encode_upper)
}

/// Reads a lower bound; none for what is not hex. Zero bytes at the end make no difference between bounds, so they go.
pub fn lower_bound(text: &str) -> Option<Vec<u8>> {
    let mut bytes = hex::decode(text).ok()?;
    bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    Some(bytes)
}

/// Reads an upper bound: `Some(None)` for `FF`, which is none; none for what is not hex.
pub fn upper_bound(text: &str) -> Option<Option<Vec<u8>>> {
    let bytes = lower_bound(text)?;
    Some((bytes.first() != Some(&0xff)).then_some(bytes))
}

/// How many ranges a container begins with that may use this many request units a second.
pub fn ranges_for_throughput(request_units: u32) -> u32 {
    request_units.div_ceil(limits::RANGE_THROUGHPUT).max(1)
}

/// Cuts the key space evenly: lowest key and upper bound of each range, the last without one.
pub fn split(definition: &PartitionKeyDefinition, ranges: u32) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    // Keys that are not hashed lie anywhere: they stay in one range.
    let ranges = if definition.kind() == HashKind::Range { 1 } else { ranges.max(1) };
    let boundary = |at: u32| match definition.kind() {
        HashKind::V2 | HashKind::Multi => v2_boundary(at, ranges),
        HashKind::V1 | HashKind::Range => {
            let hash = u64::from(u32::MAX) * u64::from(at) / u64::from(ranges);
            let mut out = Vec::new();
            #[expect(clippy::cast_precision_loss, reason = "it has 32 bits")]
            ordered(&KeyComponent::Number(hash as f64), &mut out);
            out
        }
    };
    (0..ranges)
        .map(|at| {
            let from = if at == 0 { Vec::new() } else { boundary(at) };
            (from, (at + 1 < ranges).then(|| boundary(at + 1)))
        })
        .collect()
}

/// `(2^126 - 1) * at / of` in 16 bytes: the two highest bits of hashes are 0.
fn v2_boundary(at: u32, of: u32) -> Vec<u8> {
    let (at, of) = (u128::from(at), u128::from(of));
    let space = u128::MAX >> 2;
    // space * at does not fit: divide first, and add what the remainder makes.
    (space / of * at + space % of * at / of).to_be_bytes().to_vec()
}

/// The hash of version 2, most significant byte first.
fn v2(components: &[KeyComponent]) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(64);
    components.iter().for_each(|component| hashed(component, 0xff, &mut bytes));
    let mut hash = murmur::murmur3_128(&bytes);
    hash.reverse();
    hash[0] &= 0x3f;
    hash
}

/// A component as hashes take it; strings end with `end`.
fn hashed(component: &KeyComponent, end: u8, out: &mut Vec<u8>) {
    match component {
        KeyComponent::Undefined => out.push(0x00),
        KeyComponent::Null => out.push(0x01),
        KeyComponent::Bool(value) => out.push(if *value { 0x03 } else { 0x02 }),
        KeyComponent::Number(value) => {
            out.push(0x05);
            out.extend_from_slice(&value.to_le_bytes());
        }
        KeyComponent::String(value) => {
            out.push(0x08);
            out.extend_from_slice(value.as_bytes());
            out.push(end);
        }
    }
}

/// A component so that the order of bytes is that of values.
fn ordered(component: &KeyComponent, out: &mut Vec<u8>) {
    match component {
        KeyComponent::Number(value) => {
            out.push(0x05);
            ordered_number(*value, out);
        }
        KeyComponent::String(value) => {
            out.push(0x08);
            let bytes = value.as_bytes();
            let short = bytes.len() <= V1_CHARACTERS;
            let shown = if short { bytes.len() } else { V1_CHARACTERS + 1 };
            // No byte of UTF-8 is FF.
            out.extend(bytes[..shown].iter().map(|byte| byte.wrapping_add(1)));
            if short {
                out.push(0x00);
            }
        }
        // The vector of the reference, and the SDK that asks by it, write nothing for null.
        KeyComponent::Null => {}
        other => hashed(other, 0x00, out),
    }
}

/// The double's bits in order, first 8, then 7 to a byte with a low 1 where more follow.
fn ordered_number(value: f64, out: &mut Vec<u8>) {
    let bits = value.to_bits();
    let sign = 1 << 63;
    let mut rest = if bits < sign { bits ^ sign } else { (!bits).wrapping_add(1) };
    let top = |bits: u64| bits.to_be_bytes()[0];
    out.push(top(rest));
    rest <<= 8;
    let mut last = 0;
    let mut begun = false;
    while rest != 0 {
        if begun {
            out.push(last);
        }
        begun = true;
        last = top(rest) | 1;
        rest <<= 7;
    }
    out.push(last & !1);
}

/// Whole numbers in 32 bits without a sign, as version 1 hashes them in the vectors of the reference and in the SDK that asks
/// by what it computes; others only name a range as a hint.
fn whole_32(component: &KeyComponent) -> KeyComponent {
    match component {
        KeyComponent::Number(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
            KeyComponent::Number(value.rem_euclid(4_294_967_296.0))
        }
        other => other.clone(),
    }
}

/// A string's first 100 UTF-16 units, as version 1 takes it; half of a surrogate pair becomes U+FFFD.
fn cut(component: &KeyComponent) -> KeyComponent {
    match component {
        KeyComponent::String(text) if text.len() > V1_CHARACTERS => {
            let units: Vec<u16> = text.encode_utf16().take(V1_CHARACTERS).collect();
            KeyComponent::String(String::from_utf16_lossy(&units))
        }
        other => other.clone(),
    }
}
