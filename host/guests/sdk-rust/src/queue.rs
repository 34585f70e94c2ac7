//! What a queue function learns of its message.

use std::any::{Any, TypeId};
use std::fmt;

use serde::de::DeserializeOwned;

use crate::data::{Data, Trigger};
use crate::{Context, Error, Result, Timestamp};

/// A message of a queue, with what the queue tells of it. A `#[queue]` function may take it after the payload, or alone.
///
/// ```
/// use hearth_sdk::prelude::*;
///
/// #[queue(queue = "orders")]
/// fn bill(order: String, message: QueueMessage) -> Result<()> {
///     log::info!("{order}: attempt {} at message {}", message.dequeue_count, message.id);
///     Ok(())
/// }
///
/// bill("three lamps".to_owned(), QueueMessage::new("three lamps"))?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct QueueMessage {
    pub(crate) body: Vec<u8>,
    /// Id that the queue gave it; empty in a manual run.
    pub id: String,
    /// How often it was taken from the queue, this time included.
    pub dequeue_count: u32,
    /// When it was put there.
    pub insertion_time: Option<Timestamp>,
    /// When it goes away by itself.
    pub expiration_time: Option<Timestamp>,
    /// When others see it again, as of the moment when it was taken.
    pub next_visible_time: Option<Timestamp>,
    /// Proof that it is this reader's; empty in a manual run.
    pub pop_receipt: String,
}

impl QueueMessage {
    /// A message that is taken for the first time, for a test.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), dequeue_count: 1, ..Self::default() }
    }

    /// Its content.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Its content, without a copy.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// Its content as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).context("the queue message is not UTF-8 text")
    }

    /// Its content as JSON.
    ///
    /// # Errors
    /// When it is not JSON or not of the form of `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).context("the queue message is not the expected JSON")
    }

    /// From the payload and the metadata of a queue trigger (reference: Azure Functions, section 4.4).
    pub(crate) fn from_trigger(trigger: &mut Trigger) -> Result<Self> {
        let body = match std::mem::take(&mut trigger.data) {
            Data::Text(text) | Data::Json(text) => text.into_bytes(),
            Data::Bytes(bytes) => bytes,
            Data::None => Vec::new(),
            other => {
                let message = format!("a queue message is text, JSON or bytes, the host gave {}", other.kind());
                return Err(Error::internal(message));
            }
        };
        let text = |name: &str| trigger.metadata(name).and_then(Data::as_text).unwrap_or_default();
        let time = |name: &str| trigger.metadata(name).and_then(Data::as_time);
        Ok(Self {
            body,
            id: text("Id"),
            dequeue_count: trigger.metadata("DequeueCount").and_then(Data::as_u32).unwrap_or(1),
            insertion_time: time("InsertionTime"),
            expiration_time: time("ExpirationTime"),
            next_visible_time: time("NextVisibleTime"),
            pop_receipt: text("PopReceipt"),
        })
    }
}

/// Without content and pop receipt: they may hold secrets.
impl fmt::Debug for QueueMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueMessage")
            .field("id", &self.id)
            .field("dequeue_count", &self.dequeue_count)
            .field("insertion_time", &self.insertion_time)
            .field("expiration_time", &self.expiration_time)
            .field("next_visible_time", &self.next_visible_time)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a `#[queue]` function may take as its first argument: a `String` is the message's text, a `Vec<u8>` its bytes, and any other
/// type is read from its JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of a queue function",
    note = "take a `String`, a `Vec<u8>`, a type that derives `serde::Deserialize`, or a `QueueMessage`"
)]
pub trait FromMessage: Sized {
    /// # Errors
    /// When the message is not of this form.
    fn from_message(message: &QueueMessage) -> Result<Self>;
}

impl<T: DeserializeOwned + 'static> FromMessage for T {
    fn from_message(message: &QueueMessage) -> Result<Self> {
        let plain: Box<dyn Any> = if TypeId::of::<T>() == TypeId::of::<String>() {
            Box::new(message.text()?.to_owned())
        } else if TypeId::of::<T>() == TypeId::of::<Vec<u8>>() {
            Box::new(message.body.clone())
        } else {
            return message.json();
        };
        plain.downcast().map(|value| *value).map_err(|_| Error::internal("the payload has another type"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(data: Data) -> Trigger {
        let metadata = [
            ("QueueTrigger", Data::Text("x".to_owned())),
            ("DequeueCount", Data::Int(3)),
            ("Id", Data::Text("7".to_owned())),
            ("PopReceipt", Data::Text("proof".to_owned())),
            ("InsertionTime", Data::Text("2024-05-01T10:00:00+00:00".to_owned())),
            ("ExpirationTime", Data::Json("\"2024-05-08T10:00:00+00:00\"".to_owned())),
        ];
        Trigger { data, metadata: metadata.map(|(name, data)| (name.to_owned(), data)).into() }
    }

    #[test]
    fn a_message_has_its_metadata() {
        let message = QueueMessage::from_trigger(&mut trigger(Data::Text("hi".to_owned()))).unwrap();
        assert_eq!((message.id.as_str(), message.dequeue_count, message.pop_receipt.as_str()), ("7", 3, "proof"));
        let inserted = message.insertion_time.clone().unwrap().system_time();
        let expires = message.expiration_time.clone().unwrap().system_time();
        assert_eq!(expires.duration_since(inserted).unwrap().as_secs(), 7 * 24 * 3600);
        assert_eq!(message.next_visible_time, None);
        assert!(!format!("{message:?}").contains("proof"));
    }

    #[test]
    fn the_payload_is_text_bytes_or_json_by_its_type() {
        let message = QueueMessage::from_trigger(&mut trigger(Data::Json("[1,2]".to_owned()))).unwrap();
        assert_eq!(String::from_message(&message).unwrap(), "[1,2]");
        assert_eq!(Vec::<u8>::from_message(&message).unwrap(), b"[1,2]");
        assert_eq!(Vec::<u16>::from_message(&message).unwrap(), [1, 2]);
        assert_eq!(serde_json::Value::from_message(&message).unwrap(), serde_json::json!([1, 2]));

        let bytes = QueueMessage::from_trigger(&mut trigger(Data::Bytes(vec![0xff]))).unwrap();
        assert_eq!(Vec::<u8>::from_message(&bytes).unwrap(), [0xff]);
        assert_eq!(String::from_message(&bytes).unwrap_err().to_string(), "the queue message is not UTF-8 text");
        let error = u32::from_message(&QueueMessage::new("seven")).unwrap_err();
        assert_eq!(error.to_string(), "the queue message is not the expected JSON");
        assert!(QueueMessage::from_trigger(&mut trigger(Data::Int(1))).unwrap_err().to_string().contains("a number"));
    }
}
