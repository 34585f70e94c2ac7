//! The compiler for C code in guests: QuickJS is written in C. Any clang that knows WebAssembly does; it needs no sysroot,
//! because the crate brings the headers and the little of a C library that it uses.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::process::{find, read};

/// The newest major version that is looked for by name; distributions call it `clang-22`.
const NEWEST: u32 = 30;
/// The oldest one.
const OLDEST: u32 = 16;

/// A clang that compiles for wasm32, and an archiver.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clang {
    program: PathBuf,
    archiver: PathBuf,
}

impl Clang {
    /// The newest clang of this machine: `clang-NN` or `clang` on PATH, or in the folders where LLVM installs itself.
    ///
    /// # Errors
    /// When there is none that knows wasm32; the text says what to install.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let versions = || (OLDEST..=NEWEST).rev();
        let named = versions().filter_map(|version| find(&format!("clang-{version}")));
        let plain = find("clang");
        let installed = versions().flat_map(|version| {
            [format!("/usr/lib/llvm-{version}/bin/clang"), format!("/usr/lib/llvm/{version}/bin/clang")]
                .map(PathBuf::from)
        });
        let elsewhere = ["/usr/lib64/llvm/bin/clang", "/usr/local/bin/clang", "/opt/homebrew/opt/llvm/bin/clang"];
        named
            .chain(plain)
            .chain(installed)
            .chain(elsewhere.map(PathBuf::from))
            .find(|program| program.is_file() && knows_wasm(program))
            .map(Self::at)
            .with_context(|| {
                format!(
                    "no clang that compiles for wasm32 was found on PATH or in /usr/lib/llvm-*; the JavaScript engine has C \
                     code and needs one, version {OLDEST} or newer. Install it with `apt-get install clang`, `dnf install \
                     clang` or the package manager of this system, and run this command again"
                )
            })
    }

    /// The clang of this name on PATH.
    pub(crate) fn named(name: &str) -> Option<Self> {
        find(name).map(Self::at)
    }

    /// The clang at this path. The archiver of LLVM is taken where there is one; that of binutils packs the same objects,
    /// and the linker needs no index.
    pub(crate) fn at(program: PathBuf) -> Self {
        let beside = program.with_file_name("llvm-ar");
        let archiver = if beside.is_file() { beside } else { find("llvm-ar").unwrap_or_else(|| "ar".into()) };
        Self { program, archiver }
    }

    /// Tells the build scripts that `command` runs.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("CC_wasm32_unknown_unknown", &self.program).env("AR_wasm32_unknown_unknown", &self.archiver);
    }
}

fn knows_wasm(program: &Path) -> bool {
    read(Command::new(program).arg("--print-targets"))
        .is_ok_and(|targets| targets.lines().any(|line| line.split_whitespace().next() == Some("wasm32")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_scripts_are_told_of_the_compiler_and_an_archiver() {
        let mut command = Command::new("cargo");
        Clang::at("/nowhere/clang-22".into()).tell(&mut command);
        let value = |name: &str| command.get_envs().find(|(set, _)| *set == name).and_then(|(_, value)| value);
        assert_eq!(value("CC_wasm32_unknown_unknown").unwrap(), "/nowhere/clang-22");
        assert!(value("AR_wasm32_unknown_unknown").unwrap().to_str().unwrap().ends_with("ar"));
    }
}
