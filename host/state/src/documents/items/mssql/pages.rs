//! Pages of items, in the order of their numbers or of their versions.

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
            "WHERE p.total = p.size OR p.total <= ",
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

pub(in crate::documents::items) const LIST: &str = page!(
    "d.container = @1 AND d.range_id = @2 AND d.number > @3 AND d.epk >= @4 AND d.epk < @5 AND d.expires > @6 / 1000000 \
     AND d.indexed >= @7",
    "@8",
    "@9",
    "@10",
    "@11",
    "@12",
    "@13"
);

pub(in crate::documents::items) const LIST_KEY: &str = page!(
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
            "WHERE p.version / 128 <= (SELECT MAX(o.version) / 128 FROM placed o WHERE o.total = o.size OR o.total <= ",
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

pub(in crate::documents::items) const CHANGES: &str = whole_transactions!(
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

pub(in crate::documents::items) const HISTORY: &str = whole_transactions!(
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
