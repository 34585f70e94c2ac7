//! SQLite text of the statements on document accounts.

pub(super) const CREATE: &str = "\
INSERT INTO document_accounts (name, app, created, properties) SELECT ?, ?, ?, '' \
WHERE ? = '' OR EXISTS (SELECT 1 FROM apps WHERE name = ?) ON CONFLICT DO NOTHING";

pub(super) const ADD_KEY: &str = "\
INSERT INTO document_account_keys (account, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

macro_rules! account {
    ($where:literal) => {
        concat!(
            "SELECT a.name, a.app, a.created, a.properties, k.name, k.value ",
            "FROM document_accounts a JOIN document_account_keys k ON k.account = a.name WHERE ",
            $where,
            " = ? ORDER BY a.name, k.name"
        )
    };
}

pub(super) const GET: &str = account!("a.name");

pub(super) const OF_APP: &str = account!("a.app");

pub(super) const LIST: &str = "SELECT name, app FROM document_accounts ORDER BY name";

pub(super) const SET_KEY: &str = "UPDATE document_account_keys SET value = ? WHERE account = ? AND name = ?";

pub(super) const SET_PROPERTIES: &str = "UPDATE document_accounts SET properties = ? WHERE name = ?";

pub(super) const DELETE: &str = "DELETE FROM document_accounts WHERE name = ?";

pub(super) const RETIRE_CONTAINERS: &str = "\
INSERT INTO removed_containers (container) SELECT DISTINCT container FROM document_ranges WHERE account = ? \
ON CONFLICT DO NOTHING";

pub(super) const DELETE_RANGES: &str = "DELETE FROM document_ranges WHERE account = ?";

pub(super) const DELETE_RESOURCES: &str = "DELETE FROM document_resources WHERE account = ?";

pub(super) const DELETE_KEYS: &str = "DELETE FROM document_account_keys WHERE account = ?";
