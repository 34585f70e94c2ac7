//! Timers: when each function runs next, and the occurrences at which it ran.
//!
//! An occurrence is a row with the key (function, time due). It is claimed for a time under an epoch, by one of all who listen;
//! a claim that expired is taken over with the same key, and its late holder is refused. Of a function at most one occurrence is
//! unfinished, so runs do not overlap. What an occurrence leaves (state, and the function's Last, Next and LastUpdated) is
//! written in one transaction. The database's time decides what is due and what is expired.

mod mssql;
mod open;
mod record;
mod sqlite;

use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::ids::AppName;

pub use record::{
    ClaimOutcome, Completion, Occurrence, OccurrenceKind, OccurrenceState, TimerClaim, TimerKey, TimerPlan, TimerStatus,
};

use crate::operation::{Operation, Outcome, Statement, Step, Value, micros};
use crate::{Database, StateError, UnderLease};

static STATUS: Statement = Statement::query("timers.status", sqlite::STATUS, mssql::STATUS);
static STATUSES: Statement = Statement::query("timers.statuses", sqlite::STATUSES, mssql::STATUSES);
static HOLD_SCHEDULE: Statement = Statement::query("timers.hold-schedule", sqlite::HOLD_SCHEDULE, mssql::HOLD_SCHEDULE);
static TAKE: Statement = Statement::change("timers.take", sqlite::TAKE, mssql::TAKE);
static BEGIN: Statement = Statement::change("timers.begin", sqlite::BEGIN, mssql::BEGIN);
static RENEW: Statement = Statement::change("timers.renew", sqlite::RENEW, mssql::RENEW);
static PUT_OFF: Statement = Statement::change("timers.put-off", sqlite::PUT_OFF, mssql::PUT_OFF);
static ADVANCE: Statement = Statement::change("timers.advance", sqlite::ADVANCE, mssql::ADVANCE);
static FINISH: Statement = Statement::change("timers.finish", sqlite::FINISH, mssql::FINISH);
static SKIP: Statement = Statement::change("timers.skip", sqlite::SKIP, mssql::SKIP);
static PRUNE: Statement = Statement::change("timers.prune", sqlite::PRUNE, mssql::PRUNE);
static HISTORY: Statement = Statement::query("timers.history", sqlite::HISTORY, mssql::HISTORY);

/// The next occurrence of a schedule that has none.
pub const NEVER: Timestamp = Timestamp(i64::MAX);

/// Longest error that is kept, in bytes.
const ERROR_BYTES: usize = 4096;

/// Operations on timers.
#[derive(Clone, Debug)]
pub struct Timers(pub(crate) Database);

impl Timers {
    /// What is known of a function's timer; none if nobody ever listened to it.
    pub async fn status(&self, key: &TimerKey) -> Result<Option<TimerStatus>, StateError> {
        let rows = self.0.read(status(key)).await?;
        rows.first().map(TimerStatus::from_row).transpose()
    }

    /// What is known of every timer of an app, by function.
    pub async fn statuses(&self, app: &AppName) -> Result<Vec<TimerStatus>, StateError> {
        let query = Step::new(&STATUSES, vec![Value::Now(0), app.as_str().into()]);
        self.0.read(query).await?.iter().map(TimerStatus::from_row).collect()
    }

    /// The last occurrences of a function, the latest first.
    pub async fn history(&self, key: &TimerKey, most: u32) -> Result<Vec<Occurrence>, StateError> {
        let [app, function] = key.args();
        let rows = self.0.read(Step::new(&HISTORY, vec![app, function, i64::from(most).into()])).await?;
        rows.iter().map(|row| Occurrence::from_row(row, 0)).collect()
    }

    /// Claims what is due: an unfinished occurrence whose claim expired or whose next attempt may begin, else the next occurrence
    /// once its time has come. `schedule` is what the caller listens for, `holder` is unique per process and listener. Claiming
    /// again gives a new epoch and fences the earlier claim, so a repeated call after a lost answer is safe.
    pub async fn claim(
        &self,
        key: &TimerKey,
        schedule: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<ClaimOutcome, StateError> {
        let [app, function] = key.args();
        let (now, expires) = (|| Value::Now(0), Value::Now(micros(ttl)));
        let key_args = || [app.clone(), function.clone()];
        let hold = [app.clone(), function.clone(), schedule.into()];
        let mut take = vec![holder.into(), expires.clone(), now()];
        take.extend(key_args());
        take.extend([now(), holder.into()]);
        let mut begin = vec![holder.into(), expires, now()];
        begin.extend(key_args());
        begin.push(now());
        let steps = vec![
            Step::required(&HOLD_SCHEDULE, hold.to_vec()),
            Step::new(&TAKE, take),
            Step::new(&BEGIN, begin),
            status(key),
        ];
        let outcome = self.0.write(Operation::normal(steps)).await?;
        let Some(row) = outcome.row(3).filter(|_| outcome.done) else { return Ok(ClaimOutcome::Superseded) };
        let status = TimerStatus::from_row(row)?;
        let claimed = outcome.affected(1) + outcome.affected(2) > 0;
        Ok(match &status.unfinished {
            Some(occurrence) if claimed => ClaimOutcome::Claimed(Box::new(TimerClaim {
                last: status.last,
                next: status.next,
                updated: status.updated,
                claimed: status.now,
                ..TimerClaim::of(key, occurrence, &status.schedule)
            })),
            _ => ClaimOutcome::Waiting(Box::new(status)),
        })
    }

    /// Extends claims to `ttl` from now; one answer each, in order. False: another has taken it over, or it is finished, and what
    /// was done under it must stop. Expiry alone fences nobody, because then there is nobody else yet.
    pub async fn renew(&self, claims: &[TimerClaim], ttl: Duration) -> Result<Vec<bool>, StateError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let step = |claim: &TimerClaim| {
            let mut args = vec![Value::Now(micros(ttl))];
            args.extend(identity(claim));
            Step::new(&RENEW, args)
        };
        let outcome = self.0.write(Operation::normal(claims.iter().map(step).collect())).await?;
        Ok(outcome.steps.iter().map(|step| step.affected == 1).collect())
    }

    /// Gives a claim back after an attempt that failed: the next one may begin `after` from now, by whoever claims it then.
    pub async fn retry_later(
        &self,
        claim: &TimerClaim,
        after: Duration,
        error: &str,
    ) -> Result<UnderLease<()>, StateError> {
        self.put_off(claim, after, claim.failures.saturating_add(1), error).await
    }

    /// Gives a claim back without an attempt.
    pub async fn release(&self, claim: &TimerClaim, after: Duration) -> Result<UnderLease<()>, StateError> {
        self.put_off(claim, after, claim.failures, &claim.error).await
    }

    /// The function succeeded.
    pub async fn complete(&self, completion: &Completion) -> Result<UnderLease<()>, StateError> {
        Ok(finished(&self.0.write(Operation::full(complete_steps(completion))).await?))
    }

    /// The last attempt failed too; the occurrence is kept as failed, with the error.
    pub async fn fail(&self, completion: &Completion, error: &str) -> Result<UnderLease<()>, StateError> {
        let failures = completion.claim.failures.saturating_add(1);
        let steps = finish(completion, 3, failures, error);
        Ok(finished(&self.0.write(Operation::full(steps)).await?))
    }

    /// Passes over an occurrence that is kept as finished already, which happens only where a clock was set back by a day or more.
    /// False if the next one is another by now.
    pub async fn skip(
        &self,
        key: &TimerKey,
        schedule: &str,
        due: Timestamp,
        next: Option<Timestamp>,
    ) -> Result<bool, StateError> {
        let mut args = vec![stored(next), Value::Now(0)];
        args.extend(key.args());
        args.extend([schedule.into(), due.as_micros().into()]);
        let outcome = self.0.write(Operation::normal(vec![Step::new(&SKIP, args)])).await?;
        Ok(outcome.affected(0) == 1)
    }

    /// Forgets finished occurrences of a function but for the last `keep`.
    pub async fn prune(&self, key: &TimerKey, keep: u32) -> Result<(), StateError> {
        let mut args = key.args().to_vec();
        args.extend(key.args());
        args.push(i64::from(keep.max(1)).into());
        self.0.write(Operation::normal(vec![Step::new(&PRUNE, args)])).await?;
        Ok(())
    }

    async fn put_off(
        &self,
        claim: &TimerClaim,
        after: Duration,
        failures: u32,
        error: &str,
    ) -> Result<UnderLease<()>, StateError> {
        let mut args = vec![Value::Now(micros(after)), i64::from(failures).into(), cut(error).into()];
        args.extend(identity(claim));
        let outcome = self.0.write(Operation::full(vec![Step::required(&PUT_OFF, args)])).await?;
        Ok(finished(&outcome))
    }
}

/// The steps that complete an occurrence, for a transaction with what the function gave out. The last is required: where another
/// has taken the occurrence over, nothing is done.
pub(crate) fn complete_steps(completion: &Completion) -> Vec<Step> {
    finish(completion, 2, completion.claim.failures, &completion.claim.error)
}

fn finish(completion: &Completion, state: i64, failures: u32, error: &str) -> Vec<Step> {
    let claim = &completion.claim;
    let schedule = || Value::from(claim.schedule.as_str());
    let last = completion.last.as_micros().into();
    let mut advance = vec![schedule(), last, schedule(), stored(completion.next), Value::Now(0)];
    advance.extend(claim.key.args());
    let mut finish = vec![state.into(), Value::Now(0), i64::from(failures).into(), cut(error).into()];
    finish.extend(identity(claim));
    // In this order, because a claim holds the timer's row first too.
    vec![Step::new(&ADVANCE, advance), Step::required(&FINISH, finish)]
}

fn finished(outcome: &Outcome) -> UnderLease<()> {
    if outcome.done { UnderLease::Done(()) } else { UnderLease::Stale }
}

fn status(key: &TimerKey) -> Step {
    let [app, function] = key.args();
    Step::new(&STATUS, vec![Value::Now(0), app, function])
}

fn identity(claim: &TimerClaim) -> [Value; 4] {
    let [app, function] = claim.key.args();
    [app, function, claim.due.as_micros().into(), claim.epoch.into()]
}

fn stored(next: Option<Timestamp>) -> Value {
    next.unwrap_or(NEVER).as_micros().into()
}

fn cut(error: &str) -> &str {
    error.get(..error.floor_char_boundary(ERROR_BYTES)).unwrap_or(error)
}
