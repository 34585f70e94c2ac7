//! What is kept of timers, as callers see it.

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, FunctionName};

use super::NEVER;
use crate::StateError;
use crate::operation::{Row, Value};

/// A function with a timer trigger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimerKey {
    /// Its app.
    pub app: AppName,
    /// Its name; case does not matter.
    pub function: FunctionName,
}

impl TimerKey {
    pub(super) fn args(&self) -> [Value; 2] {
        [self.app.as_str().into(), self.function.as_str().to_ascii_lowercase().as_str().into()]
    }
}

/// How a listener wants a function's timer kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerPlan {
    /// The schedule with its zone, in a form that is the same for schedules that mean the same.
    pub schedule: String,
    /// Whether an occurrence that nobody was there for is made up.
    pub is_monitored: bool,
    /// Where the function runs at the start of its app: what tells one start from another, at most 200 characters.
    pub startup: Option<String>,
}

/// Why a function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OccurrenceKind {
    /// Its schedule says so.
    Scheduled,
    /// Its schedule said so while nobody listened.
    PastDue,
    /// Its app has started.
    Startup,
}

/// What became of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OccurrenceState {
    /// It waits for its first attempt, or for the next one.
    Waiting,
    /// Somebody has claimed it.
    Running,
    /// The function succeeded.
    Completed,
    /// The last attempt failed too.
    Failed,
}

/// One time at which a function runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// When it is due; its identity together with the function.
    pub due: Timestamp,
    /// Why the function runs.
    pub kind: OccurrenceKind,
    /// What became of it.
    pub state: OccurrenceState,
    /// Fencing token of the last claim.
    pub epoch: u64,
    /// Who has claimed it; empty when nobody has.
    pub holder: String,
    /// When the claim ends (running), or when the next attempt may begin (waiting).
    pub expires: Timestamp,
    /// When its first attempt began.
    pub started: Option<Timestamp>,
    /// When it was completed or failed for good.
    pub finished: Option<Timestamp>,
    /// Attempts that failed.
    pub failures: u32,
    /// Error of the last attempt that failed; empty if none did.
    pub error: String,
}

/// What is known of a function's timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerStatus {
    /// Name of the function in lower case.
    pub function: String,
    /// The database's time when this was read.
    pub now: Timestamp,
    /// See [`TimerPlan::schedule`].
    pub schedule: String,
    /// Start of the last run; none if it never ran under this schedule.
    pub last: Option<Timestamp>,
    /// The next occurrence; none if there will be none.
    pub next: Option<Timestamp>,
    /// When this was written last.
    pub updated: Timestamp,
    /// Whether the next occurrence was missed because nobody listened.
    pub is_past_due: bool,
    /// The occurrence that has begun and is not finished.
    pub unfinished: Option<Occurrence>,
    pub(super) started_as: String,
}

/// An occurrence that its holder may run, until the claim expires and another takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerClaim {
    /// The function.
    pub key: TimerKey,
    /// When it is due; its identity.
    pub due: Timestamp,
    /// Why the function runs.
    pub kind: OccurrenceKind,
    /// When its first attempt began, by the database's time.
    pub started: Timestamp,
    /// Attempts that failed.
    pub failures: u32,
    /// Error of the last one.
    pub error: String,
    /// What was known of the timer when it was claimed.
    pub last: Option<Timestamp>,
    /// What was the next occurrence then.
    pub next: Option<Timestamp>,
    /// See [`TimerStatus::updated`].
    pub updated: Timestamp,
    /// The database's time of the claim.
    pub claimed: Timestamp,
    pub(super) schedule: String,
    pub(super) epoch: u64,
}

/// The end of an occurrence, and what is then known of the timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The occurrence.
    pub claim: TimerClaim,
    /// Start of the run.
    pub last: Timestamp,
    /// The next occurrence; none if there will be none.
    pub next: Option<Timestamp>,
}

/// Answer of [`super::Timers::claim`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The occurrence is the caller's.
    Claimed(Box<TimerClaim>),
    /// There is nothing to do now: another has it, or none is due. Where one is due and nobody has it, it was finished already:
    /// see [`super::Timers::skip`].
    Waiting(Box<TimerStatus>),
    /// Another schedule is kept, or none: see [`super::Timers::open`].
    Superseded,
}

impl TimerClaim {
    /// The claim that an occurrence shows to be held under a schedule.
    pub fn of(key: &TimerKey, occurrence: &Occurrence, schedule: &str) -> Self {
        Self {
            key: key.clone(),
            due: occurrence.due,
            kind: occurrence.kind,
            started: occurrence.started.unwrap_or(occurrence.due),
            failures: occurrence.failures,
            error: occurrence.error.clone(),
            last: None,
            next: None,
            updated: occurrence.due,
            claimed: occurrence.started.unwrap_or(occurrence.due),
            schedule: schedule.to_owned(),
            epoch: occurrence.epoch,
        }
    }
}

impl TimerStatus {
    pub(super) fn from_row(row: &Row) -> Result<Self, StateError> {
        let next = row.time(3)?;
        let unfinished = match row.int(8)? {
            -1 => None,
            _ => Some(Occurrence::from_row(row, 8)?),
        };
        Ok(Self {
            now: row.time(0)?,
            schedule: row.text(1)?.to_owned(),
            last: some(row.time(2)?),
            next: (next != NEVER).then_some(next),
            updated: row.time(4)?,
            is_past_due: row.time(5)? == next,
            started_as: row.text(6)?.to_owned(),
            function: row.text(7)?.to_owned(),
            unfinished,
        })
    }
}

impl Occurrence {
    pub(super) fn from_row(row: &Row, at: usize) -> Result<Self, StateError> {
        let kind = match row.int(at + 1)? {
            0 => OccurrenceKind::Scheduled,
            1 => OccurrenceKind::PastDue,
            2 => OccurrenceKind::Startup,
            _ => return Err(row.unexpected(at + 1)),
        };
        let state = match row.int(at + 2)? {
            0 => OccurrenceState::Waiting,
            1 => OccurrenceState::Running,
            2 => OccurrenceState::Completed,
            3 => OccurrenceState::Failed,
            _ => return Err(row.unexpected(at + 2)),
        };
        Ok(Self {
            due: row.time(at)?,
            kind,
            state,
            epoch: row.unsigned(at + 3)?,
            holder: row.text(at + 4)?.to_owned(),
            expires: row.time(at + 5)?,
            started: some(row.time(at + 6)?),
            finished: some(row.time(at + 7)?),
            failures: u32::try_from(row.int(at + 8)?).map_err(|_| row.unexpected(at + 8))?,
            error: row.text(at + 9)?.to_owned(),
        })
    }
}

/// A time that may not have come yet, stored as 0.
fn some(at: Timestamp) -> Option<Timestamp> {
    (at != Timestamp(0)).then_some(at)
}
