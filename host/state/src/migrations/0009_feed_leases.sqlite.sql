-- How far each change feed function has read each range, where that is kept in host state. Empty text is no owner, no continuation.
CREATE TABLE feed_leases (
    app TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    owner TEXT NOT NULL,
    continuation TEXT NOT NULL,
    renewed INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

-- A trigger, because a Hearth of before this step may still delete apps in this database.
CREATE TRIGGER feed_leases_of_deleted_app AFTER DELETE ON apps BEGIN
    DELETE FROM feed_leases WHERE app = OLD.name;
END;
