CREATE TABLE apps (
    name TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    publish_credential BLOB NOT NULL,
    active TEXT NOT NULL,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keeps the generation of a deleted app, so that an app made again under its name is never mistaken for it.
CREATE TABLE retired_apps (
    name TEXT NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE host_names (
    host_name TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX host_names_by_app ON host_names (app);

CREATE TABLE deployments (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    status INTEGER NOT NULL,
    status_text TEXT NOT NULL,
    author TEXT NOT NULL,
    author_email TEXT NOT NULL,
    deployer TEXT NOT NULL,
    message TEXT NOT NULL,
    progress TEXT NOT NULL,
    received INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    complete INTEGER NOT NULL,
    functions_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX deployments_in_progress ON deployments (app) WHERE complete = 0;
CREATE INDEX deployments_by_app ON deployments (app, received, id);
CREATE INDEX deployments_by_digest ON deployments (digest);

CREATE TABLE deployment_logs (
    deployment TEXT NOT NULL,
    seq INTEGER NOT NULL,
    logged INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (deployment, seq)
) STRICT, WITHOUT ROWID;

-- A package is visible once its row here exists; its bytes are the chunks of that upload.
CREATE TABLE packages (
    digest TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    upload TEXT NOT NULL,
    stored INTEGER NOT NULL,
    touched INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX packages_by_upload ON packages (upload);

CREATE TABLE package_uploads (
    upload TEXT NOT NULL PRIMARY KEY,
    touched INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE package_chunks (
    upload TEXT NOT NULL,
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (upload, seq)
) STRICT;

CREATE TABLE workers (
    name TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    version TEXT NOT NULL,
    control_url TEXT NOT NULL,
    http_url TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    labels_json TEXT NOT NULL,
    pid INTEGER NOT NULL,
    credential_hash BLOB NOT NULL,
    registered INTEGER NOT NULL,
    last_beat INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    missing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE assignments (
    app TEXT NOT NULL,
    worker TEXT NOT NULL,
    deployment TEXT NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (app, worker)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignments_by_worker ON assignments (worker, app);

CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
