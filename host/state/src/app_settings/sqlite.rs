//! SQLite text of the app setting statements.

pub(super) const LIST: &str = "\
SELECT c.settings_revision, COALESCE(s.folded, ''), COALESCE(s.name, ''), COALESCE(s.value, x'') \
FROM app_configuration c LEFT JOIN app_settings s ON s.app = c.app \
WHERE c.app = ? AND c.deleted = 0 ORDER BY s.folded";

pub(super) const FENCE: &str = "\
SELECT revision FROM app_configuration WHERE app = ? AND deleted = 0 AND settings_revision = ?";

pub(super) const REMOVE: &str = "DELETE FROM app_settings WHERE app = ? AND folded = ?";

pub(super) const PUT: &str = "\
INSERT INTO app_settings (app, folded, name, value) VALUES (?, ?, ?, ?) \
ON CONFLICT (app, folded) DO UPDATE SET name = excluded.name, value = excluded.value";
