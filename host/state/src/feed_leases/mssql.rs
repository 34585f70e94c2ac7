//! T-SQL text of the statements about leases of feeds.

pub(super) const LIST: &str = "\
SELECT id, version, owner, continuation, renewed, body FROM $.feed_leases WHERE app = @1 AND id >= @2 AND id < @3 ORDER BY id";

pub(super) const GET: &str =
    "SELECT id, version, owner, continuation, renewed, body FROM $.feed_leases WHERE app = @1 AND id = @2";

// Versions begin at the state's generation, so that none comes back that was there before a backup took the state's place.
pub(super) const CREATE: &str = "\
INSERT INTO $.feed_leases (app, id, version, owner, continuation, renewed, body) \
SELECT name, @1, (SELECT generation FROM $.state_generation), @2, @3, @4, @5 FROM $.apps WHERE name = @6 \
AND NOT EXISTS (SELECT 1 FROM $.feed_leases WHERE app = @6 AND id = @1); SET @n = @@ROWCOUNT; \
IF @n = 1 SELECT version FROM $.feed_leases WHERE app = @6 AND id = @1;";

pub(super) const REPLACE: &str = "\
UPDATE $.feed_leases SET version = version + 1, owner = @1, continuation = @2, renewed = @3, body = @4 \
WHERE app = @5 AND id = @6 AND version = @7";

pub(super) const DELETE: &str = "DELETE FROM $.feed_leases WHERE app = @1 AND id = @2 AND version = @3";

pub(super) const CHECKPOINT: &str = "\
UPDATE $.feed_leases SET version = version + 1, continuation = @1, renewed = @2, body = @3 \
WHERE app = @4 AND id = @5 AND owner = @6 AND version = @7";
