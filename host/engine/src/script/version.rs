//! What all instances of one version of a JavaScript app share.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Engine;
use crate::error::LoadError;
use crate::script::app::{AppFiles, ScriptApp, ScriptFunction};
use crate::script::bytecode::Bytecode;
use crate::script::typescript::{self, TypeScript};

pub(crate) struct ScriptVersion {
    pub(crate) files: Arc<dyn AppFiles>,
    /// Sorted by name.
    pub(crate) functions: Vec<ScriptFunction>,
    pub(crate) entry_files: Vec<String>,
    pub(crate) bytecode: Bytecode,
    pub(crate) typescript: TypeScript,
    by_name: HashMap<String, usize>,
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
        })
    }

    /// A function.json by its function's name in any case.
    pub(crate) fn function(&self, name: &str) -> Option<&ScriptFunction> {
        self.by_name.get(&name.to_lowercase()).map(|at| &self.functions[*at])
    }
}
