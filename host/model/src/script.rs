//! What a function's code is written in, told from the name of its file, and which files of a package hold an app's code.

mod choice;
mod entry;
mod package_json;
#[cfg(test)]
mod tests;

pub(crate) use choice::{chosen, named, root_components};
pub(crate) use entry::{EntryFiles, entry_files, unbuilt};
pub(crate) use package_json::{FILE_NAME as PACKAGE_JSON, PackageJson};

/// The form of a script that runs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptLanguage {
    /// A WebAssembly component.
    Component,
    /// JavaScript: `.js`, `.mjs`, `.cjs`.
    JavaScript,
    /// TypeScript, which runs without its types: `.ts`, `.mts`, `.cts`. Declarations (`.d.ts`) are none.
    TypeScript,
}

impl ScriptLanguage {
    /// Of a path in a package; `None` if such a file does not run here.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.to_ascii_lowercase();
        let (stem, extension) = name.rsplit_once('.')?;
        match extension {
            "wasm" => Some(Self::Component),
            "js" | "mjs" | "cjs" => Some(Self::JavaScript),
            "ts" | "mts" | "cts" if !stem.ends_with(".d") => Some(Self::TypeScript),
            _ => None,
        }
    }

    /// Whether the JavaScript engine runs it.
    pub fn is_script(self) -> bool {
        self != Self::Component
    }

    /// Whether the JavaScript engine runs a file of this name.
    pub fn is_script_file(path: &str) -> bool {
        Self::of(path).is_some_and(Self::is_script)
    }

    /// Whether a file of this name is WebAssembly.
    pub fn is_component_file(path: &str) -> bool {
        Self::of(path) == Some(Self::Component)
    }
}
