-- What outlives a worker's registrations: where it runs, what operators decided, and how it proves who it is. Hashes
-- are hexadecimal SHA-256; an empty one is none.
CREATE TABLE $.worker_members (
    name nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    node nvarchar(max) NOT NULL,
    available nvarchar(max) NOT NULL,
    standing bigint NOT NULL,
    reason nvarchar(max) NOT NULL,
    changed bigint NOT NULL,
    credential nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    next_credential nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    rotated bigint NOT NULL,
    CONSTRAINT pk_worker_members PRIMARY KEY CLUSTERED (name)
);
INSERT INTO $.worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated)
SELECT name, N'', N'', 0, N'', registered, N'', N'', 0 FROM $.workers;

CREATE TABLE $.join_tokens (
    hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    expires bigint NOT NULL,
    used_by nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    used_as nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_join_tokens PRIMARY KEY CLUSTERED (hash)
);
