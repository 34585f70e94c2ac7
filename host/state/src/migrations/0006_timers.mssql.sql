-- What is known of each function with a timer trigger. 0 is no time yet, the greatest number is never.
CREATE TABLE $.timers (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    function_name nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    schedule nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    last_run bigint NOT NULL,
    next_due bigint NOT NULL,
    updated bigint NOT NULL,
    past_due bigint NOT NULL,
    started_as nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY CLUSTERED (app, function_name)
);

-- One row for each occurrence; of a function at most one is not finished (state below 2).
CREATE TABLE $.timer_occurrences (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    function_name nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    due bigint NOT NULL,
    kind bigint NOT NULL,
    state bigint NOT NULL,
    epoch bigint NOT NULL,
    holder nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    expires bigint NOT NULL,
    started bigint NOT NULL,
    finished bigint NOT NULL,
    failures bigint NOT NULL,
    error nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_timer_occurrences PRIMARY KEY CLUSTERED (app, function_name, due)
);
