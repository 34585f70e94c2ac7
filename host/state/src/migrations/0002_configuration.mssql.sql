-- The one counter that every change of an app's settings, keys or mode raises.
CREATE TABLE $.configuration (
    id bigint NOT NULL CHECK (id = 1),
    revision bigint NOT NULL,
    CONSTRAINT pk_configuration PRIMARY KEY CLUSTERED (id)
);
INSERT INTO $.configuration (id, revision) VALUES (1, 1);

-- What was changed last of each app. The row of a deleted app stays, so that watchers see that it went.
CREATE TABLE $.app_configuration (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    revision bigint NOT NULL,
    settings_revision bigint NOT NULL,
    keys_revision bigint NOT NULL,
    mode bigint NOT NULL,
    deleted bigint NOT NULL,
    CONSTRAINT pk_app_configuration PRIMARY KEY CLUSTERED (app)
);
CREATE INDEX app_configuration_by_revision ON $.app_configuration (revision);
INSERT INTO $.app_configuration (app, revision, settings_revision, keys_revision, mode, deleted)
SELECT name, 1, 1, 1, 0, 0 FROM $.apps;

-- Names may be longer than a clustered key, which has 900 bytes; other keys have 1,700.
CREATE TABLE $.app_settings (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    folded nvarchar(600) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name nvarchar(600) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value varbinary(max) NOT NULL,
    CONSTRAINT pk_app_settings PRIMARY KEY NONCLUSTERED (app, folded)
);
CREATE CLUSTERED INDEX app_settings_by_app ON $.app_settings (app);

-- An empty value marks a key that is made by itself and was deleted, so that it is not made again.
CREATE TABLE $.app_keys (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    scope nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    folded nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value varbinary(max) NOT NULL,
    CONSTRAINT pk_app_keys PRIMARY KEY NONCLUSTERED (app, scope, folded)
);
CREATE CLUSTERED INDEX app_keys_by_app ON $.app_keys (app);
