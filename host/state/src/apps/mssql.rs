//! T-SQL text of the app statements.
//!
//! What SQLite does by triggers stands in the statements here. Operations that must see an app as it is until they
//! commit first write its row without a change, which holds it on every server.

macro_rules! raise {
    () => {
        "UPDATE $.configuration SET revision = revision + 1; SELECT @r = revision FROM $.configuration; "
    };
}

// The app's row of the configuration is held before the revision, as in every other change.
pub(super) const CREATE: &str = concat!(
    "INSERT INTO $.apps (name, created, publish_credential, active, generation) ",
    "SELECT @1, @2, @3, N'', COALESCE((SELECT generation FROM $.retired_apps WHERE name = @4), ",
    "(SELECT generation - 1 FROM $.state_generation)) ",
    "WHERE NOT EXISTS (SELECT 1 FROM $.apps WHERE name = @1); SET @n = @@ROWCOUNT; ",
    "IF @n = 1 BEGIN ",
    "UPDATE $.app_configuration SET mode = mode WHERE app = @1; ",
    raise!(),
    "UPDATE $.app_configuration SET revision = @r, settings_revision = @r, keys_revision = @r, mode = 0, deleted = 0 ",
    "WHERE app = @1; ",
    "IF @@ROWCOUNT = 0 INSERT INTO $.app_configuration (app, revision, settings_revision, keys_revision, mode, deleted) ",
    "VALUES (@1, @r, @r, @r, 0, 0); ",
    "END;"
);

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT a.name, a.created, a.publish_credential, a.active, a.generation, COALESCE(h.host_name, N'') ",
            "FROM $.apps a LEFT JOIN $.host_names h ON h.app = a.name ",
            $where,
            " ORDER BY a.name, h.host_name"
        )
    };
}

pub(super) const GET: &str = select!("WHERE a.name = @1");

pub(super) const BY_HOST_NAME: &str = select!("WHERE a.name = (SELECT app FROM $.host_names WHERE host_name = @1)");

pub(super) const LIST: &str = select!("");

pub(super) const SET_PUBLISH_CREDENTIAL: &str = "UPDATE $.apps SET publish_credential = @1 WHERE name = @2";

pub(super) const CHECK: &str = "\
UPDATE $.apps SET generation = generation WHERE name = @1";

pub(super) const CLEAR_HOST_NAMES: &str = "DELETE FROM $.host_names WHERE app = @1";

pub(super) const ADD_HOST_NAME: &str = "\
INSERT INTO $.host_names (host_name, app) SELECT @1, @2 \
WHERE NOT EXISTS (SELECT 1 FROM $.host_names WHERE host_name = @1)";

pub(super) const CHECK_DEPLOYMENT: &str = "\
UPDATE $.apps SET generation = generation WHERE name = @2; \
SELECT d.id FROM $.deployments d JOIN $.apps a ON a.name = d.app WHERE d.id = @1 AND a.name = @2";

pub(super) const ACTIVATE: &str = "\
UPDATE $.apps SET active = @1, generation = generation + 1 WHERE name = @2 AND generation = @3 \
AND EXISTS (SELECT 1 FROM $.deployments d WHERE d.id = @4 AND d.app = @5)";

pub(super) const RETIRE: &str = "\
UPDATE $.apps SET generation = generation WHERE name = @1; SET @n = @@ROWCOUNT; \
IF @n = 1 BEGIN \
SELECT @r = generation + 1 FROM $.apps WHERE name = @1; \
UPDATE $.retired_apps SET generation = @r WHERE name = @1; \
IF @@ROWCOUNT = 0 INSERT INTO $.retired_apps (name, generation) VALUES (@1, @r); \
END;";

pub(super) const DELETE: &str = concat!(
    "DELETE FROM $.apps WHERE name = @1; SET @n = @@ROWCOUNT; ",
    "IF @n = 1 BEGIN ",
    "UPDATE $.app_configuration SET mode = mode WHERE app = @1; ",
    "DELETE FROM $.app_settings WHERE app = @1; ",
    "DELETE FROM $.app_keys WHERE app = @1; ",
    "DELETE FROM $.timers WHERE app = @1; ",
    "DELETE FROM $.timer_occurrences WHERE app = @1; ",
    "DELETE FROM $.feed_leases WHERE app = @1; ",
    "INSERT INTO $.removed_queues (id, removed) SELECT q.id, @now FROM $.queues q ",
    "JOIN $.queue_accounts a ON a.name = q.account WHERE a.app = @1; ",
    "DELETE FROM $.queues WHERE account IN (SELECT name FROM $.queue_accounts WHERE app = @1); ",
    "DELETE FROM $.queue_account_keys WHERE account IN (SELECT name FROM $.queue_accounts WHERE app = @1); ",
    "DELETE FROM $.queue_accounts WHERE app = @1; ",
    "UPDATE $.document_accounts SET created = created WHERE app = @1; ",
    "UPDATE $.document_ranges SET done = done WHERE account IN (SELECT name FROM $.document_accounts WHERE app = @1); ",
    "INSERT INTO $.removed_containers (container) SELECT DISTINCT r.container FROM $.document_ranges r ",
    "JOIN $.document_accounts a ON a.name = r.account WHERE a.app = @1; ",
    "DELETE FROM $.document_ranges WHERE account IN (SELECT name FROM $.document_accounts WHERE app = @1); ",
    "DELETE FROM $.document_resources WHERE account IN (SELECT name FROM $.document_accounts WHERE app = @1); ",
    "DELETE FROM $.document_account_keys WHERE account IN (SELECT name FROM $.document_accounts WHERE app = @1); ",
    "DELETE FROM $.document_accounts WHERE app = @1; ",
    raise!(),
    "UPDATE $.app_configuration SET revision = @r, settings_revision = @r, keys_revision = @r, mode = 0, deleted = 1 ",
    "WHERE app = @1; ",
    "END;"
);

pub(super) const DELETE_ASSIGNMENTS: &str = "DELETE FROM $.assignments WHERE app = @1";

// Holds the deployments first, so that nobody adds a line to one that goes.
pub(super) const DELETE_LOGS: &str = "\
UPDATE $.deployments SET complete = complete WHERE app = @1; \
DELETE FROM $.deployment_logs WHERE deployment IN (SELECT id FROM $.deployments WHERE app = @1)";

pub(super) const DELETE_DEPLOYMENTS: &str = "DELETE FROM $.deployments WHERE app = @1";
