//! Which part of a container a page comes from: all of it, a range, a part of a range, or one partition key.

use hearth_state::documents::KeyBounds;
use http::StatusCode;

use super::{Container, Range};
use crate::protocol::{DocumentError, PartitionKey, epk, substatus};

/// Which part of a container is meant, as headers tell it. All none is all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope<'a> {
    /// A partition key range (`x-ms-documentdb-partitionkeyrangeid`).
    pub range: Option<&'a str>,
    /// The lowest effective partition key (`x-ms-start-epk`).
    pub start: Option<&'a str>,
    /// The effective partition key that is too high (`x-ms-end-epk`).
    pub end: Option<&'a str>,
    /// A partition key, or the first components of one (`x-ms-documentdb-partitionkey`).
    pub partition_key: Option<&'a str>,
}

/// What of a scope lies in one range.
#[derive(Clone, Debug)]
pub(super) struct Part<'c> {
    pub(super) range: &'c Range,
    pub(super) bounds: KeyBounds,
    /// One whole partition key: its place and its canonical text.
    pub(super) key: Option<(Vec<u8>, String)>,
}

impl Scope<'_> {
    /// What of it lies in which range, in the order of keys; never nothing.
    ///
    /// # Errors
    /// 400 for bounds and keys that are none, 410 with sub-status 1002 for a range that the container does not have.
    pub(super) fn parts<'c>(&self, container: &'c Container) -> Result<Vec<Part<'c>>, DocumentError> {
        let mut bounds = self.bounds()?;
        let mut of_key = None;
        if let Some(header) = self.partition_key {
            let definition = container.definition.partition_key();
            let key = PartitionKey::from_header(header, definition)?;
            bounds = narrower(bounds, epk::bounds(&key, definition));
            if key.is_complete(definition) {
                of_key = Some((epk::effective_key(&key, definition), key.canonical()));
            }
        }
        let ranges = match self.range {
            Some(id) => {
                std::slice::from_ref(id.parse().ok().and_then(|id| container.range(id)).ok_or_else(range_gone)?)
            }
            None => container.ranges.as_slice(),
        };
        let part = |range| Part { range, bounds: bounds.clone(), key: of_key.clone() };
        let parts: Vec<_> = match &of_key {
            // A key is all in one range; another one that is named has nothing of it.
            Some((at, _)) if self.range.is_none() => vec![part(container.range_of(at))],
            _ => ranges.iter().filter(|range| overlaps(range, &bounds)).map(part).collect(),
        };
        // An empty stretch of keys is in some range too: what is answered needs its LSN.
        Ok(if parts.is_empty() { vec![part(&ranges[0])] } else { parts })
    }

    fn bounds(&self) -> Result<KeyBounds, DocumentError> {
        let wrong = |name: &str, text: &str| {
            let shown: String = text.chars().take(80).collect();
            DocumentError::bad_request(format!(
                "The header {name} holds '{shown}', and an effective partition key is written in hexadecimal digits."
            ))
        };
        let from = match self.start {
            Some(text) => Some(epk::lower_bound(text).ok_or_else(|| wrong("x-ms-start-epk", text))?),
            None => None,
        };
        let mut to = match self.end {
            Some(text) => epk::upper_bound(text).ok_or_else(|| wrong("x-ms-end-epk", text))?,
            None => None,
        };
        if let (Some(from), Some(to)) = (&from, &mut to)
            && from == to
        {
            // Clients name one key so; no other is longer by a zero byte.
            to.push(0);
        }
        Ok(KeyBounds { from: from.filter(|from| !from.is_empty()), to })
    }
}

impl Part<'_> {
    /// Whether an item with this key is meant. Bounds may hold other keys that lie in the same place.
    pub(super) fn has(&self, partition_key: &str) -> bool {
        self.key.as_ref().is_none_or(|(_, key)| key == partition_key)
    }
}

impl Part<'_> {
    /// What of this part lies within bounds; none for nothing.
    pub(super) fn narrowed(&self, bounds: &KeyBounds) -> Option<KeyBounds> {
        let bounds = narrower(self.bounds.clone(), bounds.clone());
        let some = match (&bounds.from, &bounds.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        (some && overlaps(self.range, &bounds)).then_some(bounds)
    }
}

fn narrower(one: KeyBounds, two: KeyBounds) -> KeyBounds {
    let to = match (one.to, two.to) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    };
    KeyBounds { from: one.from.max(two.from), to }
}

fn overlaps(range: &Range, bounds: &KeyBounds) -> bool {
    let begins = match (&bounds.to, range.from.as_slice()) {
        (Some(to), from) => from < to.as_slice(),
        (None, _) => true,
    };
    let ends = match (&bounds.from, &range.to) {
        (Some(from), Some(to)) => from < to,
        _ => true,
    };
    begins && ends
}

/// 410/1002: clients look the ranges up again.
pub(super) fn range_gone() -> DocumentError {
    DocumentError::new(
        StatusCode::GONE,
        "The requested resource is no longer available at the server: the container does not have this partition key range.",
    )
    .with_substatus(substatus::PARTITION_KEY_RANGE_GONE)
}
