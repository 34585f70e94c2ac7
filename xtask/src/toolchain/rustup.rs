//! The route for everybody who has rustup and a way to its server: `wasm32-wasip2`, whose linker makes the component, and
//! `wasm32-unknown-unknown` for the engine guests, which bring the little of a C library that they need.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::ENGINE_TARGET;
use super::clang::Clang;
use super::linker;
use crate::environment::{Scrub, scrub};
use crate::output::step;
use crate::process::{find, read, try_within};

/// The target that rustup builds guests for.
pub(crate) const TARGET: &str = "wasm32-wasip2";
/// The command that installs it, and the target of the engine guests.
pub(crate) const ADD: &str = "rustup target add wasm32-wasip2 wasm32-unknown-unknown";
/// How long the download may take. It is about 50 MB; without a network rustup fails by itself within seconds.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(120);

/// Whether the active toolchain has both targets already.
pub(crate) fn has_targets() -> bool {
    find("rustup").is_some()
        && read(Command::new("rustup").args(["target", "list", "--installed"])).is_ok_and(|list| {
            [TARGET, ENGINE_TARGET].iter().all(|target| list.lines().any(|line| line.trim() == *target))
        })
}

/// Adds the targets to the active toolchain. False where there is no rustup or it cannot download: not an error, there is
/// another route.
pub(crate) fn add_targets() -> anyhow::Result<bool> {
    if find("rustup").is_none() {
        return Ok(false);
    }
    step(format_args!(
        "installing the targets {TARGET} and {ENGINE_TARGET} into the active rustup toolchain (a download of about 50 MB)"
    ));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET, ENGINE_TARGET]).env("RUSTUP_MAX_RETRIES", "1");
    let added = try_within(&mut rustup, DOWNLOAD_LIMIT)? && has_targets();
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

/// The same for engine guests, with the component linker and a C compiler.
pub(crate) fn engine_cargo(target_folder: &Path) -> anyhow::Result<Command> {
    let clang = Clang::find()?;
    let linker = linker::wrapper(target_folder, linker::in_sysroot("gcc-ld/wasm-ld").as_deref())?;
    let mut cargo = cargo();
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    clang.tell(&mut cargo);
    Ok(cargo)
}
