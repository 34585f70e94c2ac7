//! What all instances of one version of a JavaScript app share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::script::app::{AppFiles, ScriptApp, ScriptFunction};

/// Bytecode of one version, all scripts together, in bytes; what would exceed it is not kept, and each instance makes it for itself.
const MAX_BYTECODE_BYTES: usize = 64 * 1024 * 1024;

pub(crate) struct ScriptVersion {
    pub(crate) files: Arc<dyn AppFiles>,
    /// Sorted by name.
    pub(crate) functions: Vec<ScriptFunction>,
    pub(crate) entry_files: Vec<String>,
    by_name: HashMap<String, usize>,
    bytecode: Mutex<Bytecode>,
}

#[derive(Default)]
struct Bytecode {
    scripts: HashMap<String, Arc<[u8]>>,
    bytes: usize,
}

impl ScriptVersion {
    pub(crate) fn new(app: ScriptApp) -> Self {
        let mut functions = app.functions;
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let by_name = functions.iter().enumerate().map(|(at, function)| (function.name.to_lowercase(), at)).collect();
        Self { files: app.files, functions, entry_files: app.entry_files, by_name, bytecode: Mutex::default() }
    }

    /// A function.json by its function's name in any case.
    pub(crate) fn function(&self, name: &str) -> Option<&ScriptFunction> {
        self.by_name.get(&name.to_lowercase()).map(|at| &self.functions[*at])
    }

    pub(crate) fn bytecode(&self, path: &str) -> Option<Arc<[u8]>> {
        self.kept().scripts.get(path).cloned()
    }

    /// The first that is kept for a path stays.
    pub(crate) fn keep_bytecode(&self, path: String, bytecode: Vec<u8>) {
        let mut kept = self.kept();
        let bytes = kept.bytes.saturating_add(path.len()).saturating_add(bytecode.len());
        if bytes <= MAX_BYTECODE_BYTES && !kept.scripts.contains_key(&path) {
            kept.bytes = bytes;
            kept.scripts.insert(path, bytecode.into());
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Bytecode> {
        self.bytecode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
