//! The timer trigger: each worker sleeps until the next occurrence, all of them try to claim it, and one runs it (reference: section 3).
//!
//! What is due, who runs it, how often it failed and when it may be tried again are rows of host state, so that any worker goes on
//! where another stopped. A claim is renewed while its function runs. An occurrence is finished in the transaction that commits the
//! function's outputs; one that was cut off is run again under the same identity. Runs of one function never overlap.

mod claims;
mod event;
mod time;

use std::sync::Arc;
use std::time::Duration;

use hearth_model::binding::TimerTrigger;
use hearth_model::clock::Timestamp;
use hearth_model::host_json::LogLevel;
use hearth_model::retry::RetryPolicy;
use hearth_state::{
    ClaimOutcome, Completion, OccurrenceState, StateError, TimerClaim, TimerKey, TimerPlan, TimerStatus, UnderLease,
};
use tokio_util::sync::CancellationToken;

pub use claims::TimerClaims;
pub use event::manual_payload;
pub use time::{MachineTime, Time};

use crate::queue::ListenerLog;
use crate::{Acknowledgement, InvocationFailure, Invoker};
use claims::CLAIM;

/// How soon somebody else's run is looked at again: it may have ended, or been given back.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The wait after host state did not answer.
const STATE_AWAY: Duration = Duration::from_secs(1);

/// Waits after the function could not be run here, growing from one to the other.
const RELUCTANT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// How often a listener looks whether another version's schedule, which is in place of its own, is still listened for; and how
/// late that one's occurrence must be for it not to be.
const SUPERSEDED: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(120));

/// Occurrences that are kept of a function, for people, and runs after which the rest is forgotten.
const HISTORY: (u32, u32) = (100, 16);

/// What listens to the clock for one function.
///
/// Make one when the function's version begins to answer, unless the function is disabled, and spawn [`TimerListener::run`]. Cancel the
/// token to stop: no occurrence is begun any more, what runs goes on, renewed, and `run` returns when it is done. A retry that waits stays
/// in host state for whoever listens then; [`TimerClaims::ring`] in other workers makes them look at once. Dropping `run`'s future
/// ends what runs; another worker takes it over when its claim expires. Of one function's versions the one that began to listen
/// last counts.
#[derive(Debug)]
pub struct TimerListener<T> {
    /// App and function.
    pub key: TimerKey,
    /// Its trigger.
    pub trigger: TimerTrigger,
    /// Its own retry policy, else that of its app's host.json.
    pub retry: Option<RetryPolicy>,
    /// What tells one start of the app from another: a function with `runOnStartup` runs once for each value, whichever worker is first
    /// and however many there are. At most 200 characters. The deployment's generation with the revision of the settings makes it
    /// run once for each publish, restart and change of settings, and not when a worker comes back or joins.
    pub start: String,
    /// What the worker's listeners share.
    pub claims: TimerClaims<T>,
    /// Where lines about the timer go; lines about invocations are the invoker's.
    pub log: ListenerLog,
}

/// A listener at work.
struct Work<T, I> {
    listener: TimerListener<T>,
    invoker: Arc<I>,
    stop: CancellationToken,
    /// The schedule as it is kept.
    schedule: String,
    is_monitored: bool,
    /// What the database's clock shows more than this one, in microseconds.
    ahead: i64,
    /// Times in a row that the function could not be run here.
    reluctance: u32,
    finished: u32,
    state_away: bool,
    superseded: bool,
}

/// When to look again, by the database's clock; none for only when woken.
type Look = Option<Timestamp>;

impl<T: Time> TimerListener<T> {
    /// Listens until `stop` is cancelled and what runs is done.
    pub async fn run<I: Invoker>(self, invoker: Arc<I>, stop: CancellationToken) {
        let now = self.claims.time.now();
        let schedule = &self.trigger.schedule;
        let work = Work {
            schedule: schedule.canonical(),
            is_monitored: self.trigger.use_monitor && !schedule.is_faster_than_a_minute(now),
            listener: self,
            invoker,
            stop,
            ahead: 0,
            reluctance: 0,
            finished: 0,
            state_away: false,
            superseded: false,
        };
        work.run().await;
    }
}

impl<T: Time, I: Invoker> Work<T, I> {
    async fn run(mut self) {
        self.tell(
            LogLevel::Information,
            &event::next_occurrences(self.name(), &self.listener.trigger.schedule, self.now()),
        );
        let mut is_open = false;
        while !self.stop.is_cancelled() {
            let looked = if is_open { self.look().await } else { self.open().await };
            let again = match looked {
                Ok(Some(look)) => {
                    (is_open, self.state_away) = (true, self.back());
                    look
                }
                Ok(None) => {
                    is_open = false;
                    continue;
                }
                Err(error) => {
                    self.away(&error);
                    Some(self.database_now().plus(STATE_AWAY))
                }
            };
            self.wait(again).await;
        }
    }

    /// Begins to listen, and tells when to look first.
    async fn open(&mut self) -> Result<Option<Look>, StateError> {
        let listener = &self.listener;
        let plan = TimerPlan {
            schedule: self.schedule.clone(),
            is_monitored: self.is_monitored,
            startup: listener.trigger.run_on_startup.then(|| listener.start.clone()),
        };
        let schedule = &listener.trigger.schedule;
        let status = self.listener.claims.timers.open(&listener.key, &plan, |at| schedule.next_after(at)).await?;
        self.superseded = false;
        Ok(Some(self.next_look(&status)))
    }

    /// Runs what is due, and tells when to look again; none to begin to listen anew.
    async fn look(&mut self) -> Result<Option<Look>, StateError> {
        let claims = &self.listener.claims;
        let claimed = claims.timers.claim(&self.listener.key, &self.schedule, claims.holder(), CLAIM).await?;
        match claimed {
            ClaimOutcome::Claimed(claim) => Ok(Some(self.occurrence(*claim).await)),
            ClaimOutcome::Waiting(status) => {
                let passed = status.next.filter(|next| *next <= status.now && status.unfinished.is_none());
                match passed {
                    Some(due) => self.skip(due).await.map(Some),
                    None => Ok(Some(self.next_look(&status))),
                }
            }
            ClaimOutcome::Superseded => self.superseded().await,
        }
    }

    /// Passes over an occurrence that was finished at a time when the clock was wrong.
    async fn skip(&self, due: Timestamp) -> Result<Look, StateError> {
        let next = self.listener.trigger.schedule.next_after(due.max(self.database_now()));
        self.listener.claims.timers.skip(&self.listener.key, &self.schedule, due, next).await?;
        Ok(next)
    }

    /// Another version's schedule is in place of this one, or the app was deleted. Whichever it is, this listener is about to be
    /// stopped; if it is not, and nobody listens for the other one, it begins anew.
    async fn superseded(&mut self) -> Result<Option<Look>, StateError> {
        let status = self.listener.claims.timers.status(&self.listener.key).await?;
        if let Some(status) = &status {
            self.notice(status.now);
        }
        let (often, late) = SUPERSEDED;
        let nobody = status.as_ref().is_some_and(|status| {
            status.unfinished.is_none() && status.next.is_some_and(|next| next.plus(late) < status.now)
        });
        if nobody || (status.is_none() && self.superseded) {
            return Ok(None);
        }
        if !self.superseded {
            let text = format!(
                "The timer of function '{}' has the schedule of another version of the app; this one rests.",
                self.name()
            );
            self.tell(LogLevel::Information, &text);
        }
        self.superseded = true;
        Ok(Some(Some(self.database_now().plus(often))))
    }

    /// When there may be something to do, going by what is known.
    fn next_look(&mut self, status: &TimerStatus) -> Look {
        self.notice(status.now);
        match &status.unfinished {
            Some(unfinished) if unfinished.state == OccurrenceState::Running => {
                Some(unfinished.expires.min(status.now.plus(LOOK_AGAIN)))
            }
            Some(unfinished) => Some(unfinished.expires),
            None => status.next,
        }
    }

    /// Runs the function for an occurrence that is this listener's.
    async fn occurrence(&mut self, claim: TimerClaim) -> Look {
        self.notice(claim.claimed);
        let holding = self.listener.claims.hold(&claim);
        let schedule = &self.listener.trigger.schedule;
        let last = claim.started.max(claim.due);
        let completion = Completion { last, next: schedule.next_after(last), claim };
        let retry = self.listener.retry;
        let event = event::event(schedule, self.is_monitored, &completion.claim, retry, self.now());
        let acknowledgement = Acknowledgement::Occurrence(Box::new(completion.clone()));
        let ran = tokio::select! {
            ran = self.invoker.invoke(&self.listener.key.function, event, acknowledgement) => ran,
            () = holding.lost() => Err(InvocationFailure::Superseded),
        };
        match ran {
            Ok(()) => self.done(completion).await,
            Err(InvocationFailure::Failed(error)) => self.failed(completion, &error).await,
            Err(InvocationFailure::NotRun(reason)) => self.not_run(&completion.claim, &reason).await,
            Err(InvocationFailure::Superseded) => {
                let text = format!(
                    "The occurrence of '{}' at {} was taken over by another worker.",
                    self.name(),
                    schedule.zone().local(completion.claim.due)
                );
                self.tell(LogLevel::Warning, &text);
                Some(self.database_now())
            }
        }
    }

    async fn done(&mut self, completion: Completion) -> Look {
        self.reluctance = 0;
        self.finished += 1;
        let (keep, every) = HISTORY;
        if self.finished.is_multiple_of(every)
            && let Err(error) = self.listener.claims.timers.prune(&self.listener.key, keep).await
        {
            tracing::warn!(%error, "old occurrences of a timer could not be forgotten; it is tried again");
        }
        completion.next
    }

    async fn failed(&mut self, completion: Completion, error: &str) -> Look {
        let claim = &completion.claim;
        let failures = claim.failures.saturating_add(1);
        let timers = self.listener.claims.timers.clone();
        let retry = self.listener.retry.filter(|policy| policy.allows(failures));
        if let Some(policy) = retry {
            let wait = policy.delay.before(failures, random());
            let text = format!(
                "Function '{}' failed for its occurrence at {}; retry {failures}{} begins in {wait:?}.",
                self.name(),
                self.listener.trigger.schedule.zone().local(claim.due),
                policy.max_retries.map_or_else(String::new, |most| format!(" of {most}")),
            );
            self.tell(LogLevel::Warning, &text);
            self.write_down(|| timers.retry_later(claim, wait, error)).await;
            return Some(self.database_now().plus(wait));
        }
        self.write_down(|| timers.fail(&completion, error)).await;
        self.done(completion).await
    }

    async fn not_run(&mut self, claim: &TimerClaim, reason: &str) -> Look {
        let (shortest, longest) = RELUCTANT;
        let wait = match self.stop.is_cancelled() {
            true => Duration::ZERO,
            false => shortest.saturating_mul(1 << self.reluctance.min(5)).min(longest),
        };
        self.reluctance = self.reluctance.saturating_add(1);
        let timers = self.listener.claims.timers.clone();
        let text = format!("Function '{}' could not be run for its timer: {reason}; it is tried again.", self.name());
        self.tell(LogLevel::Warning, &text);
        self.write_down(|| timers.release(claim, wait)).await;
        Some(self.database_now().plus(wait))
    }

    /// Writes what became of a run, as often as it takes. When this listener stops while host state is away, the run is left: its claim
    /// expires, and it is run again.
    async fn write_down<F>(&mut self, write: impl Fn() -> F)
    where
        F: Future<Output = Result<UnderLease<()>, StateError>>,
    {
        loop {
            match write().await {
                Ok(_) => return,
                Err(error) => self.away(&error),
            }
            if self.stop.is_cancelled() {
                return;
            }
            self.wait(Some(self.database_now().plus(STATE_AWAY))).await;
        }
    }

    /// Waits for a time of the database's clock, for a ring, or for the stop.
    async fn wait(&self, until: Look) {
        let until = until.map_or(i64::MAX, |until| until.as_micros().saturating_sub(self.ahead));
        let claims = &self.listener.claims;
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = claims.rung() => {}
            () = claims.time.sleep_until(Timestamp(until)) => {}
        }
    }

    fn notice(&mut self, database: Timestamp) {
        self.ahead = database.as_micros().saturating_sub(self.now().as_micros());
    }

    fn now(&self) -> Timestamp {
        self.listener.claims.time.now()
    }

    fn database_now(&self) -> Timestamp {
        Timestamp(self.now().as_micros().saturating_add(self.ahead))
    }

    fn name(&self) -> &str {
        self.listener.key.function.as_str()
    }

    fn tell(&self, level: LogLevel, text: &str) {
        self.listener.log.write(level, text);
    }

    fn away(&mut self, error: &StateError) {
        if !self.state_away {
            let text = format!("The timer of function '{}' rests: {error}; it is tried again.", self.name());
            self.tell(LogLevel::Error, &text);
        }
        self.state_away = true;
    }

    /// Host state answered.
    fn back(&self) -> bool {
        if self.state_away {
            self.tell(LogLevel::Information, &format!("The timer of function '{}' goes on.", self.name()));
        }
        false
    }
}

/// From 0 to 1; without random bytes of the system, waits are as their rule says.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
