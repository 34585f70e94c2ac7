//! The peer's side: the same handlers, made into components by componentize-js (StarlingMonkey, that is SpiderMonkey). It
//! comes from npm by the lock file beside the handlers, into target/.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::output::step;
use crate::process::{self, find};
use crate::workspace::Workspace;

/// Handlers, build script and lock file, relative to the root.
const SOURCES: &str = "tests/bench/componentize";
/// The crate whose WIT files describe wasi:http.
const WIT_CRATE: &str = "wasmtime-wasi-http";
const HANDLERS: [&str; 2] = ["hello", "json"];

/// The components of the handlers, made where they are missing or their sources changed.
///
/// # Errors
/// Without Node or when the packages cannot be had.
pub(super) fn components(workspace: &Workspace) -> anyhow::Result<[PathBuf; 2]> {
    let sources = workspace.root().join(SOURCES);
    let mut digest = Sha256::new();
    for name in ["package-lock.json", "build.js", "hello.js", "json.js"] {
        let file = sources.join(name);
        digest.update(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    let folder = workspace.target().join("bench-componentize").join(&hex::encode(digest.finalize())[..16]);
    let made = HANDLERS.map(|name| folder.join(name).with_extension("wasm"));
    if made.iter().all(|file| file.is_file()) {
        return Ok(made);
    }
    let Some(npm) = find("npm") else {
        bail!("npm is not installed; it brings componentize-js, which this benchmark compares with");
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for name in ["package.json", "package-lock.json", "build.js"] {
        fs::copy(sources.join(name), folder.join(name))?;
    }
    step("installing componentize-js from npm (about 400 MB on disk)");
    let mut install = Command::new(npm);
    // Not `npm ci`: the lock file holds no optional packages for other systems, which `ci` takes for a mistake. What it
    // holds is installed as it says, and checked.
    install.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(install.current_dir(&folder))?;
    let wit = wit(workspace)?;
    for (name, component) in HANDLERS.iter().zip(&made) {
        let mut build = Command::new("node");
        build.arg("build.js").arg(&wit).arg(sources.join(name).with_extension("js")).arg(component);
        process::run(build.current_dir(&folder))?;
    }
    Ok(made)
}

/// The version that the lock file pins.
pub(super) fn version(workspace: &Workspace) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Lock {
        packages: std::collections::BTreeMap<String, Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        version: Option<String>,
    }
    let file = workspace.root().join(SOURCES).join("package-lock.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let lock: Lock = serde_json::from_str(&text).with_context(|| format!("cannot understand {}", file.display()))?;
    let locked = lock.packages.get("node_modules/@bytecodealliance/componentize-js");
    let version =
        locked.and_then(|locked| locked.version.as_deref()).context("the lock file names no componentize-js")?;
    Ok(format!("componentize-js {version}"))
}

/// The WIT folder in the source of wasmtime's HTTP crate, which cargo has.
fn wit(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        manifest_path: PathBuf,
    }
    let mut command = workspace.cargo();
    let text = process::read(command.args(["metadata", "--format-version=1", "--locked"]))?;
    let metadata: Metadata = serde_json::from_str(&text).context("cannot read the answer of `cargo metadata`")?;
    let package = metadata.packages.iter().find(|package| package.name == WIT_CRATE);
    let folder = package.and_then(|package| package.manifest_path.parent()).map(|folder| folder.join("wit"));
    folder.filter(|folder| Path::is_dir(folder)).with_context(|| format!("{WIT_CRATE} has no folder named wit"))
}
