//! Instances of a small app: what their memory holds, and where their invocations start.

#[path = "hostile_tests.rs"]
mod hostile;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use super::*;
use crate::component::Exports;
use crate::config::EngineOptions;
use crate::contract::javascript::{JavascriptEngine, JavascriptEnginePre};
use crate::contract::{InvocationRequest, NamedData, TypedData};
use crate::egress::EgressRule;
use crate::exports::Exported;
use crate::instance::{Instance, Instances};
use crate::log::{InvocationLog, Level};
use crate::script::{AppFiles, FileKind, ScriptApp, ScriptFunction};
use crate::{Engine, Guest, GuestOptions, InvocationContext, InvokeError};

/// `dirty/index.js`, and nothing else.
struct Script(&'static str);

impl AppFiles for Script {
    fn kind(&self, path: &str) -> Option<FileKind> {
        match path {
            "dirty/index.js" => Some(FileKind::File),
            "" | "dirty" => Some(FileKind::Directory),
            _ => None,
        }
    }

    fn names(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        Ok((path == "dirty/index.js").then(|| self.0.into()))
    }
}

struct NoLog;

impl InvocationLog for NoLog {
    fn log(&self, _: Level, _: &str) {}
}

const LONG: Duration = Duration::from_secs(60);

fn context(timeout: Duration) -> InvocationContext {
    InvocationContext { timeout: Some(timeout), log: Arc::new(NoLog) }
}

/// For all tests, because compiling the component takes seconds.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let options = EngineOptions { cache_dir: dir.path().to_owned(), cache_key: [7; 32], max_instances: 40 };
    let engine = Engine::new(&options).unwrap();
    assert!(engine.pooling());
    guest_of(&engine, "");
    engine
});

fn guest(text: &'static str) -> Guest {
    guest_of(&ENGINE, text)
}

fn guest_of(engine: &Engine, text: &'static str) -> Guest {
    let function = ScriptFunction {
        name: "dirty".into(),
        directory: "dirty".into(),
        script_file: "dirty/index.js".into(),
        entry_point: None,
        bindings: vec![r#"{"type":"manualTrigger","direction":"in","name":"input"}"#.into()],
    };
    let app =
        ScriptApp { files: Arc::new(Script(text)), functions: vec![function], entry_files: vec![], version: None };
    let options = GuestOptions {
        settings: BTreeMap::from([("COLOUR".into(), "red".into())]),
        memory_limit_mib: 64,
        instance_reuse: Some(0),
        egress: EgressRule::allowing(&["127.0.0.1"]).unwrap(),
    };
    Guest::load_scripts(engine, app, options).unwrap()
}

fn instances(guest: &Guest) -> &Instances<JavascriptEnginePre<StoreData>, Exported<JavascriptEngine>> {
    let Exports::JavaScript(instances) = &guest.exports else { panic!("it is JavaScript") };
    instances
}

async fn call_within(guest: &Guest, input: &str, timeout: Duration) -> Result<(), InvokeError> {
    let request = InvocationRequest {
        invocation_id: "00000000-0000-4000-8000-000000000001".into(),
        function_name: "dirty".into(),
        entry_point: String::new(),
        trigger: NamedData { name: "input".into(), data: TypedData::Text(input.to_owned()) },
        metadata: vec![],
        inputs: vec![],
        trace: None,
        retry: None,
    };
    guest.invoke(&request, context(timeout)).await.map(drop)
}

async fn call(guest: &Guest, input: &str) -> Result<(), InvokeError> {
    call_within(guest, input, LONG).await
}

/// Takes the instance that was put back, if there is one.
fn take(guest: &Guest) -> Option<Instance<Exported<JavascriptEngine>>> {
    instances(guest).idle.take()
}

fn keep(guest: &Guest, instance: Instance<Exported<JavascriptEngine>>) {
    instances(guest).idle.keep(instance, std::time::Instant::now());
}

/// What the memory holds when an invocation begins; the instance for that is then the only one.
async fn start_of(guest: &Guest, input: &str) -> Vec<u8> {
    call(guest, input).await.unwrap();
    let mut instance = take(guest).unwrap();
    while take(guest).is_some() {}
    let start = content(&mut instance);
    keep(guest, instance);
    start
}

fn content(instance: &mut Instance<Exported<JavascriptEngine>>) -> Vec<u8> {
    let rewindable = instance.rewindable.as_ref().unwrap_or_else(|| panic!("it can be put back"));
    rewindable.memory.content(&mut instance.store)
}

/// The page at which two memories differ first.
fn difference(one: &[u8], other: &[u8]) -> Option<usize> {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).position(|(one, other)| one != other).map(|at| at / 4096)
}

fn loading(guest: &Guest) -> Loading {
    instances(guest).rewind.as_ref().unwrap_or_else(|| panic!("each has a fresh one")).state().loading
}

/// Writes here and there, more or less by the input, and leaves much behind.
const DIRTY: &str = "
    const kept = [];
    module.exports = async (context, input) => {
        const much = Number(input) % 7;
        Object.prototype['left' + input] = input;
        globalThis['all' + input] = kept;
        for (let i = 0; i < 300 * much; i++) kept.push({ i, text: 'x'.repeat(i % 50), bytes: new Uint8Array(i % 90) });
        Promise.resolve().then(() => kept.push(input));
        process.env.COLOUR = 'blue' + input;
        if (input === '90') kept.push(new Uint8Array(16 << 20).fill(1));
        setTimeout(() => kept.push('late'), 5);
    };";

#[tokio::test]
async fn an_instance_that_is_put_back_holds_nothing_of_what_ran() {
    // Without knowing what loading does, invocations start at the image; with it, after the load.
    for indexed in [false, true] {
        let guest = guest(DIRTY);
        if indexed {
            guest.index_scripts(context(LONG)).await.unwrap();
            assert_eq!(loading(&guest), Loading::Alike);
        }
        let start = start_of(&guest, "1").await;
        assert_eq!(loading(&guest), if indexed { Loading::Done } else { Loading::Each });
        // The same as in an instance that nothing but the load ever ran in.
        let pre = &instances(&guest).pre;
        let mut store = instances(&guest).new_store(None);
        let (exports, memory) = crate::instance::Instantiate::instantiate_rewindable(pre, &mut store).await.unwrap();
        if indexed {
            let (index, alike) = crate::script::load(&exports, &mut store).await.unwrap();
            assert!(index.is_ok() && alike);
        }
        let new = memory.unwrap().content(&mut store);
        assert_eq!(difference(&start, &new), None, "indexed: {indexed}");

        for input in 0..LEARNING as usize + 80 {
            call(&guest, &input.to_string()).await.unwrap();
            match take(&guest) {
                Some(mut instance) => {
                    let page = difference(&content(&mut instance), &start);
                    assert_eq!(page, None, "after call {input}, indexed: {indexed}");
                    keep(&guest, instance);
                }
                None => assert_eq!(input, 90, "only what grew far is not put back"),
            }
        }
    }
}

#[tokio::test]
async fn scripts_that_look_outside_while_they_load_do_so_in_every_instance() {
    for (text, alike) in [
        ("const colour = process.env.COLOUR; module.exports = async () => {};", true),
        ("const { hash } = require('node:crypto'); module.exports = async () => {};", true),
        ("const now = Date.now(); module.exports = async () => {};", false),
        ("const now = new Date(); module.exports = async () => {};", false),
        ("const now = performance.now(); module.exports = async () => {};", false),
        ("const number = Math.random(); module.exports = async () => {};", false),
        ("const id = crypto.randomUUID(); module.exports = async () => {};", false),
        ("console.log('loading'); module.exports = async () => {};", false),
        ("setTimeout(() => {}, 1000); module.exports = async () => {};", false),
        ("fetch('http://127.0.0.1:9/').catch(() => {}); module.exports = async () => {};", false),
        ("require('missing'); module.exports = async () => {};", false),
    ] {
        let guest = guest(text);
        guest.index_scripts(context(LONG)).await.unwrap();
        assert_eq!(loading(&guest), if alike { Loading::Alike } else { Loading::Each }, "{text}");
    }
}

#[tokio::test]
async fn loading_for_all_is_tried_again_when_whoever_began_it_is_gone() {
    let guest = guest("module.exports = async () => {};");
    guest.index_scripts(context(LONG)).await.unwrap();
    let rewind = instances(&guest).rewind.as_ref().unwrap();
    for left in (0..MAX_TRIES).rev() {
        assert!(rewind.is_to_load());
        rewind.state().loading = Loading::Begun;
        rewind.state().tries += 1;
        drop(ForAll(rewind));
        assert_eq!(rewind.is_to_load(), left > 0);
    }
    call(&guest, "").await.unwrap();
    assert!(take(&guest).is_some(), "it begins at the image");
}
