//! Which compiler makes the guests. Two routes lead to the same components: rustup's `wasm32-wasip2` target, and where
//! rustup cannot download, Debian's `rustc-web` with its standard library built from source. What is already installed
//! is used before anything is fetched; what is fetched is said first; the user's default toolchain is never changed.

mod clang;
mod debian;
mod linker;
mod rustup;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::output::step;
use crate::workspace::{Guest, Workspace};

/// Names the route instead of letting xtask choose: `rustup` or `debian`.
pub(crate) const CHOICE: &str = "HEARTH_GUEST_TOOLCHAIN";

/// The target of engine guests on both routes: C code needs no libc there but what the crate brings.
pub(crate) const ENGINE_TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that is installed and can build guests.
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// The rustup toolchain that runs xtask, target wasm32-wasip2.
    Rustup,
    /// Debian's packages, target wasm32-unknown-unknown.
    Debian(debian::Debian),
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Any,
    Rustup,
    Debian,
}

impl Choice {
    fn parse(text: Option<&str>) -> anyhow::Result<Self> {
        match text {
            None | Some("") => Ok(Self::Any),
            Some("rustup") => Ok(Self::Rustup),
            Some("debian") => Ok(Self::Debian),
            Some(other) => bail!("{CHOICE}={other} is not known; give `rustup` or `debian`, or leave it unset"),
        }
    }
}

impl Toolchain {
    /// Finds a compiler for guests, or installs one.
    ///
    /// # Errors
    /// When none can be had; the text holds the command that would install it.
    pub(crate) fn ready() -> anyhow::Result<Self> {
        let choice = Choice::parse(std::env::var(CHOICE).ok().as_deref())?;
        if choice != Choice::Debian && rustup::has_targets() {
            return Ok(Self::Rustup);
        }
        if choice != Choice::Rustup
            && let Ok(debian) = debian::Debian::find()
        {
            return Ok(Self::Debian(debian));
        }
        if choice != Choice::Debian && rustup::add_targets()? {
            return Ok(Self::Rustup);
        }
        if choice == Choice::Rustup {
            bail!("{CHOICE}=rustup, but its targets are not installed; run `{}`", rustup::ADD);
        }
        debian::Debian::install().map(Self::Debian)
    }

    /// Compiles samples and test guests and returns the folder that holds their components.
    ///
    /// # Errors
    /// When the compiler fails; its messages went to standard error.
    pub(crate) fn build(&self, workspace: &Workspace, guests: &[Guest], profile: &str) -> anyhow::Result<PathBuf> {
        let target_folder = target_folder(workspace)?;
        let (cargo, triple) = match self {
            Self::Rustup => (rustup::cargo(), rustup::TARGET),
            Self::Debian(debian) => (debian.cargo(&target_folder)?, debian::TARGET),
        };
        step(format_args!("guests: {} by {}", guests.len(), self.describe()));
        compile(workspace, cargo, triple, guests, profile, &target_folder)
    }

    /// Compiles engine guests. It is a command of its own so that neither their features nor their bytes depend on which
    /// other guests are built.
    ///
    /// # Errors
    /// When the compiler fails, or when there is none for C code.
    pub(crate) fn build_engine(&self, workspace: &Workspace, guests: &[Guest]) -> anyhow::Result<PathBuf> {
        let target_folder = target_folder(workspace)?;
        let cargo = match self {
            Self::Rustup => rustup::engine_cargo(&target_folder)?,
            Self::Debian(debian) => debian.cargo(&target_folder)?,
        };
        step(format_args!("engine guests: {}", guests.len()));
        compile(workspace, cargo, ENGINE_TARGET, guests, "guest", &target_folder)
    }

    fn describe(&self) -> String {
        match self {
            Self::Rustup => format!("rustup's compiler for {}", rustup::TARGET),
            Self::Debian(debian) => format!("{debian} for {}", debian::TARGET),
        }
    }
}

fn target_folder(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.root().join("target/guests");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn compile(
    workspace: &Workspace,
    mut cargo: Command,
    triple: &str,
    guests: &[Guest],
    profile: &str,
    target_folder: &Path,
) -> anyhow::Result<PathBuf> {
    cargo.args(["--target", triple, "--profile", profile, "--target-dir"]).arg(target_folder);
    cargo.args(guests.iter().flat_map(|guest| ["-p", &guest.crate_name]));
    crate::process::run(cargo.current_dir(workspace.root()))?;
    Ok(target_folder.join(triple).join(if profile == "dev" { "debug" } else { profile }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_can_be_chosen_and_a_wrong_name_is_refused() {
        assert_eq!(Choice::parse(None).unwrap(), Choice::Any);
        assert_eq!(Choice::parse(Some("debian")).unwrap(), Choice::Debian);
        let error = Choice::parse(Some("nix")).unwrap_err().to_string();
        assert!(error.contains("HEARTH_GUEST_TOOLCHAIN=nix") && error.contains("`rustup` or `debian`"), "{error}");
    }
}
