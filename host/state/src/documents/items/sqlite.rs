//! SQLite text of the statements on items.
//!
//! A change of an item is two steps: its range's row, then the item's. Both have the same condition, so that without any decision
//! between them either both find their row or neither does.

/// The range under which everything is done.
macro_rules! place {
    () => {
        "container = ? AND id = ? AND definition = ?"
    };
}

/// What an expectation says of an item in `o`, which may have expired.
macro_rules! as_expected {
    () => {
        "CASE o.there WHEN 0 THEN ? = 1 ELSE o.version BETWEEN ? AND ? AND o.expires > ? / 1000000 END"
    };
}

macro_rules! looked_up {
    () => {
        "FROM (SELECT COUNT(*) AS there, COALESCE(MAX(i.size), 0) AS size, MAX(i.version) AS version, \
         MAX(i.expires) AS expires FROM document_items i WHERE i.container = ? AND i.key_high = ? AND i.key_low = ?) AS o"
    };
}

pub(super) const BEGIN: &str =
    concat!("UPDATE document_ranges SET lsn = lsn + 1, done = 0 WHERE ", place!(), " RETURNING lsn, ? / 1000000");

pub(super) const END: &str = concat!("SELECT 1 FROM document_ranges WHERE ", place!(), " AND done = ?");

pub(super) const RANGE_CREATE: &str = concat!(
    "UPDATE document_ranges SET lsn = lsn + ?, done = done + 1, items = items + 1, bytes = bytes + ? WHERE ",
    place!(),
    " AND NOT EXISTS (SELECT 1 FROM document_items i WHERE i.container = document_ranges.container ",
    "AND i.key_high = ? AND i.key_low = ?) RETURNING lsn, ? / 1000000"
);

pub(super) const RANGE_PUT: &str = concat!(
    "UPDATE document_ranges SET lsn = lsn + ?, done = done + 1, items = items + 1 - o.there, bytes = bytes + ? - o.size ",
    looked_up!(),
    " WHERE ",
    place!(),
    " AND ",
    as_expected!(),
    " RETURNING lsn, ? / 1000000"
);

pub(super) const RANGE_DELETE: &str = concat!(
    "UPDATE document_ranges SET lsn = lsn + ?, done = done + 1, items = items - 1, bytes = bytes - o.size ",
    "FROM (SELECT i.size FROM document_items i WHERE i.container = ? AND i.key_high = ? AND i.key_low = ? ",
    "AND i.version BETWEEN ? AND ? AND i.expires > ? / 1000000) AS o WHERE ",
    place!(),
    " RETURNING lsn, ? / 1000000"
);

// Here what has expired is not there: nothing is put in its place.
pub(super) const RANGE_KEEP: &str = concat!(
    "UPDATE document_ranges SET done = done + 1 ",
    "FROM (SELECT COUNT(*) AS there, MAX(i.version) AS version FROM document_items i ",
    "WHERE i.container = ? AND i.key_high = ? AND i.key_low = ? AND i.expires > ? / 1000000) AS o WHERE ",
    place!(),
    " AND CASE o.there WHEN 0 THEN ? = 1 ELSE o.version BETWEEN ? AND ? END"
);

macro_rules! insert_item {
    () => {
        concat!(
            "INSERT INTO document_items (container, key_high, key_low, range_id, number, version, epk, written, expires, size, ",
            "indexed, id, partition_key, body) SELECT container, ?, ?, id, (lsn * 128 + ?) * 64 + (id & 63), lsn * 128 + ?, ",
            "?, ? / 1000000, ? / 1000000, ?, ?, ?, ?, ? FROM document_ranges WHERE ",
            place!()
        )
    };
}

pub(super) const ITEM_CREATE: &str = concat!(insert_item!(), " ON CONFLICT DO NOTHING");

pub(super) const ITEM_PUT: &str = concat!(
    insert_item!(),
    " AND (? = 1 OR EXISTS (SELECT 1 FROM document_items i WHERE i.container = document_ranges.container ",
    "AND i.key_high = ? AND i.key_low = ?)) ",
    "ON CONFLICT (container, key_high, key_low) DO UPDATE SET version = excluded.version, written = excluded.written, ",
    "expires = excluded.expires, size = excluded.size, indexed = excluded.indexed, body = excluded.body ",
    "WHERE document_items.version BETWEEN ? AND ? AND document_items.expires > ? / 1000000 RETURNING number, version"
);

pub(super) const ITEM_DELETE: &str = concat!(
    "DELETE FROM document_items WHERE container = ? AND key_high = ? AND key_low = ? AND version BETWEEN ? AND ? ",
    "AND expires > ? / 1000000 AND EXISTS (SELECT 1 FROM document_ranges WHERE ",
    place!(),
    ")"
);

pub(super) const UNIQUE_CLEAR: &str = "\
DELETE FROM document_unique WHERE container = ? AND number = \
(SELECT number FROM document_items WHERE container = ? AND key_high = ? AND key_low = ?)";

pub(super) const UNIQUE_ADD: &str = "\
INSERT INTO document_unique (container, value_high, value_low, number) SELECT container, ?, ?, number \
FROM document_items WHERE container = ? AND key_high = ? AND key_low = ? ON CONFLICT DO NOTHING";

pub(super) const UNIQUE_HOLDER: &str = "\
SELECT i.range_id, i.key_high, i.key_low, i.version FROM document_unique u \
JOIN document_ranges r ON r.container = u.container \
JOIN document_items i ON i.container = u.container AND i.range_id = r.id AND i.number = u.number \
WHERE u.container = ? AND u.value_high = ? AND u.value_low = ? AND i.expires <= ? / 1000000";

pub(super) const HISTORY_PUT: &str = concat!(
    "INSERT INTO document_history (container, range_id, version, kind, changed, number, item_version, written, ",
    "previous_version, size, epk, id, partition_key, previous_body, body) ",
    "SELECT r.container, r.id, r.lsn * 128 + ?, CASE WHEN i.seq IS NULL THEN 0 ELSE 1 END, ? / 1000000, ",
    "COALESCE(i.number, (r.lsn * 128 + ?) * 64 + (r.id & 63)), r.lsn * 128 + ?, ? / 1000000, COALESCE(i.version, 0), ",
    "? + COALESCE(i.size, 0), ?, ?, ?, COALESCE(i.body, ''), ? ",
    "FROM document_ranges r LEFT JOIN document_items i ON i.container = r.container AND i.key_high = ? AND i.key_low = ? ",
    "WHERE r.container = ? AND r.id = ? AND r.definition = ? ",
    "AND CASE WHEN i.seq IS NULL THEN ? = 1 ELSE i.version BETWEEN ? AND ? AND i.expires > ? / 1000000 END"
);

macro_rules! history_of_loss {
    ($kind:literal, $condition:literal) => {
        concat!(
            "INSERT INTO document_history (container, range_id, version, kind, changed, number, item_version, written, ",
            "previous_version, size, epk, id, partition_key, previous_body, body) ",
            "SELECT r.container, r.id, r.lsn * 128 + ?, ",
            $kind,
            ", ? / 1000000, i.number, i.version, i.written, i.version, i.size, i.epk, i.id, i.partition_key, '', i.body ",
            "FROM document_items i JOIN document_ranges r ON r.container = i.container AND r.id = i.range_id ",
            "WHERE i.container = ? AND i.key_high = ? AND i.key_low = ? AND i.version BETWEEN ? AND ? AND ",
            $condition
        )
    };
}

pub(super) const HISTORY_DELETE: &str =
    history_of_loss!("2", "i.expires > ? / 1000000 AND r.id = ? AND r.definition = ?");

// What expires is counted where the range keeps a history; elsewhere nobody sees it.
pub(super) const RANGE_EXPIRE: &str = "\
UPDATE document_ranges SET lsn = lsn + history, items = items - 1, bytes = bytes - o.size \
FROM (SELECT i.range_id, i.size FROM document_items i WHERE i.container = ? AND i.key_high = ? AND i.key_low = ? \
AND i.version BETWEEN ? AND ? AND i.expires <= ? / 1000000) AS o WHERE container = ? AND id = o.range_id";

pub(super) const HISTORY_EXPIRE: &str = history_of_loss!("3", "i.expires <= ? / 1000000 AND r.history = 1");

pub(super) const ITEM_EXPIRE: &str = "\
DELETE FROM document_items WHERE container = ? AND key_high = ? AND key_low = ? AND version BETWEEN ? AND ? \
AND expires <= ? / 1000000";

pub(super) const EXPIRED: &str = "\
SELECT container, key_high, key_low, version FROM document_items WHERE expires <= ? / 1000000 AND expires < 9223372036854 \
ORDER BY expires LIMIT ?";

pub(super) const STATE_OF: &str = concat!(
    "SELECT i.version, CASE WHEN i.expires <= ? / 1000000 THEN 1 ELSE 0 END FROM document_ranges r ",
    "LEFT JOIN document_items i ON i.container = r.container AND i.key_high = ? AND i.key_low = ? ",
    "WHERE r.container = ? AND r.id = ? AND r.definition = ?"
);

macro_rules! item {
    () => {
        "i.version, i.number, i.written, i.id, i.partition_key, i.body"
    };
}

pub(super) const ITEM: &str = concat!(
    "SELECT r.lsn, ",
    item!(),
    " FROM document_ranges r LEFT JOIN document_items i ON i.container = r.container AND i.key_high = ? AND i.key_low = ? ",
    "AND i.expires > ? / 1000000 WHERE r.container = ? AND r.id = ? AND r.definition = ?"
);

// The keys come as one JSON text of pairs, in any number.
pub(super) const ITEMS: &str = concat!(
    "SELECT r.lsn, ",
    item!(),
    ", i.key_high, i.key_low FROM document_ranges r LEFT JOIN (SELECT d.* FROM json_each(?) j ",
    "JOIN document_items d ON d.container = ? AND d.key_high = j.value ->> 0 AND d.key_low = j.value ->> 1 ",
    "AND d.expires > ? / 1000000) i ON 1 = 1 WHERE r.container = ? AND r.id = ? AND r.definition = ?"
);

// A page is found by numbers and sizes alone; then the bodies of what is on it are read.
macro_rules! page {
    ($order:literal, $condition:expr) => {
        concat!(
            "SELECT r.lsn, ",
            item!(),
            ", p.candidates FROM document_ranges r LEFT JOIN (SELECT w.seq, w.candidates FROM (",
            "SELECT c.seq, c.size, SUM(c.size) OVER (ORDER BY c.",
            $order,
            " ROWS UNBOUNDED PRECEDING) AS total, ROW_NUMBER() OVER (ORDER BY c.",
            $order,
            ") AS place, COUNT(*) OVER () AS candidates FROM (SELECT d.seq, d.",
            $order,
            ", d.size FROM document_items d WHERE ",
            $condition,
            " ORDER BY d.",
            $order,
            " LIMIT ?) c) w WHERE w.place <= ? AND (w.total <= ? OR w.total = w.size)) p ON 1 = 1 ",
            "LEFT JOIN document_items i ON i.seq = p.seq WHERE r.container = ? AND r.id = ? AND r.definition = ? ",
            "ORDER BY i.",
            $order
        )
    };
}

pub(super) const LIST: &str = page!(
    "number",
    "d.container = ? AND d.range_id = ? AND d.number > ? AND d.epk >= ? AND d.epk < ? AND d.expires > ? / 1000000 \
     AND d.indexed >= ?"
);

pub(super) const LIST_KEY: &str = page!(
    "number",
    "d.container = ? AND d.epk = ? AND d.number > ? AND d.partition_key = ? AND d.expires > ? / 1000000 AND d.indexed >= ?"
);

/// Whole transactions: the page ends behind the last one that begins on it.
macro_rules! whole_transactions {
    ($table:literal, $columns:expr, $condition:literal) => {
        concat!(
            "WITH candidates AS (SELECT d.seq, d.version, d.size FROM ",
            $table,
            " d WHERE ",
            $condition,
            " ORDER BY d.version LIMIT ?), ",
            "placed AS (SELECT c.seq, c.version, c.size, SUM(c.size) OVER (ORDER BY c.version ROWS UNBOUNDED PRECEDING) ",
            "AS total, ROW_NUMBER() OVER (ORDER BY c.version) AS place FROM candidates c), ",
            "page AS (SELECT p.seq, (SELECT COUNT(*) FROM candidates) AS candidates FROM placed p WHERE p.version / 128 <= ",
            "(SELECT MAX(o.version) / 128 FROM placed o WHERE o.place <= ? AND (o.total <= ? OR o.total = o.size))) ",
            "SELECT r.lsn, ",
            $columns,
            ", p.candidates FROM document_ranges r LEFT JOIN page p ON 1 = 1 LEFT JOIN ",
            $table,
            " i ON i.seq = p.seq WHERE r.container = ? AND r.id = ? AND r.definition = ? ORDER BY i.version"
        )
    };
}

pub(super) const CHANGES: &str = whole_transactions!(
    "document_items",
    item!(),
    "d.container = ? AND d.range_id = ? AND d.version > ? AND d.epk >= ? AND d.epk < ? AND d.expires > ? / 1000000 \
     AND d.written >= ?"
);

pub(super) const HISTORY: &str = whole_transactions!(
    "document_history",
    "i.version, i.number, i.written, i.id, i.partition_key, i.body, i.kind, i.changed, i.item_version, i.previous_version, \
     i.previous_body",
    "d.container = ? AND d.range_id = ? AND d.version > ? AND d.epk >= ? AND d.epk < ?"
);

pub(super) const HISTORY_FROM: &str = concat!("SELECT lsn, history_from FROM document_ranges WHERE ", place!());

pub(super) const RANGES: &str = "\
SELECT id, epk_from, epk_to, lsn, definition, parents, items, bytes, created FROM document_ranges WHERE container = ? \
ORDER BY epk_from";

pub(super) const BY_NUMBER: &str = concat!(
    "SELECT r.id, ",
    item!(),
    " FROM document_ranges r JOIN document_items i ON i.container = r.container AND i.range_id = r.id AND i.number = ? ",
    "AND i.expires > ? / 1000000 WHERE r.container = ?"
);

pub(super) const USAGE: &str = "\
SELECT COALESCE((SELECT SUM(r.bytes) FROM document_ranges r WHERE r.account = ?), 0) \
+ COALESCE((SELECT SUM(m.size) FROM document_media m WHERE m.account = ?), 0) \
+ COALESCE((SELECT SUM(LENGTH(CAST(a.body AS BLOB))) FROM document_attachments a WHERE a.container IN (\
SELECT r.container FROM document_ranges r WHERE r.account = ?)), 0)";

pub(super) const SWEEPABLE: &str = "SELECT 1 FROM removed_containers LIMIT 1";

pub(super) const SWEEP_ITEMS: &str = "\
DELETE FROM document_items WHERE seq IN (\
SELECT i.seq FROM removed_containers c JOIN document_items i ON i.container = c.container LIMIT ?)";

pub(super) const SWEEP_HISTORY: &str = "\
DELETE FROM document_history WHERE seq IN (\
SELECT h.seq FROM removed_containers c JOIN document_history h ON h.container = c.container LIMIT ?)";

pub(super) const FORGET_REMOVED: &str = "\
DELETE FROM removed_containers WHERE NOT EXISTS \
(SELECT 1 FROM document_items i WHERE i.container = removed_containers.container) \
AND NOT EXISTS (SELECT 1 FROM document_history h WHERE h.container = removed_containers.container)";

pub(super) const WITH_HISTORY: &str = "\
SELECT r.container, r.id, r.definition FROM document_ranges r WHERE r.history = 1 OR EXISTS \
(SELECT 1 FROM document_history h WHERE h.container = r.container AND h.range_id = r.id)";

macro_rules! outdated {
    ($column:literal) => {
        concat!(
            "SELECT ",
            $column,
            " FROM (SELECT h.seq, h.version, h.changed FROM document_history h WHERE h.container = ? AND h.range_id = ? ",
            "ORDER BY h.version LIMIT ?) o WHERE o.changed < ? / 1000000"
        )
    };
}

pub(super) const HISTORY_BEGINS: &str = concat!(
    "UPDATE document_ranges SET history_from = MAX(history_from, COALESCE((",
    outdated!("MAX(o.version)"),
    "), 0)) WHERE container = ? AND id = ?"
);

pub(super) const PURGE_HISTORY: &str = concat!("DELETE FROM document_history WHERE seq IN (", outdated!("o.seq"), ")");
