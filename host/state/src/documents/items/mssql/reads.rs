//! Items by key and by number, ranges, and what an account holds.

pub(in crate::documents::items) const STATE_OF: &str = "\
SELECT i.version, CASE WHEN i.expires <= @1 / 1000000 THEN CAST(1 AS bigint) ELSE CAST(0 AS bigint) END \
FROM $.document_ranges r LEFT JOIN $.document_items i ON i.container = r.container AND i.key_high = @2 AND i.key_low = @3 \
WHERE r.container = @4 AND r.id = @5 AND r.definition = @6";

pub(in crate::documents::items) const ITEM: &str = concat!(
    "SELECT r.lsn, ",
    item!(),
    " FROM $.document_ranges r LEFT JOIN $.document_items i ON i.container = r.container AND i.key_high = @1 ",
    "AND i.key_low = @2 AND i.expires > @3 / 1000000 WHERE r.container = @4 AND r.id = @5 AND r.definition = @6"
);

pub(in crate::documents::items) const ITEMS: &str = concat!(
    "SELECT r.lsn, ",
    item!(),
    ", i.key_high, i.key_low FROM $.document_ranges r LEFT JOIN (SELECT d.* FROM OPENJSON(@1) ",
    "WITH (high bigint '$[0]', low bigint '$[1]') j JOIN $.document_items d ON d.container = @2 AND d.key_high = j.high ",
    "AND d.key_low = j.low AND d.expires > @3 / 1000000) i ON 1 = 1 ",
    "WHERE r.container = @4 AND r.id = @5 AND r.definition = @6"
);

pub(in crate::documents::items) const HISTORY_FROM: &str = "\
SELECT lsn, history_from FROM $.document_ranges WHERE container = @1 AND id = @2 AND definition = @3";

pub(in crate::documents::items) const RANGES: &str = "\
SELECT id, epk_from, epk_to, lsn, definition, parents, items, bytes, created FROM $.document_ranges WHERE container = @1 \
ORDER BY epk_from";

pub(in crate::documents::items) const BY_NUMBER: &str = concat!(
    "SELECT r.id, ",
    item!(),
    " FROM $.document_ranges r JOIN $.document_items i ON i.container = r.container AND i.range_id = r.id AND i.number = @1 ",
    "AND i.expires > @2 / 1000000 WHERE r.container = @3"
);

pub(in crate::documents::items) const USAGE: &str = "\
SELECT CAST(COALESCE((SELECT SUM(r.bytes) FROM $.document_ranges r WHERE r.account = @1), 0) \
+ COALESCE((SELECT SUM(m.size) FROM $.document_media m WHERE m.account = @2), 0) \
+ COALESCE((SELECT SUM(CAST(LEN(a.body) AS bigint)) FROM $.document_attachments a WHERE a.container IN (\
SELECT r.container FROM $.document_ranges r WHERE r.account = @3)), 0) AS bigint)";
