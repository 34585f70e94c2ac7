-- The host.json of packages that say in it where they run; a package never changes.
CREATE TABLE package_host_json (
    digest TEXT NOT NULL PRIMARY KEY,
    host_json BLOB NOT NULL
) STRICT;

-- Why the scheduler decided as it did, the last decisions of each app.
CREATE TABLE app_decisions (
    app TEXT NOT NULL,
    decided INTEGER NOT NULL,
    kind TEXT NOT NULL,
    worker TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (app, decided)
) STRICT, WITHOUT ROWID;
