//! The numbered steps from an empty database to this version's schema.
//!
//! A step never changes once released; each records the oldest binary that may still run on its result. Steps are
//! additive, so an older binary runs on a newer schema unless a step says otherwise.

use crate::StateError;

/// One step.
#[derive(Debug)]
pub(crate) struct Migration {
    /// Its number, from 1 without gaps.
    pub(crate) version: u32,
    /// The oldest version of Hearth that may use a database to which this step was applied.
    pub(crate) oldest_binary: &'static str,
    /// Its statements for SQLite.
    pub(crate) sqlite: &'static str,
    /// Its statements for SQL Server, sent as one batch; `$.` becomes the schema.
    pub(crate) mssql: &'static str,
}

/// Every step, in order.
pub(crate) static MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0001_initial.sqlite.sql"),
        mssql: include_str!("0001_initial.mssql.sql"),
    },
    // Triggers keep the new tables right under a 0.1.0 that goes on creating and deleting apps.
    Migration {
        version: 2,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0002_configuration.sqlite.sql"),
        mssql: include_str!("0002_configuration.mssql.sql"),
    },
    // A 0.1.0 goes on with the workers' own rows; it asks for no one-time token and knows no standing.
    Migration {
        version: 3,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0003_members.sqlite.sql"),
        mssql: include_str!("0003_members.mssql.sql"),
    },
    Migration {
        version: 4,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0004_scheduling.sqlite.sql"),
        mssql: include_str!("0004_scheduling.mssql.sql"),
    },
    Migration {
        version: 5,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0005_generation.sqlite.sql"),
        mssql: include_str!("0005_generation.mssql.sql"),
    },
    Migration {
        version: 6,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0006_timers.sqlite.sql"),
        mssql: include_str!("0006_timers.mssql.sql"),
    },
    Migration {
        version: 7,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0007_queues.sqlite.sql"),
        mssql: include_str!("0007_queues.mssql.sql"),
    },
    Migration {
        version: 8,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0008_documents.sqlite.sql"),
        mssql: include_str!("0008_documents.mssql.sql"),
    },
    Migration {
        version: 9,
        oldest_binary: "0.1.0",
        sqlite: include_str!("0009_feed_leases.sqlite.sql"),
        mssql: include_str!("0009_feed_leases.mssql.sql"),
    },
];

/// Table of the steps that were applied.
pub(crate) const SQLITE_VERSIONS: &str = "\
CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER NOT NULL PRIMARY KEY, oldest_binary TEXT NOT NULL, \
applied_by TEXT NOT NULL, applied INTEGER NOT NULL) STRICT";

/// The last step applied.
pub(crate) const SQLITE_CURRENT: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_versions";

/// The last step applied, on SQL Server.
pub(crate) const MSSQL_CURRENT: &str = "SELECT COALESCE(MAX(version), 0) FROM $.schema_versions";

/// Steps applied to the database, with the oldest binary of each.
pub(crate) const SQLITE_APPLIED: &str = "SELECT version, oldest_binary FROM schema_versions ORDER BY version";

/// Records a step.
pub(crate) const SQLITE_RECORD: &str = "\
INSERT INTO schema_versions (version, oldest_binary, applied_by, applied) VALUES (?, ?, ?, ?)";

/// The version of this binary.
pub(crate) const THIS_BINARY: &str = env!("CARGO_PKG_VERSION");

/// The oldest binary that may use a database with these steps applied.
pub(crate) fn oldest_binary(applied: &[(i64, String)]) -> &str {
    applied.iter().map(|(_, oldest)| oldest.as_str()).max_by_key(|oldest| numbers(oldest)).unwrap_or("0.1.0")
}

/// Refuses a database whose applied steps need a newer binary than `binary`.
pub(crate) fn check_compatible(applied: &[(i64, String)], binary: &str) -> Result<(), StateError> {
    let needed = applied.iter().map(|(_, oldest)| oldest).max_by_key(|oldest| numbers(oldest));
    match needed {
        Some(needed) if numbers(needed) > numbers(binary) => Err(StateError::Incompatible(format!(
            "the state database was upgraded by a newer Hearth: run hearth {needed} or later (this is {binary})"
        ))),
        _ => Ok(()),
    }
}

/// Major, minor and patch number; a pre-release counts as its release.
fn numbers(version: &str) -> [u64; 3] {
    let mut parts = version.split(['-', '+']).next().unwrap_or("").split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_without_gaps_and_run_on_this_binary() {
        for (index, step) in MIGRATIONS.iter().enumerate() {
            assert_eq!(step.version as usize, index + 1);
            assert!(numbers(step.oldest_binary) <= numbers(THIS_BINARY));
        }
    }

    #[test]
    fn a_newer_schema_is_refused_only_when_it_needs_a_newer_binary() {
        let applied = |oldest: &str| vec![(1, "0.1.0".to_owned()), (2, oldest.to_owned())];
        assert!(check_compatible(&applied("0.1.0"), "0.1.0").is_ok());
        assert!(check_compatible(&applied("0.9.0"), "0.10.0").is_ok());
        let error = check_compatible(&applied("0.10.2"), "0.9.0").unwrap_err();
        assert!(matches!(error, StateError::Incompatible(_)));
        assert!(error.to_string().contains("run hearth 0.10.2 or later (this is 0.9.0)"), "{error}");
    }
}
