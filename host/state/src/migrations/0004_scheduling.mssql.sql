-- The host.json of packages that say in it where they run; a package never changes.
CREATE TABLE $.package_host_json (
    digest nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    host_json varbinary(max) NOT NULL,
    CONSTRAINT pk_package_host_json PRIMARY KEY CLUSTERED (digest)
);

-- Why the scheduler decided as it did, the last decisions of each app.
CREATE TABLE $.app_decisions (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    decided bigint NOT NULL,
    kind nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
    worker nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    reason nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_app_decisions PRIMARY KEY CLUSTERED (app, decided)
);
