-- Accounts of the document store. The one of an app goes with it.
CREATE TABLE document_accounts (
    name TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    created INTEGER NOT NULL,
    properties TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX document_accounts_by_app ON document_accounts (app) WHERE app <> '';

CREATE TABLE document_account_keys (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- Everything that is neither an item nor inside of one. A RID is text of hex digits and begins with that of what the resource is
-- inside of; offers have short ones of their own, and their parent is what they are for.
CREATE TABLE document_resources (
    rid TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    kind INTEGER NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_resources_by_name ON document_resources (account, kind, parent, name);

-- Partition key ranges. The row is written by every change of an item in the range. A container is the number that the eight bytes
-- of its RID are.
CREATE TABLE document_ranges (
    container INTEGER NOT NULL,
    id INTEGER NOT NULL,
    account TEXT NOT NULL,
    epk_from TEXT NOT NULL,
    epk_to TEXT NOT NULL,
    lsn INTEGER NOT NULL,
    done INTEGER NOT NULL,
    definition INTEGER NOT NULL,
    parents TEXT NOT NULL,
    items INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    history INTEGER NOT NULL,
    history_from INTEGER NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (container, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_ranges_by_account ON document_ranges (account, bytes);

-- Containers that are gone; what was in them is swept, some at a time.
CREATE TABLE removed_containers (
    container INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- Times are seconds, those that never come 9223372036854. Bodies come last, so that what stands before them is read without them.
CREATE TABLE document_items (
    seq INTEGER NOT NULL PRIMARY KEY,
    container INTEGER NOT NULL,
    key_high INTEGER NOT NULL,
    key_low INTEGER NOT NULL,
    range_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    epk TEXT NOT NULL,
    written INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    size INTEGER NOT NULL,
    indexed INTEGER NOT NULL,
    id TEXT NOT NULL,
    partition_key TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_items_by_key ON document_items (container, key_high, key_low);
CREATE INDEX document_items_by_version ON document_items (container, range_id, version);
CREATE INDEX document_items_by_number ON document_items (container, range_id, number);
CREATE INDEX document_items_by_epk ON document_items (container, epk, number);
CREATE INDEX document_items_by_expiry ON document_items (expires) WHERE expires < 9223372036854;

-- Values that no two items of a partition key may have.
CREATE TABLE document_unique (
    container INTEGER NOT NULL,
    value_high INTEGER NOT NULL,
    value_low INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (container, value_high, value_low)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_unique_by_item ON document_unique (container, number);

-- Every change, where a container keeps all versions.
CREATE TABLE document_history (
    seq INTEGER NOT NULL PRIMARY KEY,
    container INTEGER NOT NULL,
    range_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    number INTEGER NOT NULL,
    item_version INTEGER NOT NULL,
    written INTEGER NOT NULL,
    previous_version INTEGER NOT NULL,
    size INTEGER NOT NULL,
    epk TEXT NOT NULL,
    id TEXT NOT NULL,
    partition_key TEXT NOT NULL,
    previous_body TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_history_by_version ON document_history (container, range_id, version);

CREATE TABLE document_attachments (
    container INTEGER NOT NULL,
    item INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (container, item, number)
) STRICT;
CREATE UNIQUE INDEX document_attachments_by_name ON document_attachments (container, item, name);

CREATE TABLE document_media (
    container INTEGER NOT NULL,
    item INTEGER NOT NULL,
    number INTEGER NOT NULL,
    account TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (container, item, number)
) STRICT;
CREATE INDEX document_media_by_account ON document_media (account, size);

CREATE TRIGGER parts_of_deleted_document AFTER DELETE ON document_items BEGIN
    DELETE FROM document_unique WHERE container = OLD.container AND number = OLD.number;
    DELETE FROM document_attachments WHERE container = OLD.container AND item = OLD.number;
    DELETE FROM document_media WHERE container = OLD.container AND item = OLD.number;
END;

-- A trigger, because a Hearth of before this step may still delete apps in this database.
CREATE TRIGGER document_account_of_deleted_app AFTER DELETE ON apps BEGIN
    INSERT INTO removed_containers (container) SELECT DISTINCT r.container FROM document_ranges r
    JOIN document_accounts a ON a.name = r.account WHERE a.app = OLD.name;
    DELETE FROM document_ranges WHERE account IN (SELECT name FROM document_accounts WHERE app = OLD.name);
    DELETE FROM document_resources WHERE account IN (SELECT name FROM document_accounts WHERE app = OLD.name);
    DELETE FROM document_account_keys WHERE account IN (SELECT name FROM document_accounts WHERE app = OLD.name);
    DELETE FROM document_accounts WHERE app = OLD.name;
END;
