//! T-SQL text of the member statements. Standing 3 is removed.

pub(crate) const DESCRIBE: &str = "\
UPDATE $.worker_members SET node = @2, available = @3 WHERE name = @1 AND standing <> 3; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN \
INSERT INTO $.worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated) \
SELECT @1, @2, @3, 0, N'', @4, N'', N'', 0 WHERE NOT EXISTS (SELECT 1 FROM $.worker_members WHERE name = @1); \
SET @n = @@ROWCOUNT; END;";

pub(super) const ADD_TOKEN: &str = "\
INSERT INTO $.join_tokens (hash, expires, used_by, used_as) SELECT @1, @2, N'', N'' \
WHERE NOT EXISTS (SELECT 1 FROM $.join_tokens WHERE hash = @1)";

pub(super) const PURGE_TOKENS: &str = "DELETE FROM $.join_tokens WHERE expires <= @1";

pub(super) const TOKEN: &str = "\
SELECT expires, used_by, CASE WHEN expires <= @1 THEN CAST(1 AS bigint) ELSE CAST(0 AS bigint) END \
FROM $.join_tokens WHERE hash = @2";

pub(super) const USE_TOKEN: &str = "\
UPDATE $.join_tokens SET used_by = @1, used_as = @2 \
WHERE hash = @3 AND expires > @4 AND (used_by = N'' OR (used_by = @1 AND used_as = @2))";

pub(super) const NAME_IS_FREE: &str = "\
SELECT CAST(1 AS bigint) WHERE NOT EXISTS (SELECT 1 FROM $.workers w JOIN $.worker_members m ON m.name = w.name \
WHERE w.name = @1 AND w.missing = 0 AND w.expires > @2 AND m.credential <> @3 AND m.next_credential <> @3)";

pub(super) const JOIN: &str = "\
UPDATE $.worker_members SET credential = @3, next_credential = N'', rotated = @2, \
reason = CASE WHEN standing = 3 THEN N'' ELSE reason END, standing = CASE WHEN standing = 3 THEN 0 ELSE standing END \
WHERE name = @1; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN \
INSERT INTO $.worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated) \
VALUES (@1, N'', N'', 0, N'', @2, @3, N'', @2); SET @n = 1; END;";

pub(super) const OFFER: &str = "\
UPDATE $.worker_members SET next_credential = @1 \
WHERE name = @2 AND standing <> 3 AND credential <> N'' AND rotated <= @3";

pub(super) const CONFIRM: &str = "\
UPDATE $.worker_members SET credential = next_credential, next_credential = N'', rotated = @1 \
WHERE name = @2 AND next_credential = @3 AND standing <> 3";

pub(super) const ENSURE: &str = "\
INSERT INTO $.worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated) \
SELECT w.name, N'', N'', 0, N'', w.registered, N'', N'', 0 FROM $.workers w \
WHERE w.name = @1 AND NOT EXISTS (SELECT 1 FROM $.worker_members m WHERE m.name = @1)";

pub(super) const STAND: &str = "\
UPDATE $.worker_members SET standing = @1, reason = @2, changed = @3 WHERE name = @4 AND standing <> 3";

pub(super) const REMOVE: &str = "\
UPDATE $.worker_members SET standing = 3, reason = @1, changed = @2, credential = N'', next_credential = N'' \
WHERE name = @3";

pub(super) const READMIT: &str =
    "UPDATE $.worker_members SET standing = 0, reason = N'', changed = @1 WHERE name = @2 AND standing = 3";

pub(super) const REMOVE_SEAT: &str = "UPDATE $.workers SET missing = 1 WHERE name = @1";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, node, available, standing, reason, changed, credential, next_credential, rotated ",
            "FROM $.worker_members ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("WHERE name = @1");

pub(super) const LIST: &str = select!("ORDER BY name");
