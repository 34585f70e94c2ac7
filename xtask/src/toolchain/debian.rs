//! The route for machines that reach apt but not rustup's server: Debian's `rustc-web` (current, kept so for browsers)
//! and its standard library from source. `RUSTC_BOOTSTRAP=1` allows `-Z build-std`; it is set for guests only.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::clang::Clang;
use super::linker;
use crate::environment::{Scrub, scrub};
use crate::output::step;
use crate::process::{find, line, read, run};

/// The target of this route: needs no libc, and the component imports only what its WIT world asks for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
/// The oldest compiler that builds this workspace, as (major, minor).
const OLDEST: (u32, u32) = (1, 95);
/// What apt installs. `lld-22` links the output of the LLVM 22 in rustc-web; `clang-22` compiles the C code of QuickJS.
const PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "libstd-rust-web-dev", "lld-22", "clang-22"];

/// Debian's compiler, complete.
#[derive(Debug)]
pub(crate) struct Debian {
    version: String,
    wasm_ld: PathBuf,
    clang: Clang,
}

impl fmt::Display for Debian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Debian's rustc {}", self.version)
    }
}

impl Debian {
    /// Looks for the installed packages.
    ///
    /// # Errors
    /// Names the first thing that is missing or too old.
    pub(crate) fn find() -> anyhow::Result<Self> {
        for program in [RUSTC, CARGO] {
            if !Path::new(program).is_file() {
                bail!("{program} is missing");
            }
        }
        let verbose = read(Command::new(RUSTC).arg("-vV"))?;
        let version = Version::parse(&verbose).with_context(|| format!("cannot read the version of {RUSTC}"))?;
        if version.release < OLDEST {
            bail!("{RUSTC} is {}, and {}.{} or newer is needed", version.text, OLDEST.0, OLDEST.1);
        }
        let sysroot = read(Command::new(RUSTC).args(["--print", "sysroot"]))?;
        let library = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std/Cargo.toml");
        if !library.is_file() {
            bail!("the source of the standard library is missing ({})", library.display());
        }
        let wasm_ld = find(&format!("wasm-ld-{}", version.llvm))
            .with_context(|| format!("wasm-ld-{0} is missing (package lld-{0})", version.llvm))?;
        let clang = Clang::named(&format!("clang-{}", version.llvm))
            .with_context(|| format!("clang-{0} is missing (package clang-{0})", version.llvm))?;
        Ok(Self { version: version.text, wasm_ld, clang })
    }

    /// Installs the packages by apt. Without root it prints the command instead.
    ///
    /// # Errors
    /// Without apt, without root, or when apt fails.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let missing = match Self::find() {
            Ok(found) => return Ok(found),
            Err(missing) => missing,
        };
        if find("apt-get").is_none() {
            bail!(
                "no compiler for WebAssembly guests: {missing}, and this system has no apt; \
                 install rustup and run `{}`",
                super::rustup::ADD
            );
        }
        let [update, install] = commands();
        if !rustix::process::geteuid().is_root() {
            bail!(
                "no compiler for WebAssembly guests: {missing}. Installing it needs root; run\n\n    \
                 sudo {} && sudo {}\n\nand then this command again",
                line(&update),
                line(&install)
            );
        }
        step(format_args!(
            "{missing}: installing {} by apt (about 300 MB; beside your Rust, not instead)",
            PACKAGES.join(", ")
        ));
        for mut command in [update, install] {
            run(command.env("DEBIAN_FRONTEND", "noninteractive"))?;
        }
        Self::find().context("after apt installed its packages, the compiler for guests is still not complete")
    }

    /// `cargo build` with this compiler, its standard library from source, the component linker and clang for C code.
    pub(crate) fn cargo(&self, target_folder: &Path) -> anyhow::Result<Command> {
        let linker = linker::wrapper(target_folder, Some(&self.wasm_ld))?;
        let mut cargo = Command::new(CARGO);
        scrub(&mut cargo, Scrub::Toolchain);
        cargo.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        self.clang.tell(&mut cargo);
        cargo.args(["build", "-Z", "build-std=std,panic_abort"]);
        Ok(cargo)
    }
}

fn commands() -> [Command; 2] {
    let mut update = Command::new("apt-get");
    update.arg("update");
    let mut install = Command::new("apt-get");
    install.args(["-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends"]).args(PACKAGES);
    [update, install]
}

/// What `rustc -vV` says.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    text: String,
    release: (u32, u32),
    /// Major version of its LLVM, which the linker has to match.
    llvm: u32,
}

impl Version {
    fn parse(verbose: &str) -> Option<Self> {
        let field = |name: &str| verbose.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let text = field("release:")?.to_owned();
        let mut numbers = text.split(['.', '-']).map(str::parse);
        let release = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        let llvm = field("LLVM version:")?.split('.').next()?.parse().ok()?;
        Some(Self { text, release, llvm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_verbose_answer() {
        let text = "rustc 1.96.0 (abc 2026-05-01)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";
        let version = Version::parse(text).unwrap();
        assert_eq!(version, Version { text: "1.96.0".into(), release: (1, 96), llvm: 22 });
        assert_eq!(Version::parse("release: 1.63.0\nLLVM version: 14.0").unwrap().release, (1, 63));
        assert_eq!(Version::parse("gcc (Debian 12.2.0)"), None);
    }

    #[test]
    fn the_install_command_asks_nothing_and_can_be_copied() {
        let [update, install] = commands();
        assert_eq!(line(&update), "apt-get update");
        let install = line(&install);
        assert!(install.contains(" -y --no-install-recommends rustc-web cargo-web "), "{install}");
    }

    #[test]
    fn the_users_toolchain_is_not_used_for_guests() {
        let folder = tempfile::tempdir().unwrap();
        let clang = Clang::at("/usr/bin/clang-22".into());
        let debian = Debian { version: "1.96.0".into(), wasm_ld: "/usr/bin/wasm-ld-22".into(), clang };
        let Ok(cargo) = debian.cargo(folder.path()) else {
            return; // no wasm-component-ld and no way to build it: nothing to look at
        };
        assert_eq!(cargo.get_program(), "/usr/bin/cargo");
        let set: Vec<_> =
            cargo.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?))).collect();
        assert!(set.contains(&("RUSTC", "/usr/bin/rustc")) && set.contains(&("RUSTC_BOOTSTRAP", "1")), "{set:?}");
        let removed = |name: &str| cargo.get_envs().any(|(n, value)| n == name && value.is_none());
        assert!(std::env::var_os("CARGO_PKG_NAME").is_none() || removed("CARGO_PKG_NAME"));
    }
}
