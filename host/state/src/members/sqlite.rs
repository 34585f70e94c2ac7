//! SQLite text of the member statements. Standing 3 is removed.

pub(crate) const DESCRIBE: &str = "\
INSERT INTO worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated) \
VALUES (?, ?, ?, 0, '', ?, '', '', 0) \
ON CONFLICT (name) DO UPDATE SET node = excluded.node, available = excluded.available WHERE standing <> 3";

pub(super) const ADD_TOKEN: &str = "\
INSERT INTO join_tokens (hash, expires, used_by, used_as) VALUES (?, ?, '', '') ON CONFLICT DO NOTHING";

pub(super) const PURGE_TOKENS: &str = "DELETE FROM join_tokens WHERE expires <= ?";

pub(super) const TOKEN: &str = "SELECT expires, used_by, expires <= ? FROM join_tokens WHERE hash = ?";

pub(super) const USE_TOKEN: &str = "\
UPDATE join_tokens SET used_by = ?, used_as = ? \
WHERE hash = ? AND expires > ? AND (used_by = '' OR (used_by = ? AND used_as = ?))";

pub(super) const NAME_IS_FREE: &str = "\
SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM workers w JOIN worker_members m ON m.name = w.name \
WHERE w.name = ? AND w.missing = 0 AND w.expires > ? AND m.credential <> ? AND m.next_credential <> ?)";

pub(super) const JOIN: &str = "\
INSERT INTO worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated) \
VALUES (?, '', '', 0, '', ?, ?, '', ?) \
ON CONFLICT (name) DO UPDATE SET credential = excluded.credential, next_credential = '', rotated = excluded.rotated, \
reason = CASE WHEN standing = 3 THEN '' ELSE reason END, standing = CASE WHEN standing = 3 THEN 0 ELSE standing END";

pub(super) const OFFER: &str = "\
UPDATE worker_members SET next_credential = ? \
WHERE name = ? AND standing <> 3 AND credential <> '' AND rotated <= ?";

pub(super) const CONFIRM: &str = "\
UPDATE worker_members SET credential = next_credential, next_credential = '', rotated = ? \
WHERE name = ? AND next_credential = ? AND standing <> 3";

pub(super) const ENSURE: &str = "\
INSERT INTO worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated) \
SELECT name, '', '', 0, '', registered, '', '', 0 FROM workers WHERE name = ? ON CONFLICT DO NOTHING";

pub(super) const STAND: &str = "\
UPDATE worker_members SET standing = ?, reason = ?, changed = ? WHERE name = ? AND standing <> 3";

pub(super) const REMOVE: &str = "\
UPDATE worker_members SET standing = 3, reason = ?, changed = ?, credential = '', next_credential = '' WHERE name = ?";

pub(super) const READMIT: &str =
    "UPDATE worker_members SET standing = 0, reason = '', changed = ? WHERE name = ? AND standing = 3";

pub(super) const REMOVE_SEAT: &str = "UPDATE workers SET missing = 1 WHERE name = ?";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, node, available, standing, reason, changed, credential, next_credential, rotated ",
            "FROM worker_members ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("WHERE name = ?");

pub(super) const LIST: &str = select!("ORDER BY name");
