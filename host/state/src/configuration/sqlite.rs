//! SQLite text of the configuration statements. Writers take turns, so revisions become visible in their order.

pub(crate) const CHECK: &str = "SELECT revision FROM app_configuration WHERE app = ? AND deleted = 0";

pub(crate) const RAISE: &str = "UPDATE configuration SET revision = revision + 1";

macro_rules! stamp {
    ($set:literal, $where:literal) => {
        concat!(
            "UPDATE app_configuration SET revision = (SELECT revision FROM configuration), ",
            $set,
            " WHERE app = ? AND deleted = 0 ",
            $where,
            " RETURNING revision"
        )
    };
}

pub(crate) const STAMP_SETTINGS: &str = stamp!("settings_revision = (SELECT revision FROM configuration)", "");

pub(crate) const STAMP_KEYS: &str = stamp!("keys_revision = (SELECT revision FROM configuration)", "");

pub(super) const STAMP_MODE: &str = stamp!("mode = ?", "AND mode <> ?");

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT app, revision, settings_revision, keys_revision, mode, deleted FROM app_configuration ", $rest)
    };
}

// Without being told, SQLite would read every row to spare itself the sorting of a few.
pub(super) const CHANGES: &str = select!("INDEXED BY app_configuration_by_revision WHERE revision > ? ORDER BY app");

pub(super) const GET: &str = select!("WHERE app = ? AND deleted = 0");

pub(super) const REVISION: &str = "SELECT revision FROM configuration";
