//! Partition key ranges of a container as clients read them (reference: Cosmos DB, section 4.8).

use std::fmt::Write as _;

use hearth_state::documents::StoredRange;

use super::{DocumentService, DocumentsError};
use crate::protocol::{ChildKind, Rid, etag};
use crate::service::containers::ContainerRef;

/// The ranges of a container.
#[derive(Clone, Debug)]
pub struct RangesPage {
    /// The container's RID.
    pub container: Rid,
    /// What the container's names are: `dbs/d/colls/c`.
    pub path: String,
    /// Changes whenever the ranges do; with the quotes that are part of it.
    pub etag: String,
    /// Each as a JSON object.
    pub items: Vec<String>,
    /// As host state has them.
    pub stored: Vec<StoredRange>,
}

impl DocumentService {
    /// The ranges of a container, as they are now.
    ///
    /// # Errors
    /// 404 with sub-status 1003 when there is no such container; those of host state.
    pub async fn ranges(&self, at: ContainerRef<'_>) -> Result<RangesPage, DocumentsError> {
        let mut lookup = self.lookup(at);
        let (container, stored) = loop {
            let container = lookup.next().await?;
            let stored = self.0.database.documents().ranges(container.number).await?;
            // A container that was deleted has none.
            if !stored.is_empty() {
                break (container, stored);
            }
        };
        // A range that is split leaves new ones with higher numbers.
        let newest = stored.iter().map(|range| range.range).max().unwrap_or(0);
        let items = stored.iter().map(|range| render(container.rid, range, stored.len())).collect();
        Ok(RangesPage {
            container: container.rid,
            path: container.path(),
            etag: format!("\"{}\"", newest + 1),
            items,
            stored,
        })
    }
}

fn render(container: Rid, range: &StoredRange, of: usize) -> String {
    let rid = container.child(ChildKind::PartitionKeyRange, range.range + 1);
    let database = container.database_part().unwrap_or(container);
    let bound = |bytes: &[u8], otherwise: &str| match bytes.is_empty() {
        true => otherwise.to_owned(),
        false => hex::encode_upper(bytes),
    };
    let (min, max) = (bound(&range.from, ""), bound(&range.to, "FF"));
    let parents = range.parents.split(',').filter(|parent| !parent.is_empty());
    let parents = parents.map(|parent| format!("\"{parent}\"")).collect::<Vec<_>>().join(",");
    let created = range.created.as_micros();
    let mut text = String::with_capacity(400);
    // Writing to a text does not fail.
    let _ = write!(
        text,
        "{{\"_rid\":\"{rid}\",\"id\":\"{id}\",\"_etag\":\"\\\"{etag}\\\"\",\"minInclusive\":\"{min}\",\"maxExclusive\":\"{max}\",\
         \"ridPrefix\":{id},\"_self\":\"dbs/{database}/colls/{container}/pkranges/{rid}/\",\"throughputFraction\":{fraction},\
         \"status\":\"online\",\"parents\":[{parents}],\"_ts\":{seconds},\"_lsn\":{lsn}}}",
        id = range.range,
        etag = etag::text(created).trim_matches('"'),
        // There are few ranges.
        fraction = 1.0 / f64::from(u32::try_from(of).unwrap_or(1).max(1)),
        seconds = created.div_euclid(1_000_000),
        lsn = range.lsn,
    );
    text
}
