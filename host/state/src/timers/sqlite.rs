//! SQLite text of the timer statements.

macro_rules! known {
    ($from:literal) => {
        concat!(
            "SELECT ?, t.schedule, t.last_run, t.next_due, t.updated, t.past_due, t.started_as, t.function_name, ",
            "COALESCE(o.due, -1), o.kind, o.state, o.epoch, o.holder, o.expires, o.started, o.finished, o.failures, o.error ",
            "FROM timers t LEFT JOIN timer_occurrences o ON o.app = t.app AND o.function_name = t.function_name ",
            "AND o.state < 2 ",
            $from
        )
    };
}

pub(super) const NOW: &str = "SELECT ?";

pub(super) const STATUS: &str = known!("WHERE t.app = ? AND t.function_name = ?");

pub(super) const STATUSES: &str = known!("WHERE t.app = ? ORDER BY t.function_name");

// Nothing to hold: writers take turns.
pub(super) const HOLD: &str = "SELECT 1 FROM timers WHERE app = ? AND function_name = ?";

pub(super) const HOLD_SCHEDULE: &str = "SELECT 1 FROM timers WHERE app = ? AND function_name = ? AND schedule = ?";

pub(super) const INSERT: &str = "\
INSERT INTO timers (app, function_name, schedule, last_run, next_due, updated, past_due, started_as) \
VALUES (?, ?, ?, 0, ?, ?, 0, ?) ON CONFLICT DO NOTHING";

pub(super) const REWRITE: &str = "\
UPDATE timers SET schedule = ?, last_run = ?, next_due = ?, updated = ?, past_due = ?, started_as = ? \
WHERE app = ? AND function_name = ? AND schedule = ? AND next_due = ? AND started_as = ? \
AND (? = 0 OR NOT EXISTS (SELECT 1 FROM timer_occurrences o WHERE o.app = ? AND o.function_name = ? AND o.state < 2))";

pub(super) const ADD_STARTUP: &str = "\
INSERT INTO timer_occurrences \
(app, function_name, due, kind, state, epoch, holder, expires, started, finished, failures, error) \
VALUES (?, ?, ?, 2, 0, (SELECT generation FROM state_generation), '', 0, 0, 0, 0, '') ON CONFLICT DO NOTHING";

pub(super) const TAKE: &str = "\
UPDATE timer_occurrences SET state = 1, epoch = epoch + 1, holder = ?, expires = ?, \
started = CASE started WHEN 0 THEN ? ELSE started END \
WHERE app = ? AND function_name = ? AND state < 2 AND (expires <= ? OR (state = 1 AND holder = ?))";

pub(super) const BEGIN: &str = "\
INSERT INTO timer_occurrences \
(app, function_name, due, kind, state, epoch, holder, expires, started, finished, failures, error) \
SELECT t.app, t.function_name, t.next_due, CASE WHEN t.past_due = t.next_due THEN 1 ELSE 0 END, 1, \
(SELECT generation FROM state_generation), ?, ?, ?, 0, 0, '' \
FROM timers t WHERE t.app = ? AND t.function_name = ? AND t.next_due <= ? AND NOT EXISTS \
(SELECT 1 FROM timer_occurrences o WHERE o.app = t.app AND o.function_name = t.function_name AND o.state < 2) \
ON CONFLICT DO NOTHING";

pub(super) const RENEW: &str = "\
UPDATE timer_occurrences SET expires = ? \
WHERE app = ? AND function_name = ? AND due = ? AND epoch = ? AND state = 1";

pub(super) const PUT_OFF: &str = "\
UPDATE timer_occurrences SET state = 0, holder = '', expires = ?, failures = ?, error = ? \
WHERE app = ? AND function_name = ? AND due = ? AND epoch = ? AND state = 1";

pub(super) const ADVANCE: &str = "\
UPDATE timers SET last_run = CASE WHEN schedule = ? THEN ? ELSE last_run END, \
next_due = CASE WHEN schedule = ? THEN ? ELSE next_due END, past_due = 0, updated = ? \
WHERE app = ? AND function_name = ?";

pub(super) const FINISH: &str = "\
UPDATE timer_occurrences SET state = ?, holder = '', expires = 0, finished = ?, failures = ?, error = ? \
WHERE app = ? AND function_name = ? AND due = ? AND epoch = ? AND state = 1";

pub(super) const SKIP: &str = "\
UPDATE timers SET next_due = ?, updated = ? WHERE app = ? AND function_name = ? AND schedule = ? AND next_due = ?";

pub(super) const PRUNE: &str = "\
DELETE FROM timer_occurrences WHERE app = ? AND function_name = ? AND state >= 2 AND due < (SELECT MIN(kept.due) FROM \
(SELECT due FROM timer_occurrences WHERE app = ? AND function_name = ? ORDER BY due DESC LIMIT ?) kept)";

pub(super) const HISTORY: &str = "\
SELECT due, kind, state, epoch, holder, expires, started, finished, failures, error FROM timer_occurrences \
WHERE app = ? AND function_name = ? ORDER BY due DESC LIMIT ?";
