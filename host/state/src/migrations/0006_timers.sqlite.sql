-- What is known of each function with a timer trigger. 0 is no time yet, the greatest number is never.
CREATE TABLE timers (
    app TEXT NOT NULL,
    function_name TEXT NOT NULL,
    schedule TEXT NOT NULL,
    last_run INTEGER NOT NULL,
    next_due INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    past_due INTEGER NOT NULL,
    started_as TEXT NOT NULL,
    PRIMARY KEY (app, function_name)
) STRICT, WITHOUT ROWID;

-- One row for each occurrence; of a function at most one is not finished (state below 2).
CREATE TABLE timer_occurrences (
    app TEXT NOT NULL,
    function_name TEXT NOT NULL,
    due INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    holder TEXT NOT NULL,
    expires INTEGER NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (app, function_name, due)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_occurrences_unfinished ON timer_occurrences (app, function_name) WHERE state < 2;

-- A trigger, because a Hearth of before this step may still delete apps in this database.
CREATE TRIGGER timers_of_deleted_app AFTER DELETE ON apps BEGIN
    DELETE FROM timers WHERE app = OLD.name;
    DELETE FROM timer_occurrences WHERE app = OLD.name;
END;
