//! SQLite text of the generation statements. Each number goes to the generation, or up by one where it is there already.

pub(super) const GET: &str = "SELECT generation FROM state_generation";

pub(super) const RAISE: &str = "\
UPDATE state_generation SET generation = MAX(generation + 1, ?, ? + 1) RETURNING generation";

pub(super) const LEASES: &str = "\
UPDATE leases SET epoch = MAX(epoch + 1, (SELECT generation FROM state_generation)), holder = '', expires = 0";

pub(super) const WORKERS: &str = "\
UPDATE workers SET epoch = MAX(epoch + 1, (SELECT generation FROM state_generation)), expires = 0, missing = 1";

// One that was used after the backup would be good a second time.
pub(super) const JOIN_TOKENS: &str = "DELETE FROM join_tokens";

pub(super) const APPS: &str = "\
UPDATE apps SET generation = MAX(generation + 1, (SELECT generation FROM state_generation))";

pub(super) const RETIRED_APPS: &str = "\
UPDATE retired_apps SET generation = MAX(generation + 1, (SELECT generation FROM state_generation))";

pub(super) const ASSIGNMENTS: &str = "\
UPDATE assignments SET generation = MAX(generation + 1, (SELECT generation FROM state_generation))";

// Nothing to hold: writers take turns.
pub(super) const HOLD: &str = "UPDATE app_configuration SET mode = mode WHERE app = ''";

pub(super) const CONFIGURATION: &str = "\
UPDATE configuration SET revision = MAX(revision + 1, (SELECT generation FROM state_generation))";

pub(super) const APP_CONFIGURATION: &str = "\
UPDATE app_configuration SET revision = (SELECT revision FROM configuration), \
settings_revision = (SELECT revision FROM configuration), keys_revision = (SELECT revision FROM configuration)";

pub(super) const TIMER_OCCURRENCES: &str = "\
UPDATE timer_occurrences SET epoch = MAX(epoch + 1, (SELECT generation FROM state_generation)), holder = '', \
expires = CASE state WHEN 1 THEN 0 ELSE expires END";

// What clients hold of the time after the backup is past: a feed that is read on from there tells of everything later.
pub(super) const DOCUMENT_RANGES: &str = "\
UPDATE document_ranges SET lsn = MAX(lsn + 1, ((SELECT generation FROM state_generation) - 1735689600000000) * 1024 / 15625)";

// A token that was revoked after the backup would be good a second time: tokens are of their permission's version.
pub(super) const DOCUMENT_PERMISSIONS: &str = "\
UPDATE document_resources SET version = MAX(version + 1, (SELECT generation FROM state_generation)) WHERE kind = 4";
