//! What a function's code is written in, told from the name of its file.

use crate::function_json::has_extension;

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
        let any = |extensions: &[&str]| extensions.iter().any(|extension| has_extension(path, extension));
        let is_declaration = || {
            let name = path.to_ascii_lowercase();
            [".d.ts", ".d.mts", ".d.cts"].iter().any(|suffix| name.ends_with(suffix))
        };
        if any(&["wasm"]) {
            Some(Self::Component)
        } else if any(&["js", "mjs", "cjs"]) {
            Some(Self::JavaScript)
        } else if any(&["ts", "mts", "cts"]) && !is_declaration() {
            Some(Self::TypeScript)
        } else {
            None
        }
    }

    /// Whether the JavaScript engine runs it.
    pub fn is_script(self) -> bool {
        self != Self::Component
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_tells_its_language() {
        for (path, expected) in [
            ("bin/app.WASM", Some(ScriptLanguage::Component)),
            ("F/index.js", Some(ScriptLanguage::JavaScript)),
            ("F/index.Mjs", Some(ScriptLanguage::JavaScript)),
            ("dist/a.b.cjs", Some(ScriptLanguage::JavaScript)),
            ("src/index.ts", Some(ScriptLanguage::TypeScript)),
            ("src/index.cts", Some(ScriptLanguage::TypeScript)),
            ("src/index.d.ts", None),
            ("F/index.js.map", None),
            ("F/js", None),
            ("F/run.py", None),
        ] {
            assert_eq!(ScriptLanguage::of(path), expected, "{path}");
        }
    }
}
