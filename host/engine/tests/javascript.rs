//! JavaScript apps in the engine component (`cargo xtask guests` builds it): loading, calls, limits, isolation, bytecode.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_engine::contract::{HttpRequest, InvocationRequest, NamedData, TypedData};
use hearth_engine::egress::EgressRule;
use hearth_engine::{
    AppFiles, AppForm, Engine, EngineOptions, FileKind, Guest, GuestOptions, InvocationContext, InvocationLog,
    InvokeError, Level, ScriptApp, ScriptFunction, ScriptIndex,
};

const LIMIT_MIB: u32 = 64;
const LONG: Duration = Duration::from_secs(60);

/// The machine code of the engine is kept from one run of the tests to the next.
fn engine() -> Engine {
    engine_in(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("javascript-code"))
}

fn engine_in(dir: &Path) -> Engine {
    Engine::new(&EngineOptions { cache_dir: dir.to_owned(), cache_key: [7; 32], max_instances: 20 }).unwrap()
}

/// Files in memory. Texts can be taken away, as if reading them were an error nobody expects.
#[derive(Default)]
struct Files {
    files: BTreeMap<String, String>,
    unreadable: AtomicBool,
}

impl AppFiles for Files {
    fn kind(&self, path: &str) -> Option<FileKind> {
        let folder = format!("{path}/");
        match self.files.contains_key(path) {
            true => Some(FileKind::File),
            false if path.is_empty() || self.files.keys().any(|file| file.starts_with(&folder)) => {
                Some(FileKind::Directory)
            }
            false => None,
        }
    }

    fn names(&self, path: &str) -> Vec<String> {
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        let inside = self.files.keys().filter_map(|file| file.strip_prefix(&folder));
        let mut names: Vec<_> = inside.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
        names.dedup();
        names
    }

    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        let script = [".js", ".mjs", ".ts"].iter().any(|extension| path.ends_with(extension));
        if script && self.unreadable.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("nobody should read this"));
        }
        Ok(self.files.get(path).map(|text| text.clone().into_bytes()))
    }
}

fn files(files: &[(&str, &str)]) -> Arc<Files> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Arc::new(Files { files, unreadable: AtomicBool::default() })
}

/// An app whose function.json files have an HTTP trigger `req` and an output `res` each. The script of a function `a` is `a/index.js`.
fn v3(files: &Arc<Files>, functions: &[&str]) -> ScriptApp {
    let functions = functions.iter().map(|name| ScriptFunction {
        name: (*name).to_owned(),
        directory: (*name).to_owned(),
        script_file: format!("{name}/index.js"),
        entry_point: None,
        bindings: vec![
            r#"{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous"}"#.into(),
            r#"{"type":"http","direction":"out","name":"res"}"#.into(),
        ],
    });
    ScriptApp { files: files.clone(), functions: functions.collect(), entry_files: vec![], version: None }
}

fn options(settings: &[(&str, &str)], instance_reuse: Option<u32>) -> GuestOptions {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    GuestOptions { settings, memory_limit_mib: LIMIT_MIB, instance_reuse, egress: EgressRule::default() }
}

#[derive(Default)]
struct Lines(Mutex<Vec<(Level, String)>>);

impl InvocationLog for Lines {
    fn log(&self, level: Level, message: &str) {
        self.0.lock().unwrap().push((level, message.to_owned()));
    }
}

fn context(timeout: Duration) -> (InvocationContext, Arc<Lines>) {
    let lines = Arc::new(Lines::default());
    (InvocationContext { timeout: Some(timeout), log: lines.clone() }, lines)
}

async fn index(guest: &Guest) -> ScriptIndex {
    guest.index_scripts(context(LONG).0).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Calls an HTTP function and returns the body that it answers.
async fn call_within(guest: &Guest, function: &str, timeout: Duration) -> Result<String, InvokeError> {
    let payload = HttpRequest {
        method: "GET".into(),
        url: format!("http://test.localhost/api/{function}?name=Ada"),
        headers: vec![("accept".into(), "*/*".into())],
        query: vec![("name".into(), "Ada".into())],
        params: vec![],
        body: vec![],
    };
    let request = InvocationRequest {
        invocation_id: "00000000-0000-4000-8000-000000000001".into(),
        function_name: function.into(),
        entry_point: String::new(),
        trigger: NamedData { name: "req".into(), data: TypedData::HttpRequest(payload) },
        metadata: vec![],
        inputs: vec![],
        trace: None,
        retry: None,
    };
    let response = guest.invoke(&request, context(timeout).0).await?;
    let outputs = response.outputs.into_iter().map(|output| output.data).chain([response.return_value]);
    let mut answers = outputs.filter_map(|data| match data {
        TypedData::HttpResponse(response) => Some(String::from_utf8(response.body).unwrap()),
        _ => None,
    });
    Ok(answers.next().unwrap_or_default())
}

async fn call(guest: &Guest, function: &str) -> Result<String, InvokeError> {
    call_within(guest, function, LONG).await
}

#[tokio::test]
async fn functions_of_both_models_answer() {
    let engine = engine();
    let package = files(&[
        ("greet.js", "exports.greet = (name) => `Hello, ${name}!`;"),
        (
            "hello/index.js",
            "const { greet } = require('../greet');\nmodule.exports = async (context, req) => { context.res = { body: greet(req.query.name) }; };",
        ),
    ]);
    let guest = Guest::load_scripts(&engine, v3(&package, &["hello"]), options(&[], None)).unwrap();
    assert_eq!(guest.form(), AppForm::JavaScript);
    let told = index(&guest).await;
    assert!(told.problems.is_empty() && told.functions.is_empty(), "{told:?}");
    assert_eq!(call(&guest, "hello").await.unwrap(), "Hello, Ada!");
    assert_eq!(call(&guest, "HELLO").await.unwrap(), "Hello, Ada!", "names have no case");

    let entry = "const { app } = require('@azure/functions');\n\
        app.http('hello', { authLevel: 'anonymous', handler: async (request) => ({ body: `Hi, ${request.query.get('name')}` }) });";
    let package = files(&[("src/index.js", entry)]);
    let app = ScriptApp { files: package, functions: vec![], entry_files: vec!["src/index.js".into()], version: None };
    let guest = Guest::load_scripts(&engine, app, options(&[], None)).unwrap();
    let told = index(&guest).await;
    assert_eq!(told.functions.len(), 1, "{told:?}");
    assert!(told.functions[0].bindings.iter().any(|binding| binding.contains("httpTrigger")), "{told:?}");
    assert_eq!(call(&guest, "hello").await.unwrap(), "Hi, Ada");
}

const COUNTER: &str =
    "let calls = 0;\nmodule.exports = async (context) => { context.res = { body: String(++calls) }; };";

#[tokio::test]
async fn modules_keep_their_state_until_an_instance_ends() {
    let package = files(&[
        ("count/index.js", COUNTER),
        ("fail/index.js", "module.exports = async () => {\n  throw new Error('not today');\n};"),
    ]);
    let app = v3(&package, &["count", "fail"]);
    let kept = Guest::load_scripts(&engine(), app, options(&[], None)).unwrap();
    for expected in ["1", "2"] {
        assert_eq!(call(&kept, "count").await.unwrap(), expected);
    }
    let error = call(&kept, "fail").await.unwrap_err();
    let InvokeError::Failed { message, stack_trace, .. } = &error else { panic!("{error:?}") };
    assert!(message.contains("not today") && stack_trace.contains("fail/index.js:2"), "{error:?}");
    assert_eq!(call(&kept, "count").await.unwrap(), "3", "an exception is an answer like another");

    let fresh = kept.with_options(options(&[], Some(0)));
    for _ in 0..2 {
        assert_eq!(call(&fresh, "count").await.unwrap(), "1");
    }
}

#[tokio::test]
async fn each_limit_ends_its_call_and_the_instance_with_it() {
    let package = files(&[
        ("count/index.js", COUNTER),
        ("loop/index.js", "module.exports = async () => { for (;;); };"),
        ("wait/index.js", "module.exports = () => new Promise((done) => setTimeout(done, 3600000));"),
        (
            "bomb/index.js",
            "module.exports = async () => { const all = []; try { for (;;) all.push(new Array(10000).fill(1)); } catch {} };",
        ),
        (
            "buffers/index.js",
            "module.exports = async () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20)); };",
        ),
        (
            "deep/index.js",
            "const down = (n) => 1 + down(n + 1);\nmodule.exports = async (context) => {\n  try { down(0); } catch (error) { context.res = { body: error.name }; }\n};",
        ),
        (
            "brackets/index.js",
            "module.exports = async (context) => {\n  try { JSON.parse('['.repeat(1000000)); } catch (error) { context.res = { body: error.name }; }\n};",
        ),
    ]);
    let app = v3(&package, &["count", "loop", "wait", "bomb", "buffers", "deep", "brackets"]);
    let guest = Guest::load_scripts(&engine(), app, options(&[], None)).unwrap();
    for function in ["loop", "wait"] {
        assert_eq!(call(&guest, "count").await.unwrap(), "1");
        let error = call_within(&guest, function, Duration::from_secs(1)).await.unwrap_err();
        assert!(matches!(error, InvokeError::Timeout { .. }), "{function}: {error:?}");
    }
    for function in ["bomb", "buffers"] {
        assert_eq!(call(&guest, "count").await.unwrap(), "1");
        let error = call(&guest, function).await.unwrap_err();
        assert!(matches!(error, InvokeError::Memory { limit_mib: LIMIT_MIB, .. }), "{function}: {error:?}");
    }
    assert_eq!(call(&guest, "count").await.unwrap(), "1");
    assert_eq!(call(&guest, "deep").await.unwrap(), "RangeError");
    assert!(["RangeError", "SyntaxError"].contains(&&*call(&guest, "brackets").await.unwrap()));
    assert_eq!(call(&guest, "count").await.unwrap(), "2", "what a script can catch ends nothing");
}

const MOMENT: &str = "module.exports = async (context) => { context.res = { body: JSON.stringify({\n\
    random: Math.random(), uuid: crypto.randomUUID(), now: Date.now(), elapsed: performance.now(),\n\
    setting: process.env.COLOUR, path: process.env.PATH, names: Object.keys(process.env).length }) }; };";

/// The image of the engine holds nothing of the moment, the app or the machine that it was made in.
#[tokio::test]
async fn no_two_instances_share_randomness_clock_or_environment() {
    let engine = engine();
    let package = files(&[("moment/index.js", MOMENT)]);
    let red = Guest::load_scripts(&engine, v3(&package, &["moment"]), options(&[("COLOUR", "red")], Some(0))).unwrap();
    let blue = red.with_options(options(&[("COLOUR", "blue")], Some(0)));
    let other = Guest::load_scripts(&engine, v3(&package, &["moment"]), options(&[], Some(0))).unwrap();
    let mut seen = Vec::new();
    for guest in [&red, &red, &blue, &other] {
        let before = epoch_millis();
        let told: serde_json::Value = serde_json::from_str(&call(guest, "moment").await.unwrap()).unwrap();
        let now = told["now"].as_f64().unwrap();
        assert!(now >= before - 1.0 && now <= epoch_millis() + 1.0, "the clock is that of the call: {told}");
        assert_eq!(told["path"], serde_json::Value::Null, "nothing of this process: {told}");
        seen.push(told);
    }
    for (at, one) in seen.iter().enumerate() {
        for another in &seen[..at] {
            assert_ne!(one["random"], another["random"]);
            assert_ne!(one["uuid"], another["uuid"]);
        }
    }
    let settings: Vec<_> = seen.iter().map(|told| told["setting"].as_str()).collect();
    assert_eq!(settings, [Some("red"), Some("red"), Some("blue"), None]);
}

/// Instances that are put back rather than made are as fresh: their scripts, also as far as they ran before the first call, see the moment
/// and the settings of their own instance, and nothing of other calls.
#[tokio::test]
async fn an_instance_that_is_put_back_is_fresh() {
    let moment = "const at = { random: Math.random(), uuid: crypto.randomUUID(), now: Date.now(), setting: process.env.COLOUR };\n\
        module.exports = async (context) => { context.res = { body: JSON.stringify(at) }; at.setting = 'changed'; };";
    let traces = "const seen = [];\nmodule.exports = async (context, req) => {\n\
        context.res = { body: JSON.stringify([seen.length, process.env.COLOUR, {}.left ?? null, globalThis.left ?? null]) };\n\
        seen.push(req); process.env.COLOUR = 'changed'; Object.prototype.left = globalThis.left = 1;\n\
        setTimeout(() => { globalThis.left = 2; }, 0); setImmediate(() => seen.push(0)); };";
    let package = files(&[("moment/index.js", moment), ("traces/index.js", traces), ("pure/index.js", traces)]);
    for functions in [&["moment", "traces"][..], &["pure"]] {
        let app = v3(&package, functions);
        let guest = Guest::load_scripts(&engine(), app, options(&[("COLOUR", "red")], Some(0))).unwrap();
        let other = guest.with_options(options(&[("COLOUR", "blue")], Some(1)));
        for (guest, colour) in [(&guest, "red"), (&other, "blue")] {
            assert!(index(guest).await.problems.is_empty());
            let mut moments = std::collections::BTreeSet::new();
            for _ in 0..30 {
                for function in functions {
                    let told: serde_json::Value = serde_json::from_str(&call(guest, function).await.unwrap()).unwrap();
                    if *function == "moment" {
                        assert_eq!(told["setting"], colour);
                        assert!((told["now"].as_f64().unwrap() - epoch_millis()).abs() < 10_000.0, "{told}");
                        assert!(moments.insert(told["random"].to_string()) && moments.insert(told["uuid"].to_string()));
                    } else {
                        assert_eq!(told, serde_json::json!([0, colour, null, null]));
                    }
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "compared with what the guest takes for the time")]
fn epoch_millis() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64() * 1000.0
}

/// The files that the code cache holds for the bytecode of apps.
fn bytecode_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "bytecode")).collect()
}

#[tokio::test]
async fn bytecode_is_kept_for_other_instances_and_later_processes_and_only_our_own_is_used() {
    let dir = tempfile::tempdir().unwrap();
    let package = files(&[
        ("lib/value.js", "module.exports = 'kept';"),
        (
            "hello/index.js",
            "const value = require('../lib/value');\nmodule.exports = async (context) => { context.res = { body: value }; };",
        ),
    ]);
    let app = ScriptApp { version: Some([3; 32]), ..v3(&package, &["hello"]) };

    // In memory: no other instance reads the texts, whatever the settings.
    let guest = Guest::load_scripts(&engine_in(dir.path()), app.clone(), options(&[], Some(0))).unwrap();
    index(&guest).await;
    package.unreadable.store(true, Ordering::Relaxed);
    assert_eq!(call(&guest, "hello").await.unwrap(), "kept");
    assert_eq!(call(&guest.with_options(options(&[("A", "1")], None)), "hello").await.unwrap(), "kept");

    // On disk: nor does a later process.
    let [file] = &bytecode_files(dir.path())[..] else { panic!("one file expected") };
    let guest = Guest::load_scripts(&engine_in(dir.path()), app.clone(), options(&[], None)).unwrap();
    assert_eq!(call(&guest, "hello").await.unwrap(), "kept");

    // What was altered is not used, and is made again.
    let good = std::fs::read(file).unwrap();
    let mut altered = good.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    for bad in [altered, good[..middle].to_vec(), Vec::new()] {
        std::fs::write(file, &bad).unwrap();
        let guest = Guest::load_scripts(&engine_in(dir.path()), app.clone(), options(&[], None)).unwrap();
        call(&guest, "hello").await.unwrap_err();
    }
    package.unreadable.store(false, Ordering::Relaxed);
    let guest = Guest::load_scripts(&engine_in(dir.path()), app.clone(), options(&[], None)).unwrap();
    index(&guest).await;
    assert_eq!(std::fs::read(file).unwrap().len(), good.len(), "the good file is back");

    // Another version has nothing of it, and a folder under work leaves nothing on disk.
    for (version, files) in [(Some([4; 32]), 2), (None, 2)] {
        let guest =
            Guest::load_scripts(&engine_in(dir.path()), ScriptApp { version, ..app.clone() }, options(&[], None))
                .unwrap();
        package.unreadable.store(true, Ordering::Relaxed);
        call(&guest, "hello").await.unwrap_err();
        package.unreadable.store(false, Ordering::Relaxed);
        index(&guest).await;
        assert_eq!(bytecode_files(dir.path()).len(), files);
    }
}

#[tokio::test]
async fn a_script_that_can_not_be_loaded_is_a_problem_of_its_function_alone() {
    let package = files(&[
        ("good/index.js", COUNTER),
        ("bad/index.js", "module.exports = async () => {\n  const = 1;\n};"),
        ("missing/index.js", "require('left-pad');"),
    ]);
    let app = v3(&package, &["good", "bad", "missing"]);
    let guest = Guest::load_scripts(&engine(), app, options(&[], None)).unwrap();
    let told = index(&guest).await;
    let names: Vec<_> = told.problems.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["bad", "missing"], "{told:?}");
    let bad = &told.problems[0].1;
    assert_eq!((bad.file.as_deref(), bad.line), (Some("bad/index.js"), 2), "{bad:?}");
    assert!(bad.to_string().contains("const = 1;") && bad.message.contains("SyntaxError"), "{bad}");
    assert!(told.problems[1].1.message.contains("left-pad"), "{told:?}");
    assert_eq!(call(&guest, "good").await.unwrap(), "1");
}

#[tokio::test]
async fn typescript_runs_without_its_types() {
    let package = files(&[
        (
            "lib/greet.ts",
            "interface Named { name: string }\nexport function greet({ name }: Named): string {\n  if (!name) {\n    throw new Error('who?');\n  }\n  return `Hello, ${name}!`;\n}\n",
        ),
        (
            "hello/index.ts",
            "import { greet } from '../lib/greet';\nexport default async function (context: any, req: any): Promise<void> {\n  context.res = { body: greet({ name: req.query.name as string }) };\n}\n",
        ),
        (
            "fail/index.ts",
            "import { greet } from '../lib/greet';\ntype Nothing = {};\nexport default async function (): Promise<void> {\n  greet({} as any);\n}\n",
        ),
        ("bad/index.ts", "const n: number = ;\n"),
    ]);
    let mut app = v3(&package, &["hello", "fail", "bad"]);
    for function in &mut app.functions {
        function.script_file = function.script_file.replace(".js", ".ts");
    }
    let guest = Guest::load_scripts(&engine(), app, options(&[], None)).unwrap();
    let told = index(&guest).await;
    let [(name, error)] = &told.problems[..] else { panic!("{told:?}") };
    assert_eq!((&**name, error.file.as_deref(), error.line), ("bad", Some("bad/index.ts"), 1), "{error:?}");
    assert_eq!(call(&guest, "hello").await.unwrap(), "Hello, Ada!");
    let error = call(&guest, "fail").await.unwrap_err();
    let InvokeError::Failed { message, stack_trace, .. } = &error else { panic!("{error:?}") };
    assert!(message.contains("who?") && stack_trace.contains("lib/greet.ts:4"), "the author's lines: {error}");
}

#[tokio::test]
async fn what_a_script_says_is_logged_under_its_call() {
    let text = "module.exports = async (context) => { console.warn('careful'); context.log.info('done'); };";
    let package = files(&[("say/index.js", text)]);
    let guest = Guest::load_scripts(&engine(), v3(&package, &["say"]), options(&[], None)).unwrap();
    let request = InvocationRequest {
        invocation_id: "00000000-0000-4000-8000-000000000001".into(),
        function_name: "say".into(),
        entry_point: String::new(),
        trigger: NamedData { name: "req".into(), data: TypedData::Text("x".into()) },
        metadata: vec![],
        inputs: vec![],
        trace: None,
        retry: None,
    };
    let (context, lines) = context(LONG);
    guest.invoke(&request, context).await.unwrap();
    let expected = [(Level::Warning, "careful".to_owned()), (Level::Information, "done".to_owned())];
    assert_eq!(*lines.0.lock().unwrap(), expected);
}
