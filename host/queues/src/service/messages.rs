//! Operations on messages.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_state::{ClaimedMessage, NewMessage, OnMessage, QueuePlace, StoredMessage};

use super::receipt::PopReceipt;
use super::{EMPTY_QUEUES, QueueError, QueueService, lock};
use crate::protocol::{ErrorCode, ProtocolError, QueueMessage, check_message_text, limits};

/// What a look at a queue found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Messages, oldest first; at least one.
    Messages(Vec<StoredMessage>),
    /// None. The next one becomes visible after so long; none when there is none to come.
    Empty(Option<Duration>),
    /// There is no such queue.
    NoQueue,
}

impl QueueService {
    /// Puts a message. `time_to_live` is none for ever.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`], [`ErrorCode::MessageTooLarge`], [`ErrorCode::OutOfRangeInput`] for a text that XML cannot
    /// carry, [`ErrorCode::OutOfRangeQueryParameterValue`] for times that cannot be; those of host state.
    pub async fn put(
        &self,
        account: &str,
        queue: &str,
        text: impl Into<Arc<str>>,
        visibility: Duration,
        time_to_live: Option<Duration>,
    ) -> Result<QueueMessage, QueueError> {
        let text = text.into();
        check_text(&text)?;
        check_visibility(visibility)?;
        if time_to_live.is_some_and(|span| span.is_zero() || span <= visibility) {
            let detail = "a message must become visible before it expires";
            return Err(ProtocolError::new(ErrorCode::OutOfRangeQueryParameterValue, detail).into());
        }
        let message = NewMessage { visibility, ..NewMessage::new(text, time_to_live)? };
        let put = self.0.database.queues().put(QueuePlace::new(account, queue), &message).await?;
        let put = put.ok_or(ErrorCode::QueueNotFound)?;
        self.ring(account, queue);
        Ok(QueueMessage {
            pop_receipt: Some(PopReceipt::of(&message.id, message.receipt).as_str().to_owned()),
            id: message.id.to_string(),
            inserted: put.inserted,
            expires: put.expires,
            next_visible: Some(put.visible),
            dequeue_count: None,
            text: None,
        })
    }

    /// Takes up to `most` messages and makes them invisible for `visibility`.
    ///
    /// # Errors
    /// [`ErrorCode::OutOfRangeQueryParameterValue`] for more messages or a longer time than there can be; those of host state.
    pub async fn receive(
        &self,
        account: &str,
        queue: &str,
        most: u32,
        visibility: Duration,
    ) -> Result<Received, QueueError> {
        check_number(most)?;
        check_visibility(visibility)?;
        let (place, queues) = (QueuePlace::new(account, queue), self.0.database.queues());
        let key = (account.to_owned(), queue.to_owned());
        let was_empty = lock(&self.0.empty).contains(&key);
        // Whoever asks an empty queue again and again should not take turns with those who write.
        if was_empty {
            match queues.next_visible(place).await? {
                None => return Ok(Received::NoQueue),
                Some(Some(Duration::ZERO)) => {}
                Some(wait) => return Ok(Received::Empty(wait)),
            }
        }
        let messages = queues.claim(place, most, visibility).await?;
        if !messages.is_empty() {
            if was_empty {
                lock(&self.0.empty).remove(&key);
            }
            return Ok(Received::Messages(messages));
        }
        let next = queues.next_visible(place).await?;
        if next.is_some() {
            let mut empty = lock(&self.0.empty);
            if empty.len() >= EMPTY_QUEUES {
                empty.clear();
            }
            empty.insert(key);
        }
        Ok(next.map_or(Received::NoQueue, Received::Empty))
    }

    /// Looks at up to `most` messages without taking them.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`], [`ErrorCode::OutOfRangeQueryParameterValue`]; those of host state.
    pub async fn peek(&self, account: &str, queue: &str, most: u32) -> Result<Vec<QueueMessage>, QueueError> {
        check_number(most)?;
        let found = self.0.database.queues().peek(QueuePlace::new(account, queue), most).await?;
        let peeked =
            |message: StoredMessage| QueueMessage { pop_receipt: None, next_visible: None, ..message_of(message) };
        Ok(found.ok_or(ErrorCode::QueueNotFound)?.into_iter().map(peeked).collect())
    }

    /// Makes a message invisible for `visibility` from now, perhaps with another text. Answers its new receipt, and when it
    /// becomes visible.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`], [`ErrorCode::MessageNotFound`], [`ErrorCode::PopReceiptMismatch`],
    /// [`ErrorCode::MessageTooLarge`], [`ErrorCode::OutOfRangeQueryParameterValue`]; those of host state.
    pub async fn update(
        &self,
        message: &ClaimedMessage,
        visibility: Duration,
        text: Option<&str>,
    ) -> Result<(PopReceipt, Timestamp), QueueError> {
        check_visibility(visibility)?;
        text.map(check_text).transpose()?;
        let updated = done(self.0.database.queues().update(message, visibility, text).await?)?;
        // Whoever waits counted on another time.
        self.ring(&message.account, &message.queue);
        Ok((PopReceipt::of(&message.id, updated.0), updated.1))
    }

    /// Keeps messages that are worked on invisible; one answer each: false when it is gone or somebody else's. Their receipts
    /// stay, so that this may cross with their deletion.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn renew(&self, messages: &[ClaimedMessage], visibility: Duration) -> Result<Vec<bool>, QueueError> {
        Ok(self.0.database.queues().renew(messages, visibility).await?)
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`], [`ErrorCode::MessageNotFound`], [`ErrorCode::PopReceiptMismatch`]; those of host state.
    pub async fn delete(&self, message: &ClaimedMessage) -> Result<(), QueueError> {
        done(self.0.database.queues().remove(message).await?)
    }

    /// Deletes all messages of a queue.
    ///
    /// # Errors
    /// [`ErrorCode::QueueNotFound`]; those of host state.
    pub async fn clear(&self, account: &str, queue: &str) -> Result<(), QueueError> {
        match self.0.database.queues().clear(QueuePlace::new(account, queue)).await? {
            true => Ok(()),
            false => Err(ErrorCode::QueueNotFound.into()),
        }
    }
}

/// A message that was got, as it is answered.
pub(crate) fn message_of(message: StoredMessage) -> QueueMessage {
    QueueMessage {
        pop_receipt: Some(PopReceipt::of(&message.id, message.receipt).as_str().to_owned()),
        id: message.id,
        inserted: message.inserted,
        expires: message.expires,
        next_visible: Some(message.visible),
        dequeue_count: Some(message.dequeue_count),
        text: Some(message.text),
    }
}

fn done<T>(outcome: OnMessage<T>) -> Result<T, QueueError> {
    match outcome {
        OnMessage::Done(answer) => Ok(answer),
        OnMessage::NoQueue => Err(ErrorCode::QueueNotFound.into()),
        OnMessage::NoMessage => Err(ErrorCode::MessageNotFound.into()),
        OnMessage::Stale => Err(ErrorCode::PopReceiptMismatch.into()),
    }
}

fn check_text(text: &str) -> Result<(), QueueError> {
    let too_long = text.len() > limits::MESSAGE_BYTES;
    let code = if too_long { ErrorCode::MessageTooLarge } else { ErrorCode::OutOfRangeInput };
    check_message_text(text).map_err(|error| ProtocolError::new(code, error).into())
}

fn check_visibility(visibility: Duration) -> Result<(), QueueError> {
    if visibility <= limits::LONGEST_VISIBILITY {
        return Ok(());
    }
    let detail = "a message can be invisible for 7 days at most";
    Err(ProtocolError::new(ErrorCode::OutOfRangeQueryParameterValue, detail).into())
}

fn check_number(most: u32) -> Result<(), QueueError> {
    if (1..=limits::MESSAGES_PER_GET).contains(&most) {
        return Ok(());
    }
    let detail = format!("the number of messages is {most}: use 1 to {}", limits::MESSAGES_PER_GET);
    Err(ProtocolError::new(ErrorCode::OutOfRangeQueryParameterValue, detail).into())
}
