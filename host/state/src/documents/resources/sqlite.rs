//! SQLite text of the statements on resources of the document store.

pub(super) const HOLD_ACCOUNT: &str = "SELECT 1 FROM document_accounts WHERE name = ?";

pub(super) const HOLD_PARENT: &str = "SELECT 1 FROM document_resources WHERE account = ? AND rid = ?";

pub(super) const CREATE: &str = "\
INSERT INTO document_resources (rid, account, kind, parent, name, version, changed, body) SELECT ?, ?, ?, ?, ?, ?, ?, ? \
WHERE NOT EXISTS (SELECT 1 FROM removed_containers WHERE container = ?) ON CONFLICT DO NOTHING RETURNING version, changed";

pub(super) const ADD_RANGE: &str = "\
INSERT INTO document_ranges (container, id, account, epk_from, epk_to, lsn, done, definition, parents, items, bytes, history, \
history_from, created) SELECT ?, ?, ?, ?, ?, 0, 0, version, '', 0, 0, ?, 0, ? FROM document_resources WHERE rid = ? \
ON CONFLICT DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT rid, account, kind, parent, name, version, changed, body FROM document_resources WHERE ", $rest)
    };
}

pub(super) const GET: &str = select!("account = ? AND kind = ? AND parent = ? AND name = ?");

pub(super) const GET_BY_RID: &str = select!("rid = ?");

pub(super) const LIST: &str = select!("account = ? AND kind = ? AND parent = ? AND name > ? ORDER BY name LIMIT ?");

pub(super) const REPLACE: &str = "\
UPDATE document_resources SET name = ?, body = ?, version = MAX(version + 1, ?), changed = ? \
WHERE rid = ? AND account = ? AND version BETWEEN ? AND ? \
AND NOT EXISTS (SELECT 1 FROM document_resources o WHERE o.account = ? AND o.kind = ? AND o.parent = ? AND o.name = ? \
AND o.rid <> ?) RETURNING version, changed";

// A history that begins now is complete from now on.
pub(super) const REDEFINE: &str = "\
UPDATE document_ranges SET definition = (SELECT version FROM document_resources WHERE rid = ?), \
history_from = CASE WHEN history = 0 AND ? = 1 THEN lsn * 128 + 127 ELSE history_from END, history = ? WHERE container = ?";

pub(super) const DELETE: &str = "\
DELETE FROM document_resources WHERE rid = ? AND account = ? AND version BETWEEN ? AND ?";

pub(super) const RETIRE_CONTAINERS: &str = "\
INSERT INTO removed_containers (container) SELECT DISTINCT container FROM document_ranges WHERE container BETWEEN ? AND ? \
ON CONFLICT DO NOTHING";

pub(super) const DELETE_RANGES: &str = "DELETE FROM document_ranges WHERE container BETWEEN ? AND ?";

pub(super) const DELETE_BELOW: &str = "DELETE FROM document_resources WHERE rid > ? AND rid < ?";

pub(super) const DELETE_OFFERS: &str = "\
DELETE FROM document_resources WHERE account = ? AND kind = ? AND parent = '' AND name >= ? AND name < ?";
