//! What the host tells the engine component of the app that it runs.

use std::sync::Arc;

use crate::context::StoreData;
use crate::contract::javascript::hearth::functions::app::{EntryKind, FunctionDefinition, Host};
use crate::contract::javascript::hearth::functions::script_types::{ScriptError, Source};
use crate::script::app::{FileKind, ScriptFunction};
use crate::script::typescript;
use crate::script::version::ScriptVersion;

impl StoreData {
    /// The app of a JavaScript instance; no other component may import what asks for it.
    fn scripts(&self) -> Option<&Arc<ScriptVersion>> {
        self.guest.scripts.as_ref()
    }
}

impl Host for StoreData {
    fn stat(&mut self, path: String) -> Option<EntryKind> {
        let scripts = self.scripts().filter(|_| is_plain(&path))?;
        scripts.files.kind(&path).map(|kind| match kind {
            FileKind::File => EntryKind::File,
            FileKind::Directory => EntryKind::Directory,
        })
    }

    fn names(&mut self, path: String) -> Vec<String> {
        let scripts = self.scripts().filter(|_| is_plain(&path));
        scripts.map(|scripts| scripts.files.names(&path)).unwrap_or_default()
    }

    async fn read(&mut self, path: String) -> wasmtime::Result<Option<Vec<u8>>> {
        let Some(scripts) = self.scripts().filter(|_| is_plain(&path)).cloned() else { return Ok(None) };
        scripts.read(&path).await
    }

    async fn script(&mut self, path: String) -> wasmtime::Result<Result<Option<Source>, ScriptError>> {
        let Some(scripts) = self.scripts().filter(|_| is_plain(&path)).cloned() else { return Ok(Ok(None)) };
        let typescript = typescript::is_typescript(&path);
        if typescript && let Some(known) = scripts.typescript.kept(&path) {
            return Ok(known.map(Some));
        }
        let Some(bytes) = scripts.read(&path).await? else { return Ok(Ok(None)) };
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(Err(typescript::unplaced(&path, "the file is not UTF-8 text".into())));
        };
        if !typescript {
            return Ok(Ok(Some(Source { text, source_map: None })));
        }
        Ok(scripts.typescript.strip(&path, &text).await?.map(Some))
    }

    fn bytecode(&mut self, path: String) -> Option<Vec<u8>> {
        Some(self.scripts()?.bytecode.get(&path)?.to_vec())
    }

    fn keep_bytecode(&mut self, path: String, bytecode: Vec<u8>) {
        // Only what loading the app made: what runs later has seen requests, and must not outlive its instance.
        if let Some(scripts) = self.scripts().filter(|_| self.indexing) {
            scripts.bytecode.keep(path, &bytecode);
        }
    }

    fn retire(&mut self) {
        self.retired = true;
    }

    fn definitions(&mut self) -> Vec<FunctionDefinition> {
        self.scripts().map(|scripts| scripts.functions.iter().map(definition).collect()).unwrap_or_default()
    }

    fn definition(&mut self, name: String) -> Option<FunctionDefinition> {
        self.scripts()?.function(&name).map(definition)
    }

    fn entry_files(&mut self) -> Vec<String> {
        self.scripts().map(|scripts| scripts.entry_files.clone()).unwrap_or_default()
    }
}

/// Whether a path is of the form in which packages name their files. The root is.
fn is_plain(path: &str) -> bool {
    path.is_empty() || !path.contains(['\\', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn definition(function: &ScriptFunction) -> FunctionDefinition {
    let function = function.clone();
    FunctionDefinition {
        name: function.name,
        directory: function.directory,
        script_file: function.script_file,
        entry_point: function.entry_point,
        bindings: function.bindings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_reach_the_files() {
        for path in ["", "index.js", "node_modules/@azure/functions/package.json", "a..b/...c"] {
            assert!(is_plain(path), "{path}");
        }
        for path in ["/etc/passwd", "..", "a/../b", "a//b", "a/", "./a", "a\\..\\b", "a\0b"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
