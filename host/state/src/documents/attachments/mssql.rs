//! T-SQL text of the statements on attachments.

// Writes the range's row without a change first, as everything does that changes an item, which holds both until the commit.
pub(super) const HOLD_ITEM: &str = "\
UPDATE $.document_ranges SET done = done WHERE container = @1 AND id = @2 AND definition = @5; \
UPDATE $.document_items SET size = size WHERE container = @1 AND range_id = @2 AND number = @3 AND expires > @4 / 1000000 \
AND EXISTS (SELECT 1 FROM $.document_ranges r WHERE r.container = @1 AND r.id = @2 AND r.definition = @5)";

pub(super) const CREATE: &str = "\
INSERT INTO $.document_attachments (container, item, number, name, version, changed, body) \
SELECT @1, @2, @3, @4, @5, @6, @7 WHERE NOT EXISTS (SELECT 1 FROM $.document_attachments \
WHERE container = @1 AND item = @2 AND (number = @3 OR name = @4)); SET @n = @@ROWCOUNT; \
IF @n = 1 SELECT version, changed FROM $.document_attachments WHERE container = @1 AND item = @2 AND number = @3;";

pub(super) const ADD_MEDIA: &str = "\
INSERT INTO $.document_media (container, item, number, account, content_type, size, bytes) \
SELECT @1, @2, @3, @4, @5, @6, @7 WHERE NOT EXISTS (SELECT 1 FROM $.document_media \
WHERE container = @1 AND item = @2 AND number = @3)";

pub(super) const GET: &str = "\
SELECT container, item, number, name, version, changed, body FROM $.document_attachments \
WHERE container = @1 AND item = @2 AND name = @3";

pub(super) const NUMBERED: &str = "\
SELECT container, item, number, name, version, changed, body FROM $.document_attachments \
WHERE container = @1 AND item = @2 AND number = @3";

pub(super) const LIST: &str = "\
SELECT TOP (@4) container, item, number, name, version, changed, body FROM $.document_attachments \
WHERE container = @1 AND item = @2 AND name > @3 ORDER BY name";

pub(super) const REPLACE: &str = "\
UPDATE $.document_attachments SET body = @1, version = CASE WHEN version + 1 > @2 THEN version + 1 ELSE @2 END, changed = @3 \
WHERE container = @4 AND item = @5 AND number = @6 AND version BETWEEN @7 AND @8; SET @n = @@ROWCOUNT; \
IF @n = 1 SELECT version, changed FROM $.document_attachments WHERE container = @4 AND item = @5 AND number = @6;";

pub(super) const DELETE: &str = "\
DELETE FROM $.document_attachments WHERE container = @1 AND item = @2 AND number = @3 AND version BETWEEN @4 AND @5";

pub(super) const DELETE_MEDIA: &str = "DELETE FROM $.document_media WHERE container = @1 AND item = @2 AND number = @3";

pub(super) const MEDIA: &str = "\
SELECT content_type, bytes FROM $.document_media m WHERE m.container = @1 AND m.item = @2 AND m.number = @3 \
AND EXISTS (SELECT 1 FROM $.document_ranges r JOIN $.document_items i ON i.container = r.container AND i.range_id = r.id \
AND i.number = @2 WHERE r.container = @1 AND i.expires > @4 / 1000000)";

pub(super) const SET_MEDIA: &str = "\
UPDATE $.document_media SET content_type = @1, size = @2, bytes = @3 WHERE container = @4 AND item = @5 AND number = @6";

pub(super) const MEDIA_USAGE: &str = "\
SELECT CAST(COALESCE((SELECT SUM(m.size) FROM $.document_media m WHERE m.account = @1), 0) AS bigint)";
