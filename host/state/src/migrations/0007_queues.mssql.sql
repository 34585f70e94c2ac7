-- Accounts of the queue service. The one of an app goes with it.
CREATE TABLE $.queue_accounts (
    name nvarchar(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created bigint NOT NULL,
    properties nvarchar(max) NOT NULL,
    CONSTRAINT pk_queue_accounts PRIMARY KEY CLUSTERED (name)
);
CREATE UNIQUE INDEX queue_accounts_by_app ON $.queue_accounts (app) WHERE app <> N'';

CREATE TABLE $.queue_account_keys (
    account nvarchar(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value varbinary(max) NOT NULL,
    CONSTRAINT pk_queue_account_keys PRIMARY KEY CLUSTERED (account, name)
);

-- Messages belong to a number that the queue has now. A queue that is cleared gets another one.
CREATE TABLE $.queues (
    account nvarchar(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name nvarchar(70) COLLATE Latin1_General_100_BIN2 NOT NULL,
    id bigint NOT NULL,
    metadata nvarchar(max) NOT NULL,
    policies nvarchar(max) NOT NULL,
    created bigint NOT NULL,
    CONSTRAINT pk_queues PRIMARY KEY CLUSTERED (account, name)
);

-- Numbers that no queue has any more; their messages are swept, some at a time.
CREATE TABLE $.removed_queues (
    id bigint NOT NULL,
    removed bigint NOT NULL,
    CONSTRAINT pk_removed_queues PRIMARY KEY CLUSTERED (id)
);

CREATE TABLE $.queue_messages (
    queue bigint NOT NULL,
    id nvarchar(36) COLLATE Latin1_General_100_BIN2 NOT NULL,
    receipt bigint NOT NULL,
    enqueued bigint NOT NULL,
    visible bigint NOT NULL,
    expires bigint NOT NULL,
    dequeued bigint NOT NULL,
    body nvarchar(max) NOT NULL,
    CONSTRAINT pk_queue_messages PRIMARY KEY CLUSTERED (queue, id)
);
CREATE INDEX queue_messages_by_visible ON $.queue_messages (queue, visible, id);
CREATE INDEX queue_messages_by_expiry ON $.queue_messages (expires, queue);
