//! TypeScript becomes JavaScript in a component of its own: nobody's text is parsed outside a sandbox. Each file gets a fresh
//! instance, so what one does to it no other meets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::component::{AppForm, GuestOptions};
use crate::config::Engine;
use crate::context::InvocationContext;
use crate::contract::javascript::hearth::functions::script_types::{ScriptError, Source};
use crate::egress::EgressRule;
use crate::error::{InvokeError, LoadError};
use crate::instance::Instances;
use crate::log::{InvocationLog, Level};

/// Memory that one file may take.
const LIMIT_MIB: u32 = 512;
/// Time that one file may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// JavaScript that is kept for one version, in bytes; what would exceed it is made again when it is asked for.
const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// Whether a script's types are to be taken off.
pub(crate) fn is_typescript(path: &str) -> bool {
    [".ts", ".mts", ".cts"].iter().any(|extension| path.ends_with(extension))
}

/// The TypeScript of one version of an app.
pub(crate) struct TypeScript {
    engine: Engine,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    sources: HashMap<String, Arc<Source>>,
    bytes: usize,
}

impl TypeScript {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, kept: Mutex::default() }
    }

    /// What became of a file before.
    pub(crate) fn kept(&self, path: &str) -> Option<Source> {
        self.lock().sources.get(path).map(|source| Source::clone(source))
    }

    /// The JavaScript of a file. The inner error is its author's, the outer the machine's.
    pub(crate) async fn strip(&self, path: &str, text: &str) -> Result<Result<Source, ScriptError>, InvokeError> {
        let pre = {
            let engine = self.engine.clone();
            let load = tokio::task::spawn_blocking(move || engine.components.typescript(&engine));
            let loaded = load.await.unwrap_or_else(|error| Err(LoadError::Host(error.to_string())));
            loaded.map_err(|error| failed(error.to_string()))?
        };
        let options = GuestOptions {
            settings: Default::default(),
            memory_limit_mib: LIMIT_MIB,
            instance_reuse: Some(0),
            egress: EgressRule::default(),
        };
        let reuse = options.reuse(AppForm::Typed);
        let instances = Instances::new(self.engine.clone(), pre, options.into_shared(None), reuse);
        let context = InvocationContext { timeout: Some(TIMEOUT), log: Arc::new(NoLog) };
        let stripped = instances
            .run(context, async |instance, store| {
                instance.hearth_functions_typescript().call_strip(store, path, text).await
            })
            .await;
        match stripped {
            Ok(Ok(source)) => {
                self.lock().keep(path, &source);
                Ok(Ok(source))
            }
            Ok(Err(error)) => Ok(Err(error)),
            Err(InvokeError::Timeout { .. }) => {
                Ok(Err(unplaced(path, format!("translating it takes more than {} s", TIMEOUT.as_secs()))))
            }
            Err(InvokeError::Memory { .. }) => {
                Ok(Err(unplaced(path, format!("translating it takes more than {LIMIT_MIB} MiB of memory"))))
            }
            Err(busy @ InvokeError::Busy(_)) => Err(busy),
            // Its parser calls itself for each level of brackets, and traps where its stack ends.
            Err(InvokeError::Stack { .. } | InvokeError::Trapped { .. }) => Ok(Err(unplaced(
                path,
                "the TypeScript translator crashed. Is the file nested thousands of levels deep?".into(),
            ))),
            Err(error) => Ok(Err(unplaced(path, format!("it can't be translated: {error}")))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, path: &str, source: &Source) {
        let bytes = self.bytes + source.text.len() + source.source_map.as_ref().map_or(0, String::len);
        if bytes <= MAX_KEPT_BYTES && !self.sources.contains_key(path) {
            self.bytes = bytes;
            self.sources.insert(path.to_owned(), Arc::new(source.clone()));
        }
    }
}

/// An error whose place in the file is unknown.
pub(crate) fn unplaced(path: &str, message: String) -> ScriptError {
    ScriptError {
        message: format!("SyntaxError: {message}"),
        stack_trace: String::new(),
        file: Some(path.to_owned()),
        line: 0,
        column: 0,
        frame: String::new(),
    }
}

fn failed(message: String) -> InvokeError {
    InvokeError::Failed { message, causes: Vec::new(), stack_trace: String::new() }
}

struct NoLog;

impl InvocationLog for NoLog {
    fn log(&self, _: Level, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineOptions;

    #[test]
    fn typescript_is_known_by_its_extension() {
        assert!(["a.ts", "a/b.mts", "b.cts", "types.d.ts"].into_iter().all(is_typescript));
        assert!(!["a.js", "ts", "a.ts.js", "a.mjs"].into_iter().any(is_typescript));
    }

    #[tokio::test]
    async fn types_are_taken_off_and_what_is_wrong_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let options = EngineOptions { cache_dir: dir.path().to_owned(), cache_key: [1; 32], max_instances: 4 };
        let typescript = TypeScript::new(Engine::new(&options).unwrap());
        let source =
            typescript.strip("a.ts", "export const double = (n: number): number => n * 2;").await.unwrap().unwrap();
        assert!(source.text.contains("(n)") && source.source_map.is_some(), "{source:?}");
        assert_eq!(typescript.kept("a.ts").unwrap().text, source.text);
        let error = typescript.strip("b.mts", "let a: number = ;").await.unwrap().unwrap_err();
        assert_eq!((error.file.as_deref(), error.line), (Some("b.mts"), 1));
        assert!(typescript.kept("b.mts").is_none());
        // The parser is bounded by its sandbox, and only the file meets the bound.
        let deep = format!("const a = {}1{};", "(".repeat(500_000), ")".repeat(500_000));
        let error = typescript.strip("deep.cts", &deep).await.unwrap().unwrap_err();
        assert!(error.message.contains("deep"), "{error:?}");
        typescript.strip("c.ts", "1").await.unwrap().unwrap();
    }
}
