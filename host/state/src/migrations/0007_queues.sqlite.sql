-- Accounts of the queue service. The one of an app goes with it.
CREATE TABLE queue_accounts (
    name TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    created INTEGER NOT NULL,
    properties TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX queue_accounts_by_app ON queue_accounts (app) WHERE app <> '';

CREATE TABLE queue_account_keys (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- Messages belong to a number that the queue has now. A queue that is cleared gets another one.
CREATE TABLE queues (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    policies TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- Numbers that no queue has any more; their messages are swept, some at a time.
CREATE TABLE removed_queues (
    id INTEGER NOT NULL PRIMARY KEY,
    removed INTEGER NOT NULL
) STRICT;

-- Bodies are up to 64 KiB, so the rows stand in the order of their insertion and the indexes beside them.
CREATE TABLE queue_messages (
    seq INTEGER NOT NULL PRIMARY KEY,
    queue INTEGER NOT NULL,
    id TEXT NOT NULL,
    receipt INTEGER NOT NULL,
    enqueued INTEGER NOT NULL,
    visible INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    dequeued INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX queue_messages_by_id ON queue_messages (queue, id);
CREATE INDEX queue_messages_by_visible ON queue_messages (queue, visible);
CREATE INDEX queue_messages_by_expiry ON queue_messages (expires, queue);

-- A trigger, because a Hearth of before this step may still delete apps in this database.
CREATE TRIGGER queue_account_of_deleted_app AFTER DELETE ON apps BEGIN
    INSERT INTO removed_queues (id, removed)
    SELECT q.id, 0 FROM queues q JOIN queue_accounts a ON a.name = q.account WHERE a.app = OLD.name;
    DELETE FROM queues WHERE account IN (SELECT name FROM queue_accounts WHERE app = OLD.name);
    DELETE FROM queue_account_keys WHERE account IN (SELECT name FROM queue_accounts WHERE app = OLD.name);
    DELETE FROM queue_accounts WHERE app = OLD.name;
END;
