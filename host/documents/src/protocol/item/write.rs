//! Items on their way out: the store's properties behind the item's own.

use hearth_state::documents::{ItemVersion, StoredItem};

use crate::protocol::{ChildKind, Rid, etag};

/// Writes items of one container.
#[derive(Clone, Debug)]
pub struct ItemWriter {
    container: Rid,
    /// `dbs/…/colls/…/docs/`.
    documents: String,
}

impl ItemWriter {
    /// For a container.
    pub fn new(container: Rid) -> Self {
        let mut documents = String::with_capacity(64);
        documents.push_str("dbs/");
        if let Some(database) = container.database_part() {
            database.write(&mut documents);
        }
        documents.push_str("/colls/");
        container.write(&mut documents);
        documents.push_str("/docs/");
        Self { container, documents }
    }

    /// The container.
    pub fn container(&self) -> Rid {
        self.container
    }

    /// The RID of the item with this number.
    pub fn rid(&self, number: i64) -> Rid {
        self.container.child(ChildKind::Document, number)
    }

    /// Adds an item to a text: its own properties as they are kept, and behind them `_rid`, `_self`, `_etag`, `_attachments`, `_ts`,
    /// and `_lsn` where one is given.
    pub fn write(
        &self,
        out: &mut String,
        body: &str,
        number: i64,
        version: ItemVersion,
        timestamp: i64,
        lsn: Option<i64>,
    ) {
        self.write_version(out, body, number, version, Some(timestamp));
        if let Some(lsn) = lsn {
            out.pop();
            out.push_str(",\"_lsn\":");
            write_integer(out, lsn);
            out.push('}');
        }
    }

    /// Adds a version of an item, of which it may not be known when it was written.
    pub(in crate::protocol) fn write_version(
        &self,
        out: &mut String,
        body: &str,
        number: i64,
        version: ItemVersion,
        timestamp: Option<i64>,
    ) {
        let open = body.trim_end().strip_suffix('}').unwrap_or(body).trim_end();
        out.reserve(open.len() + self.documents.len() + 192);
        out.push_str(open);
        out.push_str(if open == "{" { "\"_rid\":\"" } else { ",\"_rid\":\"" });
        let rid = self.rid(number);
        rid.write(out);
        out.push_str("\",\"_self\":\"");
        out.push_str(&self.documents);
        rid.write(out);
        out.push_str("/\",\"_etag\":");
        etag::write_json(out, version.0);
        out.push_str(",\"_attachments\":\"attachments/\"");
        if let Some(timestamp) = timestamp {
            out.push_str(",\"_ts\":");
            write_integer(out, timestamp);
        }
        out.push('}');
    }

    /// Adds a stored item; in feeds with its `_lsn`.
    pub fn write_stored(&self, out: &mut String, item: &StoredItem, with_lsn: bool) {
        let lsn = with_lsn.then(|| item.version.lsn());
        self.write(out, &item.body, item.number, item.version, item.timestamp, lsn);
    }
}

/// Adds a whole number to a text.
pub(crate) fn write_integer(out: &mut String, value: i64) {
    use std::fmt::Write as _;
    // Writing into a String does not fail.
    let _ = write!(out, "{value}");
}
