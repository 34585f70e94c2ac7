-- How far each change feed function has read each range, where that is kept in host state. Empty text is no owner, no continuation.
CREATE TABLE $.feed_leases (
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    id nvarchar(380) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version bigint NOT NULL,
    owner nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    continuation nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    renewed bigint NOT NULL,
    body nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT pk_feed_leases PRIMARY KEY CLUSTERED (app, id)
);
