//! The client of crates.io, unmodified, against the store on a port of its own. It is a project of its own beside this file: what it
//! needs stays out of the versions that Hearth is built from, and it is compiled into a folder of its own, about 90 s of processor
//! time when nothing is there yet.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

#[path = "../served/mod.rs"]
mod served;

use std::path::PathBuf;
use std::process::Command;

use served::{Served, folder, installed};

/// The suite as a program; none where the registry cannot be reached.
fn built() -> Option<PathBuf> {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("documents-rust-client");
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["build", "--locked", "--quiet", "--target-dir"])
        .arg(&target)
        .current_dir(folder("rust").join("client"))
        // Settings of the build that runs this test are not this project's.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    installed(command).then(|| target.join("debug/documents-rust-client"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_crates_io_client_does_everything_unmodified() {
    let Some(program) = tokio::task::spawn_blocking(built).await.unwrap() else { return };
    let served = Served::start().await;
    served.run(Command::new(program)).await;
}
