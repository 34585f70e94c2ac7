//! Leases with fencing tokens: at most one holder at a time, and a later holder always has a greater epoch.
//!
//! Expiry is decided by the database's time. What is done under a lease carries its epoch, so that a holder that slept
//! through its expiry is refused.

mod mssql;
mod sqlite;

use std::time::Duration;

use crate::operation::{Operation, Row, Statement, Step, Value, micros};
use crate::{Database, StateError};

static ACQUIRE: Statement = Statement::change("leases.acquire", sqlite::ACQUIRE, mssql::ACQUIRE);
static RENEW: Statement = Statement::change("leases.renew", sqlite::RENEW, mssql::RENEW);
static RELEASE: Statement = Statement::change("leases.release", sqlite::RELEASE, mssql::RELEASE);

static HOLDER: Statement = Statement::query("leases.holder", sqlite::HOLDER, mssql::HOLDER);
static FENCE: Statement = Statement::query("leases.fence", sqlite::FENCE, mssql::FENCE);

/// Answer of an operation that is done under a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnderLease<T> {
    /// The lease was still this holder's, and this is the operation's own answer.
    Done(T),
    /// The lease was taken by another holder since, or given back: nothing was changed.
    Stale,
}

/// Who holds a lease now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder {
    /// The holder as it named itself.
    pub holder: String,
    /// Fencing token of its acquisition.
    pub epoch: u64,
}

/// A lease as it was acquired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What is leased.
    pub name: String,
    /// Who holds it; unique per process and use.
    pub holder: String,
    /// Fencing token, growing with every acquisition.
    pub epoch: u64,
}

/// Operations on leases.
#[derive(Clone, Debug)]
pub struct Leases(pub(crate) Database);

impl Leases {
    /// Takes a lease that is free, expired, or already this holder's, for `ttl` from now. None if another holds it.
    /// Taking it again gives a new epoch and fences the earlier one, so a repeated call after a lost answer is safe.
    pub async fn acquire(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Lease>, StateError> {
        let args = vec![name.into(), holder.into(), Value::Now(micros(ttl)), Value::Now(0)];
        let outcome = self.0.write(Operation::normal(vec![Step::new(&ACQUIRE, args)])).await?;
        let Some(row) = outcome.row(0) else { return Ok(None) };
        Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), epoch: row.unsigned(0)? }))
    }

    /// Extends leases to `ttl` from now; one answer each, in order. False: it expired, was released, or has a later
    /// epoch, and what was done under it must stop.
    pub async fn renew(&self, leases: &[Lease], ttl: Duration) -> Result<Vec<bool>, StateError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let step = |lease: &Lease| {
            let [name, holder, epoch] = identity(lease);
            Step::new(&RENEW, vec![Value::Now(micros(ttl)), name, holder, epoch, Value::Now(0)])
        };
        let outcome = self.0.write(Operation::normal(leases.iter().map(step).collect())).await?;
        Ok(outcome.steps.iter().map(|step| step.affected == 1).collect())
    }

    /// Who holds a lease, by the database's time; none when it is free or expired.
    pub async fn holder(&self, name: &str) -> Result<Option<LeaseHolder>, StateError> {
        let rows = self.0.read(Step::new(&HOLDER, vec![name.into(), Value::Now(0)])).await?;
        let holder = |row: &Row| Ok(LeaseHolder { holder: row.text(0)?.to_owned(), epoch: row.unsigned(1)? });
        rows.first().map(holder).transpose()
    }

    /// Gives a lease back. False if it was no longer held.
    pub async fn release(&self, lease: &Lease) -> Result<bool, StateError> {
        let mut args = identity(lease).to_vec();
        args.push(Value::Now(0));
        let outcome = self.0.write(Operation::normal(vec![Step::new(&RELEASE, args)])).await?;
        Ok(outcome.affected(0) == 1)
    }
}

/// The first step of an operation under a lease: without its row, that is once another holder took it, nothing is done. Expiry
/// alone fences nobody, because then there is nobody else yet.
pub(crate) fn fence(lease: &Lease) -> Step {
    Step::required(&FENCE, identity(lease).to_vec())
}

fn identity(lease: &Lease) -> [Value; 3] {
    [lease.name.as_str().into(), lease.holder.as_str().into(), lease.epoch.into()]
}
