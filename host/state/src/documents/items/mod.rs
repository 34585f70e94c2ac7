//! Items of containers: written under one LSN per transaction, read by key, in order of their numbers, or as a feed of changes.
//!
//! A container is its number; whether it has the range, and is defined as the caller knows it, is looked at by each statement. So
//! whoever holds a definition of before a change is told ([`Committed::Stale`], [`Looked::Stale`]) and never has to ask
//! ([decision](../../../../../docs/decisions/document-lsn.md)).
//!
//! [`Committed::Stale`]: super::Committed::Stale
//! [`Looked::Stale`]: super::Looked::Stale

mod commit;
mod expiry;
mod mssql;
mod pages;
mod read;
mod sqlite;
mod sweep;

use super::item::{Expected, ItemKey, RangePlace};
use crate::Database;
use crate::operation::Value;

/// Operations on items.
#[derive(Clone, Debug)]
pub struct Documents(pub(crate) Database);

/// The time of what never expires: the last second that microseconds can tell.
const NEVER: i64 = i64::MAX;

/// Above each effective partition key, which are stored in hex digits.
const ABOVE_EVERY_KEY: &str = "G";

impl RangePlace {
    fn args(self) -> [Value; 3] {
        [self.container.into(), self.range.into(), self.definition.into()]
    }

    /// The number of an item that is created in this version.
    const fn number(self, version: i64) -> i64 {
        version * 64 + (self.range & 63)
    }
}

impl ItemKey {
    /// Half of the hash, which is enough, as two numbers.
    fn numbers(self) -> (i64, i64) {
        halves(&self.0)
    }

    fn args(self) -> [Value; 2] {
        let (high, low) = self.numbers();
        [high.into(), low.into()]
    }
}

/// The first sixteen bytes of a hash.
fn halves(hash: &[u8; 32]) -> (i64, i64) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = *hash;
    (i64::from_be_bytes([a, b, c, d, e, f, g, h]), i64::from_be_bytes([i, j, k, l, m, n, o, p]))
}

impl Expected {
    /// Whether the item may be absent, and the versions it may have otherwise.
    fn args(self) -> [Value; 3] {
        let (absent, lowest, highest): (i64, i64, i64) = match self {
            Self::Absent => (1, 1, 0),
            Self::Present => (0, 0, i64::MAX),
            Self::Anything => (1, 0, i64::MAX),
            Self::Version(version) => (0, version.0, version.0),
        };
        [absent.into(), lowest.into(), highest.into()]
    }

    fn versions(self) -> [Value; 2] {
        let [_, lowest, highest] = self.args();
        [lowest, highest]
    }
}

/// An effective partition key as it is stored: hex digits in upper case, which are ordered as the bytes are.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |digit: u8| char::from(DIGITS[usize::from(digit & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

pub(super) fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    digits?.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_stored_in_their_order() {
        assert_eq!(hex(&[0x3f, 0xff, 0x00, 0x0a]), "3FFF000A");
        assert_eq!(bytes_of("3FFF000A"), Some(vec![0x3f, 0xff, 0x00, 0x0a]));
        assert_eq!(bytes_of("3"), None);
        assert!(hex(&[0xff; 20]).as_str() < ABOVE_EVERY_KEY && hex(&[1]) < hex(&[1, 0]) && hex(&[9]) < hex(&[10]));
    }
}
