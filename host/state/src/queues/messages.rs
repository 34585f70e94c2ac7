//! Operations on messages. What succeeds towards whoever sent a message reaches the disk first; a claim need not, since what
//! it took comes back by itself.

use std::time::Duration;

use hearth_model::clock::Timestamp;

use super::message::{ClaimedMessage, NewMessage, PutMessage, StoredMessage, from_row};
use super::{QueuePlace, Queues, from_now, mssql, number, sqlite};
use crate::StateError;
use crate::operation::{Operation, Outcome, Statement, Step, Value, micros};

static PUT: Statement = Statement::change("queues.put", sqlite::PUT, mssql::PUT);
static CLAIM: Statement = Statement::change("queues.claim", sqlite::CLAIM, mssql::CLAIM);
static PEEK: Statement = Statement::query("queues.peek", sqlite::PEEK, mssql::PEEK);
static FIND: Statement = Statement::query("queues.find", sqlite::FIND, mssql::FIND);
static UPDATE: Statement = Statement::change("queues.update", sqlite::UPDATE, mssql::UPDATE);
static UPDATE_TEXT: Statement = Statement::change("queues.update-text", sqlite::UPDATE_TEXT, mssql::UPDATE_TEXT);
static RENEW: Statement = Statement::change("queues.renew", sqlite::RENEW, mssql::RENEW);
static REMOVE: Statement = Statement::change("queues.remove", sqlite::REMOVE, mssql::REMOVE);
static COUNT: Statement = Statement::query("queues.count", sqlite::COUNT, mssql::COUNT);
static COUNT_ALL: Statement = Statement::query("queues.count-all", sqlite::COUNT_ALL, mssql::COUNT_ALL);
static NEXT_VISIBLE: Statement = Statement::query("queues.next-visible", sqlite::NEXT_VISIBLE, mssql::NEXT_VISIBLE);

/// What came of changing a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMessage<T> {
    /// It was done.
    Done(T),
    /// There is no such queue.
    NoQueue,
    /// The queue has no such message (any more).
    NoMessage,
    /// The message was got or changed by somebody else since: the receipt is not the latest.
    Stale,
}

impl Queues {
    /// Puts a message. None if there is no such queue.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn put(&self, place: QueuePlace<'_>, message: &NewMessage) -> Result<Option<PutMessage>, StateError> {
        let outcome = self.0.write(Operation::full(vec![put_step(place, message)])).await?;
        let Some(row) = outcome.row(0) else { return Ok(None) };
        let inserted = row.time(0)?;
        let expires = message.time_to_live.map_or(Timestamp(i64::MAX), |span| inserted.plus(span));
        Ok(Some(PutMessage { inserted, visible: inserted.plus(message.visibility), expires }))
    }

    /// Takes up to `most` messages that are visible, makes them invisible for `visibility`, and counts it. None of them are
    /// given to another before. An empty answer may also mean that there is no such queue.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn claim(
        &self,
        place: QueuePlace<'_>,
        most: u32,
        visibility: Duration,
    ) -> Result<Vec<StoredMessage>, StateError> {
        let [account, queue] = place.args();
        let until = from_now(visibility);
        let args = vec![number()?.into(), until, account, queue, Value::Now(0), Value::Now(0), i64::from(most).into()];
        let outcome = self.0.write(Operation::normal(vec![Step::new(&CLAIM, args)])).await?;
        let rows = outcome.steps.first().map(|step| step.rows.as_slice()).unwrap_or_default();
        let mut messages = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
        // Rows come in any order; the oldest are to be handled first.
        messages.sort_by(|left, right| (left.inserted, &left.id).cmp(&(right.inserted, &right.id)));
        Ok(messages)
    }

    /// Looks at up to `most` messages that are visible, without taking them. None if there is no such queue.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn peek(&self, place: QueuePlace<'_>, most: u32) -> Result<Option<Vec<StoredMessage>>, StateError> {
        let [account, queue] = place.args();
        let args = vec![account, queue, Value::Now(0), Value::Now(0), i64::from(most).into()];
        let rows = self.0.read(Step::new(&PEEK, args)).await?;
        if rows.is_empty() && self.get(place).await?.is_none() {
            return Ok(None);
        }
        rows.iter().map(from_row).collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// Makes a message invisible for `visibility` from now, perhaps with another text. Answers the new receipt, and when it
    /// becomes visible.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn update(
        &self,
        message: &ClaimedMessage,
        visibility: Duration,
        text: Option<&str>,
    ) -> Result<OnMessage<(i64, Timestamp)>, StateError> {
        let receipt = number()?;
        let mut args = vec![receipt.into(), from_now(visibility)];
        args.extend(text.map(Value::from));
        args.extend(identity(message));
        let statement = if text.is_some() { &UPDATE_TEXT } else { &UPDATE };
        let outcome = self.0.write(Operation::full(vec![Step::new(statement, args)])).await?;
        match outcome.row(0) {
            Some(row) => Ok(OnMessage::Done((receipt, row.time(0)?))),
            None => self.why_not(message).await,
        }
    }

    /// Keeps messages that are worked on invisible for `visibility` from now; one answer each, in order. Their receipts stay,
    /// so that this may cross with their deletion. False: the message is gone or somebody else's.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn renew(&self, messages: &[ClaimedMessage], visibility: Duration) -> Result<Vec<bool>, StateError> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let step = |message: &ClaimedMessage| {
            let mut args = vec![from_now(visibility)];
            args.extend(identity(message));
            Step::new(&RENEW, args)
        };
        let outcome = self.0.write(Operation::normal(messages.iter().map(step).collect())).await?;
        Ok(outcome.steps.iter().map(|step| step.affected == 1).collect())
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn remove(&self, message: &ClaimedMessage) -> Result<OnMessage<()>, StateError> {
        let outcome: Outcome = self.0.write(Operation::full(vec![delete_step(message)])).await?;
        if outcome.affected(0) == 1 { Ok(OnMessage::Done(())) } else { self.why_not(message).await }
    }

    /// About how many messages a queue has, invisible ones included: exactly up to `most`, which bounds what it costs. None if
    /// there is no such queue.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn count(&self, place: QueuePlace<'_>, most: u64) -> Result<Option<u64>, StateError> {
        let [account, queue] = place.args();
        let args = vec![most.into(), Value::Now(0), most.into(), account, queue];
        let rows = self.0.read(Step::new(&COUNT, args)).await?;
        rows.first().map(|row| Ok(u64::try_from(row.int(0)?).unwrap_or(0))).transpose()
    }

    /// How many messages a queue has, invisible ones included, however long it takes: a third of a second for a million. None if
    /// there is no such queue.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn count_all(&self, place: QueuePlace<'_>) -> Result<Option<u64>, StateError> {
        let [account, queue] = place.args();
        let rows = self.0.read(Step::new(&COUNT_ALL, vec![Value::Now(0), account, queue])).await?;
        rows.first().map(|row| Ok(u64::try_from(row.int(0)?).unwrap_or(0))).transpose()
    }

    /// How long until a queue has a message that is visible; zero when it has one now. The inner none: it has no message.
    /// The outer none: there is no such queue.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn next_visible(&self, place: QueuePlace<'_>) -> Result<Option<Option<Duration>>, StateError> {
        let [account, queue] = place.args();
        let args = vec![Value::Now(0), Value::Now(0), account, queue];
        let rows = self.0.read(Step::new(&NEXT_VISIBLE, args)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        // No message gives a number below every time.
        let wait = row.int(0)?;
        let never = wait < -8_000_000_000_000_000_000;
        Ok(Some((!never).then(|| Duration::from_micros(u64::try_from(wait).unwrap_or(0)))))
    }

    /// Why a message could not be changed.
    async fn why_not<T>(&self, message: &ClaimedMessage) -> Result<OnMessage<T>, StateError> {
        let place = QueuePlace::new(&message.account, &message.queue);
        let [account, queue] = place.args();
        let found = self.0.read(Step::new(&FIND, vec![account, queue, message.id.as_str().into()])).await?;
        match found.first() {
            Some(_) => Ok(OnMessage::Stale),
            None if self.get(place).await?.is_some() => Ok(OnMessage::NoMessage),
            None => Ok(OnMessage::NoQueue),
        }
    }
}

/// Puts a message, as a part of an operation: without its queue, nothing of the operation is done.
pub(crate) fn put_step(place: QueuePlace<'_>, message: &NewMessage) -> Step {
    let [account, queue] = place.args();
    let expires = message.time_to_live.map_or(Value::Int(i64::MAX), from_now);
    let args = vec![
        Value::Text(message.id.clone()),
        message.receipt.into(),
        Value::Now(0),
        Value::Now(micros(message.visibility)),
        expires,
        Value::Text(message.text.clone()),
        account,
        queue,
    ];
    Step::required(&PUT, args)
}

/// Deletes a message, as a part of an operation: without it, or with a receipt that is not the latest, nothing of the operation
/// is done.
pub(crate) fn delete_step(message: &ClaimedMessage) -> Step {
    Step::required(&REMOVE, identity(message).to_vec())
}

fn identity(message: &ClaimedMessage) -> [Value; 4] {
    let ClaimedMessage { account, queue, id, receipt } = message;
    [account.as_str().into(), queue.as_str().into(), id.as_str().into(), (*receipt).into()]
}
