CREATE TABLE $.apps (
    name nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created bigint NOT NULL,
    publish_credential varbinary(max) NOT NULL,
    active nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT pk_apps PRIMARY KEY CLUSTERED (name)
);

-- Keeps the generation of a deleted app, so that an app made again under its name is never mistaken for it.
CREATE TABLE $.retired_apps (
    name nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT pk_retired_apps PRIMARY KEY CLUSTERED (name)
);

CREATE TABLE $.host_names (
    host_name nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_host_names PRIMARY KEY CLUSTERED (host_name)
);
CREATE INDEX host_names_by_app ON $.host_names (app);

CREATE TABLE $.deployments (
    id nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    digest nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    size bigint NOT NULL,
    status bigint NOT NULL,
    status_text nvarchar(max) NOT NULL,
    author nvarchar(max) NOT NULL,
    author_email nvarchar(max) NOT NULL,
    deployer nvarchar(max) NOT NULL,
    message nvarchar(max) NOT NULL,
    progress nvarchar(max) NOT NULL,
    received bigint NOT NULL,
    started bigint NOT NULL,
    ended bigint NULL,
    complete bigint NOT NULL,
    functions_json nvarchar(max) NOT NULL,
    CONSTRAINT pk_deployments PRIMARY KEY CLUSTERED (id)
);
CREATE UNIQUE INDEX deployments_in_progress ON $.deployments (app) WHERE complete = 0;
CREATE INDEX deployments_by_app ON $.deployments (app, received, id);
CREATE INDEX deployments_by_digest ON $.deployments (digest);

CREATE TABLE $.deployment_logs (
    deployment nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    seq bigint NOT NULL,
    logged bigint NOT NULL,
    kind bigint NOT NULL,
    message nvarchar(max) NOT NULL,
    CONSTRAINT pk_deployment_logs PRIMARY KEY CLUSTERED (deployment, seq)
);

-- A package is visible once its row here exists; its bytes are the chunks of that upload.
CREATE TABLE $.packages (
    digest nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    size bigint NOT NULL,
    upload nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    stored bigint NOT NULL,
    touched bigint NOT NULL,
    CONSTRAINT pk_packages PRIMARY KEY CLUSTERED (digest)
);
CREATE UNIQUE INDEX packages_by_upload ON $.packages (upload);

CREATE TABLE $.package_uploads (
    upload nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    touched bigint NOT NULL,
    CONSTRAINT pk_package_uploads PRIMARY KEY CLUSTERED (upload)
);

CREATE TABLE $.package_chunks (
    upload nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    seq bigint NOT NULL,
    bytes varbinary(max) NOT NULL,
    CONSTRAINT pk_package_chunks PRIMARY KEY CLUSTERED (upload, seq)
);

CREATE TABLE $.workers (
    name nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    epoch bigint NOT NULL,
    version nvarchar(max) NOT NULL,
    control_url nvarchar(max) NOT NULL,
    http_url nvarchar(max) NOT NULL,
    capacity bigint NOT NULL,
    labels_json nvarchar(max) NOT NULL,
    pid bigint NOT NULL,
    credential_hash varbinary(64) NOT NULL,
    registered bigint NOT NULL,
    last_beat bigint NOT NULL,
    expires bigint NOT NULL,
    missing bigint NOT NULL,
    CONSTRAINT pk_workers PRIMARY KEY CLUSTERED (name)
);

CREATE TABLE $.assignments (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    worker nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    deployment nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT pk_assignments PRIMARY KEY CLUSTERED (app, worker)
);
CREATE INDEX assignments_by_worker ON $.assignments (worker, app);

CREATE TABLE $.installation (
    name nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value varbinary(max) NOT NULL,
    CONSTRAINT pk_installation PRIMARY KEY CLUSTERED (name)
);

CREATE TABLE $.leases (
    name nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    holder nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    epoch bigint NOT NULL,
    expires bigint NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY CLUSTERED (name)
);
