-- The one counter that every change of an app's settings, keys or mode raises.
CREATE TABLE configuration (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO configuration (id, revision) VALUES (1, 1);

-- What was changed last of each app. The row of a deleted app stays, so that watchers see that it went.
CREATE TABLE app_configuration (
    app TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    settings_revision INTEGER NOT NULL,
    keys_revision INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    deleted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX app_configuration_by_revision ON app_configuration (revision);
INSERT INTO app_configuration (app, revision, settings_revision, keys_revision, mode, deleted)
SELECT name, 1, 1, 1, 0, 0 FROM apps;

CREATE TABLE app_settings (
    app TEXT NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (app, folded)
) STRICT;

-- An empty value marks a key that is made by itself and was deleted, so that it is not made again.
CREATE TABLE app_keys (
    app TEXT NOT NULL,
    scope TEXT NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (app, scope, folded)
) STRICT, WITHOUT ROWID;

-- Triggers, because a Hearth of before this step may still create and delete apps in this database: its apps get
-- their row too, and what it deletes leaves no settings or keys to an app made again under the name.
CREATE TRIGGER app_configuration_of_new_app AFTER INSERT ON apps BEGIN
    UPDATE configuration SET revision = revision + 1;
    INSERT INTO app_configuration (app, revision, settings_revision, keys_revision, mode, deleted)
    SELECT NEW.name, revision, revision, revision, 0, 0 FROM configuration WHERE id = 1
    ON CONFLICT (app) DO UPDATE SET revision = excluded.revision, settings_revision = excluded.settings_revision,
    keys_revision = excluded.keys_revision, mode = 0, deleted = 0;
END;
CREATE TRIGGER app_configuration_of_deleted_app AFTER DELETE ON apps BEGIN
    DELETE FROM app_settings WHERE app = OLD.name;
    DELETE FROM app_keys WHERE app = OLD.name;
    UPDATE configuration SET revision = revision + 1;
    UPDATE app_configuration SET mode = 0, deleted = 1, revision = (SELECT revision FROM configuration),
    settings_revision = (SELECT revision FROM configuration), keys_revision = (SELECT revision FROM configuration)
    WHERE app = OLD.name;
END;
