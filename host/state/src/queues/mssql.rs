//! T-SQL text of the queue statements.
//!
//! A claim repeats its condition outside of the choice of rows, so that two at once never get one message; the hints let them
//! pass each other and nothing depends on them.

pub(super) const CREATE_ACCOUNT: &str = "\
INSERT INTO $.queue_accounts (name, app, created, properties) SELECT @1, @2, @3, N'' \
WHERE (@4 = N'' OR EXISTS (SELECT 1 FROM $.apps WHERE name = @5)) \
AND NOT EXISTS (SELECT 1 FROM $.queue_accounts WHERE name = @1 OR (app = @2 AND @2 <> N''))";

pub(super) const ADD_KEY: &str = "\
INSERT INTO $.queue_account_keys (account, name, value) SELECT @1, @2, @3 \
WHERE NOT EXISTS (SELECT 1 FROM $.queue_account_keys WHERE account = @1 AND name = @2)";

macro_rules! account {
    ($where:literal) => {
        concat!(
            "SELECT a.name, a.app, a.created, a.properties, k.name, k.value ",
            "FROM $.queue_accounts a JOIN $.queue_account_keys k ON k.account = a.name WHERE ",
            $where,
            " = @1 ORDER BY a.name, k.name"
        )
    };
}

pub(super) const ACCOUNT: &str = account!("a.name");

pub(super) const ACCOUNT_OF_APP: &str = account!("a.app");

pub(super) const ACCOUNTS: &str = "SELECT name, app, created FROM $.queue_accounts ORDER BY name";

pub(super) const SET_KEY: &str = "UPDATE $.queue_account_keys SET value = @1 WHERE account = @2 AND name = @3";

pub(super) const SET_PROPERTIES: &str = "UPDATE $.queue_accounts SET properties = @1 WHERE name = @2";

pub(super) const RETIRE_QUEUES: &str = "\
INSERT INTO $.removed_queues (id, removed) SELECT q.id, @1 FROM $.queues q WHERE q.account = @2 \
AND NOT EXISTS (SELECT 1 FROM $.removed_queues r WHERE r.id = q.id)";

pub(super) const DELETE_QUEUES: &str = "DELETE FROM $.queues WHERE account = @1";

pub(super) const DELETE_KEYS: &str = "DELETE FROM $.queue_account_keys WHERE account = @1";

pub(super) const DELETE_ACCOUNT: &str = "DELETE FROM $.queue_accounts WHERE name = @1";

pub(super) const CREATE: &str = "\
INSERT INTO $.queues (account, name, id, metadata, policies, created) SELECT @1, @2, @3, @4, N'', @5 \
WHERE EXISTS (SELECT 1 FROM $.queue_accounts WHERE name = @6) \
AND NOT EXISTS (SELECT 1 FROM $.queues WHERE account = @1 AND name = @2)";

pub(super) const GET: &str = "SELECT name, metadata, policies FROM $.queues WHERE account = @1 AND name = @2";

pub(super) const LIST: &str = "\
SELECT TOP (@4) name, metadata, policies FROM $.queues WHERE account = @1 AND name >= @2 AND name < @3 ORDER BY name";

pub(super) const SET_METADATA: &str = "UPDATE $.queues SET metadata = @1 WHERE account = @2 AND name = @3";

pub(super) const SET_POLICIES: &str = "UPDATE $.queues SET policies = @1 WHERE account = @2 AND name = @3";

// Writes the row without a change first, which holds the queue's number until the commit.
pub(super) const RETIRE: &str = "\
UPDATE $.queues SET created = created WHERE account = @2 AND name = @3; \
INSERT INTO $.removed_queues (id, removed) SELECT q.id, @1 FROM $.queues q WHERE q.account = @2 AND q.name = @3 \
AND NOT EXISTS (SELECT 1 FROM $.removed_queues r WHERE r.id = q.id)";

pub(super) const DELETE: &str = "DELETE FROM $.queues WHERE account = @1 AND name = @2";

pub(super) const RENUMBER: &str = "UPDATE $.queues SET id = @1 WHERE account = @2 AND name = @3";

pub(super) const PUT: &str = "\
INSERT INTO $.queue_messages (queue, id, receipt, enqueued, visible, expires, dequeued, body) \
SELECT q.id, @1, @2, @3, @4, @5, 0, @6 FROM $.queues q WHERE q.account = @7 AND q.name = @8 \
AND NOT EXISTS (SELECT 1 FROM $.queue_messages m WHERE m.queue = q.id AND m.id = @1); SET @n = @@ROWCOUNT; \
IF @n = 1 SELECT CAST(@3 AS bigint);";

pub(super) const CLAIM: &str = "\
UPDATE $.queue_messages WITH (ROWLOCK, READPAST, UPDLOCK) \
SET receipt = @1, visible = @2, dequeued = dequeued + 1 \
OUTPUT inserted.id, inserted.receipt, inserted.enqueued, inserted.visible, inserted.expires, inserted.dequeued, inserted.body \
WHERE queue = (SELECT id FROM $.queues WHERE account = @3 AND name = @4) \
AND id IN (SELECT TOP (@7) m.id FROM $.queue_messages m WITH (ROWLOCK, READPAST, UPDLOCK) \
WHERE m.queue = (SELECT id FROM $.queues WHERE account = @3 AND name = @4) \
AND m.visible <= @5 AND m.expires > @6 ORDER BY m.visible, m.id) \
AND visible <= @5 AND expires > @6";

pub(super) const PEEK: &str = "\
SELECT TOP (@5) m.id, m.receipt, m.enqueued, m.visible, m.expires, m.dequeued, m.body FROM $.queue_messages m \
WHERE m.queue = (SELECT id FROM $.queues WHERE account = @1 AND name = @2) \
AND m.visible <= @3 AND m.expires > @4 ORDER BY m.visible, m.id";

pub(super) const FIND: &str = "\
SELECT receipt FROM $.queue_messages \
WHERE queue = (SELECT id FROM $.queues WHERE account = @1 AND name = @2) AND id = @3";

pub(super) const UPDATE: &str = "\
UPDATE $.queue_messages SET receipt = @1, visible = @2 \
WHERE queue = (SELECT id FROM $.queues WHERE account = @3 AND name = @4) AND id = @5 AND receipt = @6; \
SET @n = @@ROWCOUNT; IF @n = 1 SELECT CAST(@2 AS bigint);";

pub(super) const UPDATE_TEXT: &str = "\
UPDATE $.queue_messages SET receipt = @1, visible = @2, body = @3 \
WHERE queue = (SELECT id FROM $.queues WHERE account = @4 AND name = @5) AND id = @6 AND receipt = @7; \
SET @n = @@ROWCOUNT; IF @n = 1 SELECT CAST(@2 AS bigint);";

pub(super) const RENEW: &str = "\
UPDATE $.queue_messages SET visible = @1 \
WHERE queue = (SELECT id FROM $.queues WHERE account = @2 AND name = @3) AND id = @4 AND receipt = @5";

pub(super) const REMOVE: &str = "\
DELETE FROM $.queue_messages \
WHERE queue = (SELECT id FROM $.queues WHERE account = @1 AND name = @2) AND id = @3 AND receipt = @4";

pub(super) const COUNT: &str = "\
SELECT CAST((SELECT COUNT_BIG(*) FROM (SELECT TOP (@1) 1 AS one FROM $.queue_messages m WHERE m.queue = q.id) a) \
- (SELECT COUNT_BIG(*) FROM (SELECT TOP (@3) 1 AS one FROM $.queue_messages m WHERE m.expires <= @2 AND m.queue = q.id) b) \
AS bigint) FROM $.queues q WHERE q.account = @4 AND q.name = @5";

pub(super) const COUNT_ALL: &str = "\
SELECT CAST((SELECT COUNT_BIG(*) FROM $.queue_messages m WHERE m.queue = q.id) \
- (SELECT COUNT_BIG(*) FROM $.queue_messages m WHERE m.expires <= @1 AND m.queue = q.id) AS bigint) \
FROM $.queues q WHERE q.account = @2 AND q.name = @3";

pub(super) const NEXT_VISIBLE: &str = "\
SELECT COALESCE((SELECT TOP (1) m.visible FROM $.queue_messages m WHERE m.queue = q.id AND m.expires > @1 \
ORDER BY m.visible) - @2, CAST(-9000000000000000000 AS bigint)) FROM $.queues q WHERE q.account = @3 AND q.name = @4";

pub(super) const SWEEPABLE: &str = "\
SELECT CAST(1 AS bigint) WHERE EXISTS (SELECT 1 FROM $.removed_queues) \
OR EXISTS (SELECT 1 FROM $.queue_messages WHERE expires <= @1)";

pub(super) const SWEEP_EXPIRED: &str = "\
DELETE TOP (@3) FROM $.queue_messages WHERE expires <= @1 AND visible <= @2";

pub(super) const SWEEP_REMOVED: &str = "\
DELETE TOP (@1) FROM $.queue_messages WHERE queue IN (SELECT id FROM $.removed_queues)";

pub(super) const FORGET_REMOVED: &str = "\
DELETE FROM $.removed_queues WHERE removed <= @1 \
AND NOT EXISTS (SELECT 1 FROM $.queue_messages m WHERE m.queue = removed_queues.id)";
