//! SQLite text of the statements about leases of feeds.

pub(super) const LIST: &str = "\
SELECT id, version, owner, continuation, renewed, body FROM feed_leases WHERE app = ? AND id >= ? AND id < ? ORDER BY id";

pub(super) const GET: &str =
    "SELECT id, version, owner, continuation, renewed, body FROM feed_leases WHERE app = ? AND id = ?";

// Versions begin at the state's generation, so that none comes back that was there before a backup took the state's place.
pub(super) const CREATE: &str = "\
INSERT INTO feed_leases (app, id, version, owner, continuation, renewed, body) \
SELECT name, ?, (SELECT generation FROM state_generation), ?, ?, ?, ? FROM apps WHERE name = ? \
ON CONFLICT (app, id) DO NOTHING RETURNING version";

pub(super) const REPLACE: &str = "\
UPDATE feed_leases SET version = version + 1, owner = ?, continuation = ?, renewed = ?, body = ? \
WHERE app = ? AND id = ? AND version = ?";

pub(super) const DELETE: &str = "DELETE FROM feed_leases WHERE app = ? AND id = ? AND version = ?";

pub(super) const CHECKPOINT: &str = "\
UPDATE feed_leases SET version = version + 1, continuation = ?, renewed = ?, body = ? \
WHERE app = ? AND id = ? AND owner = ? AND version = ?";
