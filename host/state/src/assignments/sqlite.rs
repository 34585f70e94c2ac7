//! SQLite text of the assignment statements.

pub(super) const CHECK: &str = "SELECT generation FROM apps WHERE name = ? AND generation = ?";

pub(super) const CLEAR: &str = "DELETE FROM assignments WHERE app = ?";

pub(super) const ADD: &str = "\
INSERT INTO assignments (app, worker, deployment, generation) VALUES (?, ?, ?, ?) \
ON CONFLICT (app, worker) DO UPDATE SET deployment = excluded.deployment, generation = excluded.generation";

pub(super) const LIST: &str = "SELECT app, worker, deployment, generation FROM assignments ORDER BY app, worker";

pub(super) const FOR_WORKER: &str = "\
SELECT app, worker, deployment, generation FROM assignments WHERE worker = ? ORDER BY app";

pub(super) const LIVE_OF: &str = "\
SELECT a.worker, w.control_url FROM assignments a JOIN workers w ON w.name = a.worker \
WHERE a.app = ? AND w.missing = 0 ORDER BY a.worker";
