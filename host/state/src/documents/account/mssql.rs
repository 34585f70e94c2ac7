//! T-SQL text of the statements on document accounts.

pub(super) const CREATE: &str = "\
INSERT INTO $.document_accounts (name, app, created, properties) SELECT @1, @2, @3, N'' \
WHERE (@4 = N'' OR EXISTS (SELECT 1 FROM $.apps WHERE name = @5)) \
AND NOT EXISTS (SELECT 1 FROM $.document_accounts WHERE name = @1 OR (app = @2 AND @2 <> N''))";

pub(super) const ADD_KEY: &str = "\
INSERT INTO $.document_account_keys (account, name, value) SELECT @1, @2, @3 \
WHERE NOT EXISTS (SELECT 1 FROM $.document_account_keys WHERE account = @1 AND name = @2)";

macro_rules! account {
    ($where:literal) => {
        concat!(
            "SELECT a.name, a.app, a.created, a.properties, k.name, k.value ",
            "FROM $.document_accounts a JOIN $.document_account_keys k ON k.account = a.name WHERE ",
            $where,
            " = @1 ORDER BY a.name, k.name"
        )
    };
}

pub(super) const GET: &str = account!("a.name");

pub(super) const OF_APP: &str = account!("a.app");

pub(super) const LIST: &str = "SELECT name, app FROM $.document_accounts ORDER BY name";

pub(super) const SET_KEY: &str = "UPDATE $.document_account_keys SET value = @1 WHERE account = @2 AND name = @3";

pub(super) const SET_PROPERTIES: &str = "UPDATE $.document_accounts SET properties = @1 WHERE name = @2";

pub(super) const DELETE: &str = "DELETE FROM $.document_accounts WHERE name = @1";

// Writes the rows without a change first, which holds them until the commit.
pub(super) const RETIRE_CONTAINERS: &str = "\
UPDATE $.document_ranges SET done = done WHERE account = @1; \
INSERT INTO $.removed_containers (container) SELECT DISTINCT r.container FROM $.document_ranges r WHERE r.account = @1 \
AND NOT EXISTS (SELECT 1 FROM $.removed_containers c WHERE c.container = r.container)";

pub(super) const DELETE_RANGES: &str = "DELETE FROM $.document_ranges WHERE account = @1";

pub(super) const DELETE_RESOURCES: &str = "DELETE FROM $.document_resources WHERE account = @1";

pub(super) const DELETE_KEYS: &str = "DELETE FROM $.document_account_keys WHERE account = @1";
