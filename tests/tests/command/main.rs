//! The `hearth` command as an operator and a script meet it, together with what it starts. (Its help, and what needs no
//! running installation, is tested beside its code.)
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod app_settings;
mod documents;
mod invoke;
mod package;
mod refused;
mod roles;
mod settings;

use std::process::Output;

use hearth_tests::client;

/// Runs `hearth` away from this machine's settings, in an empty folder.
fn run(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    client(home.path()).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
