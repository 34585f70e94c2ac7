//! Queues of named accounts, and their messages, with the meaning that Azure Queue Storage gives them.
//!
//! A message is delivered at least once: a get makes it invisible for a while and gives out a receipt, and only who shows
//! the latest receipt may change or delete it. Messages belong to a number that their queue has now, so that a deleted queue's
//! messages never turn up in another of its name, and clearing a queue is one step; what is left behind is swept, some at a
//! time ([decision](../../../../docs/decisions/queue-messages.md)).

mod account;
mod message;
mod messages;
mod mssql;
mod sqlite;
mod sweep;

use std::time::Duration;

use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, StateError};

pub use account::{AccountKeyName, QueueAccount, QueueAccounts};
pub use message::{ClaimedMessage, NewMessage, PutMessage, StoredMessage};
pub use messages::OnMessage;
pub(crate) use messages::{delete_step, put_step};

static CREATE: Statement = Statement::change("queues.create", sqlite::CREATE, mssql::CREATE);
static GET: Statement = Statement::query("queues.get", sqlite::GET, mssql::GET);
static LIST: Statement = Statement::query("queues.list", sqlite::LIST, mssql::LIST);
static SET_METADATA: Statement = Statement::change("queues.set-metadata", sqlite::SET_METADATA, mssql::SET_METADATA);
static SET_POLICIES: Statement = Statement::change("queues.set-policies", sqlite::SET_POLICIES, mssql::SET_POLICIES);
static RETIRE: Statement = Statement::change("queues.retire", sqlite::RETIRE, mssql::RETIRE);
static DELETE: Statement = Statement::change("queues.delete", sqlite::DELETE, mssql::DELETE);
static RENUMBER: Statement = Statement::change("queues.renumber", sqlite::RENUMBER, mssql::RENUMBER);

/// Which queue of which account. Whether the names keep the rules is for the caller to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueuePlace<'a> {
    /// Name of the account.
    pub account: &'a str,
    /// Name of the queue.
    pub queue: &'a str,
}

impl<'a> QueuePlace<'a> {
    /// A queue of an account.
    pub const fn new(account: &'a str, queue: &'a str) -> Self {
        Self { account, queue }
    }

    fn args(self) -> [Value; 2] {
        [self.account.into(), self.queue.into()]
    }
}

/// A queue as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredQueue {
    /// Its name.
    pub name: String,
    /// Its metadata, in the caller's own form.
    pub metadata: String,
    /// Its stored access policies, in the caller's own form; empty for none.
    pub policies: String,
}

/// What creating a queue found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueCreation {
    /// There was none of this name.
    Created,
    /// There is one; it was left as it is.
    Exists(StoredQueue),
    /// There is no such account.
    NoAccount,
}

/// Operations on queues; those on messages stand in a file of their own.
#[derive(Clone, Debug)]
pub struct Queues(pub(crate) Database);

impl Queues {
    /// Creates a queue of an account; one that exists is left as it is.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn create(&self, place: QueuePlace<'_>, metadata: &str) -> Result<QueueCreation, StateError> {
        let steps = vec![create_step(place, metadata)?, Step::new(&GET, place.args().to_vec())];
        let outcome = self.0.write(Operation::full(steps)).await?;
        match outcome.row(1) {
            None => Ok(QueueCreation::NoAccount),
            Some(_) if outcome.affected(0) == 1 => Ok(QueueCreation::Created),
            Some(row) => stored(row).map(QueueCreation::Exists),
        }
    }

    /// A queue, if there is one of this name.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn get(&self, place: QueuePlace<'_>) -> Result<Option<StoredQueue>, StateError> {
        self.0.read(Step::new(&GET, place.args().to_vec())).await?.first().map(stored).transpose()
    }

    /// Queues of an account by name: those that begin with `prefix` and are not before `from`, at most `most`.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list(
        &self,
        account: &str,
        prefix: &str,
        from: &str,
        most: u32,
    ) -> Result<Vec<StoredQueue>, StateError> {
        // No character of a name is greater.
        let end = format!("{prefix}~");
        let args = vec![account.into(), prefix.max(from).into(), end.as_str().into(), i64::from(most).into()];
        self.0.read(Step::new(&LIST, args)).await?.iter().map(stored).collect()
    }

    /// Replaces a queue's metadata. False if there is no such queue.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn set_metadata(&self, place: QueuePlace<'_>, metadata: &str) -> Result<bool, StateError> {
        self.set(&SET_METADATA, place, metadata).await
    }

    /// Replaces a queue's stored access policies. False if there is no such queue.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn set_policies(&self, place: QueuePlace<'_>, policies: &str) -> Result<bool, StateError> {
        self.set(&SET_POLICIES, place, policies).await
    }

    /// Deletes a queue with its messages, which are gone at once and swept later. False if there is none.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn delete(&self, place: QueuePlace<'_>) -> Result<bool, StateError> {
        let steps = vec![retire_step(place), Step::new(&DELETE, place.args().to_vec())];
        Ok(self.0.write(Operation::full(steps)).await?.done)
    }

    /// Deletes all messages of a queue, in one step however many they are; their rows are swept later. False if there is no
    /// such queue.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn clear(&self, place: QueuePlace<'_>) -> Result<bool, StateError> {
        let mut args = vec![number()?.into()];
        args.extend(place.args());
        let steps = vec![retire_step(place), Step::new(&RENUMBER, args)];
        Ok(self.0.write(Operation::full(steps)).await?.done)
    }

    async fn set(&self, statement: &'static Statement, place: QueuePlace<'_>, text: &str) -> Result<bool, StateError> {
        let mut args = vec![text.into()];
        args.extend(place.args());
        Ok(self.0.write(Operation::full(vec![Step::new(statement, args)])).await?.affected(0) == 1)
    }
}

/// Creates a queue where there is none; never in the way of other steps.
pub(crate) fn create_step(place: QueuePlace<'_>, metadata: &str) -> Result<Step, StateError> {
    let [account, queue] = place.args();
    let args = vec![account.clone(), queue, number()?.into(), metadata.into(), Value::Now(0), account];
    Ok(Step::new(&CREATE, args))
}

fn retire_step(place: QueuePlace<'_>) -> Step {
    let mut args = vec![Value::Now(0)];
    args.extend(place.args());
    Step::required(&RETIRE, args)
}

fn stored(row: &Row) -> Result<StoredQueue, StateError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(StoredQueue { name: text(0)?, metadata: text(1)?, policies: text(2)? })
}

/// A number that nobody guesses and that was never given out: of a queue, or the receipt of a message.
fn number() -> Result<i64, StateError> {
    let random = getrandom::u64()
        .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
    Ok((random >> 1).cast_signed().max(1))
}

/// Microseconds of a span as the database's time from now on.
fn from_now(span: Duration) -> Value {
    Value::Now(crate::operation::micros(span))
}
