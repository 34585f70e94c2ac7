//! SQLite text of the package statements.

pub(super) const EXISTS: &str = "SELECT size, upload FROM packages WHERE digest = ?";

pub(super) const TOUCH: &str = "UPDATE packages SET touched = ? WHERE digest = ?";

pub(super) const TOUCH_UPLOAD: &str = "\
INSERT INTO package_uploads (upload, touched) VALUES (?, ?) \
ON CONFLICT (upload) DO UPDATE SET touched = excluded.touched";

pub(super) const ADD_CHUNK: &str = "\
INSERT INTO package_chunks (upload, seq, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

// Counts the chunks: an upload that paused so long that it was swept must not become a package with holes.
pub(super) const COMPLETE: &str = "\
INSERT INTO packages (digest, size, upload, stored, touched) SELECT ?, ?, ?, ?, ? \
WHERE (SELECT COUNT(*) FROM package_chunks WHERE upload = ?) = ? \
ON CONFLICT (digest) DO UPDATE SET touched = excluded.touched";

pub(super) const FORGET_UPLOAD: &str = "\
DELETE FROM package_uploads WHERE upload = ? AND EXISTS (SELECT 1 FROM packages WHERE upload = ?)";

pub(super) const CHUNK: &str = "SELECT bytes FROM package_chunks WHERE upload = ? AND seq = ?";

pub(super) const ABANDON: &str = "UPDATE package_uploads SET touched = 0 WHERE upload = ?";

macro_rules! unreferenced {
    ($verb:literal) => {
        concat!(
            $verb,
            " FROM packages WHERE touched < ? AND NOT EXISTS (SELECT 1 FROM deployments d WHERE d.digest = packages.digest)"
        )
    };
}

pub(super) const RETIRE: &str =
    concat!(unreferenced!("INSERT INTO package_uploads (upload, touched) SELECT upload, 0"), " ON CONFLICT DO NOTHING");

pub(super) const REMOVE: &str = unreferenced!("DELETE");

pub(super) const SWEEP_CHUNKS: &str = "\
DELETE FROM package_chunks WHERE rowid IN (SELECT c.rowid FROM package_uploads u \
JOIN package_chunks c ON c.upload = u.upload WHERE u.touched < ? LIMIT 16)";

pub(super) const SWEEP_UPLOADS: &str = "\
DELETE FROM package_uploads WHERE touched < ? \
AND NOT EXISTS (SELECT 1 FROM package_chunks c WHERE c.upload = package_uploads.upload)";
