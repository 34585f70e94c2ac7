//! SQLite text of the lease statements. The row of a released lease stays, so that its epoch never goes back; a new one begins
//! at the state's generation, because it may have been there before a backup took the state's place.

pub(super) const ACQUIRE: &str = "\
INSERT INTO leases (name, holder, epoch, expires) VALUES (?, ?, (SELECT generation FROM state_generation), ?) \
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = epoch + 1, expires = excluded.expires \
WHERE leases.expires <= ? OR leases.holder = excluded.holder \
RETURNING epoch";

pub(super) const RENEW: &str = "\
UPDATE leases SET expires = ? WHERE name = ? AND holder = ? AND epoch = ? AND expires > ?";

pub(super) const HOLDER: &str = "SELECT holder, epoch FROM leases WHERE name = ? AND expires > ?";

pub(super) const FENCE: &str = "SELECT epoch FROM leases WHERE name = ? AND holder = ? AND epoch = ?";

pub(super) const RELEASE: &str = "\
UPDATE leases SET expires = 0, holder = '' WHERE name = ? AND holder = ? AND epoch = ? AND expires > ?";
