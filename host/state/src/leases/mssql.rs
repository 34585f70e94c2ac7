//! T-SQL text of the lease statements. The row of a released lease stays, so that its epoch never goes back; a new one begins
//! at the state's generation.

pub(super) const ACQUIRE: &str = "\
UPDATE $.leases SET holder = @2, epoch = epoch + 1, expires = @3 \
WHERE name = @1 AND (expires <= @4 OR holder = @2); SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN \
INSERT INTO $.leases (name, holder, epoch, expires) \
SELECT @1, @2, (SELECT generation FROM $.state_generation), @3 \
WHERE NOT EXISTS (SELECT 1 FROM $.leases WHERE name = @1); SET @n = @@ROWCOUNT; END; \
IF @n = 1 SELECT epoch FROM $.leases WHERE name = @1;";

pub(super) const RENEW: &str = "\
UPDATE $.leases SET expires = @1 WHERE name = @2 AND holder = @3 AND epoch = @4 AND expires > @5";

pub(super) const HOLDER: &str = "SELECT holder, epoch FROM $.leases WHERE name = @1 AND expires > @2";

// Writes the row without a change, which holds the lease until the commit.
pub(super) const FENCE: &str = "\
UPDATE $.leases SET epoch = epoch WHERE name = @1 AND holder = @2 AND epoch = @3";

pub(super) const RELEASE: &str = "\
UPDATE $.leases SET expires = 0, holder = N'' WHERE name = @1 AND holder = @2 AND epoch = @3 AND expires > @4";
