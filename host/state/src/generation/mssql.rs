//! T-SQL text of the generation statements. Each number goes to the generation, or up by one where it is there already.

pub(super) const GET: &str = "SELECT generation FROM $.state_generation";

pub(super) const RAISE: &str = "\
UPDATE $.state_generation SET generation = CASE WHEN generation >= @1 AND generation >= @2 THEN generation + 1 \
WHEN @1 > @2 THEN @1 ELSE @2 + 1 END; SET @n = @@ROWCOUNT; SELECT generation FROM $.state_generation;";

macro_rules! lift {
    ($table:literal, $column:literal, $rest:literal) => {
        concat!(
            "SELECT @r = generation FROM $.state_generation; UPDATE $.",
            $table,
            " SET ",
            $column,
            " = CASE WHEN ",
            $column,
            " < @r THEN @r ELSE ",
            $column,
            " + 1 END",
            $rest
        )
    };
}

pub(super) const LEASES: &str = lift!("leases", "epoch", ", holder = N'', expires = 0");

pub(super) const WORKERS: &str = lift!("workers", "epoch", ", expires = 0, missing = 1");

// One that was used after the backup would be good a second time.
pub(super) const JOIN_TOKENS: &str = "DELETE FROM $.join_tokens";

pub(super) const APPS: &str = lift!("apps", "generation", "");

pub(super) const RETIRED_APPS: &str = lift!("retired_apps", "generation", "");

pub(super) const ASSIGNMENTS: &str = lift!("assignments", "generation", "");

// The apps' rows are held before that of the revision, as in every other change.
pub(super) const HOLD: &str = "UPDATE $.app_configuration SET mode = mode";

pub(super) const CONFIGURATION: &str = lift!("configuration", "revision", "");

pub(super) const APP_CONFIGURATION: &str = "\
SELECT @r = revision FROM $.configuration; \
UPDATE $.app_configuration SET revision = @r, settings_revision = @r, keys_revision = @r";

pub(super) const TIMER_OCCURRENCES: &str =
    lift!("timer_occurrences", "epoch", ", holder = N'', expires = CASE state WHEN 1 THEN 0 ELSE expires END");

// What clients hold of the time after the backup is past: a feed that is read on from there tells of everything later.
pub(super) const DOCUMENT_RANGES: &str = "\
SELECT @r = (generation - 1735689600000000) * 1024 / 15625 FROM $.state_generation; \
UPDATE $.document_ranges SET lsn = CASE WHEN lsn < @r THEN @r ELSE lsn + 1 END";

// A token that was revoked after the backup would be good a second time: tokens are of their permission's version.
pub(super) const DOCUMENT_PERMISSIONS: &str = lift!("document_resources", "version", " WHERE kind = 4");
