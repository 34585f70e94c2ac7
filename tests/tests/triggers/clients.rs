//! The official clients of Azure Queue Storage, from npm and PyPI, against a whole installation, by the connection string that it prints.
//!
//! The scripts are those of `tests/clients/queues`, where more is said of them; what is not there to run them is told as skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hearth_tests::Hearth;

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/queues")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a step of an installation; false, with the reason, where it can't be taken here.
fn installed(mut command: Command) -> bool {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: {:?} can't be run: {error}", command.get_program());
            return false;
        }
    };
    let said = said(&output);
    let signs = [
        "ENOTFOUND",
        "ECONNREFUSED",
        "EAI_AGAIN",
        "ETIMEDOUT",
        "NewConnectionError",
        "ConnectTimeoutError",
        "ensurepip",
    ];
    if !output.status.success() && signs.iter().any(|sign| said.contains(sign)) {
        println!("skipped: {said}");
        return false;
    }
    assert!(output.status.success(), "the client could not be installed: {said}");
    true
}

/// Runs a script against the queues of an app that was just made.
#[track_caller]
fn run(mut script: Command) {
    let hearth = Hearth::start();
    hearth.create_app("clients");
    let printed = hearth.run(["queues", "connection-string", "--app", "clients"]);
    assert!(printed.status.success(), "{}", said(&printed));
    let output = script.env("HEARTH_QUEUES", String::from_utf8(printed.stdout).unwrap().trim()).output().unwrap();
    assert!(output.status.success(), "{}\n{}", said(&output), hearth.log().tail(20));
}

#[test]
fn the_npm_client_works_with_the_printed_connection_string() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["package.json", "package-lock.json", "operations.js"] {
        std::fs::copy(scripts().join(file), folder.path().join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]).current_dir(folder.path());
    if installed(npm) {
        let mut node = Command::new("node");
        node.arg("operations.js").current_dir(folder.path());
        run(node);
    }
}

#[test]
fn the_pypi_client_works_with_the_printed_connection_string() {
    let folder = tempfile::tempdir().unwrap();
    let mut python = Command::new("python3");
    python.args(["-m", "venv", "venv"]).current_dir(folder.path());
    let mut pip = Command::new(folder.path().join("venv/bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(scripts().join("requirements.txt"));
    if installed(python) && installed(pip) {
        let mut python = Command::new(folder.path().join("venv/bin/python"));
        python.arg(scripts().join("operations.py"));
        run(python);
    }
}
