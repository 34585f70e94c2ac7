//! Limits of the protocol (reference: Cosmos DB, section 13).

/// Most bytes of an item as it is sent.
pub const ITEM_BYTES: usize = 2 * 1024 * 1024;
/// Most bytes of an item's id.
pub const ITEM_ID_BYTES: usize = 1023;
/// Most characters of any other id.
pub const ID_CHARACTERS: usize = 255;
/// Most bytes of a string in a partition key.
pub const KEY_STRING_BYTES: usize = 2048;
/// Most paths of a hierarchical partition key.
pub const KEY_PATHS: usize = 3;
/// Most items of a page; also what `x-ms-max-item-count: -1` means.
pub const PAGE_ITEMS: u32 = 1000;
/// Items of a page when the client does not say.
pub const PAGE_ITEMS_DEFAULT: u32 = 100;
/// Most bytes of a page, unless a transaction has more.
pub const PAGE_BYTES: u64 = 4 * 1024 * 1024;
/// Most bytes of the items of a page: the rest is for what the store adds to each of them.
pub const PAGE_ITEM_BYTES: u64 = PAGE_BYTES - 512 * 1024;
/// Most bytes of an attachment, without its media.
pub const ATTACHMENT_BYTES: usize = 16 * 1024;
/// Most bytes of one attachment's media.
pub const MEDIA_BYTES: usize = 16 * 1024 * 1024;
/// Most bytes of the media of an account (reference: section 4.5).
pub const ACCOUNT_MEDIA_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most bytes of the name of a media type.
pub const CONTENT_TYPE_BYTES: usize = 255;
/// Most operations of a batch.
pub const BATCH_OPERATIONS: usize = 100;
/// Most bytes of a batch as it is sent.
pub const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Most operations of a patch.
pub const PATCH_OPERATIONS: usize = 10;
/// Most constraints of a container's unique key policy.
pub const UNIQUE_KEYS: usize = 10;
/// Most paths of one unique key.
pub const UNIQUE_KEY_PATHS: usize = 16;
/// Most included or excluded paths of an indexing policy.
pub const INDEXING_PATHS: usize = 1500;
/// Most composite indexes of an indexing policy.
pub const COMPOSITE_INDEXES: usize = 100;
/// Most paths of one composite index.
pub const COMPOSITE_PATHS: usize = 8;
/// Most computed properties of a container.
pub const COMPUTED_PROPERTIES: usize = 20;
/// Longest time to live, in seconds.
pub const TTL_SECONDS: i64 = 2_147_483_647;
/// Request units a second that one range serves: decides how many ranges a container begins with.
pub const RANGE_THROUGHPUT: u32 = 6000;
