//! Where changes come from: the container that is watched (reference: Cosmos DB, sections 7.4 to 7.8).

use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::range::{EpkRange, PartitionRange};

/// Which container it is. Leases are named after it, so it has to stay the same for as long as they are to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedIdentity {
    /// Host name of the account's endpoint, without scheme and port: `shop.documents.azure.com`.
    pub account_host: String,
    /// RID of the database.
    pub database_rid: String,
    /// RID of the container.
    pub container_rid: String,
}

/// What a feed tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FeedMode {
    /// Each item that there is, at its latest version.
    #[default]
    LatestVersion,
    /// Every version of every item, and deletes. The container has to keep them, and the feed cannot begin in the past.
    AllVersionsAndDeletes,
}

impl FeedMode {
    /// As the header `A-IM` and the leases' `Mode` name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LatestVersion => "Incremental Feed",
            Self::AllVersionsAndDeletes => "Full-Fidelity Feed",
        }
    }

    /// Reads what a lease's `Mode` says, in any case; none for what no mode is called.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::LatestVersion, Self::AllVersionsAndDeletes]
            .into_iter()
            .find(|mode| mode.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart<'a> {
    /// With the first change that there is.
    Beginning,
    /// With what comes from now on: the page is empty and tells the position.
    Now,
    /// With the first change at this time or later; endpoints know seconds only and cut the rest.
    Time(Timestamp),
    /// After the continuation of another page, byte for byte as that page gave it.
    After(&'a str),
}

/// What part of the container is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageScope<'a> {
    /// The partition key range.
    pub range: &'a str,
    /// Keys within it; none for all of it.
    pub bounds: Option<&'a EpkRange>,
}

/// What is asked of a feed.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<'a> {
    /// Which part.
    pub scope: PageScope<'a>,
    /// From where.
    pub start: PageStart<'a>,
    /// What it tells.
    pub mode: FeedMode,
    /// Most items; a transaction is never cut, so there may be more. None leaves it to the endpoint.
    pub max_items: Option<u32>,
    /// How long a feed that can wait for something new may do so. Others answer at once.
    pub wait: Duration,
}

/// A page of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPage {
    /// What changed, in order; nothing if there is nothing new.
    pub items: Vec<ChangeItem>,
    /// What the next page begins after: the `etag` header, quotes included. It is there also when there is nothing new.
    pub continuation: String,
    /// LSN of the range at this time, from the session token ([`session_lsn`]); none if the endpoint does not tell.
    pub lsn: Option<i64>,
    /// What it cost, in hundredths of a request unit.
    pub charge_hundredths: u64,
    /// Whether an empty page was waited for as long as was allowed, so that asking again at once is no polling.
    pub waited: bool,
}

/// One change, as the JSON text that came: in latest-version mode the item with `_lsn`, in all-versions mode
/// `{"current":…,"previous":…,"metadata":…}`. Nobody parses it on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeItem(Arc<str>);

impl ChangeItem {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is not as the type wants it.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// LSN of the transaction that made the change, in either mode; none where the endpoint does not tell.
    pub fn lsn(&self) -> Option<i64> {
        #[derive(serde::Deserialize)]
        struct Head {
            #[serde(rename = "_lsn")]
            lsn: Option<i64>,
            metadata: Option<Box<RawValue>>,
        }
        #[derive(serde::Deserialize)]
        struct Metadata {
            lsn: Option<i64>,
        }
        let head = self.parse::<Head>().ok()?;
        // An item may have a property of its own that is called metadata.
        let metadata = || head.metadata.filter(|metadata| metadata.get().starts_with('{'));
        head.lsn.or_else(|| serde_json::from_str::<Metadata>(metadata()?.get()).ok()?.lsn)
    }
}

impl From<Box<RawValue>> for ChangeItem {
    fn from(value: Box<RawValue>) -> Self {
        Self(Box::<str>::from(value).into())
    }
}

/// Of a text that is known to be JSON.
impl From<String> for ChangeItem {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// The LSN that a session token tells: after the range's id and the colon the second of the numbers between `#`, or the only one.
pub fn session_lsn(token: &str) -> Option<i64> {
    let versions = token.split(',').next()?.rsplit(':').next()?;
    let mut segments = versions.split('#');
    let first = segments.next()?;
    segments.next().unwrap_or(first).trim().parse().ok()
}

/// Why a feed could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedErrorKind {
    /// The partition key range was split or merged, or is about to be (410 with sub-status 1002, 1007 or 1008).
    RangeGone,
    /// Asked too much or not now: 408, 429, 449, 503, other 5xx, a broken connection. Asking again is right.
    Passing,
    /// There is no such container (any more).
    NotFound,
    /// It will not be done however often it is asked: a wrong key, a wrong mode, a position that is too old.
    Refused,
}

/// Why a feed could not be read; public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FeedError {
    /// What it means.
    pub kind: FeedErrorKind,
    /// What happened, where.
    pub message: String,
    /// When to ask again, where the endpoint said it.
    pub retry_after: Option<Duration>,
}

impl FeedError {
    /// One without a time to ask again.
    pub fn new(kind: FeedErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }
}

/// A container whose changes are read.
///
/// Every method may be dropped before it ends; that loses nothing, since positions are the caller's.
pub trait Feed: Send + Sync + 'static {
    /// Which container it is.
    ///
    /// # Errors
    /// [`FeedErrorKind::NotFound`] when it is not there; those of the endpoint.
    fn identity(&self) -> impl Future<Output = Result<FeedIdentity, FeedError>> + Send;

    /// The partition key ranges that hold keys between these bounds, in the order of keys, as they are *now*: not from a cache, since
    /// this is asked when ranges have changed.
    ///
    /// # Errors
    /// As [`Feed::identity`].
    fn ranges(&self, overlapping: &EpkRange) -> impl Future<Output = Result<Vec<PartitionRange>, FeedError>> + Send;

    /// Reads a page, after waiting for something new at most as long as the request allows, if this feed can wait.
    ///
    /// # Errors
    /// [`FeedErrorKind::RangeGone`] when the range is no longer there; as [`Feed::identity`].
    fn read(&self, request: &PageRequest<'_>) -> impl Future<Output = Result<FeedPage, FeedError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_tokens_tell_the_lsn() {
        for (token, lsn) in [
            ("0:-1#12", Some(12)),
            ("0:5#12#1=7", Some(12)),
            ("0:9", Some(9)),
            ("12", Some(12)),
            ("0:1#2,1:3#4", Some(2)),
            ("0:", None),
            ("", None),
        ] {
            assert_eq!(session_lsn(token), lsn, "{token}");
        }
    }

    #[test]
    fn items_tell_their_lsn_in_both_modes() {
        let lsn = |text: &str| ChangeItem::from(text.to_owned()).lsn();
        assert_eq!(lsn(r#"{"id":"a","_lsn":7}"#), Some(7));
        assert_eq!(lsn(r#"{"id":"a","metadata":"mine","_lsn":7}"#), Some(7));
        assert_eq!(lsn(r#"{"current":{},"metadata":{"operationType":"delete","lsn":9}}"#), Some(9));
        assert_eq!(lsn(r#"{"id":"a","metadata":[1]}"#), None);
        assert_eq!(lsn(r#"{"id":"a"}"#), None);
    }

    #[test]
    fn modes_are_named_as_in_the_header() {
        assert_eq!(FeedMode::parse("incremental feed"), Some(FeedMode::LatestVersion));
        assert_eq!(FeedMode::parse("Full-Fidelity Feed"), Some(FeedMode::AllVersionsAndDeletes));
        assert_eq!(FeedMode::parse("Other"), None);
    }
}
