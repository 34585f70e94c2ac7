//! An app as its scripts see it.

use std::sync::Arc;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A folder.
    Directory,
}

/// The files of an app; nothing else exists for its scripts.
///
/// Paths are relative to the package's root, separated by `/`, without empty parts, `.`, `..` or a leading `/`: the engine asks
/// for no other. The root itself is the empty path. [`kind`](Self::kind) and [`names`](Self::names) are called from the guest's task:
/// quick, and without waiting. [`read`](Self::read) is called from a blocking thread, once at a time for a version.
pub trait AppFiles: Send + Sync + 'static {
    /// What is at a path; `None` when nothing is.
    fn kind(&self, path: &str) -> Option<FileKind>;

    /// Names in a folder, sorted; empty when it is none.
    fn names(&self, path: &str) -> Vec<String>;

    /// A file's content; `None` when there is none. An error ends the invocation that asked.
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>>;
}

/// A version of a JavaScript app.
#[derive(Clone)]
pub struct ScriptApp {
    /// The package.
    pub files: Arc<dyn AppFiles>,
    /// All functions that have a function.json.
    pub functions: Vec<ScriptFunction>,
    /// The scripts whose evaluation declares the functions of a code-first app, in order; empty for an app with function.json files.
    pub entry_files: Vec<String>,
    /// Digest of the package, under which its bytecode is kept on disk; `None` keeps it in memory only.
    pub version: Option<[u8; 32]>,
}

/// A function.json, as far as the engine needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptFunction {
    /// The function's name.
    pub name: String,
    /// Its folder.
    pub directory: String,
    /// Path of the script from the package's root.
    pub script_file: String,
    /// `entryPoint`.
    pub entry_point: Option<String>,
    /// Each entry is one element of function.json's `bindings` array, as JSON text.
    pub bindings: Vec<String>,
}
