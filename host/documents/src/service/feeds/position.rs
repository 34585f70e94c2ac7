//! Positions in feeds: the LSN of each range up to which everything was delivered, as an etag. Of one range it is the LSN alone, as
//! clients know it; of several `range:lsn`, with commas.

use std::fmt::Write as _;

use hearth_state::documents::ItemVersion;

use super::FeedStart;
use crate::protocol::DocumentError;
use crate::service::scope::Part;

/// The positions of the parts of a scope; none where it is wherever the range stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Positions(Vec<(i64, Option<i64>)>);

impl Positions {
    /// Where a feed begins.
    ///
    /// # Errors
    /// 400 for an etag that is none, or is one of other ranges.
    pub(super) fn begin(parts: &[Part<'_>], start: FeedStart<'_>) -> Result<Self, DocumentError> {
        let everywhere = |position| Self(parts.iter().map(|part| (part.range.id, position)).collect());
        let text = match start {
            FeedStart::Beginning | FeedStart::Time(_) => return Ok(everywhere(Some(0))),
            FeedStart::Now => return Ok(everywhere(None)),
            FeedStart::After(text) => text,
        };
        let inner = text.trim().trim_start_matches("W/").trim_matches('"');
        let lsn = |text: &str| text.trim().parse::<i64>().ok().filter(|lsn| *lsn >= 0);
        if let Some(lsn) = lsn(inner) {
            return Ok(everywhere(Some(lsn)));
        }
        let mut all = Vec::with_capacity(parts.len());
        for part in parts {
            let known = inner.split(',').find_map(|one| {
                let (range, reached) = one.split_once(':')?;
                (range.trim().parse() == Ok(part.range.id)).then(|| lsn(reached))?
            });
            all.push((part.range.id, Some(known.ok_or_else(|| wrong(text))?)));
        }
        Ok(Self(all))
    }

    /// The position of each part, in order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Option<i64>> {
        self.0.iter_mut().map(|(_, position)| position)
    }

    /// As clients send it back.
    pub(super) fn etag(&self) -> String {
        let mut text = String::with_capacity(24);
        text.push('"');
        for (at, (range, position)) in self.0.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            if self.0.len() > 1 {
                // Writing to a text does not fail.
                let _ = write!(text, "{range}:");
            }
            let _ = write!(text, "{}", position.unwrap_or(0));
        }
        text.push('"');
        text
    }
}

/// The last place of a transaction: what comes after it is of a later one.
pub(super) fn end_of(lsn: i64) -> ItemVersion {
    let last = ItemVersion::PER_TRANSACTION - 1;
    ItemVersion(lsn.saturating_mul(ItemVersion::PER_TRANSACTION).saturating_add(last))
}

fn wrong(text: &str) -> DocumentError {
    let shown: String = text.chars().take(80).collect();
    DocumentError::bad_request(format!(
        "The change feed continuation '{shown}' is not one of this feed: send the etag of the page before in If-None-Match."
    ))
}
