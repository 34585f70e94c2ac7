//! The generation of host state: which of its lives this is.
//!
//! When a backup takes the place of host state, numbers that were handed out since it was made would be handed out again:
//! epochs of leases and workers, generations of apps, revisions of settings. So a restore raises the generation, above any
//! before, and lifts each of those numbers to it: what a process still holds from before is then lower than whatever
//! counts, and is refused or read anew. A generation is the database's time in microseconds, or 1 where nothing was ever
//! restored; numbers grow by less than one per microsecond, so that the next generation is above them too. LSNs of documents
//! are shorter and grow by less than 65,536 per second: they go to as many for each second since the year 2025.

mod mssql;
mod sqlite;

use crate::operation::{Operation, Statement, Step, Value};
use crate::{Installation, StateError};

static GET: Statement = Statement::query("generation.get", sqlite::GET, mssql::GET);
static RAISE: Statement = Statement::change("generation.raise", sqlite::RAISE, mssql::RAISE);
static LEASES: Statement = Statement::change("generation.leases", sqlite::LEASES, mssql::LEASES);
static WORKERS: Statement = Statement::change("generation.workers", sqlite::WORKERS, mssql::WORKERS);
static APPS: Statement = Statement::change("generation.apps", sqlite::APPS, mssql::APPS);
static RETIRED_APPS: Statement =
    Statement::change("generation.retired-apps", sqlite::RETIRED_APPS, mssql::RETIRED_APPS);
static ASSIGNMENTS: Statement = Statement::change("generation.assignments", sqlite::ASSIGNMENTS, mssql::ASSIGNMENTS);
static HOLD: Statement = Statement::change("generation.hold", sqlite::HOLD, mssql::HOLD);
static CONFIGURATION: Statement =
    Statement::change("generation.configuration", sqlite::CONFIGURATION, mssql::CONFIGURATION);
static APP_CONFIGURATION: Statement =
    Statement::change("generation.app-configuration", sqlite::APP_CONFIGURATION, mssql::APP_CONFIGURATION);
static TIMER_OCCURRENCES: Statement =
    Statement::change("generation.timer-occurrences", sqlite::TIMER_OCCURRENCES, mssql::TIMER_OCCURRENCES);
static DOCUMENT_RANGES: Statement =
    Statement::change("generation.document-ranges", sqlite::DOCUMENT_RANGES, mssql::DOCUMENT_RANGES);
static DOCUMENT_PERMISSIONS: Statement =
    Statement::change("generation.document-permissions", sqlite::DOCUMENT_PERMISSIONS, mssql::DOCUMENT_PERMISSIONS);

static JOIN_TOKENS: Statement = Statement::change("generation.join-tokens", sqlite::JOIN_TOKENS, mssql::JOIN_TOKENS);

impl Installation {
    /// The generation of the state: it changes, and only grows, when a backup takes the state's place. Whoever remembers
    /// something of host state (a position in a feed, a revision, an answer) remembers it with the generation under which
    /// it was read, and forgets it under another one.
    pub async fn generation(&self) -> Result<u64, StateError> {
        let rows = self.0.read(Step::new(&GET, vec![])).await?;
        rows.first().map_or_else(|| Err(lost()), |row| row.unsigned(0))
    }

    /// Tells the database that its content was restored from a backup, and answers the new generation, which is above
    /// `before` too. Leases and occurrences of timers are free, workers are missing until they register again, one-time join tokens
    /// and the resource tokens of documents' permissions are void, and every epoch, generation, revision and LSN is above those handed
    /// out before. It may be repeated.
    pub async fn restored(&self, before: u64) -> Result<u64, StateError> {
        let mut steps = vec![Step::new(&RAISE, vec![Value::Now(0), before.into()])];
        let others = [
            &LEASES,
            &WORKERS,
            &JOIN_TOKENS,
            &APPS,
            &RETIRED_APPS,
            &ASSIGNMENTS,
            &HOLD,
            &CONFIGURATION,
            &APP_CONFIGURATION,
            &TIMER_OCCURRENCES,
            &DOCUMENT_RANGES,
            &DOCUMENT_PERMISSIONS,
        ];
        steps.extend(others.map(|statement| Step::new(statement, vec![])));
        let outcome = self.0.write(Operation::full(steps)).await?;
        outcome.row(0).map_or_else(|| Err(lost()), |row| row.unsigned(0))
    }
}

fn lost() -> StateError {
    StateError::Corrupt("the state database has lost its generation: restore it from a backup".to_owned())
}
