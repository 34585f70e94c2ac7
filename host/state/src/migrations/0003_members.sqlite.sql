-- What outlives a worker's registrations: where it runs, what operators decided, and how it proves who it is. Hashes
-- are hexadecimal SHA-256; an empty one is none.
CREATE TABLE worker_members (
    name TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    available TEXT NOT NULL,
    standing INTEGER NOT NULL,
    reason TEXT NOT NULL,
    changed INTEGER NOT NULL,
    credential TEXT NOT NULL,
    next_credential TEXT NOT NULL,
    rotated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO worker_members (name, node, available, standing, reason, changed, credential, next_credential, rotated)
SELECT name, '', '', 0, '', registered, '', '', 0 FROM workers;

CREATE TABLE join_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    expires INTEGER NOT NULL,
    used_by TEXT NOT NULL,
    used_as TEXT NOT NULL
) STRICT, WITHOUT ROWID;
