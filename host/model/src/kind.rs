//! What a package was made for, told from its files, so that an app of another runtime is refused by name.

use std::fmt;

use crate::script::ScriptLanguage;

#[cfg(test)]
mod tests;

/// What a package was made for. All but JavaScript do not run as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKind {
    /// .NET, in-process or isolated.
    DotNet,
    /// Java.
    Java,
    /// Python.
    Python,
    /// PowerShell.
    PowerShell,
    /// JavaScript or TypeScript, which runs here.
    JavaScript,
    /// An executable behind the custom handler protocol.
    CustomHandler,
    /// Source code of a Rust project, not built.
    RustSource,
}

impl fmt::Display for PackageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DotNet => ".NET",
            Self::Java => "Java",
            Self::Python => "Python",
            Self::PowerShell => "PowerShell",
            Self::JavaScript => "JavaScript",
            Self::CustomHandler => "custom handler",
            Self::RustSource => "Rust source",
        })
    }
}

impl PackageKind {
    /// Public text that refuses such a package: what was recognised and what is accepted.
    pub fn refusal(self) -> String {
        const ACCEPTED: &str = "Hearth runs JavaScript and TypeScript as they are, and WebAssembly components: build the app as \
            one, in Rust with the Hearth SDK or in any language that builds for wasi:http (wasmtime serve), and publish the .wasm \
            with host.json";
        match self {
            Self::JavaScript => format!("this is a JavaScript package in which nothing can run. {ACCEPTED}"),
            Self::CustomHandler => format!(
                "this package runs an executable as a custom handler, which is not run here: code is sandboxed. {ACCEPTED}"
            ),
            Self::RustSource => format!("this package holds Rust source but no built component. {ACCEPTED}"),
            other => format!("this is a {other} package, which is not run here. {ACCEPTED}"),
        }
    }

    /// Judges by paths in the package; `None` if nothing is recognised. Scripts count in the root and one folder below it,
    /// where functions are, and not deeper, where libraries are. The order decides between marks of several kinds.
    pub fn recognise<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let shallow: Vec<String> =
            paths.clone().filter(|path| path.matches('/').count() <= 1).map(str::to_ascii_lowercase).collect();
        let root = |name: &str| shallow.iter().any(|path| path == name);
        let ends = |suffix: &str| shallow.iter().any(|path| path.ends_with(suffix));
        let named = |name: &str| shallow.iter().any(|path| path.rsplit('/').next() == Some(name));

        if root("requirements.psd1") || root("profile.ps1") || named("run.ps1") {
            return Some(Self::PowerShell);
        }
        if root("functions.metadata") || ends(".deps.json") || ends(".runtimeconfig.json") || ends(".csproj") {
            return Some(Self::DotNet);
        }
        if root("pom.xml") || root("build.gradle") || paths.clone().any(|path| path.ends_with(".jar")) {
            return Some(Self::Java);
        }
        if root("function_app.py") || root("requirements.txt") || root("pyproject.toml") || named("__init__.py") {
            return Some(Self::Python);
        }
        if root("package.json") {
            return Some(Self::JavaScript);
        }
        if ends(".py") {
            return Some(Self::Python);
        }
        if shallow.iter().any(|path| ScriptLanguage::is_script_file(path)) {
            return Some(Self::JavaScript);
        }
        if ends(".dll") {
            return Some(Self::DotNet);
        }
        if ends(".ps1") {
            return Some(Self::PowerShell);
        }
        if root("cargo.toml") {
            return Some(Self::RustSource);
        }
        None
    }
}
