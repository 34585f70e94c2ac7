//! The peer: cosmosdb-server, an emulator of Cosmos DB that people test against, from npm by a lock file, into target/. It runs without TLS,
//! keeps everything in memory and checks no signature; Hearth flushes what it acknowledges and checks each one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Store;
use crate::bench::server::{Server, pause};
use crate::output::step;
use crate::process::{self, find};
use crate::workspace::Workspace;

/// What names the release, relative to the root.
const SOURCES: &str = "tests/bench/cosmosdb-server";
const PACKAGE: &str = "@vercel/cosmosdb-server";
/// Any key does: it is not looked at.
const KEY: &str = "a2V5";
/// Looks for its port before it counts as not started, half a millisecond apart.
const LOOKS: u32 = 40_000;

/// Where it is installed.
pub(super) struct CosmosdbServer {
    script: PathBuf,
    version: String,
}

impl CosmosdbServer {
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
        let version =
            package.dependencies.get(PACKAGE).with_context(|| format!("{SOURCES} names no {PACKAGE}"))?.clone();
        let folder = workspace.target().join("bench-peer").join(format!("cosmosdb-server-{version}"));
        let script = folder.join("node_modules").join(PACKAGE).join("lib/cli.js");
        if !script.is_file() {
            let Some(npm) = find("npm") else {
                bail!("npm is not installed; it brings cosmosdb-server, which this benchmark compares with");
            };
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            for name in ["package.json", "package-lock.json"] {
                fs::copy(sources.join(name), folder.join(name))?;
            }
            step("installing cosmosdb-server from npm");
            let mut install = Command::new(npm);
            install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            process::run(install.current_dir(&folder))?;
        }
        Ok(Self { script, version })
    }

    /// Name and version.
    pub(super) fn version(&self) -> String {
        format!("{PACKAGE} {}", self.version)
    }

    /// Starts it, and waits until it accepts connections.
    pub(super) fn start(&self, folder: &Path) -> anyhow::Result<(Server, Store)> {
        let log = folder.join("cosmosdb-server.log");
        let server = Server::start("cosmosdb-server", &log, |port| {
            let mut command = Command::new("node");
            command.arg(&self.script).args(["--no-ssl", "--host", "127.0.0.1", "--port", &port.to_string()]);
            command
        })?;
        let to = server.address();
        for _ in 0..LOOKS {
            if std::net::TcpStream::connect(to).is_ok() {
                return Ok((server, Store { to, key: KEY.to_owned() }));
            }
            pause();
        }
        bail!("cosmosdb-server did not start: {}", fs::read_to_string(&log).unwrap_or_default())
    }
}
