//! SQLite text of the worker statements. A new worker's epoch begins at the state's generation, as a new lease's does.

pub(super) const REGISTER: &str = "\
INSERT INTO workers (name, epoch, version, control_url, http_url, capacity, labels_json, pid, credential_hash, \
registered, last_beat, expires, missing) \
VALUES (?, (SELECT generation FROM state_generation), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) \
ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1, version = excluded.version, control_url = excluded.control_url, \
http_url = excluded.http_url, capacity = excluded.capacity, labels_json = excluded.labels_json, pid = excluded.pid, \
credential_hash = excluded.credential_hash, registered = excluded.registered, last_beat = excluded.last_beat, \
expires = excluded.expires, missing = 0 \
RETURNING epoch";

pub(super) const BEAT: &str = "\
UPDATE workers SET last_beat = ?, expires = ? WHERE name = ? AND epoch = ? AND missing = 0";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT name, epoch, version, control_url, http_url, capacity, labels_json, pid, credential_hash, ",
            "registered, last_beat, expires, missing FROM workers ",
            $rest
        )
    };
}

pub(super) const GET: &str = select!("WHERE name = ?");

pub(super) const LIST: &str = select!("ORDER BY name");

pub(super) const MARK_MISSING: &str = "\
UPDATE workers SET missing = 1 WHERE missing = 0 AND expires <= ? RETURNING name";
