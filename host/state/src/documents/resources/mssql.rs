//! T-SQL text of the statements on resources of the document store.

// Writes the row without a change, which holds it until the commit.
pub(super) const HOLD_ACCOUNT: &str = "UPDATE $.document_accounts SET created = created WHERE name = @1";

pub(super) const HOLD_PARENT: &str = "UPDATE $.document_resources SET kind = kind WHERE account = @1 AND rid = @2";

pub(super) const CREATE: &str = "\
INSERT INTO $.document_resources (rid, account, kind, parent, name, version, changed, body) \
SELECT @1, @2, @3, @4, @5, @6, @7, @8 WHERE NOT EXISTS (SELECT 1 FROM $.removed_containers WHERE container = @9) \
AND NOT EXISTS (SELECT 1 FROM $.document_resources WHERE rid = @1 OR (account = @2 AND kind = @3 AND parent = @4 AND name = @5)); \
SET @n = @@ROWCOUNT; IF @n = 1 SELECT version, changed FROM $.document_resources WHERE rid = @1;";

pub(super) const ADD_RANGE: &str = "\
INSERT INTO $.document_ranges (container, id, account, epk_from, epk_to, lsn, done, definition, parents, items, bytes, \
history, history_from, created) SELECT @1, @2, @3, @4, @5, 0, 0, version, N'', 0, 0, @6, 0, @7 \
FROM $.document_resources WHERE rid = @8 \
AND NOT EXISTS (SELECT 1 FROM $.document_ranges r WHERE r.container = @1 AND r.id = @2)";

macro_rules! select {
    ($top:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $top,
            "rid, account, kind, parent, name, version, changed, body FROM $.document_resources WHERE ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("", "account = @1 AND kind = @2 AND parent = @3 AND name = @4");

pub(super) const GET_BY_RID: &str = select!("", "rid = @1");

pub(super) const LIST: &str =
    select!("TOP (@5) ", "account = @1 AND kind = @2 AND parent = @3 AND name > @4 ORDER BY name");

pub(super) const REPLACE: &str = "\
UPDATE $.document_resources SET name = @1, body = @2, \
version = CASE WHEN version + 1 > @3 THEN version + 1 ELSE @3 END, changed = @4 \
WHERE rid = @5 AND account = @6 AND version BETWEEN @7 AND @8 \
AND NOT EXISTS (SELECT 1 FROM $.document_resources o WHERE o.account = @9 AND o.kind = @10 AND o.parent = @11 \
AND o.name = @12 AND o.rid <> @13); SET @n = @@ROWCOUNT; \
IF @n = 1 SELECT version, changed FROM $.document_resources WHERE rid = @5;";

// A history that begins now is complete from now on.
pub(super) const REDEFINE: &str = "\
SELECT @r = version FROM $.document_resources WHERE rid = @1; \
UPDATE $.document_ranges SET definition = @r, \
history_from = CASE WHEN history = 0 AND @2 = 1 THEN lsn * 128 + 127 ELSE history_from END, history = @3 WHERE container = @4";

pub(super) const DELETE: &str = "\
DELETE FROM $.document_resources WHERE rid = @1 AND account = @2 AND version BETWEEN @3 AND @4";

// Writes the rows without a change first, which holds them until the commit.
pub(super) const RETIRE_CONTAINERS: &str = "\
UPDATE $.document_ranges SET done = done WHERE container BETWEEN @1 AND @2; \
INSERT INTO $.removed_containers (container) SELECT DISTINCT r.container FROM $.document_ranges r \
WHERE r.container BETWEEN @1 AND @2 \
AND NOT EXISTS (SELECT 1 FROM $.removed_containers c WHERE c.container = r.container)";

pub(super) const DELETE_RANGES: &str = "DELETE FROM $.document_ranges WHERE container BETWEEN @1 AND @2";

pub(super) const DELETE_BELOW: &str = "DELETE FROM $.document_resources WHERE rid > @1 AND rid < @2";

pub(super) const DELETE_OFFERS: &str = "\
DELETE FROM $.document_resources WHERE account = @1 AND kind = @2 AND parent = N'' AND name >= @3 AND name < @4";
