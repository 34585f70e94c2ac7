//! Brings a schema to this binary's version, one numbered step per transaction, each under the database's application
//! lock of this schema. Where nothing is to be done nothing but the version table is read, so that a login that may only
//! use the tables is enough.

use super::batch::{NOW, script};
use super::errors::{Failure, Passing};
use super::pool::Lent;
use super::run;
use super::transaction::Transactions;
use crate::StateError;
use crate::migrations::{MIGRATIONS, Migration, THIS_BINARY, check_compatible};
use crate::operation::Row;

/// How long another process may take for its step before this one gives up, in milliseconds.
const LOCK_PATIENCE_MS: u32 = 25_000;

/// Applies the steps that are missing; a killed process leaves whole steps only.
pub(super) async fn run(transactions: &Transactions) -> Result<(), Failure> {
    let mut lent = transactions.pool.get().await?;
    let answer = check_database(&mut lent, transactions.pool.place()).await;
    transactions.settle(&mut lent, answer, Failure::of).await?;
    while pending(transactions, &mut lent).await?.is_some() {
        let applied = apply(transactions, &mut lent).await;
        if applied.is_err() {
            lent.recover().await;
        }
        if let Some(step) = applied? {
            tracing::info!(
                version = step.version,
                schema = %transactions.schema,
                server = %transactions.pool.place(),
                "state database: schema step applied"
            );
        }
    }
    Ok(())
}

/// Says what the database should be set up like.
async fn check_database(lent: &mut Lent, place: &str) -> Result<(), tiberius::error::Error> {
    let text = "SELECT CAST(is_read_committed_snapshot_on AS int) FROM sys.databases WHERE database_id = DB_ID()";
    let rows = run::plain(lent, text).await?;
    if rows.first().is_some_and(|row| row.int(0) == Ok(0)) {
        tracing::warn!(
            server = %place,
            "state database: READ_COMMITTED_SNAPSHOT is off, so readers wait for writers: set it on (docs/operations.md)"
        );
    }
    Ok(())
}

/// The next step, if one is missing.
async fn pending(transactions: &Transactions, lent: &mut Lent) -> Result<Option<&'static Migration>, Failure> {
    let answer = applied(lent, &transactions.schema).await;
    next(&transactions.settle(lent, answer, Failure::of).await?)
}

/// Applies the next step under the lock; None if another process was faster.
async fn apply(transactions: &Transactions, lent: &mut Lent) -> Result<Option<&'static Migration>, Failure> {
    let (schema, place) = (&transactions.schema, transactions.pool.place());
    let failed = |error: tiberius::error::Error| Failure::of(place, &error);
    lent.request().map_err(failed)?.begin_transaction().await.map_err(failed)?;
    let lock = format!(
        "DECLARE @code int; EXEC @code = sp_getapplock @Resource = N'hearth-schema-{schema}', @LockMode = N'Exclusive', \
         @LockOwner = N'Transaction', @LockTimeout = {LOCK_PATIENCE_MS}; SELECT @code"
    );
    let locked = run::plain(lent, &lock).await.map_err(failed)?;
    if locked.first().and_then(|row| row.int(0).ok()).is_none_or(|code| code < 0) {
        let text = format!("another process takes long to upgrade the schema on SQL Server '{place}'");
        return Err(Failure::Undone(Passing::LockTimeout, StateError::Unavailable(text)));
    }
    let Some(step) = next(&applied(lent, schema).await.map_err(failed)?)? else {
        lent.request().map_err(failed)?.rollback_transaction().await.map_err(failed)?;
        lent.settled();
        return Ok(None);
    };
    let first = [
        format!("IF SCHEMA_ID(N'{schema}') IS NULL EXEC(N'CREATE SCHEMA [{schema}]')"),
        format!(
            "IF OBJECT_ID(N'[{schema}].[schema_versions]') IS NULL CREATE TABLE [{schema}].schema_versions (version \
             bigint NOT NULL, oldest_binary nvarchar(100) NOT NULL, applied_by nvarchar(100) NOT NULL, applied bigint NOT \
             NULL, CONSTRAINT pk_schema_versions PRIMARY KEY CLUSTERED (version))"
        ),
    ];
    let record = format!(
        "INSERT INTO [{schema}].schema_versions (version, oldest_binary, applied_by, applied) SELECT {}, N'{}', \
         N'{THIS_BINARY}', {NOW}",
        step.version, step.oldest_binary
    );
    for text in first.into_iter().chain(script(schema, step.mssql)).chain([record]) {
        run::plain(lent, &text).await.map_err(failed)?;
    }
    lent.request().map_err(failed)?.commit_transaction().await.map_err(failed)?;
    lent.settled();
    Ok(Some(step))
}

/// The steps that were applied to the schema; none where there is no version table.
async fn applied(lent: &mut Lent, schema: &str) -> Result<Vec<Row>, tiberius::error::Error> {
    let there = run::plain(lent, &format!("SELECT OBJECT_ID(N'[{schema}].[schema_versions]')")).await?;
    if there.first().is_none_or(|row| row.int(0).is_err()) {
        return Ok(Vec::new());
    }
    run::plain(lent, &format!("SELECT version, oldest_binary FROM [{schema}].schema_versions ORDER BY version")).await
}

fn next(applied: &[Row]) -> Result<Option<&'static Migration>, Failure> {
    let read = |row: &Row| Ok((row.int(0)?, row.text(1)?.to_owned()));
    let applied: Vec<(i64, String)> = applied.iter().map(read).collect::<Result<_, _>>().map_err(Failure::Final)?;
    check_compatible(&applied, THIS_BINARY).map_err(Failure::Final)?;
    let current = applied.last().map_or(0, |(version, _)| *version);
    Ok(MIGRATIONS.iter().find(|step| i64::from(step.version) > current))
}
