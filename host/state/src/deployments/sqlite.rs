//! SQLite text of the deployment statements.

// The unique index on deployments in progress makes this affect no row while another one of the app is.
pub(super) const INSERT: &str = "\
INSERT INTO deployments (id, app, digest, size, status, author, author_email, deployer, message, received, started, \
status_text, progress, complete, functions_json) \
SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0, '' WHERE EXISTS (SELECT 1 FROM apps WHERE name = ?) \
ON CONFLICT DO NOTHING";

pub(super) const PRESENT: &str = "SELECT id FROM deployments WHERE id = ? AND app = ?";

pub(super) const APP: &str = "SELECT name FROM apps WHERE name = ?";

pub(super) const UPDATE: &str = "\
UPDATE deployments SET \
status = CASE ? WHEN 1 THEN ? ELSE status END, \
status_text = CASE ? WHEN 1 THEN ? ELSE status_text END, \
progress = CASE ? WHEN 1 THEN ? ELSE progress END, \
functions_json = CASE ? WHEN 1 THEN ? ELSE functions_json END, \
complete = ?, \
ended = CASE ? WHEN 1 THEN ? ELSE ended END \
WHERE id = ? AND complete = 0";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, app, digest, size, status, status_text, author, author_email, deployer, message, progress, ",
            "received, started, ended, complete, functions_json FROM deployments ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("WHERE id = ?");

pub(super) const LATEST: &str = select!("WHERE app = ? ORDER BY received DESC, id DESC LIMIT 1");

pub(super) const LIST: &str = select!("WHERE app = ? ORDER BY received DESC, id DESC LIMIT 1000");

pub(super) const ADD_LOG: &str = "\
INSERT INTO deployment_logs (deployment, seq, logged, kind, message) \
SELECT d.id, COALESCE((SELECT MAX(seq) FROM deployment_logs WHERE deployment = ?), 0) + 1, ?, ?, ? \
FROM deployments d WHERE d.id = ?";

pub(super) const LOGS: &str = "\
SELECT seq, logged, kind, message FROM deployment_logs WHERE deployment = ? ORDER BY seq LIMIT 10000";

pub(super) const FAIL_INTERRUPTED: &str = "\
UPDATE deployments SET status = ?, status_text = ?, progress = '', complete = 1, ended = ? WHERE complete = 0 \
RETURNING id";

macro_rules! old {
    ($before:literal) => {
        concat!(
            $before,
            " IN (SELECT id FROM deployments WHERE app = ? AND complete = 1 ",
            "AND id NOT IN (SELECT active FROM apps WHERE name = ?) ",
            "AND id NOT IN (SELECT deployment FROM assignments WHERE app = ?) ",
            "ORDER BY received DESC, id DESC LIMIT -1 OFFSET ?)"
        )
    };
}

pub(super) const PRUNE_LOGS: &str = old!("DELETE FROM deployment_logs WHERE deployment");

pub(super) const PRUNE: &str = old!("DELETE FROM deployments WHERE id");
