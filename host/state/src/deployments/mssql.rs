//! T-SQL text of the deployment statements.

// Holds the app first, so that it is not deleted meanwhile. Two at once meet at the unique index on deployments in
// progress; the later one is tried again and finds the other.
pub(super) const INSERT: &str = "\
UPDATE $.apps SET generation = generation WHERE name = @12; \
INSERT INTO $.deployments (id, app, digest, size, status, author, author_email, deployer, message, received, started, \
status_text, progress, complete, functions_json) \
SELECT @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11, N'', N'', 0, N'' \
WHERE EXISTS (SELECT 1 FROM $.apps WHERE name = @12) \
AND NOT EXISTS (SELECT 1 FROM $.deployments WHERE id = @1) \
AND NOT EXISTS (SELECT 1 FROM $.deployments WHERE app = @2 AND complete = 0)";

pub(super) const PRESENT: &str = "SELECT id FROM $.deployments WHERE id = @1 AND app = @2";

pub(super) const APP: &str = "SELECT name FROM $.apps WHERE name = @1";

pub(super) const UPDATE: &str = "\
UPDATE $.deployments SET \
status = CASE @1 WHEN 1 THEN @2 ELSE status END, \
status_text = CASE @3 WHEN 1 THEN @4 ELSE status_text END, \
progress = CASE @5 WHEN 1 THEN @6 ELSE progress END, \
functions_json = CASE @7 WHEN 1 THEN @8 ELSE functions_json END, \
complete = @9, \
ended = CASE @10 WHEN 1 THEN @11 ELSE ended END \
WHERE id = @12 AND complete = 0";

macro_rules! select {
    ($top:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $top,
            "id, app, digest, size, status, status_text, author, author_email, deployer, message, progress, ",
            "received, started, ended, complete, functions_json FROM $.deployments ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("", "WHERE id = @1");

pub(super) const LATEST: &str = select!("TOP (1) ", "WHERE app = @1 ORDER BY received DESC, id DESC");

pub(super) const LIST: &str = select!("TOP (1000) ", "WHERE app = @1 ORDER BY received DESC, id DESC");

// Holds the deployment first: lines get their numbers one after the other, and none comes to a deployment that goes.
pub(super) const ADD_LOG: &str = "\
UPDATE $.deployments SET complete = complete WHERE id = @5; \
INSERT INTO $.deployment_logs (deployment, seq, logged, kind, message) \
SELECT d.id, COALESCE((SELECT MAX(l.seq) FROM $.deployment_logs l WHERE l.deployment = @1), 0) + 1, @2, @3, @4 \
FROM $.deployments d WHERE d.id = @5";

pub(super) const LOGS: &str = "\
SELECT TOP (10000) seq, logged, kind, message FROM $.deployment_logs WHERE deployment = @1 ORDER BY seq";

pub(super) const FAIL_INTERRUPTED: &str = "\
UPDATE $.deployments SET status = @1, status_text = @2, progress = N'', complete = 1, ended = @3 OUTPUT inserted.id \
WHERE complete = 0";

macro_rules! old {
    () => {
        concat!(
            " IN (SELECT o.id FROM $.deployments o WHERE o.app = @1 AND o.complete = 1 ",
            "AND o.id NOT IN (SELECT a.active FROM $.apps a WHERE a.name = @2) ",
            "AND o.id NOT IN (SELECT s.deployment FROM $.assignments s WHERE s.app = @3) ",
            "ORDER BY o.received DESC, o.id DESC OFFSET @4 ROWS)"
        )
    };
}

// Holds the app, so that none of them becomes active meanwhile, and the deployments, so that none gets a line.
pub(super) const PRUNE_LOGS: &str = concat!(
    "UPDATE $.apps SET generation = generation WHERE name = @1; ",
    "UPDATE $.deployments SET complete = complete WHERE app = @1 AND complete = 1; ",
    "DELETE FROM $.deployment_logs WHERE deployment",
    old!()
);

// One that became old since then keeps its lines, and goes with the next call.
pub(super) const PRUNE: &str = concat!(
    "DELETE FROM $.deployments WHERE id",
    old!(),
    " AND NOT EXISTS (SELECT 1 FROM $.deployment_logs l WHERE l.deployment = deployments.id)"
);
