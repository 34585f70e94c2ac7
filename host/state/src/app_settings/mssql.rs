//! T-SQL text of the app setting statements.

pub(super) const LIST: &str = "\
SELECT c.settings_revision, COALESCE(s.folded, N''), COALESCE(s.name, N''), COALESCE(s.value, 0x) \
FROM $.app_configuration c LEFT JOIN $.app_settings s ON s.app = c.app \
WHERE c.app = @1 AND c.deleted = 0 ORDER BY s.folded";

// Writes the row without a change, which holds it until the commit.
pub(super) const FENCE: &str = "\
UPDATE $.app_configuration SET mode = mode \
WHERE app = @1 AND deleted = 0 AND settings_revision = @2";

pub(super) const REMOVE: &str = "DELETE FROM $.app_settings WHERE app = @1 AND folded = @2";

pub(super) const PUT: &str = "\
UPDATE $.app_settings SET name = @3, value = @4 WHERE app = @1 AND folded = @2; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN INSERT INTO $.app_settings (app, folded, name, value) VALUES (@1, @2, @3, @4); SET @n = 1; END;";
