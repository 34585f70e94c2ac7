//! SQLite text of the app key statements.

pub(super) const LIST: &str = "\
SELECT c.keys_revision, COALESCE(k.scope, ''), COALESCE(k.folded, ''), COALESCE(k.name, ''), COALESCE(k.value, x'') \
FROM app_configuration c LEFT JOIN app_keys k ON k.app = c.app \
WHERE c.app = ? AND c.deleted = 0 ORDER BY k.scope, k.folded";

pub(super) const FENCE: &str = "\
SELECT revision FROM app_configuration WHERE app = ? AND deleted = 0 AND keys_revision = ?";

pub(super) const PUT: &str = "\
INSERT INTO app_keys (app, scope, folded, name, value) VALUES (?, ?, ?, ?, ?) \
ON CONFLICT (app, scope, folded) DO UPDATE SET name = excluded.name, value = excluded.value";

pub(super) const REMOVE: &str = "DELETE FROM app_keys WHERE app = ? AND scope = ? AND folded = ? AND value <> x''";

pub(super) const MARK_REMOVED: &str = "\
UPDATE app_keys SET value = x'' WHERE app = ? AND scope = ? AND folded = ? AND value <> x''";
