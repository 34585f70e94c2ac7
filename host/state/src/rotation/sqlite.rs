//! SQLite text of the rotation statements. An empty value is none, and stays.

macro_rules! pending {
    ($columns:literal, $value:literal, $table:literal, $after:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", ",
            $value,
            " FROM ",
            $table,
            " WHERE ",
            $after,
            " AND ",
            $value,
            " <> x'' ",
            "AND substr(",
            $value,
            ", 1, 5) <> ? ORDER BY ",
            $order,
            " LIMIT 50"
        )
    };
}

pub(super) const APPS: &str = pending!("name", "publish_credential", "apps", "name > ?", "name");

pub(super) const SEAL_APP: &str = "UPDATE apps SET publish_credential = ? WHERE name = ? AND publish_credential = ?";

pub(super) const INSTALLATION: &str = pending!("name", "value", "installation", "name > ?", "name");

pub(super) const SEAL_INSTALLATION: &str = "UPDATE installation SET value = ? WHERE name = ? AND value = ?";

pub(super) const SETTINGS: &str =
    pending!("app, folded", "value", "app_settings", "(app, folded) > (?, ?)", "app, folded");

pub(super) const SEAL_SETTING: &str = "UPDATE app_settings SET value = ? WHERE app = ? AND folded = ? AND value = ?";

pub(super) const KEYS: &str =
    pending!("app, scope, folded", "value", "app_keys", "(app, scope, folded) > (?, ?, ?)", "app, scope, folded");

pub(super) const SEAL_KEY: &str = "\
UPDATE app_keys SET value = ? WHERE app = ? AND scope = ? AND folded = ? AND value = ?";

pub(super) const QUEUE_KEYS: &str =
    pending!("account, name", "value", "queue_account_keys", "(account, name) > (?, ?)", "account, name");

pub(super) const SEAL_QUEUE_KEY: &str = "\
UPDATE queue_account_keys SET value = ? WHERE account = ? AND name = ? AND value = ?";

pub(super) const DOCUMENT_KEYS: &str =
    pending!("account, name", "value", "document_account_keys", "(account, name) > (?, ?)", "account, name");

pub(super) const SEAL_DOCUMENT_KEY: &str = "\
UPDATE document_account_keys SET value = ? WHERE account = ? AND name = ? AND value = ?";
