//! What all instances of one version of a JavaScript app share.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::config::Engine;
use crate::error::LoadError;
use crate::script::app::{AppFiles, ScriptApp, ScriptFunction};
use crate::script::bytecode::Bytecode;
use crate::script::permits::Permits;
use crate::script::typescript::{self, TypeScript};

pub(crate) struct ScriptVersion {
    pub(crate) files: Arc<dyn AppFiles>,
    /// Sorted by name.
    pub(crate) functions: Vec<ScriptFunction>,
    pub(crate) entry_files: Vec<String>,
    pub(crate) bytecode: Bytecode,
    pub(crate) typescript: TypeScript,
    by_name: HashMap<String, usize>,
    permits: Arc<Permits>,
    /// Who reads a file: an app that reads without end waits for itself, and the others only for one file of it.
    reader: Arc<Mutex<()>>,
}

impl ScriptVersion {
    /// Blocking, like [`Guest::load_scripts`](crate::Guest::load_scripts).
    pub(crate) fn load(engine: &Engine, javascript: &[u8; 32], app: ScriptApp) -> Result<Self, LoadError> {
        let mut functions = app.functions;
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let by_name = functions.iter().enumerate().map(|(at, function)| (function.name.to_lowercase(), at)).collect();
        let mut scripts = functions.iter().map(|function| &function.script_file).chain(&app.entry_files);
        if scripts.any(|path| typescript::is_typescript(path)) {
            engine.components.typescript(engine)?;
        }
        Ok(Self {
            files: app.files,
            functions,
            entry_files: app.entry_files,
            bytecode: Bytecode::load(&engine.cache, javascript, app.version),
            typescript: TypeScript::new(engine.clone()),
            by_name,
            permits: engine.permits.clone(),
            reader: Arc::default(),
        })
    }

    /// A file's content; `None` when there is none. Waits its turn. If it is dropped, a read that has begun still ends, and
    /// keeps its turn until then.
    pub(crate) async fn read(&self, path: &str) -> wasmtime::Result<Option<Vec<u8>>> {
        let failed = |why: &str| wasmtime::Error::msg(format!("{path} can't be read: {why}"));
        let reader = self.reader.clone().lock_owned().await;
        let permit = self.permits.reads.clone().acquire_owned().await.map_err(|error| failed(&error.to_string()))?;
        let (files, file) = (self.files.clone(), path.to_owned());
        let read = tokio::task::spawn_blocking(move || (files.read(&file), reader, permit));
        // The turn ends here rather than there, so that contents which nobody took yet count.
        let (content, _reader, _permit) = read.await.map_err(|error| failed(&error.to_string()))?;
        content.map_err(|error| failed(&error.to_string()))
    }

    /// A function.json by its function's name in any case.
    pub(crate) fn function(&self, name: &str) -> Option<&ScriptFunction> {
        self.by_name.get(&name.to_lowercase()).map(|at| &self.functions[*at])
    }
}
