//! Brings a database to this binary's schema, one numbered step per transaction. The caller holds the turn.

use hearth_model::clock::Clock;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Executor};

use super::errors::Place;
use crate::StateError;
use crate::migrations::{MIGRATIONS, SQLITE_APPLIED, SQLITE_RECORD, SQLITE_VERSIONS, THIS_BINARY, check_compatible};

/// Applies the steps that are missing; a killed process leaves whole steps only.
pub(super) async fn run(connection: &mut SqliteConnection, place: &Place, clock: &dyn Clock) -> Result<(), StateError> {
    let failed = |error| place.explain(&error);
    connection.execute(SQLITE_VERSIONS).await.map_err(failed)?;
    let applied: Vec<(i64, String)> =
        sqlx::query_as(SQLITE_APPLIED).fetch_all(&mut *connection).await.map_err(failed)?;
    check_compatible(&applied, THIS_BINARY)?;
    let current = applied.last().map_or(0, |(version, _)| *version);
    for step in MIGRATIONS.iter().filter(|step| i64::from(step.version) > current) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        transaction.execute(sqlx::raw_sql(step.sqlite)).await.map_err(failed)?;
        sqlx::query(SQLITE_RECORD)
            .bind(i64::from(step.version))
            .bind(step.oldest_binary)
            .bind(THIS_BINARY)
            .bind(clock.now().as_micros())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        tracing::info!(version = step.version, path = %place.path().display(), "state database: schema step applied");
    }
    Ok(())
}
