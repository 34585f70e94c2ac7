//! What the scheduler keeps: the host.json of packages that say where they run, and why it decided as it did.
//!
//! Decisions are for people. They are written in batches of the normal class, bounded per app, and may be lost with the machine's
//! power; nothing is decided by them.

mod mssql;
mod sqlite;

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, Digest, WorkerId};

use crate::leases::{self, Lease};
use crate::operation::{Operation, Row, Statement, Step};
use crate::{Database, StateError, UnderLease};

static KEEP: Statement = Statement::change("scheduling.keep-host-json", sqlite::KEEP, mssql::KEEP);
static KEPT: Statement = Statement::query("scheduling.host-json", sqlite::KEPT, mssql::KEPT);
static COLLECT: Statement = Statement::change("scheduling.collect", sqlite::COLLECT, mssql::COLLECT);
static OVERRIDING: Statement = Statement::query("scheduling.overriding-apps", sqlite::OVERRIDING, mssql::OVERRIDING);
static ADD: Statement = Statement::change("scheduling.add-decision", sqlite::ADD, mssql::ADD);
static PRUNE: Statement = Statement::change("scheduling.prune-decisions", sqlite::PRUNE, mssql::PRUNE);
static FORGET: Statement = Statement::change("scheduling.forget-decisions", sqlite::FORGET, mssql::FORGET);
static LIST: Statement = Statement::query("scheduling.decisions", sqlite::LIST, mssql::LIST);

/// One decision about where an app runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The app.
    pub app: AppName,
    /// When it was decided; together with the app its identity, so the scheduler gives no two of an app the same time.
    pub at: Timestamp,
    /// What was decided, in a word: `placed`, `retired`, `scaled`, `moving`, `waiting`.
    pub kind: String,
    /// The worker that it is about; none for the app as a whole.
    pub worker: Option<WorkerId>,
    /// Why, for people.
    pub reason: String,
}

/// Operations on what the scheduler keeps.
#[derive(Clone, Debug)]
pub struct Scheduling(pub(crate) Database);

impl Scheduling {
    /// Keeps the host.json of a package. Repeating it changes nothing: a package never changes.
    pub async fn keep_host_json(&self, digest: &Digest, host_json: &[u8]) -> Result<(), StateError> {
        let args = vec![digest.as_str().into(), host_json.into()];
        self.0.write(Operation::full(vec![Step::new(&KEEP, args)])).await?;
        Ok(())
    }

    /// The host.json of a package, if it was kept.
    pub async fn host_json(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StateError> {
        let rows = self.0.read(Step::new(&KEPT, vec![digest.as_str().into()])).await?;
        rows.first().map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
    }

    /// Forgets what was kept of packages that are gone.
    pub async fn collect(&self) -> Result<(), StateError> {
        self.0.write(Operation::normal(vec![Step::new(&COLLECT, vec![])])).await?;
        Ok(())
    }

    /// Apps with settings that are put over their host.json.
    pub async fn overriding_apps(&self) -> Result<Vec<AppName>, StateError> {
        self.0.read(Step::new(&OVERRIDING, vec![])).await?.iter().map(|row| row.id(0)).collect()
    }

    /// Writes decisions down under the scheduler's lease, and forgets those that are older than the time given with each app.
    pub async fn record(
        &self,
        lease: &Lease,
        decisions: &[Decision],
        oldest: &[(AppName, Timestamp)],
    ) -> Result<UnderLease<()>, StateError> {
        let mut steps = vec![leases::fence(lease)];
        for decision in decisions {
            let worker = decision.worker.as_ref().map_or("", WorkerId::as_str);
            steps.push(Step::new(
                &ADD,
                vec![
                    decision.app.as_str().into(),
                    decision.at.as_micros().into(),
                    decision.kind.as_str().into(),
                    worker.into(),
                    decision.reason.as_str().into(),
                ],
            ));
        }
        let prune =
            |(app, at): &(AppName, Timestamp)| Step::new(&PRUNE, vec![app.as_str().into(), at.as_micros().into()]);
        steps.extend(oldest.iter().map(prune));
        let done = self.0.write(Operation::normal(steps)).await?.done;
        Ok(if done { UnderLease::Done(()) } else { UnderLease::Stale })
    }

    /// Forgets the decisions about an app that was deleted.
    pub async fn forget(&self, app: &AppName) -> Result<(), StateError> {
        self.0.write(Operation::normal(vec![Step::new(&FORGET, vec![app.as_str().into()])])).await?;
        Ok(())
    }

    /// All decisions, by app and time.
    pub async fn decisions(&self) -> Result<Vec<Decision>, StateError> {
        self.0.read(Step::new(&LIST, vec![])).await?.iter().map(from_row).collect()
    }
}

fn from_row(row: &Row) -> Result<Decision, StateError> {
    Ok(Decision {
        app: row.id(0)?,
        at: row.time(1)?,
        kind: row.text(2)?.to_owned(),
        worker: row.optional_id(3)?,
        reason: row.text(4)?.to_owned(),
    })
}
