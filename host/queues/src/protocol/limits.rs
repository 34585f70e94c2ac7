//! Limits of a queue service (REST reference: Put Message, Get Messages, Update Message, List Queues, Set Queue ACL).

use std::time::Duration;

/// Greatest length of a message's text, in bytes of UTF-8, as it travels: 64 KiB.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// Greatest length of a body that carries a message: every character may be escaped in XML.
pub const BODY_BYTES: usize = 6 * MESSAGE_BYTES + 1024;
/// Most messages of one get or peek.
pub const MESSAGES_PER_GET: u32 = 32;
/// How long a message lives unless it says otherwise.
pub const DEFAULT_TIME_TO_LIVE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Longest invisibility of a message.
pub const LONGEST_VISIBILITY: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a message that was got stays invisible unless the getter says otherwise.
pub const DEFAULT_VISIBILITY: Duration = Duration::from_secs(30);
/// Most queues of one page of a listing.
pub const QUEUES_PER_PAGE: u32 = 5000;
/// Most stored access policies of a queue.
pub const POLICIES: usize = 5;
/// Most CORS rules of an account.
pub const CORS_RULES: usize = 5;
/// Greatest length of all metadata of a queue, names and values, in bytes.
pub const METADATA_BYTES: usize = 8 * 1024;
/// How far the clock of a signed request may be away.
pub const CLOCK_SKEW: Duration = Duration::from_secs(15 * 60);
