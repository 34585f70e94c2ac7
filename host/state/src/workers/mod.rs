//! Worker processes: who is there, since when, until when without another heartbeat.
//!
//! Every registration under a name gets a new epoch; beats under an older one are refused, and so are beats after the
//! worker was declared missing: it must register again, because its apps may by then run elsewhere.

mod mssql;
mod sqlite;

use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::ids::WorkerId;

use crate::operation::{Operation, Row, Statement, Step, Value, micros};
use crate::{Database, StateError, members};

static REGISTER: Statement = Statement::change("workers.register", sqlite::REGISTER, mssql::REGISTER);
static BEAT: Statement = Statement::change("workers.beat", sqlite::BEAT, mssql::BEAT);
static GET: Statement = Statement::query("workers.get", sqlite::GET, mssql::GET);
static LIST: Statement = Statement::query("workers.list", sqlite::LIST, mssql::LIST);
static MARK_MISSING: Statement = Statement::change("workers.mark-missing", sqlite::MARK_MISSING, mssql::MARK_MISSING);

/// A worker as it registers.
#[derive(Clone, Debug)]
pub struct NewWorker {
    /// Its name; a registration under the same name replaces the earlier one.
    pub name: WorkerId,
    /// Version of its binary.
    pub version: String,
    /// Where management reaches it.
    pub control_url: String,
    /// Where callers of functions reach it.
    pub http_url: String,
    /// How much it can take, in the scheduler's units.
    pub capacity: u32,
    /// Its labels, a JSON object.
    pub labels_json: String,
    /// Its process id, for operators.
    pub pid: u32,
    /// SHA-256 of the credential it was given.
    pub credential_hash: [u8; 32],
    /// The machine that it runs on; empty when it did not tell.
    pub node: String,
    /// When it takes work, as its operator wrote it; empty for always.
    pub available: String,
    /// How long it counts as present without a heartbeat.
    pub lease: Duration,
}

/// A registered worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its name.
    pub name: WorkerId,
    /// Fencing token of its registration.
    pub epoch: u64,
    /// Version of its binary.
    pub version: String,
    /// Where management reaches it.
    pub control_url: String,
    /// Where callers of functions reach it.
    pub http_url: String,
    /// How much it can take, in the scheduler's units.
    pub capacity: u32,
    /// Its labels, a JSON object.
    pub labels_json: String,
    /// Its process id.
    pub pid: u32,
    /// SHA-256 of its credential; compare in constant time.
    pub credential_hash: [u8; 32],
    /// When it registered.
    pub registered: Timestamp,
    /// Its last heartbeat.
    pub last_beat: Timestamp,
    /// When it will be due to be declared missing.
    pub expires: Timestamp,
    /// Whether it was declared missing.
    pub missing: bool,
}

/// Operations on workers.
#[derive(Clone, Debug)]
pub struct Workers(pub(crate) Database);

impl Workers {
    /// Registers a worker and answers its epoch. Whoever registered under this name before is fenced; after a lost
    /// answer a repeated call gives a newer epoch, and only that one counts. A name that an operator removed is
    /// [`StateError::Conflict`] until it joins again.
    pub async fn register(&self, new: &NewWorker) -> Result<u64, StateError> {
        let args = vec![
            new.name.as_str().into(),
            new.version.as_str().into(),
            new.control_url.as_str().into(),
            new.http_url.as_str().into(),
            i64::from(new.capacity).into(),
            new.labels_json.as_str().into(),
            i64::from(new.pid).into(),
            new.credential_hash.as_slice().into(),
            Value::Now(0),
            Value::Now(0),
            Value::Now(micros(new.lease)),
        ];
        let describe =
            vec![new.name.as_str().into(), new.node.as_str().into(), new.available.as_str().into(), Value::Now(0)];
        let steps = vec![Step::required(&members::DESCRIBE, describe), Step::new(&REGISTER, args)];
        let outcome = self.0.write(Operation::full(steps)).await?;
        if !outcome.done {
            return Err(StateError::Conflict(format!(
                "worker '{}' was removed: join again with a new token, made by 'hearth workers token'",
                new.name
            )));
        }
        outcome.row(1).ok_or_else(|| StateError::Unavailable("a registration was not answered".to_owned()))?.unsigned(0)
    }

    /// Heartbeats, each extending its worker's lease from now; one answer each, in order. False: the epoch is not the
    /// worker's latest, or it was declared missing, or is unknown; it must register again.
    pub async fn beat(&self, beats: &[(WorkerId, u64)], lease: Duration) -> Result<Vec<bool>, StateError> {
        if beats.is_empty() {
            return Ok(Vec::new());
        }
        let step = |(name, epoch): &(WorkerId, u64)| {
            Step::new(&BEAT, vec![Value::Now(0), Value::Now(micros(lease)), name.as_str().into(), Value::from(*epoch)])
        };
        let outcome = self.0.write(Operation::normal(beats.iter().map(step).collect())).await?;
        Ok(outcome.steps.iter().map(|step| step.affected == 1).collect())
    }

    /// The worker of this name.
    pub async fn get(&self, name: &WorkerId) -> Result<Option<Worker>, StateError> {
        self.0.read(Step::new(&GET, vec![name.as_str().into()])).await?.first().map(from_row).transpose()
    }

    /// All workers, by name, the missing ones included.
    pub async fn list(&self) -> Result<Vec<Worker>, StateError> {
        self.0.read(Step::new(&LIST, vec![])).await?.iter().map(from_row).collect()
    }

    /// Declares workers missing whose lease ended at or before `now`, and answers which: each registration is answered
    /// once, also when several processes ask. After a lost answer [`Workers::list`] still shows them as missing.
    pub async fn mark_missing(&self, now: Timestamp) -> Result<Vec<WorkerId>, StateError> {
        let step = Step::new(&MARK_MISSING, vec![now.as_micros().into()]);
        let outcome = self.0.write(Operation::full(vec![step])).await?;
        outcome.steps.iter().flat_map(|step| &step.rows).map(|row| row.id(0)).collect()
    }
}

fn from_row(row: &Row) -> Result<Worker, StateError> {
    let small = |column| u32::try_from(row.int(column)?).map_err(|_| row.unexpected(column));
    Ok(Worker {
        name: row.id(0)?,
        epoch: row.unsigned(1)?,
        version: row.text(2)?.to_owned(),
        control_url: row.text(3)?.to_owned(),
        http_url: row.text(4)?.to_owned(),
        capacity: small(5)?,
        labels_json: row.text(6)?.to_owned(),
        pid: small(7)?,
        credential_hash: row.bytes(8)?.try_into().map_err(|_| row.unexpected(8))?,
        registered: row.time(9)?,
        last_beat: row.time(10)?,
        expires: row.time(11)?,
        missing: row.flag(12)?,
    })
}
