//! SQL of effects for SQL Server.

pub(super) const GIVE_BACK: &str = "\
UPDATE $.queue_messages SET visible = @1, dequeued = CASE WHEN dequeued > 0 THEN dequeued - 1 ELSE 0 END, receipt = receipt - 1 \
WHERE queue = (SELECT id FROM $.queues WHERE account = @2 AND name = @3) AND id = @4 AND receipt = @5";
