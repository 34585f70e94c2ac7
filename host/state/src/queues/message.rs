//! Messages on their way in and out.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;

use super::number;
use crate::StateError;
use crate::operation::Row;

/// A message to be put.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its id, a UUID; later ids sort behind earlier ones.
    pub id: Arc<str>,
    /// Its first receipt.
    pub receipt: i64,
    /// Its text as it travels.
    pub text: Arc<str>,
    /// How long it stays invisible at first.
    pub visibility: Duration,
    /// How long it lives; none for ever.
    pub time_to_live: Option<Duration>,
}

impl NewMessage {
    /// A message that is visible at once and lives as long as it is given; with an id and a receipt of its own.
    ///
    /// # Errors
    /// [`StateError::Unavailable`] when the system gives no random numbers.
    pub fn new(text: impl Into<Arc<str>>, time_to_live: Option<Duration>) -> Result<Self, StateError> {
        // Ids come from the machine's clock, whatever time the database has: only their order is of use.
        let mut buffer = uuid::Uuid::encode_buffer();
        let id = uuid::Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
        Ok(Self { id: (&*id).into(), receipt: number()?, text: text.into(), visibility: Duration::ZERO, time_to_live })
    }
}

/// What a put decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutMessage {
    /// When it was put, by the database's time.
    pub inserted: Timestamp,
    /// When it becomes visible.
    pub visible: Timestamp,
    /// When it is gone; [`i64::MAX`] for never.
    pub expires: Timestamp,
}

/// A message as a get or peek finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its id.
    pub id: String,
    /// Its receipt now; a peek must not give it away.
    pub receipt: i64,
    /// When it was put.
    pub inserted: Timestamp,
    /// When it becomes visible next.
    pub visible: Timestamp,
    /// When it is gone; [`i64::MAX`] for never.
    pub expires: Timestamp,
    /// How often it was got, this time included.
    pub dequeue_count: u32,
    /// Its text as it travels.
    pub text: String,
}

/// A message that somebody got or put, by what lets them change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// Name of the account.
    pub account: String,
    /// Name of the queue.
    pub queue: String,
    /// Its id.
    pub id: String,
    /// The latest receipt.
    pub receipt: i64,
}

pub(super) fn from_row(row: &Row) -> Result<StoredMessage, StateError> {
    Ok(StoredMessage {
        id: row.text(0)?.to_owned(),
        receipt: row.int(1)?,
        inserted: row.time(2)?,
        visible: row.time(3)?,
        expires: row.time(4)?,
        dequeue_count: u32::try_from(row.int(5)?).unwrap_or(u32::MAX),
        text: row.text(6)?.to_owned(),
    })
}
