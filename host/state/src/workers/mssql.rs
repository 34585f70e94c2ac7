//! T-SQL text of the worker statements.

pub(super) const REGISTER: &str = "\
UPDATE $.workers SET epoch = epoch + 1, version = @2, control_url = @3, http_url = @4, capacity = @5, labels_json = @6, \
pid = @7, credential_hash = @8, registered = @9, last_beat = @10, expires = @11, missing = 0 \
WHERE name = @1; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN \
INSERT INTO $.workers (name, epoch, version, control_url, http_url, capacity, labels_json, pid, credential_hash, \
registered, last_beat, expires, missing) \
SELECT @1, generation, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11, 0 FROM $.state_generation; SET @n = 1; END; \
SELECT epoch FROM $.workers WHERE name = @1;";

pub(super) const BEAT: &str = "\
UPDATE $.workers SET last_beat = @1, expires = @2 WHERE name = @3 AND epoch = @4 AND missing = 0";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, epoch, version, control_url, http_url, capacity, labels_json, pid, credential_hash, ",
            "registered, last_beat, expires, missing FROM $.workers ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("WHERE name = @1");

pub(super) const LIST: &str = select!("ORDER BY name");

pub(super) const MARK_MISSING: &str = "\
UPDATE $.workers SET missing = 1 OUTPUT inserted.name WHERE missing = 0 AND expires <= @1";
