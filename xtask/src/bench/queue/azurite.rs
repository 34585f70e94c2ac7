//! The peer: Azurite, the emulator of Azure Storage that people develop against, from npm by a lock file, into target/. It runs
//! without its debug log and keeps its queues on disk, as Hearth does; unlike Hearth it does not flush what it acknowledges.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Service;
use crate::bench::server::{Server, pause};
use crate::output::step;
use crate::process::{self, find};
use crate::workspace::Workspace;

/// What names the release, relative to the root.
const SOURCES: &str = "tests/bench/azurite";
/// The account that every emulator has, and its key, which is published.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// Looks for its port before it counts as not started, half a millisecond apart.
const LOOKS: u32 = 40_000;

/// Where it is installed.
pub(super) struct Azurite {
    script: PathBuf,
    version: String,
}

impl Azurite {
    /// Installs it where it is missing.
    ///
    /// # Errors
    /// Without npm, or when the package cannot be had.
    pub(super) fn install(workspace: &Workspace) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Package {
            dependencies: std::collections::BTreeMap<String, String>,
        }
        let sources = workspace.root().join(SOURCES);
        let package: Package = serde_json::from_slice(&fs::read(sources.join("package.json"))?)?;
        let version = package.dependencies.get("azurite").context("its package.json names no azurite")?.clone();
        let folder = workspace.target().join("bench-peer").join(format!("azurite-{version}"));
        let script = folder.join("node_modules/azurite/dist/src/queue/main.js");
        if !script.is_file() {
            let Some(npm) = find("npm") else {
                bail!("npm is not installed; it brings Azurite, which this benchmark compares with");
            };
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            for name in ["package.json", "package-lock.json"] {
                fs::copy(sources.join(name), folder.join(name))?;
            }
            step("installing Azurite from npm");
            let mut install = Command::new(npm);
            install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            process::run(install.current_dir(&folder))?;
        }
        Ok(Self { script, version })
    }

    /// Name and version.
    pub(super) fn version(&self) -> String {
        format!("Azurite {}", self.version)
    }

    /// Starts it with its data in a folder, and waits until it accepts connections.
    pub(super) fn start(&self, folder: &Path) -> anyhow::Result<(Server, Service)> {
        let data = folder.join("azurite");
        fs::create_dir_all(&data)?;
        let server = Server::start("Azurite", &folder.join("azurite.log"), |port| {
            let mut command = Command::new("node");
            command.arg(&self.script).args(["--queueHost", "127.0.0.1", "--queuePort", &port.to_string()]);
            command.arg("--location").arg(&data).args(["--silent", "--skipApiVersionCheck", "--disableTelemetry"]);
            command
        })?;
        let to = server.address();
        for _ in 0..LOOKS {
            if std::net::TcpStream::connect(to).is_ok() {
                return Ok((server, Service { to, account: ACCOUNT.to_owned(), key: KEY.to_owned() }));
            }
            pause();
        }
        bail!("Azurite did not start: {}", fs::read_to_string(folder.join("azurite.log")).unwrap_or_default())
    }
}
