//! T-SQL text of the configuration statements. Whoever raises the revision holds its row until the commit, so revisions
//! become visible in their order. An app's row is always held before that of the revision, so that two changes of one
//! app wait for each other instead of ending in a deadlock.

// Writes the row without a change, which holds it until the commit on every server; a lock hint would not.
pub(crate) const CHECK: &str = "\
UPDATE $.app_configuration SET mode = mode WHERE app = @1 AND deleted = 0";

pub(crate) const RAISE: &str = "UPDATE $.configuration SET revision = revision + 1";

macro_rules! stamp {
    ($set:literal, $app:literal, $where:literal) => {
        concat!(
            "UPDATE $.app_configuration SET revision = (SELECT revision FROM $.configuration), ",
            $set,
            " WHERE app = ",
            $app,
            " AND deleted = 0",
            $where,
            "; SET @n = @@ROWCOUNT; IF @n = 1 SELECT revision FROM $.app_configuration WHERE app = ",
            $app,
            ";"
        )
    };
}

pub(crate) const STAMP_SETTINGS: &str = stamp!("settings_revision = (SELECT revision FROM $.configuration)", "@1", "");

pub(crate) const STAMP_KEYS: &str = stamp!("keys_revision = (SELECT revision FROM $.configuration)", "@1", "");

pub(super) const STAMP_MODE: &str = stamp!("mode = @1", "@2", " AND mode <> @3");

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT app, revision, settings_revision, keys_revision, mode, deleted FROM $.app_configuration ",
            $rest
        )
    };
}

// Nothing beyond the revision that was committed before: without row versioning a scan might see a later change and yet
// have passed an earlier one.
pub(super) const CHANGES: &str = concat!(
    "SELECT @r = revision FROM $.configuration; ",
    select!("WHERE revision > @1 AND revision <= @r ORDER BY app")
);

pub(super) const GET: &str = select!("WHERE app = @1 AND deleted = 0");

pub(super) const REVISION: &str = "SELECT revision FROM $.configuration";
