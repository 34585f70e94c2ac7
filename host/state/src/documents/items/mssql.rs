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

pub(super) const BEGIN: &str = concat!(
    "UPDATE $.document_ranges SET lsn = lsn + 1, done = 0 WHERE container = @1 AND id = @2 AND definition = @3",
    told!("@1", "@2", "@4")
);

pub(super) const END: &str = "\
SELECT CAST(1 AS bigint) FROM $.document_ranges WHERE container = @1 AND id = @2 AND definition = @3 AND done = @4";

pub(super) const RANGE_CREATE: &str = concat!(
    hold!("@3", "@4", "@5"),
    "UPDATE $.document_ranges SET lsn = lsn + @1, done = done + 1, items = items + 1, bytes = bytes + @2 ",
    "WHERE container = @3 AND id = @4 AND definition = @5 AND NOT EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@3", "@6", "@7"),
    ")",
    told!("@3", "@4", "@8")
);

pub(super) const RANGE_PUT: &str = concat!(
    hold!("@6", "@7", "@8"),
    "UPDATE $.document_ranges SET lsn = lsn + @1, done = done + 1, ",
    "items = items + 1 - (SELECT COUNT_BIG(*) FROM $.document_items i WHERE ",
    key!("@3", "@4", "@5"),
    "), bytes = bytes + @2 - COALESCE((SELECT i.size FROM $.document_items i WHERE ",
    key!("@3", "@4", "@5"),
    "), 0) WHERE container = @6 AND id = @7 AND definition = @8 ",
    "AND ((@9 = 1 AND NOT EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@3", "@4", "@5"),
    ")) OR EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@3", "@4", "@5"),
    " AND i.version BETWEEN @10 AND @11 AND i.expires > @12 / 1000000))",
    told!("@6", "@7", "@13")
);

pub(super) const RANGE_DELETE: &str = concat!(
    hold!("@8", "@9", "@10"),
    "UPDATE $.document_ranges SET lsn = lsn + @1, done = done + 1, items = items - 1, ",
    "bytes = bytes - COALESCE((SELECT i.size FROM $.document_items i WHERE ",
    key!("@2", "@3", "@4"),
    "), 0) WHERE container = @8 AND id = @9 AND definition = @10 AND EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@2", "@3", "@4"),
    " AND i.version BETWEEN @5 AND @6 AND i.expires > @7 / 1000000)",
    told!("@8", "@9", "@11")
);

pub(super) const RANGE_KEEP: &str = concat!(
    "UPDATE $.document_ranges SET done = done + 1 WHERE container = @5 AND id = @6 AND definition = @7 ",
    "AND ((@8 = 1 AND NOT EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.expires > @4 / 1000000)) OR EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.expires > @4 / 1000000 AND i.version BETWEEN @9 AND @10))"
);

macro_rules! insert_item {
    () => {
        concat!(
            "INSERT INTO $.document_items (container, key_high, key_low, range_id, number, version, epk, written, expires, ",
            "size, indexed, id, partition_key, body) SELECT @13, @1, @2, @14, (r.lsn * 128 + @3) * 64 + r.id % 64, ",
            "r.lsn * 128 + @4, @5, @6 / 1000000, @7 / 1000000, @8, @9, @10, @11, @12 FROM $.document_ranges r ",
            "WHERE r.container = @13 AND r.id = @14 AND r.definition = @15 ",
            "AND NOT EXISTS (SELECT 1 FROM $.document_items i WHERE ",
            key!("@13", "@1", "@2"),
            ")"
        )
    };
}

pub(super) const ITEM_CREATE: &str = insert_item!();

pub(super) const ITEM_PUT: &str = concat!(
    "SET @r = -1; SELECT @r = r.lsn * 128 + @4 FROM $.document_ranges r ",
    "WHERE r.container = @13 AND r.id = @14 AND r.definition = @15; ",
    "UPDATE $.document_items SET version = @r, written = @6 / 1000000, expires = @7 / 1000000, size = @8, indexed = @9, ",
    "body = @12 WHERE container = @13 AND key_high = @17 AND key_low = @18 AND version BETWEEN @19 AND @20 ",
    "AND expires > @21 / 1000000 AND @r >= 0; SET @n = @@ROWCOUNT; ",
    "IF @n = 0 AND @16 = 1 BEGIN ",
    insert_item!(),
    "; SET @n = @@ROWCOUNT; END; ",
    "IF @n = 1 SELECT i.number, i.version FROM $.document_items i WHERE ",
    key!("@13", "@1", "@2"),
    ";"
);

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

pub(super) const ITEM_DELETE: &str = concat!(
    "SET @r = -1; SELECT @r = i.number FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.version BETWEEN @4 AND @5 AND i.expires > @6 / 1000000 AND EXISTS ",
    "(SELECT 1 FROM $.document_ranges r WHERE r.container = @7 AND r.id = @8 AND r.definition = @9); ",
    parts!("@1"),
    "DELETE FROM $.document_items WHERE container = @1 AND key_high = @2 AND key_low = @3 AND number = @r"
);

pub(super) const UNIQUE_CLEAR: &str = "\
SET @r = -1; SELECT @r = number FROM $.document_items WHERE container = @2 AND key_high = @3 AND key_low = @4; \
DELETE FROM $.document_unique WHERE container = @1 AND number = @r";

pub(super) const UNIQUE_ADD: &str = "\
INSERT INTO $.document_unique (container, value_high, value_low, number) SELECT @3, @1, @2, i.number \
FROM $.document_items i WHERE i.container = @3 AND i.key_high = @4 AND i.key_low = @5 AND NOT EXISTS \
(SELECT 1 FROM $.document_unique u WHERE u.container = @3 AND u.value_high = @1 AND u.value_low = @2)";

pub(super) const UNIQUE_HOLDER: &str = "\
SELECT i.range_id, i.key_high, i.key_low, i.version FROM $.document_unique u \
JOIN $.document_ranges r ON r.container = u.container \
JOIN $.document_items i ON i.container = u.container AND i.range_id = r.id AND i.number = u.number \
WHERE u.container = @1 AND u.value_high = @2 AND u.value_low = @3 AND i.expires <= @4 / 1000000";

macro_rules! into_history {
    () => {
        "INSERT INTO $.document_history (container, range_id, version, kind, changed, number, item_version, written, \
         previous_version, size, epk, id, partition_key, previous_body, body) "
    };
}

pub(super) const HISTORY_PUT: &str = concat!(
    hold!("@13", "@14", "@15"),
    into_history!(),
    "SELECT r.container, r.id, r.lsn * 128 + @1, CASE WHEN i.number IS NULL THEN 0 ELSE 1 END, @2 / 1000000, ",
    "COALESCE(i.number, (r.lsn * 128 + @3) * 64 + r.id % 64), r.lsn * 128 + @4, @5 / 1000000, COALESCE(i.version, 0), ",
    "@6 + COALESCE(i.size, 0), @7, @8, @9, COALESCE(i.body, N''), @10 ",
    "FROM $.document_ranges r LEFT JOIN $.document_items i ON i.container = r.container AND i.key_high = @11 ",
    "AND i.key_low = @12 WHERE r.container = @13 AND r.id = @14 AND r.definition = @15 ",
    "AND ((i.number IS NULL AND @16 = 1) OR (i.version BETWEEN @17 AND @18 AND i.expires > @19 / 1000000))"
);

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

pub(super) const HISTORY_DELETE: &str =
    history_of_loss!("2", "i.expires > @8 / 1000000 AND r.id = @9 AND r.definition = @10");

// The range's row is held by its number, which the item tells; only then is the item looked at again.
pub(super) const RANGE_EXPIRE: &str = concat!(
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

pub(super) const HISTORY_EXPIRE: &str = history_of_loss!("3", "i.expires <= @8 / 1000000 AND r.history = 1");

pub(super) const ITEM_EXPIRE: &str = concat!(
    "SET @r = -1; SELECT @r = i.number FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.version BETWEEN @4 AND @5 AND i.expires <= @6 / 1000000; ",
    parts!("@1"),
    "DELETE FROM $.document_items WHERE container = @1 AND key_high = @2 AND key_low = @3 AND number = @r"
);

pub(super) const EXPIRED: &str = "\
SELECT TOP (@2) container, key_high, key_low, version FROM $.document_items WHERE expires <= @1 / 1000000 \
AND expires < 9223372036854 ORDER BY expires";

pub(super) const STATE_OF: &str = "\
SELECT i.version, CASE WHEN i.expires <= @1 / 1000000 THEN CAST(1 AS bigint) ELSE CAST(0 AS bigint) END \
FROM $.document_ranges r LEFT JOIN $.document_items i ON i.container = r.container AND i.key_high = @2 AND i.key_low = @3 \
WHERE r.container = @4 AND r.id = @5 AND r.definition = @6";

macro_rules! item {
    () => {
        "i.version, i.number, i.written, i.id, i.partition_key, i.body"
    };
}

pub(super) const ITEM: &str = concat!(
    "SELECT r.lsn, ",
    item!(),
    " FROM $.document_ranges r LEFT JOIN $.document_items i ON i.container = r.container AND i.key_high = @1 ",
    "AND i.key_low = @2 AND i.expires > @3 / 1000000 WHERE r.container = @4 AND r.id = @5 AND r.definition = @6"
);

pub(super) const ITEMS: &str = concat!(
    "SELECT r.lsn, ",
    item!(),
    ", i.key_high, i.key_low FROM $.document_ranges r LEFT JOIN (SELECT d.* FROM OPENJSON(@1) ",
    "WITH (high bigint '$[0]', low bigint '$[1]') j JOIN $.document_items d ON d.container = @2 AND d.key_high = j.high ",
    "AND d.key_low = j.low AND d.expires > @3 / 1000000) i ON 1 = 1 ",
    "WHERE r.container = @4 AND r.id = @5 AND r.definition = @6"
);

/// The candidates for a page, those of them that its number of items allows, and how many bytes they have up to each. The first are
/// chosen by TOP and not by their place: Babelfish loses its way among several window functions.
macro_rules! placed {
    ($table:literal, $order:literal, $condition:literal, $limit:literal, $items:literal) => {
        concat!(
            "WITH candidates AS (SELECT TOP (",
            $limit,
            ") d.",
            $order,
            ", d.size FROM $.",
            $table,
            " d WHERE ",
            $condition,
            " ORDER BY d.",
            $order,
            "), firsts AS (SELECT TOP (",
            $items,
            ") c.",
            $order,
            ", c.size FROM candidates c ORDER BY c.",
            $order,
            "), placed AS (SELECT f.",
            $order,
            ", f.size, SUM(f.size) OVER (ORDER BY f.",
            $order,
            " ROWS UNBOUNDED PRECEDING) AS total FROM firsts f), "
        )
    };
}

macro_rules! page {
    ($condition:literal, $limit:literal, $items:literal, $bytes:literal, $container:literal, $range:literal, $definition:literal) => {
        concat!(
            placed!("document_items", "number", $condition, $limit, $items),
            "page AS (SELECT p.number, (SELECT COUNT_BIG(*) FROM candidates) AS candidates FROM placed p ",
            "WHERE p.total - p.size < ",
            $bytes,
            ") SELECT r.lsn, ",
            item!(),
            ", p.candidates FROM $.document_ranges r LEFT JOIN page p ON 1 = 1 LEFT JOIN $.document_items i ",
            "ON i.container = r.container AND i.range_id = r.id AND i.number = p.number WHERE r.container = ",
            $container,
            " AND r.id = ",
            $range,
            " AND r.definition = ",
            $definition,
            " ORDER BY i.number"
        )
    };
}

pub(super) const LIST: &str = page!(
    "d.container = @1 AND d.range_id = @2 AND d.number > @3 AND d.epk >= @4 AND d.epk < @5 AND d.expires > @6 / 1000000 \
     AND d.indexed >= @7",
    "@8",
    "@9",
    "@10",
    "@11",
    "@12",
    "@13"
);

pub(super) const LIST_KEY: &str = page!(
    "d.container = @1 AND d.epk = @2 AND d.number > @3 AND d.partition_key = @4 AND d.expires > @5 / 1000000 \
     AND d.indexed >= @6",
    "@7",
    "@8",
    "@9",
    "@10",
    "@11",
    "@12"
);

macro_rules! whole_transactions {
    ($table:literal, $columns:expr, $condition:literal, $limit:literal, $items:literal, $bytes:literal, $container:literal,
     $range:literal, $definition:literal) => {
        concat!(
            placed!($table, "version", $condition, $limit, $items),
            "page AS (SELECT p.version, (SELECT COUNT_BIG(*) FROM candidates) AS candidates FROM candidates p ",
            "WHERE p.version / 128 <= (SELECT MAX(o.version) / 128 FROM placed o WHERE o.total - o.size < ",
            $bytes,
            ")) SELECT r.lsn, ",
            $columns,
            ", p.candidates FROM $.document_ranges r LEFT JOIN page p ON 1 = 1 LEFT JOIN $.",
            $table,
            " i ON i.container = r.container AND i.range_id = r.id AND i.version = p.version WHERE r.container = ",
            $container,
            " AND r.id = ",
            $range,
            " AND r.definition = ",
            $definition,
            " ORDER BY i.version"
        )
    };
}

pub(super) const CHANGES: &str = whole_transactions!(
    "document_items",
    item!(),
    "d.container = @1 AND d.range_id = @2 AND d.version > @3 AND d.epk >= @4 AND d.epk < @5 AND d.expires > @6 / 1000000 \
     AND d.written >= @7",
    "@8",
    "@9",
    "@10",
    "@11",
    "@12",
    "@13"
);

pub(super) const HISTORY: &str = whole_transactions!(
    "document_history",
    "i.version, i.number, i.written, i.id, i.partition_key, i.body, i.kind, i.changed, i.item_version, i.previous_version, \
     i.previous_body",
    "d.container = @1 AND d.range_id = @2 AND d.version > @3 AND d.epk >= @4 AND d.epk < @5",
    "@6",
    "@7",
    "@8",
    "@9",
    "@10",
    "@11"
);

pub(super) const HISTORY_FROM: &str = "\
SELECT lsn, history_from FROM $.document_ranges WHERE container = @1 AND id = @2 AND definition = @3";

pub(super) const RANGES: &str = "\
SELECT id, epk_from, epk_to, lsn, definition, parents, items, bytes, created FROM $.document_ranges WHERE container = @1 \
ORDER BY epk_from";

pub(super) const BY_NUMBER: &str = concat!(
    "SELECT r.id, ",
    item!(),
    " FROM $.document_ranges r JOIN $.document_items i ON i.container = r.container AND i.range_id = r.id AND i.number = @1 ",
    "AND i.expires > @2 / 1000000 WHERE r.container = @3"
);

pub(super) const USAGE: &str = "\
SELECT CAST(COALESCE((SELECT SUM(r.bytes) FROM $.document_ranges r WHERE r.account = @1), 0) \
+ COALESCE((SELECT SUM(m.size) FROM $.document_media m WHERE m.account = @2), 0) \
+ COALESCE((SELECT SUM(CAST(DATALENGTH(a.body) / 2 AS bigint)) FROM $.document_attachments a WHERE a.container IN (\
SELECT r.container FROM $.document_ranges r WHERE r.account = @3)), 0) AS bigint)";

pub(super) const SWEEPABLE: &str = "SELECT TOP (1) CAST(1 AS bigint) FROM $.removed_containers";

macro_rules! sweep {
    ($table:literal) => {
        concat!("DELETE TOP (@1) FROM $.", $table, " WHERE container IN (SELECT container FROM $.removed_containers)")
    };
}

pub(super) const SWEEP_ITEMS: &str = concat!(
    sweep!("document_unique"),
    "; ",
    sweep!("document_attachments"),
    "; ",
    sweep!("document_media"),
    "; ",
    sweep!("document_items")
);

pub(super) const SWEEP_HISTORY: &str = sweep!("document_history");

macro_rules! none_left {
    ($table:literal) => {
        concat!("NOT EXISTS (SELECT 1 FROM $.", $table, " t WHERE t.container = removed_containers.container)")
    };
}

pub(super) const FORGET_REMOVED: &str = concat!(
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

pub(super) const WITH_HISTORY: &str = "\
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

pub(super) const HISTORY_BEGINS: &str = concat!(
    "SET @r = -1; SELECT @r = COALESCE((",
    outdated!("MAX(o.version)"),
    "), -1); UPDATE $.document_ranges SET history_from = @r WHERE container = @5 AND id = @6 AND history_from < @r"
);

pub(super) const PURGE_HISTORY: &str = concat!(
    "DELETE FROM $.document_history WHERE container = @1 AND range_id = @2 AND version IN (",
    outdated!("o.version"),
    ") AND changed < @4 / 1000000"
);
