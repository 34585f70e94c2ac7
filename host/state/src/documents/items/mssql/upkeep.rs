//! What nobody can see any more and is removed: items that have expired, what deleted containers left, history that is too old.

// The range's row is held by its number, which the item tells; only then is the item looked at again.
pub(in crate::documents::items) const RANGE_EXPIRE: &str = concat!(
    "SET @r = -1; SELECT @r = i.range_id FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    "; UPDATE $.document_ranges SET done = done WHERE container = @7 AND id = @r; ",
    "UPDATE $.document_ranges SET lsn = lsn + history, items = items - 1, ",
    "bytes = bytes - COALESCE((SELECT i.size FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    "), 0) WHERE container = @7 AND id = @r AND EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.version BETWEEN @4 AND @5 AND i.expires <= @6 / 1000000)"
);

pub(in crate::documents::items) const HISTORY_EXPIRE: &str =
    history_of_loss!("3", "i.expires <= @8 / 1000000 AND r.history = 1");

pub(in crate::documents::items) const ITEM_EXPIRE: &str = concat!(
    "SET @r = -1; SELECT @r = i.number FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.version BETWEEN @4 AND @5 AND i.expires <= @6 / 1000000; ",
    parts!("@1"),
    "DELETE FROM $.document_items WHERE container = @1 AND key_high = @2 AND key_low = @3 AND number = @r"
);

pub(in crate::documents::items) const EXPIRED: &str = "\
SELECT TOP (@2) container, key_high, key_low, version FROM $.document_items WHERE expires <= @1 / 1000000 \
AND expires < 9223372036854 ORDER BY expires";

pub(in crate::documents::items) const SWEEPABLE: &str = "SELECT TOP (1) CAST(1 AS bigint) FROM $.removed_containers";

macro_rules! sweep {
    ($table:literal) => {
        concat!("DELETE TOP (@1) FROM $.", $table, " WHERE container IN (SELECT container FROM $.removed_containers)")
    };
}

pub(in crate::documents::items) const SWEEP_ITEMS: &str = concat!(
    sweep!("document_unique"),
    "; ",
    sweep!("document_attachments"),
    "; ",
    sweep!("document_media"),
    "; ",
    sweep!("document_items")
);

pub(in crate::documents::items) const SWEEP_HISTORY: &str = sweep!("document_history");

macro_rules! none_left {
    ($table:literal) => {
        concat!("NOT EXISTS (SELECT 1 FROM $.", $table, " t WHERE t.container = removed_containers.container)")
    };
}

pub(in crate::documents::items) const FORGET_REMOVED: &str = concat!(
    "DELETE FROM $.removed_containers WHERE ",
    none_left!("document_items"),
    " AND ",
    none_left!("document_history"),
    " AND ",
    none_left!("document_unique"),
    " AND ",
    none_left!("document_attachments"),
    " AND ",
    none_left!("document_media")
);

pub(in crate::documents::items) const WITH_HISTORY: &str = "\
SELECT r.container, r.id, r.definition FROM $.document_ranges r WHERE r.history = 1 OR EXISTS \
(SELECT 1 FROM $.document_history h WHERE h.container = r.container AND h.range_id = r.id)";

macro_rules! outdated {
    ($column:literal) => {
        concat!(
            "SELECT ",
            $column,
            " FROM (SELECT TOP (@3) h.version, h.changed FROM $.document_history h WHERE h.container = @1 AND h.range_id = @2 ",
            "ORDER BY h.version) o WHERE o.changed < @4 / 1000000"
        )
    };
}

pub(in crate::documents::items) const HISTORY_BEGINS: &str = concat!(
    "SET @r = -1; SELECT @r = COALESCE((",
    outdated!("MAX(o.version)"),
    "), -1); UPDATE $.document_ranges SET history_from = @r WHERE container = @5 AND id = @6 AND history_from < @r"
);

pub(in crate::documents::items) const PURGE_HISTORY: &str = concat!(
    "DELETE FROM $.document_history WHERE container = @1 AND range_id = @2 AND version IN (",
    outdated!("o.version"),
    ") AND changed < @4 / 1000000"
);
