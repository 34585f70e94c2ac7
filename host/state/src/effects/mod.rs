//! The effects of one invocation: messages into queues, and what makes its event done, in one transaction.
//!
//! Whoever lost the event meanwhile commits nothing, so the messages of one event are put once however often it is run.

mod mssql;
mod sqlite;

use crate::feed_leases::checkpoint_step;
use crate::operation::{Operation, Outcome, Statement, Step, Value};
use crate::queues::{QueuePlace, create_step, delete_step, put_step};
use crate::timers::complete_steps;
use crate::{ClaimedMessage, Completion, Database, FeedCheckpoint, NewMessage, StateError, UnderLease};

static GIVE_BACK: Statement = Statement::change("effects.give-back", sqlite::GIVE_BACK, mssql::GIVE_BACK);

/// Messages for one queue, in order.
#[derive(Clone, Debug)]
pub struct QueuePuts {
    /// Name of the account.
    pub account: String,
    /// Name of the queue; made with the first message that is put into it.
    pub queue: String,
    /// The messages.
    pub messages: Vec<NewMessage>,
}

impl QueuePuts {
    fn place(&self) -> QueuePlace<'_> {
        QueuePlace::new(&self.account, &self.queue)
    }
}

/// What makes an event done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// A message is deleted.
    Message(ClaimedMessage),
    /// A timer's occurrence is completed.
    Occurrence(Box<Completion>),
    /// A batch of a change feed is passed.
    Checkpoint(Box<FeedCheckpoint>),
}

impl Settlement {
    fn steps(&self) -> Vec<Step> {
        match self {
            Self::Message(message) => vec![delete_step(message)],
            Self::Occurrence(completion) => complete_steps(completion),
            Self::Checkpoint(checkpoint) => vec![checkpoint_step(checkpoint)],
        }
    }
}

/// Commits effects.
#[derive(Clone, Debug)]
pub struct Effects(pub(crate) Database);

impl Effects {
    /// Puts messages and settles an event, all or nothing; queues that are not there are made. Without a settlement it may happen
    /// twice when the answer of the first time was lost.
    ///
    /// # Errors
    /// [`StateError::Missing`] when an account does not exist; nothing was settled then.
    pub async fn commit(
        &self,
        puts: &[QueuePuts],
        settlement: Option<&Settlement>,
    ) -> Result<UnderLease<()>, StateError> {
        let mut steps = settlement.map(Settlement::steps).unwrap_or_default();
        let settled = steps.len();
        for put in puts {
            steps.extend(put.messages.iter().map(|message| put_step(put.place(), message)));
        }
        if steps.is_empty() {
            return Ok(UnderLease::Done(()));
        }
        let outcome = self.0.write(Operation::full(steps)).await?;
        if outcome.done {
            return Ok(UnderLease::Done(()));
        }
        if is_stale(&outcome, settled) {
            return Ok(UnderLease::Stale);
        }
        self.commit_with_queues(puts, settlement).await
    }

    /// Shows messages again at once that were taken and not begun: as if they had not been taken. False: the message is gone or
    /// somebody else's.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn give_back(&self, messages: &[ClaimedMessage]) -> Result<Vec<bool>, StateError> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let step = |message: &ClaimedMessage| {
            let ClaimedMessage { account, queue, id, receipt } = message;
            let text = |text: &String| Value::from(text.as_str());
            let args = vec![Value::Now(0), text(account), text(queue), text(id), (*receipt).into()];
            Step::new(&GIVE_BACK, args)
        };
        let outcome = self.0.write(Operation::normal(messages.iter().map(step).collect())).await?;
        Ok(outcome.steps.iter().map(|step| step.affected == 1).collect())
    }

    /// [`Effects::commit`] where a queue is missing, which is the rare case.
    async fn commit_with_queues(
        &self,
        puts: &[QueuePuts],
        settlement: Option<&Settlement>,
    ) -> Result<UnderLease<()>, StateError> {
        let mut steps = settlement.map(Settlement::steps).unwrap_or_default();
        let settled = steps.len();
        for put in puts {
            steps.push(create_step(put.place(), "")?);
            steps.extend(put.messages.iter().map(|message| put_step(put.place(), message)));
        }
        let outcome = self.0.write(Operation::full(steps)).await?;
        match outcome.done {
            true => Ok(UnderLease::Done(())),
            false if is_stale(&outcome, settled) => Ok(UnderLease::Stale),
            false => {
                let accounts: Vec<&str> = puts.iter().map(|put| put.account.as_str()).collect();
                Err(StateError::Missing(format!(
                    "a queue account that messages are sent to does not exist any more (one of: {})",
                    accounts.join(", ")
                )))
            }
        }
    }
}

/// Whether one of the first steps, which settle the event, found no row.
fn is_stale(outcome: &Outcome, settled: usize) -> bool {
    outcome.steps.len() <= settled
}
