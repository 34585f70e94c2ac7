//! SQLite text of the app statements.

pub(super) const CREATE: &str = "\
INSERT INTO apps (name, created, publish_credential, active, generation) \
VALUES (?, ?, ?, '', COALESCE((SELECT generation FROM retired_apps WHERE name = ?), \
(SELECT generation - 1 FROM state_generation))) \
ON CONFLICT DO NOTHING";

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT a.name, a.created, a.publish_credential, a.active, a.generation, COALESCE(h.host_name, '') ",
            "FROM apps a LEFT JOIN host_names h ON h.app = a.name ",
            $where,
            " ORDER BY a.name, h.host_name"
        )
    };
}

pub(super) const GET: &str = select!("WHERE a.name = ?");

pub(super) const BY_HOST_NAME: &str = select!("WHERE a.name = (SELECT app FROM host_names WHERE host_name = ?)");

pub(super) const LIST: &str = select!("");

pub(super) const SET_PUBLISH_CREDENTIAL: &str = "UPDATE apps SET publish_credential = ? WHERE name = ?";

pub(super) const CHECK: &str = "SELECT generation FROM apps WHERE name = ?";

pub(super) const CLEAR_HOST_NAMES: &str = "DELETE FROM host_names WHERE app = ?";

pub(super) const ADD_HOST_NAME: &str = "INSERT INTO host_names (host_name, app) VALUES (?, ?) ON CONFLICT DO NOTHING";

pub(super) const CHECK_DEPLOYMENT: &str = "\
SELECT d.id FROM deployments d JOIN apps a ON a.name = d.app WHERE d.id = ? AND a.name = ?";

pub(super) const ACTIVATE: &str = "\
UPDATE apps SET active = ?, generation = generation + 1 WHERE name = ? AND generation = ? \
AND EXISTS (SELECT 1 FROM deployments d WHERE d.id = ? AND d.app = ?)";

pub(super) const RETIRE: &str = "\
INSERT INTO retired_apps (name, generation) SELECT name, generation + 1 FROM apps WHERE name = ? \
ON CONFLICT (name) DO UPDATE SET generation = excluded.generation";

pub(super) const DELETE: &str = "DELETE FROM apps WHERE name = ?";

pub(super) const DELETE_ASSIGNMENTS: &str = "DELETE FROM assignments WHERE app = ?";

pub(super) const DELETE_LOGS: &str = "\
DELETE FROM deployment_logs WHERE deployment IN (SELECT id FROM deployments WHERE app = ?)";

pub(super) const DELETE_DEPLOYMENTS: &str = "DELETE FROM deployments WHERE app = ?";
