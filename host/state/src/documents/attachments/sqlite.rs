//! SQLite text of the statements on attachments.

pub(super) const HOLD_ITEM: &str = "\
SELECT 1 FROM document_items i JOIN document_ranges r ON r.container = i.container AND r.id = i.range_id \
WHERE i.container = ? AND i.range_id = ? AND i.number = ? AND i.expires > ? / 1000000 AND r.definition = ?";

pub(super) const CREATE: &str = "\
INSERT INTO document_attachments (container, item, number, name, version, changed, body) VALUES (?, ?, ?, ?, ?, ?, ?) \
ON CONFLICT DO NOTHING RETURNING version, changed";

pub(super) const ADD_MEDIA: &str = "\
INSERT INTO document_media (container, item, number, account, content_type, size, bytes) VALUES (?, ?, ?, ?, ?, ?, ?) \
ON CONFLICT DO NOTHING";

pub(super) const GET: &str = "\
SELECT container, item, number, name, version, changed, body FROM document_attachments \
WHERE container = ? AND item = ? AND name = ?";

pub(super) const NUMBERED: &str = "\
SELECT container, item, number, name, version, changed, body FROM document_attachments \
WHERE container = ? AND item = ? AND number = ?";

pub(super) const LIST: &str = "\
SELECT container, item, number, name, version, changed, body FROM document_attachments \
WHERE container = ? AND item = ? AND name > ? ORDER BY name LIMIT ?";

pub(super) const REPLACE: &str = "\
UPDATE document_attachments SET body = ?, version = MAX(version + 1, ?), changed = ? \
WHERE container = ? AND item = ? AND number = ? AND version BETWEEN ? AND ? RETURNING version, changed";

pub(super) const DELETE: &str = "\
DELETE FROM document_attachments WHERE container = ? AND item = ? AND number = ? AND version BETWEEN ? AND ?";

pub(super) const DELETE_MEDIA: &str = "DELETE FROM document_media WHERE container = ? AND item = ? AND number = ?";

pub(super) const MEDIA: &str = "\
SELECT content_type, bytes FROM document_media m WHERE m.container = ? AND m.item = ? AND m.number = ? \
AND EXISTS (SELECT 1 FROM document_ranges r JOIN document_items i ON i.container = r.container AND i.range_id = r.id \
AND i.number = m.item WHERE r.container = m.container AND i.expires > ? / 1000000)";

pub(super) const SET_MEDIA: &str = "\
UPDATE document_media SET content_type = ?, size = ?, bytes = ? WHERE container = ? AND item = ? AND number = ?";

pub(super) const MEDIA_USAGE: &str = "SELECT COALESCE(SUM(m.size), 0) FROM document_media m WHERE m.account = ?";
