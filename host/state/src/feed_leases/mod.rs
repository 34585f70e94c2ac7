//! Leases of change feeds: who reads a range for a function, and how far it has been read, where that is kept in host state and not
//! in a container of leases.
//!
//! What a lease says is its owners' business; here each has a version, so that nobody writes over what they have not read. A
//! checkpoint is a step of the transaction that commits what a function gave out, and finds no row once the lease was written by
//! another, read on or set back since: a batch has its effects once, however often it is run.

mod mssql;
mod sqlite;

use hearth_model::clock::Timestamp;
use hearth_model::ids::AppName;

use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, StateError};

static LIST: Statement = Statement::query("feed-leases.list", sqlite::LIST, mssql::LIST);
static GET: Statement = Statement::query("feed-leases.get", sqlite::GET, mssql::GET);
static CREATE: Statement = Statement::change("feed-leases.create", sqlite::CREATE, mssql::CREATE);
static REPLACE: Statement = Statement::change("feed-leases.replace", sqlite::REPLACE, mssql::REPLACE);
static DELETE: Statement = Statement::change("feed-leases.delete", sqlite::DELETE, mssql::DELETE);
static CHECKPOINT: Statement = Statement::change("feed-leases.checkpoint", sqlite::CHECKPOINT, mssql::CHECKPOINT);

/// Longest id of a lease, in UTF-16 units.
pub const MAX_FEED_LEASE_ID: usize = 380;
/// Longest name of an owner, in UTF-16 units.
pub const MAX_FEED_LEASE_OWNER: usize = 200;

/// A lease, or what else belongs to the leases of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLease {
    /// Unique in its app; at most [`MAX_FEED_LEASE_ID`].
    pub id: String,
    /// Grows with every change.
    pub version: u64,
    /// Who reads the range; empty for nobody. At most [`MAX_FEED_LEASE_OWNER`].
    pub owner: String,
    /// How far it has been read; empty for not at all.
    pub continuation: String,
    /// When its owner was last known to be there, by the owner's clock.
    pub renewed: Timestamp,
    /// What else its owners keep of it.
    pub body: String,
}

/// A batch of a range was handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedCheckpoint {
    /// The app.
    pub app: AppName,
    /// The lease as it is to be: the version and the owner are those that it must still have.
    pub lease: FeedLease,
}

/// Operations on leases of feeds.
#[derive(Clone, Debug)]
pub struct FeedLeases(pub(crate) Database);

impl FeedLeases {
    /// The leases of an app whose ids begin so, by id; an empty text stands for all.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn list(&self, app: &AppName, prefix: &str) -> Result<Vec<FeedLease>, StateError> {
        let args = vec![app.as_str().into(), prefix.into(), after(prefix).as_str().into()];
        self.0.read(Step::new(&LIST, args)).await?.iter().map(from_row).collect()
    }

    /// A lease.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn get(&self, app: &AppName, id: &str) -> Result<Option<FeedLease>, StateError> {
        let rows = self.0.read(Step::new(&GET, vec![app.as_str().into(), id.into()])).await?;
        rows.first().map(from_row).transpose()
    }

    /// Makes a lease; its version is given. None: there is one of this id, or no such app.
    ///
    /// # Errors
    /// [`StateError::Rejected`] for an id or owner that is too long; those of a write.
    pub async fn create(&self, app: &AppName, lease: &FeedLease) -> Result<Option<u64>, StateError> {
        check(lease)?;
        let mut args = vec![lease.id.as_str().into()];
        args.extend(content(lease));
        args.push(app.as_str().into());
        let outcome = self.0.write(Operation::full(vec![Step::new(&CREATE, args)])).await?;
        outcome.row(0).map(|row| row.unsigned(0)).transpose()
    }

    /// Writes a lease over that of the version it names; answers the version after it. None: it has another version by now, or is gone.
    ///
    /// # Errors
    /// [`StateError::Rejected`] for an owner that is too long; those of a write.
    pub async fn replace(&self, app: &AppName, lease: &FeedLease) -> Result<Option<u64>, StateError> {
        check(lease)?;
        let mut args = content(lease).to_vec();
        args.extend([app.as_str().into(), lease.id.as_str().into(), lease.version.into()]);
        let outcome = self.0.write(Operation::full(vec![Step::new(&REPLACE, args)])).await?;
        Ok((outcome.affected(0) == 1).then_some(lease.version + 1))
    }

    /// Deletes a lease of this version. False: it has another by now, or is gone.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn delete(&self, app: &AppName, id: &str, version: u64) -> Result<bool, StateError> {
        let args = vec![app.as_str().into(), id.into(), version.into()];
        let outcome = self.0.write(Operation::full(vec![Step::new(&DELETE, args)])).await?;
        Ok(outcome.affected(0) == 1)
    }
}

/// A batch was handled, as a part of an operation: without the lease as its owner last wrote it, nothing of the operation is done.
pub(crate) fn checkpoint_step(checkpoint: &FeedCheckpoint) -> Step {
    let FeedCheckpoint { app, lease } = checkpoint;
    let FeedLease { id, version, owner, continuation, renewed, body } = lease;
    let args = vec![
        continuation.as_str().into(),
        renewed.as_micros().into(),
        body.as_str().into(),
        app.as_str().into(),
        id.as_str().into(),
        owner.as_str().into(),
        (*version).into(),
    ];
    Step::required(&CHECKPOINT, args)
}

fn content(lease: &FeedLease) -> [Value; 4] {
    let FeedLease { owner, continuation, renewed, body, .. } = lease;
    [owner.as_str().into(), continuation.as_str().into(), renewed.as_micros().into(), body.as_str().into()]
}

fn from_row(row: &Row) -> Result<FeedLease, StateError> {
    Ok(FeedLease {
        id: row.text(0)?.to_owned(),
        version: row.unsigned(1)?,
        owner: row.text(2)?.to_owned(),
        continuation: row.text(3)?.to_owned(),
        renewed: row.time(4)?,
        body: row.text(5)?.to_owned(),
    })
}

/// The first id behind all that begin so. Prefixes end with ASCII; where one did not, it is still before all ids that follow it.
fn after(prefix: &str) -> String {
    let mut next = prefix.to_owned();
    match next.pop() {
        Some(last) if last < '\u{7f}' => next.push(char::from(last as u8 + 1)),
        last => next.extend(last.into_iter().chain(['\u{ffff}'])),
    }
    next
}

fn check(lease: &FeedLease) -> Result<(), StateError> {
    let longest = [(&lease.id, MAX_FEED_LEASE_ID, "id"), (&lease.owner, MAX_FEED_LEASE_OWNER, "owner")];
    for (text, most, what) in longest {
        if text.encode_utf16().count() > most {
            return Err(StateError::Rejected(format!(
                "the {what} of a lease of a change feed is longer than {most} characters: give the function a shorter \
                 leaseContainerPrefix"
            )));
        }
    }
    Ok(())
}
