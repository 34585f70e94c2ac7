//! `cargo xtask guests`: compiles every guest to a component and lays ready package folders, which `hearth publish`
//! takes as they are.

use anyhow::bail;
use clap::Args;

use crate::output::say;
use crate::package;
use crate::toolchain::Toolchain;
use crate::workspace::{Family, Workspace};

/// Flags of `cargo xtask guests`.
#[derive(Debug, Args)]
pub(crate) struct GuestsArgs {
    /// Only these, by folder name; all when none is given
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Cargo profile to compile them with
    #[arg(long, value_name = "PROFILE", default_value = "guest")]
    profile: String,
}

/// Builds the guests that were asked for and prints their package folders.
pub(crate) fn run(workspace: &Workspace, args: &GuestsArgs) -> anyhow::Result<()> {
    let mut guests = workspace.guests();
    let all: Vec<_> = guests.iter().map(|guest| guest.name.clone()).collect();
    if let Some(unknown) = args.names.iter().find(|name| !all.contains(name)) {
        bail!("there is no guest named {unknown}; there are {}", all.join(", "));
    }
    if args.names.is_empty() {
        for family in [Family::Sample, Family::Test] {
            let present: Vec<_> =
                guests.iter().filter(|guest| guest.family == family).map(|guest| &*guest.name).collect();
            package::remove_stale(&workspace.root().join(family.packages()), &present)?;
        }
    } else {
        guests.retain(|guest| args.names.contains(&guest.name));
    }
    if guests.is_empty() {
        bail!("the workspace has no guests under {} or {}", Family::Sample.sources(), Family::Test.sources());
    }
    let components = Toolchain::ready()?.build(workspace, &guests, &args.profile)?;
    for guest in &guests {
        let folder = workspace.root().join(guest.family.packages()).join(&guest.name);
        let size = package::assemble(&guest.folder, &components.join(&guest.artifact), &folder)?;
        say(format_args!("{:>7} KiB  {}", size.div_ceil(1024), folder.display()));
    }
    Ok(())
}

/// Builds all guests as `cargo xtask guests` does without arguments.
pub(crate) fn build_all(workspace: &Workspace) -> anyhow::Result<()> {
    run(workspace, &GuestsArgs { names: Vec::new(), profile: "guest".to_owned() })
}
