//! The client of PyPI, unmodified, against the store on a port of its own: operations, queries, feeds, and the asynchronous client.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

#[path = "../served/mod.rs"]
mod served;

use std::path::Path;
use std::process::Command;

use served::{Served, folder, has, installed, said};

/// A folder with a virtual environment that has the client; none where there is no Python.
fn python() -> Option<tempfile::TempDir> {
    if !has("python3", "the PyPI client") {
        return None;
    }
    let environment = tempfile::Builder::new().prefix("hearth-documents-python-").tempdir().unwrap();
    let mut make = Command::new("python3");
    let output = make.args(["-m", "venv", "venv"]).current_dir(environment.path()).output().unwrap();
    if !output.status.success() {
        println!("skipped: this Python makes no virtual environments: {}", said(&output));
        return None;
    }
    let mut command = Command::new(environment.path().join("venv/bin/pip"));
    let requirements = folder("python").join("requirements.txt");
    command.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(requirements);
    installed(command).then_some(environment)
}

fn script(environment: &Path, name: &str) -> Command {
    let mut command = Command::new(environment.join("venv/bin/python"));
    command.arg("-B").arg(folder("python").join(name));
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pypi_client_does_everything_unmodified() {
    let Some(environment) = tokio::task::spawn_blocking(python).await.unwrap() else { return };
    let served = Served::start().await;
    let run = |name| served.run(script(environment.path(), name));
    tokio::join!(run("operations.py"), run("queries.py"), run("feeds.py"), run("asynchronous.py"));
}
