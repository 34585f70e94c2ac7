//! What becomes of one batch (reference: Cosmos DB, section 9.5): the function is called until it succeeds or its retry policy is used
//! up, and then the batch is kept somewhere: in the dead-letter container, or where it is.
//!
//! The original passes over a batch whose function failed. Here that has to be asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_cosmos::processor::{Batch, Delegate, Delivered, DeliveryError, Environment};
use hearth_engine::contract::RetryContext;
use hearth_model::binding::FeedLeaseStore;
use hearth_model::host_json::LogLevel;
use hearth_model::retry::RetryPolicy;

use super::dead_letter::{self, DeadBatch};
use super::event;
use super::{CosmosListener, FeedNews};
use crate::{Acknowledgement, FeedAcknowledgement, InvocationFailure, Invoker};

/// Pauses between attempts to run a function that can't be run here now.
const NOT_RUN_FIRST: Duration = Duration::from_millis(100);
const NOT_RUN_LONGEST: Duration = Duration::from_secs(5);

/// What the batches of a listener share.
pub(super) struct Handler<I> {
    pub(super) listener: CosmosListener,
    pub(super) invoker: Arc<I>,
    pub(super) environment: Arc<dyn Environment>,
    /// RID of the monitored container.
    pub(super) container_rid: String,
    /// Ranges whose batch failed and is delivered again, by their tokens.
    pub(super) stuck: Arc<Mutex<HashMap<Arc<str>, Failing>>>,
}

/// A batch that is delivered again and again.
#[derive(Clone, Debug, Default)]
pub(super) struct Failing {
    continuation: Arc<str>,
    /// Calls that failed, in all deliveries to this worker.
    failures: u32,
}

/// What the pause that was waited for ended with.
enum Waited {
    Over,
    Stopped,
}

impl<I: Invoker> Delegate for Handler<I> {
    async fn deliver(&self, batch: Batch) -> Result<Delivered, DeliveryError> {
        let array = event::array(&batch.items);
        let retry = self.listener.retry;
        let (mut failures, mut not_run, mut last_error) = (0_u32, 0_u32, String::new());
        loop {
            if batch.stop.is_cancelled() {
                return Err(DeliveryError::Stopped);
            }
            let told = retry.map(|policy| context(policy, failures, &last_error));
            let event = event::event(&self.listener.trigger, &batch, &array, told, self.environment.now());
            match self.invoker.invoke(&self.listener.function, event, self.acknowledgement(&batch)).await {
                Ok(()) => {
                    self.goes_on(&batch);
                    return Ok(match self.is_in_host_state() {
                        true => Delivered::Checkpointed,
                        false => Delivered::Handled,
                    });
                }
                Err(InvocationFailure::Superseded) => return Err(DeliveryError::Conflict),
                Err(InvocationFailure::NotRun(reason)) => {
                    tracing::info!(
                        category = "Host.Triggers.CosmosDB",
                        function = %self.listener.function,
                        "a batch of container '{}' waits, because its function can't be run here: {reason}",
                        self.listener.trigger.container
                    );
                    let pause = NOT_RUN_FIRST.saturating_mul(1 << not_run.min(16)).min(NOT_RUN_LONGEST);
                    not_run += 1;
                    if let Waited::Stopped = self.pause(&batch, pause).await {
                        return Err(DeliveryError::Stopped);
                    }
                }
                Err(InvocationFailure::Failed(error)) => {
                    failures = failures.saturating_add(1);
                    let Some(policy) = retry.filter(|policy| policy.allows(failures)) else {
                        return self.exhausted(&batch, failures, &error).await;
                    };
                    let pause = policy.delay.before(failures, self.environment.random());
                    self.retries(&batch, policy, failures, pause);
                    last_error = error;
                    if let Waited::Stopped = self.pause(&batch, pause).await {
                        return Err(DeliveryError::Stopped);
                    }
                }
            }
        }
    }
}

impl<I: Invoker> Handler<I> {
    fn is_in_host_state(&self) -> bool {
        self.listener.trigger.lease_store == FeedLeaseStore::Host
    }

    fn acknowledgement(&self, batch: &Batch) -> Acknowledgement {
        match self.is_in_host_state() {
            true => Acknowledgement::Batch(FeedAcknowledgement {
                app: self.listener.app.clone(),
                checkpoint: batch.checkpoint.clone(),
            }),
            false => Acknowledgement::None,
        }
    }

    async fn pause(&self, batch: &Batch, pause: Duration) -> Waited {
        tokio::select! {
            biased;
            () = batch.stop.cancelled() => Waited::Stopped,
            () = self.environment.sleep(pause) => Waited::Over,
        }
    }

    /// No attempt is left.
    async fn exhausted(&self, batch: &Batch, failures: u32, error: &str) -> Result<Delivered, DeliveryError> {
        let CosmosListener { trigger, function, .. } = &self.listener;
        let (container, token, count) = (&trigger.container, &batch.lease_token, batch.items.len());
        let what = format!(
            "A batch of {count} item(s) of container '{container}' (range {token}), after position {},",
            batch.continuation
        );
        if trigger.checkpoints_on_failure {
            self.write(
                LogLevel::Warning,
                &format!(
                    "{what} is passed over, because function '{function}' failed and checkpointOnFailure is set: {error}"
                ),
            );
            self.listener.news.tell(FeedNews::Skipped);
            self.goes_on(batch);
            return Ok(Delivered::Handled);
        }
        let failures = self.count(batch, failures);
        let Some(dead_letters) = &trigger.dead_letter_container else {
            self.stays(batch, &what, failures, error);
            return Err(DeliveryError::failed(error));
        };
        let time = self.environment.now().rfc3339();
        let dead = DeadBatch {
            app: self.listener.app.as_str(),
            function: function.as_str(),
            database: &trigger.database,
            container,
            container_rid: &self.container_rid,
            lease_token: token,
            continuation: &batch.continuation,
            attempts: failures,
            error,
            time: &time,
        };
        match dead_letter::write(&self.listener.account, dead_letters, &dead, batch).await {
            Ok(()) => {
                self.write(
                    LogLevel::Warning,
                    &format!("{what} is moved to the dead-letter container '{dead_letters}', because function '{function}' failed: {error}"),
                );
                self.listener.news.tell(FeedNews::DeadLettered);
                self.goes_on(batch);
                Ok(Delivered::Handled)
            }
            Err(trouble) => {
                self.stays(batch, &what, failures, &format!("{error}; {trouble}"));
                Err(DeliveryError::failed(trouble))
            }
        }
    }

    /// The batch is delivered again; how it is told first and then ever more seldom.
    fn stays(&self, batch: &Batch, what: &str, failures: u32, error: &str) {
        if failures.is_power_of_two() {
            self.write(
                LogLevel::Error,
                &format!(
                    "{what} stays where it is, because function '{}' failed (so far {failures} time(s) here): {error}. It is delivered \
                     again; nothing after it in this range is delivered before. Give the function a deadLetterContainerName, or \
                     pass over it by POST /admin/functions/{}/changefeed.",
                    self.listener.function,
                    self.listener.function
                ),
            );
        }
        let (lease_token, error) = (batch.lease_token.clone(), Some(error.to_owned()));
        self.listener.news.tell(FeedNews::Stuck { lease_token, error });
    }

    /// Failed calls for this batch in all deliveries to this worker.
    fn count(&self, batch: &Batch, failures: u32) -> u32 {
        let mut stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        let failing = stuck.entry(batch.lease_token.clone()).or_default();
        if failing.continuation != batch.continuation {
            *failing = Failing { continuation: batch.continuation.clone(), failures: 0 };
        }
        failing.failures = failing.failures.saturating_add(failures);
        failing.failures
    }

    fn goes_on(&self, batch: &Batch) {
        self.listener.is_free_of(&self.stuck, &batch.lease_token);
    }

    fn retries(&self, batch: &Batch, policy: RetryPolicy, failures: u32, pause: Duration) {
        let of = policy.max_retries.map_or_else(String::new, |most| format!(" of {most}"));
        self.write(
            LogLevel::Warning,
            &format!(
                "Function '{}' failed for a batch of container '{}' (range {}); retry {failures}{of} begins in {pause:?}.",
                self.listener.function, self.listener.trigger.container, batch.lease_token
            ),
        );
    }

    fn write(&self, level: LogLevel, line: &str) {
        self.listener.log.write(level, line);
    }
}

fn context(policy: RetryPolicy, failures: u32, last_error: &str) -> RetryContext {
    RetryContext {
        retry_count: failures,
        max_retry_count: policy.max_retries.map_or(-1, |most| i32::try_from(most).unwrap_or(i32::MAX)),
        last_error: last_error.to_owned(),
    }
}
