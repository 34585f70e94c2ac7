//! The feed of a container of the embedded store.

use std::sync::{Arc, Mutex, PoisonError};

use hearth_cosmos::processor::{
    ChangeItem, EpkRange, Feed, FeedError, FeedIdentity, FeedMode, FeedPage, PageRequest, PageStart, PartitionRange,
};
use hearth_documents::protocol::{ItemWriter, envelope, epk};
use hearth_documents::service::{self, FeedAnswer, FeedRequest, FeedRows, FeedStart, Scope};

use super::{EmbeddedAccount, feed_error};

/// A container whose changes are read. It waits for something new by the store's doorbell.
#[derive(Debug)]
pub(in crate::cosmos) struct EmbeddedFeed {
    account: EmbeddedAccount,
    database: Arc<str>,
    container: Arc<str>,
    /// The container that leases were taken for: a position means nothing in another of the same name.
    rid: Mutex<Option<String>>,
}

impl EmbeddedFeed {
    pub(in crate::cosmos) fn new(account: &EmbeddedAccount, database: &str, container: &str) -> Self {
        let (database, container) = (database.into(), container.into());
        Self { account: account.clone(), database, container, rid: Mutex::default() }
    }

    fn intended(&self) -> Option<String> {
        self.rid.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Feed for EmbeddedFeed {
    async fn identity(&self) -> Result<FeedIdentity, FeedError> {
        let at = self.account.container(&self.database, &self.container);
        // Ranges are read anew, and with them the container if it is no longer what was known.
        let page = self.account.service.ranges(at).await.map_err(|error| feed_error(&error))?;
        let rid = page.container.to_string();
        *self.rid.lock().unwrap_or_else(PoisonError::into_inner) = Some(rid.clone());
        let database_rid = page.container.database_part().unwrap_or(page.container).to_string();
        Ok(FeedIdentity { account_host: self.account.host.to_string(), database_rid, container_rid: rid })
    }

    async fn ranges(&self, overlapping: &EpkRange) -> Result<Vec<PartitionRange>, FeedError> {
        let at = self.account.container(&self.database, &self.container);
        let page = self.account.service.ranges(at).await.map_err(|error| feed_error(&error))?;
        let ranges = page.stored.iter().map(|range| {
            let min = if range.from.is_empty() { String::new() } else { epk::to_hex(Some(&range.from)) };
            let max = epk::to_hex(Some(range.to.as_slice()).filter(|to| !to.is_empty()));
            let parents = range.parents.split(',').filter(|parent| !parent.is_empty()).map(str::to_owned).collect();
            PartitionRange { id: range.range.to_string(), bounds: EpkRange::new(min, max), parents }
        });
        Ok(ranges.filter(|range| range.bounds.overlaps(overlapping)).collect())
    }

    async fn read(&self, request: &PageRequest<'_>) -> Result<FeedPage, FeedError> {
        let intended = self.intended();
        let mut container = self.account.container(&self.database, &self.container);
        container.intended_rid = intended.as_deref();
        let bounds = request.scope.bounds;
        let asked = FeedRequest {
            container,
            scope: Scope {
                range: Some(request.scope.range),
                start: bounds.map(|bounds| bounds.min.as_str()),
                end: bounds.map(|bounds| bounds.max.as_str()),
                partition_key: None,
            },
            mode: match request.mode {
                FeedMode::LatestVersion => service::FeedMode::Latest,
                FeedMode::AllVersionsAndDeletes => service::FeedMode::AllVersions,
            },
            start: match request.start {
                PageStart::Beginning => FeedStart::Beginning,
                PageStart::Now => FeedStart::Now,
                PageStart::Time(at) => FeedStart::Time(at.as_micros().div_euclid(1_000_000)),
                PageStart::After(continuation) => FeedStart::After(continuation),
            },
            since: None,
            max_items: request.max_items,
            wait: request.wait,
        };
        let answer = self.account.service.feed(&asked).await.map_err(|error| feed_error(&error))?;
        Ok(page(&answer, !request.wait.is_zero()))
    }
}

fn page(answer: &FeedAnswer, may_wait: bool) -> FeedPage {
    let writer = ItemWriter::new(answer.container.rid);
    let item = |write: &dyn Fn(&mut String)| {
        let mut text = String::new();
        write(&mut text);
        ChangeItem::from(text)
    };
    let items: Vec<_> = match &answer.rows {
        FeedRows::Latest(items) => {
            items.iter().map(|stored| item(&|text| writer.write_stored(text, stored, true))).collect()
        }
        FeedRows::Versions(changes) => {
            let definition = answer.container.definition.partition_key();
            changes.iter().map(|change| item(&|text| envelope::version(text, &writer, change, definition))).collect()
        }
    };
    FeedPage {
        waited: may_wait && items.is_empty(),
        items,
        continuation: answer.etag.clone(),
        lsn: answer.ranges.first().map(|(_, lsn)| *lsn),
        charge_hundredths: hundredths(answer.charge.0),
    }
}

/// Of request units.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what a page costs is small, and not negative"
)]
fn hundredths(charge: f64) -> u64 {
    (charge * 100.0).round() as u64
}
