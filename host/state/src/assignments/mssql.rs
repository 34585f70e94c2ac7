//! T-SQL text of the assignment statements.

// Writes the row without a change, which holds the app's generation until the commit.
pub(super) const CHECK: &str = "\
UPDATE $.apps SET generation = generation WHERE name = @1 AND generation = @2";

pub(super) const CLEAR: &str = "DELETE FROM $.assignments WHERE app = @1";

pub(super) const ADD: &str = "\
UPDATE $.assignments SET deployment = @3, generation = @4 WHERE app = @1 AND worker = @2; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN \
INSERT INTO $.assignments (app, worker, deployment, generation) VALUES (@1, @2, @3, @4); SET @n = 1; END;";

pub(super) const LIST: &str = "\
SELECT app, worker, deployment, generation FROM $.assignments ORDER BY app, worker";

pub(super) const FOR_WORKER: &str = "\
SELECT app, worker, deployment, generation FROM $.assignments WHERE worker = @1 ORDER BY app";

pub(super) const LIVE_OF: &str = "\
SELECT a.worker, w.control_url FROM $.assignments AS a JOIN $.workers AS w ON w.name = a.worker \
WHERE a.app = @1 AND w.missing = 0 ORDER BY a.worker";
