//! T-SQL text of the statements on items.
//!
//! Whatever changes an item first writes its range's row without a change, which holds it until the commit. So each condition is
//! looked at when nobody else changes the range, and changes become visible in the order of their LSNs.

macro_rules! hold {
    ($container:literal, $range:literal, $definition:literal) => {
        concat!(
            "UPDATE $.document_ranges SET done = done WHERE container = ",
            $container,
            " AND id = ",
            $range,
            " AND definition = ",
            $definition,
            "; "
        )
    };
}

/// Answers the LSN and the second where the range's row was written.
macro_rules! told {
    ($container:literal, $range:literal, $now:literal) => {
        concat!(
            "; SET @n = @@ROWCOUNT; IF @n = 1 SELECT lsn, CAST(",
            $now,
            " / 1000000 AS bigint) FROM $.document_ranges WHERE container = ",
            $container,
            " AND id = ",
            $range,
            ";"
        )
    };
}

macro_rules! key {
    ($container:literal, $high:literal, $low:literal) => {
        concat!("i.container = ", $container, " AND i.key_high = ", $high, " AND i.key_low = ", $low)
    };
}

/// What goes with an item.
macro_rules! parts {
    ($container:literal) => {
        concat!(
            "DELETE FROM $.document_unique WHERE container = ",
            $container,
            " AND number = @r; DELETE FROM $.document_attachments WHERE container = ",
            $container,
            " AND item = @r; DELETE FROM $.document_media WHERE container = ",
            $container,
            " AND item = @r; "
        )
    };
}

macro_rules! into_history {
    () => {
        "INSERT INTO $.document_history (container, range_id, version, kind, changed, number, item_version, written, \
         previous_version, size, epk, id, partition_key, previous_body, body) "
    };
}

macro_rules! history_of_loss {
    ($kind:literal, $condition:literal) => {
        concat!(
            into_history!(),
            "SELECT r.container, r.id, r.lsn * 128 + @1, ",
            $kind,
            ", @2 / 1000000, i.number, i.version, i.written, i.version, i.size, i.epk, i.id, i.partition_key, N'', i.body ",
            "FROM $.document_items i JOIN $.document_ranges r ON r.container = i.container AND r.id = i.range_id ",
            "WHERE i.container = @3 AND i.key_high = @4 AND i.key_low = @5 AND i.version BETWEEN @6 AND @7 AND ",
            $condition
        )
    };
}

macro_rules! item {
    () => {
        "i.version, i.number, i.written, i.id, i.partition_key, i.body"
    };
}

// Behind the macros, which they use.
mod pages;
mod reads;
mod upkeep;
mod writes;

pub(super) use pages::{CHANGES, HISTORY, LIST, LIST_KEY};
pub(super) use reads::{BY_NUMBER, HISTORY_FROM, ITEM, ITEMS, RANGES, STATE_OF, USAGE};
pub(super) use upkeep::{
    EXPIRED, FORGET_REMOVED, HISTORY_BEGINS, HISTORY_EXPIRE, ITEM_EXPIRE, PURGE_HISTORY, RANGE_EXPIRE, SWEEP_HISTORY,
    SWEEP_ITEMS, SWEEPABLE, WITH_HISTORY,
};
pub(super) use writes::{
    BEGIN, END, HISTORY_DELETE, HISTORY_PUT, ITEM_CREATE, ITEM_DELETE, ITEM_PUT, RANGE_CREATE, RANGE_DELETE,
    RANGE_KEEP, RANGE_PUT, UNIQUE_ADD, UNIQUE_CLEAR, UNIQUE_HOLDER,
};
