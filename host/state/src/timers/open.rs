//! What happens to a timer when somebody begins to listen (reference: section 3.4).

use std::time::Duration;

use hearth_model::clock::Timestamp;

use super::{TimerKey, TimerPlan, TimerStatus, Timers, mssql, sqlite, stored};
use crate::StateError;
use crate::operation::{Operation, Statement, Step, Value};

static NOW: Statement = Statement::query("timers.now", sqlite::NOW, mssql::NOW);
static HOLD: Statement = Statement::query("timers.hold", sqlite::HOLD, mssql::HOLD);
static INSERT: Statement = Statement::change("timers.insert", sqlite::INSERT, mssql::INSERT);
static REWRITE: Statement = Statement::change("timers.rewrite", sqlite::REWRITE, mssql::REWRITE);
static ADD_STARTUP: Statement = Statement::change("timers.add-startup", sqlite::ADD_STARTUP, mssql::ADD_STARTUP);

/// Without status an occurrence that is this late was missed; one that is less late is about to be claimed by another who listens.
const MISSED: Duration = Duration::from_secs(5);

/// A status from further in the future was written under a clock that was wrong; waiting for its Next could take years.
const FUTURE: Duration = Duration::from_secs(24 * 60 * 60);

/// How often something may come between reading a status and writing it.
const ATTEMPTS: usize = 16;

/// What is to be written over a status.
struct Change {
    schedule: String,
    last: Option<Timestamp>,
    next: Option<Timestamp>,
    updated: Timestamp,
    past_due: bool,
    started_as: String,
    /// Only while no occurrence is unfinished.
    needs_rest: bool,
    adds_startup: bool,
}

impl Timers {
    /// Begins to listen. Without a status, or with one of another schedule, the next occurrence is the one after now, and nothing is
    /// past due. Otherwise an occurrence that was missed is marked as past due, where the timer is monitored, and passed over
    /// where not. A start of the app that is new adds one occurrence, unless there is one to run already. `next_after` tells the
    /// first occurrence after a time.
    ///
    /// # Errors
    /// [`StateError::Unavailable`] also when others change the timer all the time.
    pub async fn open(
        &self,
        key: &TimerKey,
        plan: &TimerPlan,
        next_after: impl Fn(Timestamp) -> Option<Timestamp>,
    ) -> Result<TimerStatus, StateError> {
        for _ in 0..ATTEMPTS {
            let known = self.status(key).await?;
            match &known {
                None => self.begin(key, plan, &next_after).await?,
                Some(status) => match change(status, plan, &next_after) {
                    None => return Ok(status.clone()),
                    Some(change) => self.rewrite(key, status, &change).await?,
                },
            }
        }
        Err(StateError::Unavailable(format!(
            "the timer of function '{}' of app '{}' is changed by others all the time",
            key.function, key.app
        )))
    }

    async fn begin(
        &self,
        key: &TimerKey,
        plan: &TimerPlan,
        next_after: impl Fn(Timestamp) -> Option<Timestamp>,
    ) -> Result<(), StateError> {
        let rows = self.0.read(Step::new(&NOW, vec![Value::Now(0)])).await?;
        let now = rows
            .first()
            .map_or_else(|| Err(StateError::Unavailable("it told no time".to_owned())), |row| row.time(0))?;
        let mut args = key.args().to_vec();
        let startup = plan.startup.as_deref().unwrap_or("");
        args.extend([plan.schedule.as_str().into(), stored(next_after(now)), Value::Now(0), startup.into()]);
        let mut steps = vec![Step::required(&INSERT, args)];
        if plan.startup.is_some() {
            steps.push(add_startup(key, now));
        }
        self.0.write(Operation::full(steps)).await.map(drop)
    }

    async fn rewrite(&self, key: &TimerKey, status: &TimerStatus, change: &Change) -> Result<(), StateError> {
        let past_due = if change.past_due { stored(change.next) } else { 0_i64.into() };
        let mut args = vec![
            change.schedule.as_str().into(),
            change.last.unwrap_or(Timestamp(0)).as_micros().into(),
            stored(change.next),
            change.updated.as_micros().into(),
            past_due,
            change.started_as.as_str().into(),
        ];
        args.extend(key.args());
        args.extend([status.schedule.as_str().into(), stored(status.next), status.started_as.as_str().into()]);
        args.push(change.needs_rest.into());
        args.extend(key.args());
        let mut steps = vec![Step::required(&HOLD, key.args().to_vec()), Step::required(&REWRITE, args)];
        if change.adds_startup {
            steps.push(add_startup(key, status.now));
        }
        self.0.write(Operation::full(steps)).await.map(drop)
    }
}

fn add_startup(key: &TimerKey, now: Timestamp) -> Step {
    let mut args = key.args().to_vec();
    args.push(now.as_micros().into());
    Step::new(&ADD_STARTUP, args)
}

/// What beginning to listen changes; none for nothing.
fn change(
    status: &TimerStatus,
    plan: &TimerPlan,
    next_after: impl Fn(Timestamp) -> Option<Timestamp>,
) -> Option<Change> {
    let now = status.now;
    let rests = status.unfinished.is_none();
    let mut change = Change {
        schedule: status.schedule.clone(),
        last: status.last,
        next: status.next,
        updated: status.updated,
        past_due: status.is_past_due,
        started_as: status.started_as.clone(),
        needs_rest: false,
        adds_startup: false,
    };
    let mut changed = false;
    if status.schedule != plan.schedule || status.updated > now.plus(FUTURE) {
        change.schedule.clone_from(&plan.schedule);
        (change.last, change.next, change.updated, change.past_due) = (None, next_after(now), now, false);
        changed = true;
    } else if let Some(next) = status.next.filter(|next| *next < now && rests) {
        let missed = !plan.is_monitored && next.plus(MISSED) < now;
        let found = plan.is_monitored && !status.is_past_due;
        if missed {
            (change.next, change.updated) = (next_after(now), now);
        }
        change.past_due = plan.is_monitored;
        change.needs_rest = missed || found;
        changed = missed || found;
    }
    if let Some(startup) = plan.startup.as_ref().filter(|startup| **startup != status.started_as) {
        change.started_as.clone_from(startup);
        change.adds_startup = rests && !change.past_due;
        change.needs_rest |= change.adds_startup;
        changed = true;
    }
    changed.then_some(change)
}
