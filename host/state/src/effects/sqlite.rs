//! SQL of effects for SQLite.

// Nobody was given the receipt that it has from now on.
pub(super) const GIVE_BACK: &str = "\
UPDATE queue_messages SET visible = ?, dequeued = CASE WHEN dequeued > 0 THEN dequeued - 1 ELSE 0 END, receipt = receipt - 1 \
WHERE queue = (SELECT id FROM queues WHERE account = ? AND name = ?) AND id = ? AND receipt = ?";
