//! Where a query goes on. A continuation holds everything that is needed, so that it survives restarts, stays below a kilobyte, and
//! is bound to its query, parameters and scope (reference 5.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ast::{Select, SelectList};
use super::order::OrderKey;
use super::value::Value;
use crate::protocol::DocumentError;

/// Most bytes of an order key in a continuation; of a longer one the beginning is kept, and how many rows have it.
pub(super) const LONGEST_KEY: usize = 400;

/// A place in the items of a container: ranges one after the other, and in a range by the numbers of items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The range.
    #[serde(rename = "r")]
    pub range: i64,
    /// The item's number.
    #[serde(rename = "n")]
    pub number: i64,
}

impl Position {
    /// By numbers first, as rows of the same key come.
    pub(super) fn tie(self) -> (i64, i64) {
        (self.number, self.range)
    }
}

/// Where a query goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Continuation {
    /// What it belongs to.
    #[serde(rename = "q")]
    pub(super) bound: String,
    /// The last item that was done, or that gave the last row.
    #[serde(flatten)]
    pub(super) position: Position,
    /// How many rows of the item after `position`, or with an order of the item at it, were delivered.
    #[serde(rename = "i", default, skip_serializing_if = "is_zero")]
    pub(super) rows: u64,
    /// Rows that are still to be skipped (OFFSET).
    #[serde(rename = "s", default, skip_serializing_if = "is_zero")]
    pub(super) skip: u64,
    /// Rows that are still wanted (TOP, LIMIT).
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) take: Option<u64>,
    /// The key of the last row.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<OrderKey>,
    /// How many rows beginning with the key were delivered, where it is only the beginning of one.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) cut: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Continuation {
    /// Reads one that a client sent back.
    ///
    /// # Errors
    ///
    /// 400 where it is not one of ours, or belongs to another query or scope.
    pub(super) fn read(text: &str, bound: &str) -> Result<Self, DocumentError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed())?;
        let continuation: Self = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
        if continuation.bound == bound { Ok(continuation) } else { Err(malformed()) }
    }

    pub(super) fn text(&self) -> String {
        // A struct of texts and numbers always serializes.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

fn malformed() -> DocumentError {
    DocumentError::bad_request(
        "Invalid Continuation Token: it is malformed, or it belongs to another query or another part of the container.",
    )
}

/// What continuations of a query have in common. With an order that clients merge by, they resume with another filter and the same
/// continuation, so the filter is no part of it.
pub(super) fn fingerprint(text: &str, select: &Select, parameters: &[(String, Value<'static>)]) -> [u8; 8] {
    let mut hash = Sha256::new();
    let resumed = select.order.is_some() && is_rewritten(&select.list);
    match (&select.filter, resumed) {
        (Some(filter), true) => {
            hash.update(&text[..filter.span.start]);
            hash.update(&text[filter.span.end..]);
        }
        _ => hash.update(text),
    }
    for (name, value) in parameters {
        let mut json = String::new();
        value.write(&mut json);
        hash.update([0]);
        hash.update(name);
        hash.update([0]);
        hash.update(json);
    }
    first_bytes(hash)
}

/// What a continuation is bound to: a query and the scope that it is asked in.
pub(super) fn bound(fingerprint: [u8; 8], scope: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(fingerprint);
    hash.update(scope);
    hex::encode(first_bytes(hash))
}

fn first_bytes(hash: Sha256) -> [u8; 8] {
    let hash = hash.finalize();
    std::array::from_fn(|index| hash[index])
}

fn is_rewritten(list: &SelectList) -> bool {
    let has = |wanted: &str, list: &[(super::ast::Expr, Option<String>)]| {
        list.iter().any(|(_, name)| name.as_deref() == Some(wanted))
    };
    matches!(list, SelectList::Named(list) if has("orderByItems", list) && has("payload", list))
}
