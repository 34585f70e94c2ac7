//! Pop receipts as they travel: the receipt of a claim with eight bytes of the message's id, so that no two messages have the
//! same.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::protocol::{ErrorCode, ProtocolError};

/// A pop receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopReceipt(String);

impl PopReceipt {
    /// Of a message.
    pub fn of(id: &str, receipt: i64) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&receipt.to_be_bytes());
        bytes[8..].copy_from_slice(&tail(id));
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// As it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The receipt that a text stands for, if it is one of this message.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQueryParameterValue`] for what is no receipt, [`ErrorCode::PopReceiptMismatch`] for that of another
    /// message.
    pub fn read(text: &str, id: &str) -> Result<i64, ProtocolError> {
        let decoded = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let bytes = decoded.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let Some(bytes) = bytes else {
            let detail = "popreceipt is not one that a get, put or update answered";
            return Err(ProtocolError::new(ErrorCode::InvalidQueryParameterValue, detail));
        };
        let (receipt, of) = bytes.split_at(8);
        if of != tail(id) {
            return Err(ErrorCode::PopReceiptMismatch.into());
        }
        Ok(receipt.iter().fold(0, |all, byte| (all << 8) | i64::from(*byte)))
    }
}

/// The last eight bytes of an id; zeros for what is none.
fn tail(id: &str) -> [u8; 8] {
    let digits = id.chars().rev().filter_map(|c| c.to_digit(16)).take(16);
    let mut tail = [0; 8];
    for (index, digit) in digits.enumerate() {
        // A hexadecimal digit is below 16.
        tail[index / 2] |= u8::try_from(digit).unwrap_or(0) << (4 * (index % 2));
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_of_one_message() {
        let (one, other) = ("0197c1f2-7a4b-7c3d-9e2f-000000000001", "0197c1f2-7a4b-7c3d-9e2f-000000000002");
        for receipt in [1, i64::MAX, 0x0123_4567_89ab_cdef] {
            let text = PopReceipt::of(one, receipt);
            assert_eq!(PopReceipt::read(text.as_str(), one), Ok(receipt));
            assert_eq!(PopReceipt::read(&format!("{}==", text.as_str()), one), Ok(receipt));
            assert_eq!(PopReceipt::read(text.as_str(), other).unwrap_err().code, ErrorCode::PopReceiptMismatch);
            assert_ne!(text, PopReceipt::of(other, receipt));
        }
        for wrong in ["", "abc", "AgAAAAMAAAAAAAAAIyxmRJ3W2AE="] {
            assert_eq!(
                PopReceipt::read(wrong, one).unwrap_err().code,
                ErrorCode::InvalidQueryParameterValue,
                "{wrong}"
            );
        }
    }
}
