//! T-SQL text of the scheduler's statements.

pub(super) const KEEP: &str = "\
INSERT INTO $.package_host_json (digest, host_json) SELECT @1, @2 \
WHERE NOT EXISTS (SELECT 1 FROM $.package_host_json WHERE digest = @1)";

pub(super) const KEPT: &str = "SELECT host_json FROM $.package_host_json WHERE digest = @1";

pub(super) const COLLECT: &str = "\
DELETE FROM $.package_host_json WHERE digest NOT IN (SELECT digest FROM $.packages)";

pub(super) const OVERRIDING: &str = "\
SELECT DISTINCT app FROM $.app_settings WHERE folded LIKE N'azurefunctionsjobhost%' ORDER BY app";

pub(super) const ADD: &str = "\
INSERT INTO $.app_decisions (app, decided, kind, worker, reason) SELECT @1, @2, @3, @4, @5 \
WHERE NOT EXISTS (SELECT 1 FROM $.app_decisions WHERE app = @1 AND decided = @2)";

pub(super) const PRUNE: &str = "DELETE FROM $.app_decisions WHERE app = @1 AND decided < @2";

pub(super) const FORGET: &str = "DELETE FROM $.app_decisions WHERE app = @1";

pub(super) const LIST: &str = "SELECT app, decided, kind, worker, reason FROM $.app_decisions ORDER BY app, decided";
