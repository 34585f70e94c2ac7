//! One meaning on every engine: what each operation promises, also with many callers, faults at every point and killed
//! processes. Everything but `sqlite` is written against [`fixture::Fixture`] alone, so a second engine adds a fixture.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app_keys;
mod app_settings;
mod apps;
mod assignments;
mod configuration;
mod deployments;
mod faults;
mod fixture;
mod installation;
mod leases;
mod members;
mod packages;
mod processes;
mod rotation;
mod scenarios;
mod scheduling;
mod sqlite;
mod upgrade;
mod workers;

use std::io::Write;

/// Makes a test of each function for every engine that can be reached.
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
    };
}

/// Says on the terminal, past the test harness, that something was not tested.
pub(crate) fn skipped(what: &str, reason: &str) {
    writeln!(std::io::stderr(), "skipped: {what}: {reason}").ok();
}

#[test]
fn the_second_engine_is_skipped_visibly() {
    let reason = match std::env::var_os("HEARTH_TEST_SQLSERVER") {
        None => "HEARTH_TEST_SQLSERVER is not set",
        Some(_) => "this version has no SQL Server engine",
    };
    skipped("contract suite on SQL Server", reason);
}
