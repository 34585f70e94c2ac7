//! One meaning on every engine: what each operation promises, also with many callers, faults at every point and killed
//! processes. Everything but `sqlite` is written against [`fixture::Fixture`] alone.
//!
//! On SQL Server the tests are listed as ignored with the reason, and run by one of their own where
//! `HEARTH_TEST_SQLSERVER` names a server, so that none that did not run counts as passed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app_keys;
mod app_settings;
mod apps;
mod assignments;
mod configuration;
mod contention;
mod cuts;
mod deployments;
mod differential;
mod documents;
mod effects;
mod faults;
mod feed_leases;
mod fixture;
mod generation;
mod installation;
mod leases;
mod members;
mod packages;
mod processes;
mod queue_accounts;
mod queues;
mod rotation;
mod scenarios;
mod scheduling;
mod sqlite;
mod timers;
mod upgrade;
mod workers;

use std::io::Write;

/// Makes a test of each function for every engine.
#[macro_export]
macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::fixture::Fixture::sqlite()).await;
                }
            )+
        }
        $crate::on_sql_server!($($name),+);
    };
}

/// Makes a test of each function for SQL Server alone.
#[macro_export]
macro_rules! on_sql_server {
    ($($name:ident),+ $(,)?) => {
        mod on_sql_server {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "runs where HEARTH_TEST_SQLSERVER names a server"]
                async fn $name() {
                    super::$name($crate::fixture::Fixture::sql_server()).await;
                }
            )+
        }
    };
}

/// Says on the terminal, past the test harness, that something was not tested.
pub(crate) fn skipped(what: &str, reason: &str) {
    writeln!(std::io::stderr(), "skipped: {what}: {reason}").ok();
}

#[test]
fn what_is_ignored_runs_where_a_server_is_given() {
    if std::env::var_os(fixture::SERVER).is_none() {
        return skipped("contract suite on SQL Server", "HEARTH_TEST_SQLSERVER is not set");
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let status = command.args(["on_sql_server::", "--ignored", "--test-threads=4"]).status().unwrap();
    assert!(status.success(), "the contract does not hold on SQL Server");
}
