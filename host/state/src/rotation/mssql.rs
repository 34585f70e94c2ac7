//! T-SQL text of the rotation statements. An empty value is none, and stays.

macro_rules! pending {
    ($columns:literal, $value:literal, $table:literal, $after:literal, $mark:literal) => {
        concat!(
            "SELECT TOP (50) ",
            $columns,
            ", ",
            $value,
            " FROM $.",
            $table,
            " WHERE ",
            $after,
            " AND DATALENGTH(",
            $value,
            ") > 0 AND SUBSTRING(",
            $value,
            ", 1, 5) <> ",
            $mark,
            " ORDER BY ",
            $columns
        )
    };
}

pub(super) const APPS: &str = pending!("name", "publish_credential", "apps", "name > @1", "@2");

pub(super) const SEAL_APP: &str = "\
UPDATE $.apps SET publish_credential = @1 WHERE name = @2 AND publish_credential = @3";

pub(super) const INSTALLATION: &str = pending!("name", "value", "installation", "name > @1", "@2");

pub(super) const SEAL_INSTALLATION: &str = "UPDATE $.installation SET value = @1 WHERE name = @2 AND value = @3";

pub(super) const SETTINGS: &str =
    pending!("app, folded", "value", "app_settings", "(app > @1 OR (app = @1 AND folded > @2))", "@3");

pub(super) const SEAL_SETTING: &str = "\
UPDATE $.app_settings SET value = @1 WHERE app = @2 AND folded = @3 AND value = @4";

pub(super) const KEYS: &str = pending!(
    "app, scope, folded",
    "value",
    "app_keys",
    "(app > @1 OR (app = @1 AND (scope > @2 OR (scope = @2 AND folded > @3))))",
    "@4"
);

pub(super) const SEAL_KEY: &str = "\
UPDATE $.app_keys SET value = @1 WHERE app = @2 AND scope = @3 AND folded = @4 AND value = @5";

pub(super) const QUEUE_KEYS: &str =
    pending!("account, name", "value", "queue_account_keys", "(account > @1 OR (account = @1 AND name > @2))", "@3");

pub(super) const SEAL_QUEUE_KEY: &str = "\
UPDATE $.queue_account_keys SET value = @1 WHERE account = @2 AND name = @3 AND value = @4";

pub(super) const DOCUMENT_KEYS: &str =
    pending!("account, name", "value", "document_account_keys", "(account > @1 OR (account = @1 AND name > @2))", "@3");

pub(super) const SEAL_DOCUMENT_KEY: &str = "\
UPDATE $.document_account_keys SET value = @1 WHERE account = @2 AND name = @3 AND value = @4";
