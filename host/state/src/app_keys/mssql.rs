//! T-SQL text of the app key statements. Binary values of unequal length may compare as equal, so emptiness is asked of
//! the length.

pub(super) const LIST: &str = "\
SELECT c.keys_revision, COALESCE(k.scope, N''), COALESCE(k.folded, N''), COALESCE(k.name, N''), COALESCE(k.value, 0x) \
FROM $.app_configuration c LEFT JOIN $.app_keys k ON k.app = c.app \
WHERE c.app = @1 AND c.deleted = 0 ORDER BY k.scope, k.folded";

// Writes the row without a change, which holds it until the commit.
pub(super) const FENCE: &str = "\
UPDATE $.app_configuration SET mode = mode \
WHERE app = @1 AND deleted = 0 AND keys_revision = @2";

pub(super) const PUT: &str = "\
UPDATE $.app_keys SET name = @4, value = @5 WHERE app = @1 AND scope = @2 AND folded = @3; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN INSERT INTO $.app_keys (app, scope, folded, name, value) VALUES (@1, @2, @3, @4, @5); SET @n = 1; END;";

pub(super) const REMOVE: &str = "\
DELETE FROM $.app_keys WHERE app = @1 AND scope = @2 AND folded = @3 AND DATALENGTH(value) > 0";

pub(super) const MARK_REMOVED: &str = "\
UPDATE $.app_keys SET value = 0x WHERE app = @1 AND scope = @2 AND folded = @3 AND DATALENGTH(value) > 0";
