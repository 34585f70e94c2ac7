//! SQLite text of the queue statements.

pub(super) const CREATE_ACCOUNT: &str = "\
INSERT INTO queue_accounts (name, app, created, properties) SELECT ?, ?, ?, '' \
WHERE ? = '' OR EXISTS (SELECT 1 FROM apps WHERE name = ?) ON CONFLICT DO NOTHING";

pub(super) const ADD_KEY: &str = "\
INSERT INTO queue_account_keys (account, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

macro_rules! account {
    ($where:literal) => {
        concat!(
            "SELECT a.name, a.app, a.created, a.properties, k.name, k.value ",
            "FROM queue_accounts a JOIN queue_account_keys k ON k.account = a.name WHERE ",
            $where,
            " = ? ORDER BY a.name, k.name"
        )
    };
}

pub(super) const ACCOUNT: &str = account!("a.name");

pub(super) const ACCOUNT_OF_APP: &str = account!("a.app");

pub(super) const ACCOUNTS: &str = "SELECT name, app, created FROM queue_accounts ORDER BY name";

pub(super) const SET_KEY: &str = "UPDATE queue_account_keys SET value = ? WHERE account = ? AND name = ?";

pub(super) const SET_PROPERTIES: &str = "UPDATE queue_accounts SET properties = ? WHERE name = ?";

pub(super) const RETIRE_QUEUES: &str = "\
INSERT INTO removed_queues (id, removed) SELECT id, ? FROM queues WHERE account = ? ON CONFLICT DO NOTHING";

pub(super) const DELETE_QUEUES: &str = "DELETE FROM queues WHERE account = ?";

pub(super) const DELETE_KEYS: &str = "DELETE FROM queue_account_keys WHERE account = ?";

pub(super) const DELETE_ACCOUNT: &str = "DELETE FROM queue_accounts WHERE name = ?";

pub(super) const CREATE: &str = "\
INSERT INTO queues (account, name, id, metadata, policies, created) SELECT ?, ?, ?, ?, '', ? \
WHERE EXISTS (SELECT 1 FROM queue_accounts WHERE name = ?) ON CONFLICT DO NOTHING";

pub(super) const GET: &str = "SELECT name, metadata, policies FROM queues WHERE account = ? AND name = ?";

pub(super) const LIST: &str = "\
SELECT name, metadata, policies FROM queues WHERE account = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?";

pub(super) const SET_METADATA: &str = "UPDATE queues SET metadata = ? WHERE account = ? AND name = ?";

pub(super) const SET_POLICIES: &str = "UPDATE queues SET policies = ? WHERE account = ? AND name = ?";

pub(super) const RETIRE: &str = "\
INSERT INTO removed_queues (id, removed) SELECT id, ? FROM queues WHERE account = ? AND name = ? ON CONFLICT DO NOTHING";

pub(super) const DELETE: &str = "DELETE FROM queues WHERE account = ? AND name = ?";

pub(super) const RENUMBER: &str = "UPDATE queues SET id = ? WHERE account = ? AND name = ?";

pub(super) const PUT: &str = "\
INSERT INTO queue_messages (queue, id, receipt, enqueued, visible, expires, dequeued, body) \
SELECT id, ?, ?, ?, ?, ?, 0, ? FROM queues WHERE account = ? AND name = ? ON CONFLICT DO NOTHING RETURNING enqueued";

// The rows to come are found in the order of the index, which ends with that of their insertion.
pub(super) const CLAIM: &str = "\
UPDATE queue_messages SET receipt = ?, visible = ?, dequeued = dequeued + 1 WHERE seq IN (\
SELECT m.seq FROM queue_messages m WHERE m.queue = (SELECT id FROM queues WHERE account = ? AND name = ?) \
AND m.visible <= ? AND m.expires > ? ORDER BY m.visible, m.seq LIMIT ?) \
RETURNING id, receipt, enqueued, visible, expires, dequeued, body";

pub(super) const PEEK: &str = "\
SELECT m.id, m.receipt, m.enqueued, m.visible, m.expires, m.dequeued, m.body FROM queue_messages m \
WHERE m.queue = (SELECT id FROM queues WHERE account = ? AND name = ?) \
AND m.visible <= ? AND m.expires > ? ORDER BY m.visible, m.seq LIMIT ?";

macro_rules! message {
    () => {
        " WHERE queue = (SELECT id FROM queues WHERE account = ? AND name = ?) AND id = ?"
    };
}

pub(super) const FIND: &str = concat!("SELECT receipt FROM queue_messages", message!());

pub(super) const UPDATE: &str =
    concat!("UPDATE queue_messages SET receipt = ?, visible = ?", message!(), " AND receipt = ? RETURNING visible");

pub(super) const UPDATE_TEXT: &str = concat!(
    "UPDATE queue_messages SET receipt = ?, visible = ?, body = ?",
    message!(),
    " AND receipt = ? RETURNING visible"
);

pub(super) const RENEW: &str = concat!("UPDATE queue_messages SET visible = ?", message!(), " AND receipt = ?");

pub(super) const REMOVE: &str = concat!("DELETE FROM queue_messages", message!(), " AND receipt = ?");

// The count stops where it would take long; see the caller.
pub(super) const COUNT: &str = "\
SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM queue_messages m WHERE m.queue = q.id LIMIT ?)) \
- (SELECT COUNT(*) FROM (SELECT 1 FROM queue_messages m WHERE m.expires <= ? AND m.queue = q.id LIMIT ?)) \
FROM queues q WHERE q.account = ? AND q.name = ?";

// Reads the shortest of the indexes from one end of the queue to the other.
pub(super) const COUNT_ALL: &str = "\
SELECT (SELECT COUNT(*) FROM queue_messages m INDEXED BY queue_messages_by_visible WHERE m.queue = q.id) \
- (SELECT COUNT(*) FROM queue_messages m WHERE m.expires <= ? AND m.queue = q.id) \
FROM queues q WHERE q.account = ? AND q.name = ?";

pub(super) const NEXT_VISIBLE: &str = "\
SELECT COALESCE((SELECT m.visible FROM queue_messages m WHERE m.queue = q.id AND m.expires > ? \
ORDER BY m.visible LIMIT 1) - ?, -9000000000000000000) FROM queues q WHERE q.account = ? AND q.name = ?";

pub(super) const SWEEPABLE: &str = "\
SELECT 1 WHERE EXISTS (SELECT 1 FROM removed_queues) OR EXISTS (SELECT 1 FROM queue_messages WHERE expires <= ?)";

// What is being worked on stays until it would be visible, so that its worker can still delete it.
pub(super) const SWEEP_EXPIRED: &str = "\
DELETE FROM queue_messages WHERE seq IN (\
SELECT seq FROM queue_messages WHERE expires <= ? AND visible <= ? LIMIT ?)";

pub(super) const SWEEP_REMOVED: &str = "\
DELETE FROM queue_messages WHERE seq IN (\
SELECT m.seq FROM removed_queues r JOIN queue_messages m ON m.queue = r.id LIMIT ?)";

pub(super) const FORGET_REMOVED: &str = "\
DELETE FROM removed_queues WHERE removed <= ? \
AND NOT EXISTS (SELECT 1 FROM queue_messages m WHERE m.queue = removed_queues.id)";
