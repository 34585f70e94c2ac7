//! `cargo xtask guests`: compiles every guest to a component. Samples and test guests become package folders, which
//! `hearth publish` takes as they are; engine guests become files at fixed places, which `hearth` embeds when it is built.

use anyhow::bail;
use clap::Args;

use crate::output::say;
use crate::package;
use crate::toolchain::Toolchain;
use crate::workspace::{Family, Guest, Workspace};

/// Flags of `cargo xtask guests`.
#[derive(Debug, Args)]
pub(crate) struct GuestsArgs {
    /// Only these, by folder name; all when none is given
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Cargo profile to compile them with; that of engine guests is always `guest`
    #[arg(long, value_name = "PROFILE", default_value = "guest")]
    profile: String,
}

/// Builds the guests that were asked for and prints what became of them.
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
    let toolchain = Toolchain::ready()?;
    let (engine, packaged): (Vec<_>, Vec<_>) = guests.into_iter().partition(|guest| guest.family == Family::Engine);
    place(workspace, &toolchain, &engine)?;
    if packaged.is_empty() {
        return Ok(());
    }
    let components = toolchain.build(workspace, &packaged, &args.profile)?;
    for guest in &packaged {
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

/// Builds only what `hearth` embeds. Everything that compiles hearth-engine calls this first.
pub(crate) fn build_engine(workspace: &Workspace) -> anyhow::Result<()> {
    let engine: Vec<_> = workspace.guests().into_iter().filter(|guest| guest.family == Family::Engine).collect();
    if engine.is_empty() {
        return Ok(());
    }
    place(workspace, &Toolchain::ready()?, &engine)
}

/// Compiles engine guests and puts their components in their places. A file with the same bytes is left alone, so that
/// what embeds it is not built again.
fn place(workspace: &Workspace, toolchain: &Toolchain, engine: &[Guest]) -> anyhow::Result<()> {
    if engine.is_empty() {
        return Ok(());
    }
    let components = toolchain.build_engine(workspace, engine)?;
    for guest in engine {
        let file = workspace.root().join(guest.family.packages()).join(&guest.name).with_extension("wasm");
        let size = package::place(&components.join(&guest.artifact), &file)?;
        say(format_args!("{:>7} KiB  {}", size.div_ceil(1024), file.display()));
    }
    Ok(())
}
