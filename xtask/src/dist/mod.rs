//! `cargo xtask dist`: what is handed to a machine without internet. A tarball and a .deb of one binary, with checksums,
//! SBOM and third-party notices. The same commit and compiler give the same bytes: names are sorted, owners are root and
//! every time is that of the commit (or `SOURCE_DATE_EPOCH`).

mod archive;
mod crates;
mod deb;
mod notices;
mod sbom;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::guests;
use crate::output::{say, step};
use crate::process::{self, find, read};
use crate::workspace::Workspace;

/// Flags of `cargo xtask dist`.
#[derive(Debug, Args)]
pub(crate) struct DistArgs {
    /// Package this binary instead of building a release
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Folder for the results; files of the same name are replaced, others stay
    #[arg(long, value_name = "DIR", default_value = "target/dist")]
    output: PathBuf,
}

/// What every artefact says about the release.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    version: String,
    /// As the compiler names it, such as `x86_64`.
    arch: String,
    /// Seconds since 1970 that every file carries.
    epoch: u64,
}

/// A file of the release: where it comes from is past, this is where it goes.
struct Staged {
    /// The folder that holds all of them.
    folder: PathBuf,
}

impl Staged {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Builds, describes and packs.
pub(crate) fn run(workspace: &Workspace, args: &DistArgs) -> anyhow::Result<()> {
    let target = host_triple()?;
    let release = Release {
        version: workspace.version()?.to_owned(),
        arch: target.split('-').next().unwrap_or_default().to_owned(),
        epoch: epoch(workspace)?,
    };
    let binary = match &args.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => build(workspace)?,
    };
    let output = workspace.root().join(&args.output);
    fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;

    step("collecting licences and components");
    let crates = crates::shipped(workspace, &target)?;
    let scratch = tempfile::tempdir_in(&output)?;
    let staged = stage(workspace, &binary, scratch.path())?;
    fs::write(staged.path("THIRD-PARTY-NOTICES"), notices::text(&crates)?)?;
    let sbom = sbom::document(&crates, &release)?;
    fs::write(staged.path("hearth.cdx.json"), &sbom)?;

    let base = format!("hearth-{}-{}-linux", release.version, release.arch);
    let mut artefacts = vec![format!("{base}.tar.gz"), format!("{base}.cdx.json"), "THIRD-PARTY-NOTICES".to_owned()];
    fs::write(output.join(&artefacts[1]), &sbom)?;
    fs::copy(staged.path("THIRD-PARTY-NOTICES"), output.join(&artefacts[2]))?;
    archive::tarball(&staged.folder, &base, &output.join(&artefacts[0]), &release)?;
    match find("dpkg-deb") {
        Some(_) => artefacts.push(deb::package(workspace, &staged, &output, &release)?),
        None => step("skipped: dpkg-deb is not installed, so no .deb was made"),
    }
    drop(scratch);
    archive::checksums(&output, &mut artefacts)?;
    artefacts.iter().for_each(|name| say(output.join(name).display()));
    say(output.join(archive::CHECKSUMS).display());
    Ok(())
}

fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    guests::build_engine(workspace)?;
    process::run(workspace.cargo().args(["build", "--release", "--locked", "-p", "hearth"]))?;
    Ok(workspace.target().join("release/hearth"))
}

/// Lays every file of the release in one folder.
fn stage(workspace: &Workspace, binary: &Path, scratch: &Path) -> anyhow::Result<Staged> {
    let staged = Staged { folder: scratch.join("stage") };
    fs::create_dir(&staged.folder)?;
    let hearth = staged.path("hearth");
    fs::copy(binary, &hearth).with_context(|| format!("cannot copy {}", binary.display()))?;
    fs::set_permissions(&hearth, fs::Permissions::from_mode(0o755))?;
    if find("strip").is_some() {
        process::run(Command::new("strip").arg("--strip-debug").arg(&hearth))?;
    }
    let files = [
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "deploy/hearth.toml",
        "deploy/systemd/hearth.service",
        "deploy/systemd/hearth-management.service",
        "deploy/systemd/hearth-worker.service",
        "deploy/systemd/hearth.sysusers",
        "deploy/systemd/hearth.tmpfiles",
    ];
    for file in files {
        let source = workspace.root().join(file);
        let name = source.file_name().context("every file has a name")?;
        fs::copy(&source, staged.folder.join(name)).with_context(|| format!("cannot copy {}", source.display()))?;
        fs::set_permissions(staged.folder.join(name), fs::Permissions::from_mode(0o644))?;
    }
    stage_documents(&workspace.root().join("docs"), &staged.path("docs"))?;
    Ok(staged)
}

/// The documents that README.md links to, with their folders.
fn stage_documents(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let (source, target) = (entry?.path(), to.to_owned());
        let Some(name) = source.file_name() else { continue };
        if source.is_dir() {
            stage_documents(&source, &target.join(name))?;
        } else if source.extension().is_some_and(|extension| extension == "md") {
            fs::copy(&source, target.join(name))?;
            fs::set_permissions(target.join(name), fs::Permissions::from_mode(0o644))?;
        }
    }
    Ok(())
}

fn host_triple() -> anyhow::Result<String> {
    let verbose = read(Command::new("rustc").arg("-vV"))?;
    let host = verbose.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}

/// `SOURCE_DATE_EPOCH`, else the time of the commit.
fn epoch(workspace: &Workspace) -> anyhow::Result<u64> {
    const VARIABLE: &str = "SOURCE_DATE_EPOCH";
    if let Ok(text) = std::env::var(VARIABLE) {
        return text.trim().parse().with_context(|| format!("{VARIABLE}={text} is not a number of seconds"));
    }
    let commit = read(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(workspace.root()));
    match commit.ok().and_then(|seconds| seconds.trim().parse().ok()) {
        Some(seconds) => Ok(seconds),
        None => bail!("this is no git checkout; set {VARIABLE} to the release date in seconds since 1970"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Release;
    use super::crates::{Crate, Origin};

    pub(crate) fn release() -> Release {
        Release { version: "0.1.0".into(), arch: "x86_64".into(), epoch: 1_790_000_000 }
    }

    pub(crate) fn shipped(name: &str, version: &str, licence: &str, needs: &[&str]) -> Crate {
        Crate {
            name: name.into(),
            version: version.into(),
            licence: Some(licence.into()),
            repository: Some(format!("https://example.org/{name}")),
            description: None,
            sha256: Some("ab".repeat(32)),
            folder: None,
            origin: Origin::Registry,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        }
    }
}
