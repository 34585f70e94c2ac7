-- Accounts of the document store. The one of an app goes with it.
CREATE TABLE $.document_accounts (
    name nvarchar(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    app nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created bigint NOT NULL,
    properties nvarchar(max) NOT NULL,
    CONSTRAINT pk_document_accounts PRIMARY KEY CLUSTERED (name)
);
CREATE UNIQUE INDEX document_accounts_by_app ON $.document_accounts (app) WHERE app <> N'';

CREATE TABLE $.document_account_keys (
    account nvarchar(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name nvarchar(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value varbinary(max) NOT NULL,
    CONSTRAINT pk_document_account_keys PRIMARY KEY CLUSTERED (account, name)
);

-- Everything that is neither an item nor inside of one. A RID is text of hex digits and begins with that of what the resource is
-- inside of; offers have short ones of their own, and their parent is what they are for.
CREATE TABLE $.document_resources (
    rid nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
    account nvarchar(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    kind bigint NOT NULL,
    parent nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name nvarchar(260) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version bigint NOT NULL,
    changed bigint NOT NULL,
    body nvarchar(max) NOT NULL,
    CONSTRAINT pk_document_resources PRIMARY KEY CLUSTERED (rid)
);
CREATE UNIQUE INDEX document_resources_by_name ON $.document_resources (account, kind, parent, name);

-- Partition key ranges. The row is written by every change of an item in the range, so that changes become visible in the order of
-- their LSNs. A container is the number that the eight bytes of its RID are.
CREATE TABLE $.document_ranges (
    container bigint NOT NULL,
    id bigint NOT NULL,
    account nvarchar(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    epk_from nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    epk_to nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    lsn bigint NOT NULL,
    done bigint NOT NULL,
    definition bigint NOT NULL,
    parents nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    items bigint NOT NULL,
    bytes bigint NOT NULL,
    history bigint NOT NULL,
    history_from bigint NOT NULL,
    created bigint NOT NULL,
    CONSTRAINT pk_document_ranges PRIMARY KEY CLUSTERED (container, id)
);
CREATE INDEX document_ranges_by_account ON $.document_ranges (account);

-- Containers that are gone; what was in them is swept, some at a time.
CREATE TABLE $.removed_containers (
    container bigint NOT NULL,
    CONSTRAINT pk_removed_containers PRIMARY KEY CLUSTERED (container)
);

-- Times are seconds, those that never come 9223372036854.
CREATE TABLE $.document_items (
    container bigint NOT NULL,
    key_high bigint NOT NULL,
    key_low bigint NOT NULL,
    range_id bigint NOT NULL,
    number bigint NOT NULL,
    version bigint NOT NULL,
    epk nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    written bigint NOT NULL,
    expires bigint NOT NULL,
    size bigint NOT NULL,
    indexed bigint NOT NULL,
    id nvarchar(1100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    partition_key nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    body nvarchar(max) NOT NULL,
    CONSTRAINT pk_document_items PRIMARY KEY NONCLUSTERED (container, key_high, key_low)
);
CREATE CLUSTERED INDEX document_items_by_number ON $.document_items (container, range_id, number);
CREATE INDEX document_items_by_version ON $.document_items (container, range_id, version);
CREATE INDEX document_items_by_epk ON $.document_items (container, epk, number);
CREATE INDEX document_items_by_expiry ON $.document_items (expires) WHERE expires < 9223372036854;

-- Values that no two items of a partition key may have.
CREATE TABLE $.document_unique (
    container bigint NOT NULL,
    value_high bigint NOT NULL,
    value_low bigint NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT pk_document_unique PRIMARY KEY CLUSTERED (container, value_high, value_low)
);
CREATE INDEX document_unique_by_item ON $.document_unique (container, number);

-- Every change, where a container keeps all versions.
CREATE TABLE $.document_history (
    container bigint NOT NULL,
    range_id bigint NOT NULL,
    version bigint NOT NULL,
    kind bigint NOT NULL,
    changed bigint NOT NULL,
    number bigint NOT NULL,
    item_version bigint NOT NULL,
    written bigint NOT NULL,
    previous_version bigint NOT NULL,
    size bigint NOT NULL,
    epk nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    id nvarchar(1100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    partition_key nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    previous_body nvarchar(max) NOT NULL,
    body nvarchar(max) NOT NULL,
    CONSTRAINT pk_document_history PRIMARY KEY CLUSTERED (container, range_id, version)
);

CREATE TABLE $.document_attachments (
    container bigint NOT NULL,
    item bigint NOT NULL,
    number bigint NOT NULL,
    name nvarchar(260) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version bigint NOT NULL,
    changed bigint NOT NULL,
    body nvarchar(max) NOT NULL,
    CONSTRAINT pk_document_attachments PRIMARY KEY CLUSTERED (container, item, number)
);
CREATE UNIQUE INDEX document_attachments_by_name ON $.document_attachments (container, item, name);

CREATE TABLE $.document_media (
    container bigint NOT NULL,
    item bigint NOT NULL,
    number bigint NOT NULL,
    account nvarchar(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    content_type nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    size bigint NOT NULL,
    bytes varbinary(max) NOT NULL,
    CONSTRAINT pk_document_media PRIMARY KEY CLUSTERED (container, item, number)
);
CREATE INDEX document_media_by_account ON $.document_media (account);
