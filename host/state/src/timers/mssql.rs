//! T-SQL text of the timer statements. Whatever changes what is known of a function first holds its row of `timers`, so that
//! the statements after it see each other's work.

macro_rules! known {
    ($from:literal) => {
        concat!(
            "SELECT @1, t.schedule, t.last_run, t.next_due, t.updated, t.past_due, t.started_as, t.function_name, ",
            "COALESCE(o.due, -1), o.kind, o.state, o.epoch, o.holder, o.expires, o.started, o.finished, o.failures, o.error ",
            "FROM $.timers AS t LEFT JOIN $.timer_occurrences AS o ON o.app = t.app AND o.function_name = t.function_name ",
            "AND o.state < 2 ",
            $from
        )
    };
}

pub(super) const NOW: &str = "SELECT @1";

pub(super) const STATUS: &str = known!("WHERE t.app = @2 AND t.function_name = @3");

pub(super) const STATUSES: &str = known!("WHERE t.app = @2 ORDER BY t.function_name");

// Writes the row without a change, which holds it until the commit.
pub(super) const HOLD: &str = "UPDATE $.timers SET updated = updated WHERE app = @1 AND function_name = @2";

pub(super) const HOLD_SCHEDULE: &str = "\
UPDATE $.timers SET updated = updated WHERE app = @1 AND function_name = @2 AND schedule = @3";

pub(super) const INSERT: &str = "\
INSERT INTO $.timers (app, function_name, schedule, last_run, next_due, updated, past_due, started_as) \
SELECT @1, @2, @3, 0, @4, @5, 0, @6 \
WHERE NOT EXISTS (SELECT 1 FROM $.timers WHERE app = @1 AND function_name = @2)";

pub(super) const REWRITE: &str = "\
UPDATE $.timers SET schedule = @1, last_run = @2, next_due = @3, updated = @4, past_due = @5, started_as = @6 \
WHERE app = @7 AND function_name = @8 AND schedule = @9 AND next_due = @10 AND started_as = @11 \
AND (@12 = 0 OR NOT EXISTS \
(SELECT 1 FROM $.timer_occurrences o WHERE o.app = @13 AND o.function_name = @14 AND o.state < 2))";

pub(super) const ADD_STARTUP: &str = "\
INSERT INTO $.timer_occurrences \
(app, function_name, due, kind, state, epoch, holder, expires, started, finished, failures, error) \
SELECT @1, @2, @3, 2, 0, (SELECT generation FROM $.state_generation), N'', 0, 0, 0, 0, N'' WHERE NOT EXISTS \
(SELECT 1 FROM $.timer_occurrences WHERE app = @1 AND function_name = @2 AND due = @3)";

pub(super) const TAKE: &str = "\
UPDATE $.timer_occurrences SET state = 1, epoch = epoch + 1, holder = @1, expires = @2, \
started = CASE started WHEN 0 THEN @3 ELSE started END \
WHERE app = @4 AND function_name = @5 AND state < 2 AND (expires <= @6 OR (state = 1 AND holder = @7))";

pub(super) const BEGIN: &str = "\
INSERT INTO $.timer_occurrences \
(app, function_name, due, kind, state, epoch, holder, expires, started, finished, failures, error) \
SELECT t.app, t.function_name, t.next_due, CASE WHEN t.past_due = t.next_due THEN 1 ELSE 0 END, 1, \
(SELECT generation FROM $.state_generation), @1, @2, @3, 0, 0, N'' \
FROM $.timers t WHERE t.app = @4 AND t.function_name = @5 AND t.next_due <= @6 AND NOT EXISTS \
(SELECT 1 FROM $.timer_occurrences o WHERE o.app = t.app AND o.function_name = t.function_name \
AND (o.state < 2 OR o.due = t.next_due))";

pub(super) const RENEW: &str = "\
UPDATE $.timer_occurrences SET expires = @1 \
WHERE app = @2 AND function_name = @3 AND due = @4 AND epoch = @5 AND state = 1";

pub(super) const PUT_OFF: &str = "\
UPDATE $.timer_occurrences SET state = 0, holder = N'', expires = @1, failures = @2, error = @3 \
WHERE app = @4 AND function_name = @5 AND due = @6 AND epoch = @7 AND state = 1";

pub(super) const ADVANCE: &str = "\
UPDATE $.timers SET last_run = CASE WHEN schedule = @1 THEN @2 ELSE last_run END, \
next_due = CASE WHEN schedule = @3 THEN @4 ELSE next_due END, past_due = 0, updated = @5 \
WHERE app = @6 AND function_name = @7";

pub(super) const FINISH: &str = "\
UPDATE $.timer_occurrences SET state = @1, holder = N'', expires = 0, finished = @2, failures = @3, error = @4 \
WHERE app = @5 AND function_name = @6 AND due = @7 AND epoch = @8 AND state = 1";

pub(super) const SKIP: &str = "\
UPDATE $.timers SET next_due = @1, updated = @2 \
WHERE app = @3 AND function_name = @4 AND schedule = @5 AND next_due = @6";

pub(super) const PRUNE: &str = "\
DELETE FROM $.timer_occurrences WHERE app = @1 AND function_name = @2 AND state >= 2 AND due < (SELECT MIN(kept.due) FROM \
(SELECT TOP (@5) due FROM $.timer_occurrences WHERE app = @3 AND function_name = @4 ORDER BY due DESC) AS kept)";

pub(super) const HISTORY: &str = "\
SELECT TOP (@3) due, kind, state, epoch, holder, expires, started, finished, failures, error FROM $.timer_occurrences \
WHERE app = @1 AND function_name = @2 ORDER BY due DESC";
