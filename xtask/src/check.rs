//! `cargo xtask check`: formatting, lints, documentation and the rules for dependencies. Clippy and rustdoc use the same
//! check builds of the dependencies.

use anyhow::bail;

use crate::guests;
use crate::output::{complain, say, step};
use crate::process::{find, run as run_command};
use crate::workspace::Workspace;

/// Runs every check, also after one has failed, and then fails with their names.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    // hearth-engine embeds them, so it cannot be checked without.
    guests::build_engine(workspace)?;
    let mut formatting = workspace.cargo();
    formatting.args(["fmt", "--all", "--check"]);
    let mut clippy = workspace.cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    let mut documentation = workspace.cargo();
    documentation.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");

    let mut checks = vec![("rustfmt", formatting), ("clippy", clippy), ("rustdoc", documentation)];
    if find("cargo-deny").is_some() {
        let mut deny = workspace.cargo();
        deny.args(["deny", "check", "bans", "licenses", "sources"]);
        checks.push(("cargo-deny", deny));
    } else {
        step(
            "skipped: cargo-deny is not installed, so bans, licences and sources were not checked (cargo install cargo-deny)",
        );
    }
    let mut failed = Vec::new();
    for (name, mut command) in checks {
        if let Err(error) = run_command(&mut command) {
            complain(format_args!("{name}: {error:#}"));
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    say("all checks passed");
    Ok(())
}
