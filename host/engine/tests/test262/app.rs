//! The app that runs the tests: a function in the manner of `function.json`, and the checkout as its package.

use std::io;
use std::sync::Arc;

use hearth_engine::{AppFiles, FileKind, ScriptApp, ScriptFunction};

use super::suite::Suite;

/// The function that runs a test.
pub(crate) const FUNCTION: &str = "test262";
/// Name of its trigger.
pub(crate) const TRIGGER: &str = "job";
const RUNNER: &str = "runner.cjs";

pub(crate) fn script_app(suite: Arc<Suite>) -> ScriptApp {
    let function = ScriptFunction {
        name: FUNCTION.to_owned(),
        directory: String::new(),
        script_file: RUNNER.to_owned(),
        entry_point: None,
        bindings: vec![
            format!(r#"{{"type":"queueTrigger","direction":"in","name":"{TRIGGER}","queueName":"jobs"}}"#),
            r#"{"type":"queue","direction":"out","name":"$return","queueName":"results"}"#.to_owned(),
        ],
    };
    ScriptApp { files: Arc::new(Checkout(suite)), functions: vec![function], entry_files: Vec::new(), version: None }
}

/// The files of the checkout with ours among them.
struct Checkout(Arc<Suite>);

impl Checkout {
    fn ours(path: &str) -> Option<&'static str> {
        match path {
            RUNNER => Some(include_str!("runner.cjs")),
            // Files that are imported are modules.
            "package.json" => Some(r#"{ "type": "module" }"#),
            _ => None,
        }
    }
}

impl AppFiles for Checkout {
    fn kind(&self, path: &str) -> Option<FileKind> {
        if Self::ours(path).is_some() {
            return Some(FileKind::File);
        }
        let metadata = std::fs::metadata(self.0.file(path)).ok()?;
        Some(if metadata.is_dir() { FileKind::Directory } else { FileKind::File })
    }

    fn names(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if let Some(text) = Self::ours(path) {
            return Ok(Some(text.as_bytes().to_vec()));
        }
        match std::fs::read(self.0.file(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
