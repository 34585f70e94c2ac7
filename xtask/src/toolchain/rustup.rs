//! The route for everybody who has rustup and a way to its server: `wasm32-wasip2`, whose linker makes the component.

use std::process::Command;
use std::time::Duration;

use crate::environment::{Scrub, scrub};
use crate::output::step;
use crate::process::{find, read, try_within};

/// The target that rustup builds guests for.
pub(crate) const TARGET: &str = "wasm32-wasip2";
/// The command that installs it.
pub(crate) const ADD: &str = "rustup target add wasm32-wasip2";
/// How long the download may take. It is about 25 MB; without a network rustup fails by itself within seconds.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(120);

/// Whether the active toolchain has the target already.
pub(crate) fn has_target() -> bool {
    find("rustup").is_some()
        && read(Command::new("rustup").args(["target", "list", "--installed"]))
            .is_ok_and(|list| list.lines().any(|line| line.trim() == TARGET))
}

/// Adds the target to the active toolchain. False where there is no rustup or it cannot download: not an error, there is
/// another route.
pub(crate) fn add_target() -> anyhow::Result<bool> {
    if find("rustup").is_none() {
        return Ok(false);
    }
    step(format_args!("installing the {TARGET} target into the active rustup toolchain (a download of about 25 MB)"));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1");
    let added = try_within(&mut rustup, DOWNLOAD_LIMIT)? && has_target();
    if !added {
        step("rustup cannot download here; going on with Debian's compiler");
    }
    Ok(added)
}

/// `cargo build` of the active rustup toolchain.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    scrub(&mut cargo, Scrub::BuildSettings);
    cargo.arg("build");
    cargo
}
