//! T-SQL text of the package statements.

pub(super) const EXISTS: &str = "SELECT size, upload FROM $.packages WHERE digest = @1";

pub(super) const TOUCH: &str = "UPDATE $.packages SET touched = @1 WHERE digest = @2";

pub(super) const TOUCH_UPLOAD: &str = "\
UPDATE $.package_uploads SET touched = @2 WHERE upload = @1; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN INSERT INTO $.package_uploads (upload, touched) VALUES (@1, @2); SET @n = 1; END;";

pub(super) const ADD_CHUNK: &str = "\
INSERT INTO $.package_chunks (upload, seq, bytes) SELECT @1, @2, @3 \
WHERE NOT EXISTS (SELECT 1 FROM $.package_chunks WHERE upload = @1 AND seq = @2)";

// Holds the upload's row first, so that nobody sweeps its chunks between the count and the commit.
pub(super) const COMPLETE: &str = "\
UPDATE $.package_uploads SET touched = touched WHERE upload = @6; \
UPDATE $.packages SET touched = @5 WHERE digest = @1 \
AND (SELECT COUNT(*) FROM $.package_chunks WHERE upload = @6) = @7; SET @n = @@ROWCOUNT; \
IF @n = 0 BEGIN \
INSERT INTO $.packages (digest, size, upload, stored, touched) SELECT @1, @2, @3, @4, @5 \
WHERE (SELECT COUNT(*) FROM $.package_chunks WHERE upload = @6) = @7 \
AND NOT EXISTS (SELECT 1 FROM $.packages WHERE digest = @1); SET @n = @@ROWCOUNT; END;";

pub(super) const FORGET_UPLOAD: &str = "\
DELETE FROM $.package_uploads WHERE upload = @1 AND EXISTS (SELECT 1 FROM $.packages WHERE upload = @2)";

pub(super) const CHUNK: &str = "SELECT bytes FROM $.package_chunks WHERE upload = @1 AND seq = @2";

pub(super) const ABANDON: &str = "UPDATE $.package_uploads SET touched = 0 WHERE upload = @1";

// Marks the packages that go, which holds their rows: what is touched or comes to be referred to meanwhile is either not
// marked or waits, and REMOVE takes exactly what was marked here.
pub(super) const RETIRE: &str = "\
UPDATE $.packages SET touched = -1 WHERE touched < @1 \
AND NOT EXISTS (SELECT 1 FROM $.deployments d WHERE d.digest = packages.digest); \
INSERT INTO $.package_uploads (upload, touched) SELECT p.upload, 0 FROM $.packages p WHERE p.touched = -1 \
AND NOT EXISTS (SELECT 1 FROM $.package_uploads u WHERE u.upload = p.upload)";

pub(super) const REMOVE: &str = "DELETE FROM $.packages WHERE touched = -1 AND touched < @1";

// Holds the upload's row, so that an upload that goes on waits and then finds what is left of it.
pub(super) const SWEEP_CHUNKS: &str = "\
SET @u = NULL; SET @n = 0; \
SELECT TOP (1) @u = u.upload FROM $.package_uploads u WHERE u.touched < @1 \
AND EXISTS (SELECT 1 FROM $.package_chunks c WHERE c.upload = u.upload); \
UPDATE $.package_uploads SET touched = touched WHERE upload = @u AND touched < @1; \
IF @@ROWCOUNT = 1 BEGIN DELETE TOP (16) FROM $.package_chunks WHERE upload = @u; SET @n = @@ROWCOUNT; END;";

pub(super) const SWEEP_UPLOADS: &str = "\
DELETE FROM $.package_uploads WHERE touched < @1 \
AND NOT EXISTS (SELECT 1 FROM $.package_chunks c WHERE c.upload = package_uploads.upload)";
