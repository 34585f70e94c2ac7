//! What a transaction does with ranges, items, unique values and the history.

pub(in crate::documents::items) const BEGIN: &str = concat!(
    "UPDATE $.document_ranges SET lsn = lsn + 1, done = 0 WHERE container = @1 AND id = @2 AND definition = @3",
    told!("@1", "@2", "@4")
);

pub(in crate::documents::items) const END: &str = "\
SELECT CAST(1 AS bigint) FROM $.document_ranges WHERE container = @1 AND id = @2 AND definition = @3 AND done = @4";

pub(in crate::documents::items) const RANGE_CREATE: &str = concat!(
    hold!("@3", "@4", "@5"),
    "UPDATE $.document_ranges SET lsn = lsn + @1, done = done + 1, items = items + 1, bytes = bytes + @2 ",
    "WHERE container = @3 AND id = @4 AND definition = @5 AND NOT EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@3", "@6", "@7"),
    ")",
    told!("@3", "@4", "@8")
);

pub(in crate::documents::items) const RANGE_PUT: &str = concat!(
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

pub(in crate::documents::items) const RANGE_DELETE: &str = concat!(
    hold!("@8", "@9", "@10"),
    "UPDATE $.document_ranges SET lsn = lsn + @1, done = done + 1, items = items - 1, ",
    "bytes = bytes - COALESCE((SELECT i.size FROM $.document_items i WHERE ",
    key!("@2", "@3", "@4"),
    "), 0) WHERE container = @8 AND id = @9 AND definition = @10 AND EXISTS (SELECT 1 FROM $.document_items i WHERE ",
    key!("@2", "@3", "@4"),
    " AND i.version BETWEEN @5 AND @6 AND i.expires > @7 / 1000000)",
    told!("@8", "@9", "@11")
);

pub(in crate::documents::items) const RANGE_KEEP: &str = concat!(
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

pub(in crate::documents::items) const ITEM_CREATE: &str = insert_item!();

pub(in crate::documents::items) const ITEM_PUT: &str = concat!(
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

pub(in crate::documents::items) const ITEM_DELETE: &str = concat!(
    "SET @r = -1; SELECT @r = i.number FROM $.document_items i WHERE ",
    key!("@1", "@2", "@3"),
    " AND i.version BETWEEN @4 AND @5 AND i.expires > @6 / 1000000 AND EXISTS ",
    "(SELECT 1 FROM $.document_ranges r WHERE r.container = @7 AND r.id = @8 AND r.definition = @9); ",
    parts!("@1"),
    "DELETE FROM $.document_items WHERE container = @1 AND key_high = @2 AND key_low = @3 AND number = @r"
);

pub(in crate::documents::items) const UNIQUE_CLEAR: &str = "\
SET @r = -1; SELECT @r = number FROM $.document_items WHERE container = @2 AND key_high = @3 AND key_low = @4; \
DELETE FROM $.document_unique WHERE container = @1 AND number = @r";

pub(in crate::documents::items) const UNIQUE_ADD: &str = "\
INSERT INTO $.document_unique (container, value_high, value_low, number) SELECT @3, @1, @2, i.number \
FROM $.document_items i WHERE i.container = @3 AND i.key_high = @4 AND i.key_low = @5 AND NOT EXISTS \
(SELECT 1 FROM $.document_unique u WHERE u.container = @3 AND u.value_high = @1 AND u.value_low = @2)";

pub(in crate::documents::items) const UNIQUE_HOLDER: &str = "\
SELECT i.range_id, i.key_high, i.key_low, i.version FROM $.document_unique u \
JOIN $.document_ranges r ON r.container = u.container \
JOIN $.document_items i ON i.container = u.container AND i.range_id = r.id AND i.number = u.number \
WHERE u.container = @1 AND u.value_high = @2 AND u.value_low = @3 AND i.expires <= @4 / 1000000";

pub(in crate::documents::items) const HISTORY_PUT: &str = concat!(
    hold!("@13", "@14", "@15"),
    into_history!(),
    "SELECT r.container, r.id, r.lsn * 128 + @1, CASE WHEN i.number IS NULL THEN 0 ELSE 1 END, @2 / 1000000, ",
    "COALESCE(i.number, (r.lsn * 128 + @3) * 64 + r.id % 64), r.lsn * 128 + @4, @5 / 1000000, COALESCE(i.version, 0), ",
    "@6 + COALESCE(i.size, 0), @7, @8, @9, COALESCE(i.body, N''), @10 ",
    "FROM $.document_ranges r LEFT JOIN $.document_items i ON i.container = r.container AND i.key_high = @11 ",
    "AND i.key_low = @12 WHERE r.container = @13 AND r.id = @14 AND r.definition = @15 ",
    "AND ((i.number IS NULL AND @16 = 1) OR (i.version BETWEEN @17 AND @18 AND i.expires > @19 / 1000000))"
);

pub(in crate::documents::items) const HISTORY_DELETE: &str =
    history_of_loss!("2", "i.expires > @8 / 1000000 AND r.id = @9 AND r.definition = @10");
