//! What becomes of one message (reference: section 4.3).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearth_model::host_json::LogLevel;
use hearth_model::ids::InvocationId;
use hearth_queues::Receipt;
use tokio_util::sync::CancellationToken;

use super::QueueListener;
use super::event::{NotDecoded, event};
use super::hold::Hold;
use super::pace::doubled;
use super::poison::poison_queue;
use super::source::{Fetched, HoldError};
use crate::{Event, InvocationFailure, Invoker};

/// How long a message without a poison queue stays out of sight before it is tried again.
const NO_POISON_PAUSE: Duration = Duration::from_secs(10 * 60);
/// Pauses between attempts to run a function that can't be run here now.
const NOT_RUN_FIRST: Duration = Duration::from_millis(100);
const NOT_RUN_LONGEST: Duration = Duration::from_secs(5);

/// What the messages of a listener share.
pub(super) struct Work<I> {
    pub(super) listener: QueueListener,
    pub(super) invoker: Arc<I>,
    /// There is more in the queue than is taken.
    pub(super) busy: AtomicBool,
}

/// How it went with a message, for the listener.
pub(super) enum Outcome {
    /// Its function ran, or need not.
    Ran,
    /// Its function can't be run here now.
    NotRun,
}

/// Why a message is moved without another attempt.
enum Cause {
    Count,
    Begins,
    Encoding,
}

impl<I: Invoker> Work<I> {
    /// Brings a message to an end.
    pub(super) async fn handle(self: Arc<Self>, message: Fetched, stop: CancellationToken) -> Outcome {
        let listener = &self.listener;
        let receipt = message.receipt.clone();
        if message.dequeue_count > listener.options.max_dequeue_count {
            listener.poison(&message, &receipt, Cause::Begins).await;
            return Outcome::Ran;
        }
        let event = match event(&listener.trigger, &message, listener.options.encoding) {
            Ok(event) => event,
            Err(NotDecoded) => {
                listener.poison(&message, &receipt, Cause::Encoding).await;
                return Outcome::Ran;
            }
        };
        let hold = Hold::new(&listener.source, &message.id, receipt);
        let (result, receipt) = hold.during(self.run(&message, event, &stop)).await;
        match result {
            Ok(()) => {
                listener.finish(&message, &receipt).await;
                Outcome::Ran
            }
            Err(InvocationFailure::Failed(_)) => {
                listener.failed(&message, &receipt).await;
                Outcome::Ran
            }
            Err(InvocationFailure::NotRun(reason)) => {
                tracing::info!(
                    category = "Host.Queues",
                    function = %listener.function,
                    "message {} of queue '{}' is given back, because its function can't be run here: {reason}",
                    message.id,
                    listener.trigger.queue
                );
                listener.show(&message, &receipt, Duration::ZERO, true).await;
                Outcome::NotRun
            }
            Err(InvocationFailure::Superseded) => {
                listener.lost(&message);
                Outcome::Ran
            }
        }
    }

    /// Runs the function. Where giving a message back would count as an attempt, one that can't be run here is kept and tried again.
    async fn run(&self, message: &Fetched, event: Event, stop: &CancellationToken) -> Result<(), InvocationFailure> {
        let listener = &self.listener;
        let acknowledgement = || listener.source.acknowledgement(message);
        if !listener.source.counts_what_is_given_back() {
            return self.invoker.invoke(&listener.function, event, acknowledgement()).await;
        }
        let mut times = 0;
        loop {
            let event = Event { id: InvocationId::random(), ..event.clone() };
            let result = self.invoker.invoke(&listener.function, event, acknowledgement()).await;
            if !matches!(result, Err(InvocationFailure::NotRun(_))) {
                return result;
            }
            let pause = doubled(NOT_RUN_FIRST, times).min(NOT_RUN_LONGEST);
            times += 1;
            tokio::select! {
                () = stop.cancelled() => return result,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

impl QueueListener {
    /// Gives back what was taken but not begun.
    pub(super) async fn give_back(&self, message: &Fetched) {
        self.show(message, &message.receipt, Duration::ZERO, true).await;
    }

    async fn finish(&self, message: &Fetched, receipt: &Receipt) {
        match self.source.finish(&message.id, receipt).await {
            Ok(()) => {}
            Err(HoldError::Lost) => self.lost(message),
            Err(HoldError::Unavailable(error)) => self.log.write(
                LogLevel::Error,
                &format!(
                    "Message {} of queue '{}' was handled but could not be deleted, so it will be handled again: {error}",
                    message.id, self.trigger.queue
                ),
            ),
        }
    }

    async fn failed(&self, message: &Fetched, receipt: &Receipt) {
        if message.dequeue_count >= self.options.max_dequeue_count {
            self.poison(message, receipt, Cause::Count).await;
        } else {
            self.show(message, receipt, self.options.visibility_timeout, false).await;
        }
    }

    /// What can't be shown again shows itself when its invisibility ends.
    async fn show(&self, message: &Fetched, receipt: &Receipt, after: Duration, uncounted: bool) {
        if let Err(HoldError::Unavailable(error)) = self.source.give_back(&message.id, receipt, after, uncounted).await
        {
            tracing::warn!(category = "Host.Queues", message = message.id, %error, "a message could not be given back");
        }
    }

    async fn poison(&self, message: &Fetched, receipt: &Receipt, cause: Cause) {
        let (id, queue) = (&message.id, &self.trigger.queue);
        let to = poison_queue(queue);
        let fate = match &to {
            Some(to) => format!("Moving message to queue '{to}'."),
            None => format!(
                "There is no poison queue for '{queue}', so the message stays and comes back every {} minutes until it expires.",
                NO_POISON_PAUSE.as_secs() / 60
            ),
        };
        let max = self.options.max_dequeue_count;
        let why = match cause {
            Cause::Count => format!("Message has reached MaxDequeueCount of {max}."),
            Cause::Begins => format!(
                "Message has exceeded MaxDequeueCount of {max} without an end of its function; a worker that died or a time-out may be why."
            ),
            Cause::Encoding => "Message decoding has failed! The text of the message is not base64, which \
                 extensions.queues.messageEncoding in host.json asks for unless it is none. Let the sender encode it (clients of SDK \
                 version 12 do not unless they are told to), or set messageEncoding to none."
                .to_owned(),
        };
        self.log.write(
            LogLevel::Warning,
            &format!("{why} {fate} (message {id} of queue '{queue}', function '{}')", self.function),
        );
        let result = match &to {
            Some(to) => self.source.poison(message, receipt, to).await,
            None => self.source.give_back(id, receipt, NO_POISON_PAUSE, false).await,
        };
        match result {
            Ok(()) => {
                if to.is_some() {
                    self.poisoned.fetch_add(1, Ordering::Relaxed);
                }
            }
            Err(HoldError::Lost) => self.lost(message),
            Err(HoldError::Unavailable(error)) => self.log.write(
                LogLevel::Error,
                &format!("Message {id} of queue '{queue}' could not be moved, so it comes back: {error}"),
            ),
        }
    }

    fn lost(&self, message: &Fetched) {
        self.log.write(
            LogLevel::Warning,
            &format!(
                "Message {} of queue '{}' was taken by somebody else while function '{}' had it: it may be handled twice",
                message.id, self.trigger.queue, self.function
            ),
        );
    }
}
