//! Which compiler makes the guests. Two routes lead to the same components: rustup's `wasm32-wasip2` target, and where
//! rustup cannot download, Debian's `rustc-web` with its standard library built from source. What is already installed
//! is used before anything is fetched; what is fetched is said first; the user's default toolchain is never changed.

mod debian;
mod linker;
mod rustup;

use std::path::PathBuf;

use anyhow::bail;

use crate::output::step;
use crate::workspace::{Guest, Workspace};

/// Names the route instead of letting xtask choose: `rustup` or `debian`.
pub(crate) const CHOICE: &str = "HEARTH_GUEST_TOOLCHAIN";

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
        if choice != Choice::Debian && rustup::has_target() {
            return Ok(Self::Rustup);
        }
        if choice != Choice::Rustup
            && let Ok(debian) = debian::Debian::find()
        {
            return Ok(Self::Debian(debian));
        }
        if choice != Choice::Debian && rustup::add_target()? {
            return Ok(Self::Rustup);
        }
        if choice == Choice::Rustup {
            bail!("{CHOICE}=rustup, but the target {} is not installed; run `{}`", rustup::TARGET, rustup::ADD);
        }
        debian::Debian::install().map(Self::Debian)
    }

    /// Compiles the guests and returns the folder that holds their components.
    ///
    /// # Errors
    /// When the compiler fails; its messages went to standard error.
    pub(crate) fn build(&self, workspace: &Workspace, guests: &[Guest], profile: &str) -> anyhow::Result<PathBuf> {
        let target_folder = workspace.root().join("target/guests");
        std::fs::create_dir_all(&target_folder)?;
        let (mut cargo, triple) = match self {
            Self::Rustup => (rustup::cargo(), rustup::TARGET),
            Self::Debian(debian) => (debian.cargo(&target_folder)?, debian::TARGET),
        };
        cargo.args(["--target", triple, "--profile", profile, "--target-dir"]).arg(&target_folder);
        cargo.args(guests.iter().flat_map(|guest| ["-p", &guest.crate_name]));
        step(format_args!("guests: {} by {}", guests.len(), self.describe()));
        crate::process::run(cargo.current_dir(workspace.root()))?;
        Ok(target_folder.join(triple).join(if profile == "dev" { "debug" } else { profile }))
    }

    fn describe(&self) -> String {
        match self {
            Self::Rustup => format!("rustup's compiler for {}", rustup::TARGET),
            Self::Debian(debian) => format!("{debian} for {}", debian::TARGET),
        }
    }
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
