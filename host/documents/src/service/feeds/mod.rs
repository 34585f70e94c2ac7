//! Change feeds: what changed in a container, in the order of its ranges' LSNs; a page at a time, or as it happens.
//!
//! A position is an LSN of each range: everything up to it was delivered. A page ends between transactions, never within one. A page
//! that empties the feed moves the position to the LSN that the range had when it was read, in the same look, so that nothing
//! can come before it later.

mod position;

use std::sync::Arc;
use std::time::Duration;

use hearth_state::documents::{ItemHistory, Looked, StoredItem};
use tokio::time::Instant;

use super::charge::{self, Charge};
use super::lists::Room;
use super::scope::{Part, Scope};
use super::{Container, ContainerRef, DocumentService, DocumentsError};
use crate::protocol::DocumentError;

use position::Positions;

/// How long a wait goes by bells alone: another process may have written whose ring did not arrive.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Longest wait.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What a feed tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedMode {
    /// Each item that there is, at its latest change.
    Latest,
    /// Every change, deletions among them.
    AllVersions,
}

/// Where a feed begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedStart<'a> {
    /// With the first change.
    Beginning,
    /// With what comes from now on.
    Now,
    /// With what was written at this second, since 1970, or later.
    Time(i64),
    /// After what another page ended with: its etag.
    After(&'a str),
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct FeedRequest<'a> {
    /// Where.
    pub container: ContainerRef<'a>,
    /// Which part of it.
    pub scope: Scope<'a>,
    /// What it tells.
    pub mode: FeedMode,
    /// Where it begins.
    pub start: FeedStart<'a>,
    /// Besides the start: nothing that was written before this second, since 1970.
    pub since: Option<i64>,
    /// Most items of the page, up to the end of a transaction; 1 to 1000, none for 100.
    pub max_items: Option<u32>,
    /// How long it may take until there is something; at most [`LONGEST_WAIT`].
    pub wait: Duration,
}

/// What a page holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedRows {
    /// Items at their latest change.
    Latest(Vec<StoredItem>),
    /// Changes.
    Versions(Vec<ItemHistory>),
}

impl FeedRows {
    /// Whether there is nothing new.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Latest(items) => items.is_empty(),
            Self::Versions(changes) => changes.is_empty(),
        }
    }
}

/// A page of a feed.
#[derive(Clone, Debug)]
pub struct FeedAnswer {
    /// The container.
    pub container: Arc<Container>,
    /// What is new; nothing is 304.
    pub rows: FeedRows,
    /// Ranges that were looked at, with their LSNs.
    pub ranges: Vec<(i64, i64)>,
    /// What the next page begins after, with quotes.
    pub etag: String,
    /// What it cost.
    pub charge: Charge,
}

impl DocumentService {
    /// A page of a container's changes. Waits for something new as long as the request says: it is woken within
    /// milliseconds by what this process writes, and by what others write as soon as their ring arrives, or after a second.
    ///
    /// Dropping it loses nothing: the position is the caller's.
    ///
    /// # Errors
    /// 400 for a position that is none or is older than what is kept, and for all versions of a container that does not keep them;
    /// those of scopes, of a container's lookup, of budgets and of host state.
    pub async fn feed(&self, request: &FeedRequest<'_>) -> Result<FeedAnswer, DocumentsError> {
        let deadline = Instant::now() + request.wait.min(LONGEST_WAIT);
        let mut bell = None;
        let mut etag: Option<String> = None;
        let mut lookup = self.lookup(request.container);
        let mut container = lookup.next_with(request.scope.range).await?;
        loop {
            if !request.wait.is_zero() && bell.as_ref().is_none_or(|(number, _)| *number != container.number) {
                // Before the look, so that nothing falls between.
                bell = Some((container.number, self.subscribe(container.number)));
            }
            // The first look has made a position of the start.
            let start = etag.as_deref().map_or(request.start, FeedStart::After);
            let Some(answer) = self.feed_once(&container, request, start).await? else {
                container = lookup.next().await?;
                continue;
            };
            let now = Instant::now();
            if !answer.rows.is_empty() || now >= deadline {
                return Ok(answer);
            }
            etag = Some(answer.etag);
            if let Some((_, bell)) = &bell {
                // No ring is also an answer: it is looked again.
                let _ = tokio::time::timeout_at(deadline.min(now + LOOK_AGAIN), bell.rung()).await;
            }
        }
    }

    /// None when the container is not as it is known.
    async fn feed_once(
        &self,
        container: &Arc<Container>,
        request: &FeedRequest<'_>,
        start: FeedStart<'_>,
    ) -> Result<Option<FeedAnswer>, DocumentsError> {
        if request.mode == FeedMode::AllVersions {
            check_all_versions(container, request)?;
        }
        let parts = request.scope.parts(container)?;
        let mut positions = Positions::begin(&parts, start)?;
        let since = match start {
            FeedStart::Time(second) => request.since.max(Some(second)),
            _ => request.since,
        };
        let mut page = FeedPage { rows: FeedRows::none(request.mode), bytes: 0, room: Room::new(request.max_items) };
        let mut ranges = Vec::with_capacity(parts.len());
        let mut open = true;
        for (part, position) in parts.iter().zip(positions.iter_mut()) {
            if !open && position.is_some() {
                continue;
            }
            self.admit(container, part.range)?;
            let lsn = match *position {
                // From now on: the LSN alone is needed.
                None => self.lsn_of(part).await?.inspect(|lsn| *position = Some(*lsn)),
                Some(after) => match self.look(part, after, since, &mut page).await? {
                    Some((lsn, reached)) => {
                        *position = Some(reached);
                        open = page.room.is_open();
                        Some(lsn)
                    }
                    None => None,
                },
            };
            let Some(lsn) = lsn else { return Ok(None) };
            ranges.push((part.range.id, lsn));
        }
        let charge = charge::page(page.bytes);
        if let Some((range, _)) = ranges.last() {
            self.pay_range(container, *range, charge);
        }
        let (container, etag) = (Arc::clone(container), positions.etag());
        Ok(Some(FeedAnswer { container, rows: page.rows, ranges, etag, charge }))
    }

    /// The LSN of a part's range; none when the container is not as it is known.
    async fn lsn_of(&self, part: &Part<'_>) -> Result<Option<i64>, DocumentsError> {
        match self.0.database.documents().oldest_history(part.range.place).await? {
            Looked::At { lsn, .. } => Ok(Some(lsn)),
            Looked::Stale => Ok(None),
        }
    }

    /// Refuses a position of before the history that is kept. Anew after each page: what was removed meanwhile is not skipped.
    async fn check_kept(&self, part: &Part<'_>, after: i64) -> Result<(), DocumentsError> {
        match self.0.database.documents().oldest_history(part.range.place).await? {
            Looked::At { found, .. } if position::end_of(after) < found => Err(too_old().into()),
            _ => Ok(()),
        }
    }

    /// Adds to a page what changed in one part. Answers the range's LSN and the position that was reached; none when the container
    /// is not as it is known.
    async fn look(
        &self,
        part: &Part<'_>,
        after: i64,
        since: Option<i64>,
        page: &mut FeedPage,
    ) -> Result<Option<(i64, i64)>, DocumentsError> {
        let documents = self.0.database.documents();
        let place = part.range.place;
        let mut reached = after;
        loop {
            let from = position::end_of(reached);
            let (lsn, last, more, found) = match &mut page.rows {
                FeedRows::Latest(rows) => {
                    let looked = documents.changes(place, &part.bounds, from, since, page.room.0).await?;
                    let Looked::At { lsn, found } = looked else { return Ok(None) };
                    let last = found.items.last().map(|item| item.version);
                    let before = rows.len();
                    rows.extend(found.items.into_iter().filter(|item| part.has(&item.partition_key)));
                    (lsn, last, found.more, sizes(rows[before..].iter()))
                }
                FeedRows::Versions(rows) => {
                    let looked = documents.history(place, &part.bounds, from, page.room.0).await?;
                    let Looked::At { lsn, found } = looked else { return Ok(None) };
                    // After the look: what was removed before it is noticed.
                    self.check_kept(part, reached).await?;
                    let last = found.items.last().map(|change| change.version);
                    let before = rows.len();
                    rows.extend(found.items.into_iter().filter(|change| part.has(&change.item.partition_key)));
                    (lsn, last, found.more, sizes(rows[before..].iter().map(|change| &change.item)))
                }
            };
            let (count, bytes) = found;
            page.bytes += bytes;
            page.room.fill(count, bytes);
            match last.filter(|_| more) {
                Some(last) => reached = last.lsn(),
                // What is drained goes on from where the range stands; never back.
                None => return Ok(Some((lsn, lsn.max(after)))),
            }
            // A page of other keys in the same place says nothing of whether there is more of this one.
            if count > 0 {
                return Ok(Some((lsn, reached)));
            }
        }
    }
}

/// How many items there are, and the bytes of their bodies.
fn sizes<'i>(items: impl Iterator<Item = &'i StoredItem>) -> (usize, usize) {
    items.fold((0, 0), |(count, bytes), item| (count + 1, bytes + item.body.len()))
}

/// Whether all versions of a container may be read this way.
fn check_all_versions(container: &Container, request: &FeedRequest<'_>) -> Result<(), DocumentError> {
    if !container.keeps_history() {
        return Err(DocumentError::bad_request(
            "All Versions and Deletes change feed must be enabled on the container: give it a changeFeedPolicy with a \
             retentionDuration in minutes.",
        ));
    }
    if request.since.is_some() || matches!(request.start, FeedStart::Beginning | FeedStart::Time(_)) {
        return Err(DocumentError::bad_request(
            "All Versions and Deletes change feed begins now (If-None-Match: *) or after a continuation (If-None-Match with an \
             etag), neither at the beginning nor at a time.",
        ));
    }
    Ok(())
}

fn too_old() -> DocumentError {
    DocumentError::bad_request(
        "The change feed continuation is older than what the container keeps of all versions: begin anew from now, or give \
         its changeFeedPolicy a longer retentionDuration.",
    )
}

/// A page that is being filled.
#[derive(Debug)]
struct FeedPage {
    rows: FeedRows,
    bytes: usize,
    room: Room,
}

impl FeedRows {
    fn none(mode: FeedMode) -> Self {
        match mode {
            FeedMode::Latest => Self::Latest(Vec::new()),
            FeedMode::AllVersions => Self::Versions(Vec::new()),
        }
    }
}
