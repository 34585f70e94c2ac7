//! TypeScript becomes JavaScript in a component of its own: nobody's text is parsed outside a sandbox. Each file gets a fresh
//! instance, so what one does to it no other meets. What became of a file, a failure too, is remembered for its version; and few
//! are translated at once, since the app's own limits do not count what that takes.

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
/// JavaScript and errors that are kept for one version, in bytes; what would exceed it is made again when it is asked for.
const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// Whether a script's types are to be taken off: by its extension in any case, and declarations (`.d.ts`) are none. The index of an
/// app's files goes by the same rule.
pub(crate) fn is_typescript(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let parts = name.rsplit_once('.');
    parts.is_some_and(|(stem, extension)| matches!(extension, "ts" | "mts" | "cts") && !stem.ends_with(".d"))
}

/// What became of a file; the error is its author's.
type Stripped = Result<Source, ScriptError>;

/// The TypeScript of one version of an app.
pub(crate) struct TypeScript {
    engine: Engine,
    kept: Mutex<Kept>,
    /// Who translates a file: an app waits for itself, and the others only for one file of it.
    translator: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    files: HashMap<String, Arc<Stripped>>,
    bytes: usize,
}

impl TypeScript {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, kept: Mutex::default(), translator: tokio::sync::Mutex::default() }
    }

    /// What became of a file before.
    pub(crate) fn kept(&self, path: &str) -> Option<Stripped> {
        let stripped = self.lock().files.get(path).cloned();
        stripped.map(|stripped| Stripped::clone(&stripped))
    }

    /// The JavaScript of a file. Waits its turn. The inner error is its author's, the outer the machine's, which is not remembered.
    pub(crate) async fn strip(&self, path: &str, text: &str) -> Result<Stripped, InvokeError> {
        let _translator = self.translator.lock().await;
        // Who waited may find it done.
        if let Some(known) = self.kept(path) {
            return Ok(known);
        }
        let _permit = self.engine.permits.translations.acquire().await.map_err(|error| failed(error.to_string()))?;
        let stripped = self.translate(path, text).await?;
        self.lock().keep(path, &stripped);
        Ok(stripped)
    }

    async fn translate(&self, path: &str, text: &str) -> Result<Stripped, InvokeError> {
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
            Ok(stripped) => Ok(stripped),
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
    fn keep(&mut self, path: &str, stripped: &Stripped) {
        let bytes = self.bytes
            + match stripped {
                Ok(source) => source.text.len() + source.source_map.as_ref().map_or(0, String::len),
                Err(error) => error.message.len() + error.stack_trace.len() + error.frame.len(),
            };
        if bytes <= MAX_KEPT_BYTES && !self.files.contains_key(path) {
            self.bytes = bytes;
            self.files.insert(path.to_owned(), Arc::new(stripped.clone()));
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
        assert!(["a.ts", "a/b.mts", "b.cts", "A.TS", "a.b.Mts", "d.ts"].into_iter().all(is_typescript));
        assert!(
            !["a.js", "ts", "a.ts/b", "a.ts.js", "a.mjs", "types.d.ts", "types.D.mts"].into_iter().any(is_typescript)
        );
    }

    #[tokio::test]
    async fn types_are_taken_off_and_what_is_wrong_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let options = EngineOptions { cache_dir: dir.path().to_owned(), cache_key: [1; 32], max_instances: 4 };
        let typescript = TypeScript::new(Engine::new(&options).unwrap());
        let source =
            typescript.strip("a.ts", "export const double = (n: number): number => n * 2;").await.unwrap().unwrap();
        assert!(source.text.contains("(n)") && source.source_map.is_some(), "{source:?}");
        assert_eq!(typescript.kept("a.ts").unwrap().unwrap().text, source.text);
        let error = typescript.strip("b.mts", "let a: number = ;").await.unwrap().unwrap_err();
        assert_eq!((error.file.as_deref(), error.line), (Some("b.mts"), 1));
        // What is wrong stays so while the version does: nobody looks at the text again.
        assert_eq!(typescript.kept("b.mts").unwrap().unwrap_err().message, error.message);
        let again = typescript.strip("b.mts", "1").await.unwrap().unwrap_err();
        assert_eq!(again.message, error.message);
        // The parser is bounded by its sandbox, and only the file meets the bound.
        let deep = format!("const a = {}1{};", "(".repeat(500_000), ")".repeat(500_000));
        let error = typescript.strip("deep.cts", &deep).await.unwrap().unwrap_err();
        assert!(error.message.contains("deep"), "{error:?}");
        typescript.strip("c.ts", "1").await.unwrap().unwrap();
    }
}
