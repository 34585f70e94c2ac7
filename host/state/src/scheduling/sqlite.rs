//! SQLite text of the scheduler's statements.

pub(super) const KEEP: &str = "\
INSERT INTO package_host_json (digest, host_json) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING";

pub(super) const KEPT: &str = "SELECT host_json FROM package_host_json WHERE digest = ?";

pub(super) const COLLECT: &str = "DELETE FROM package_host_json WHERE digest NOT IN (SELECT digest FROM packages)";

pub(super) const OVERRIDING: &str = "\
SELECT DISTINCT app FROM app_settings WHERE folded LIKE 'azurefunctionsjobhost%' ORDER BY app";

pub(super) const ADD: &str = "\
INSERT INTO app_decisions (app, decided, kind, worker, reason) VALUES (?, ?, ?, ?, ?) ON CONFLICT (app, decided) DO NOTHING";

pub(super) const PRUNE: &str = "DELETE FROM app_decisions WHERE app = ? AND decided < ?";

pub(super) const FORGET: &str = "DELETE FROM app_decisions WHERE app = ?";

pub(super) const LIST: &str = "SELECT app, decided, kind, worker, reason FROM app_decisions ORDER BY app, decided";
