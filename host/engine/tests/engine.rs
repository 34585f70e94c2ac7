//! The engine with real guests (`cargo xtask guests` builds them): the code cache, fairness, limits and reuse.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_engine::contract::{HttpRequest, InvocationRequest, NamedData, TypedData};
use hearth_engine::egress::EgressRule;
use hearth_engine::{
    AppForm, Engine, EngineOptions, Guest, GuestOptions, InvocationContext, InvocationLog, InvokeError, Level,
    LoadError,
};

const LIMIT_MIB: u32 = 32;

fn package(group: &str, name: &str) -> Vec<u8> {
    let path: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(group).join(name).join("app.wasm");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{} ({error}): run `cargo xtask guests` first", path.display()))
}

fn engine(dir: &Path, key: u8) -> Engine {
    Engine::new(&EngineOptions { cache_dir: dir.to_owned(), cache_key: [key; 32], max_instances: 20 }).unwrap()
}

fn options(instance_reuse: u32) -> GuestOptions {
    let settings = BTreeMap::from([("WEBSITE_SITE_NAME".to_owned(), "shop".to_owned())]);
    GuestOptions {
        settings,
        memory_limit_mib: LIMIT_MIB,
        instance_reuse: Some(instance_reuse),
        egress: EgressRule::default(),
    }
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

async fn call(guest: &Guest, function: &str, query: &[(&str, &str)], timeout: Duration) -> Result<String, InvokeError> {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let payload = HttpRequest {
        method: "GET".into(),
        url: format!("http://test.localhost/api/{function}"),
        headers: vec![],
        query,
        params: vec![],
        body: vec![],
    };
    let request = InvocationRequest {
        invocation_id: "00000000-0000-4000-8000-000000000001".into(),
        function_name: function.into(),
        entry_point: function.into(),
        trigger: NamedData { name: "request".into(), data: TypedData::HttpRequest(payload) },
        metadata: vec![],
        inputs: vec![],
        trace: None,
        retry: None,
    };
    let response = guest.invoke(&request, context(timeout).0).await?;
    match response.return_value {
        TypedData::HttpResponse(response) => Ok(String::from_utf8(response.body).unwrap()),
        other => panic!("{other:?}"),
    }
}

fn cached_files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn machine_code_is_kept_and_only_our_own_is_used() {
    let dir = tempfile::tempdir().unwrap();
    let code = dir.path().join("code");
    let bytes = package("test-guests", "faults");
    let long = Duration::from_secs(20);

    let first = Guest::load(&engine(&code, 1), &bytes, options(0)).unwrap();
    assert_eq!(first.form(), AppForm::Typed);
    assert_eq!(call(&first, "ok", &[], long).await.unwrap(), "ok");
    let [(path, written)] = &cached_files(&code)[..] else { panic!("one file expected") };

    // The same engine options find it: nothing is written anew.
    let before = std::fs::metadata(path).unwrap().modified().unwrap();
    Guest::load(&engine(&code, 1), &bytes, options(0)).unwrap();
    assert_eq!(std::fs::metadata(path).unwrap().modified().unwrap(), before);

    // Altered code, an altered tag, a cut file, an empty file and code under another key are all compiled again.
    let mut altered_code = written.clone();
    let middle = altered_code.len() / 2;
    altered_code[middle] ^= 1;
    let mut altered_tag = written.clone();
    altered_tag[0] ^= 1;
    for bad in [altered_code, altered_tag, written[..middle].to_vec(), Vec::new()] {
        std::fs::write(path, &bad).unwrap();
        let guest = Guest::load(&engine(&code, 1), &bytes, options(0)).unwrap();
        assert_eq!(call(&guest, "ok", &[], long).await.unwrap(), "ok");
        assert_eq!(&std::fs::read(path).unwrap(), written, "the good file is back");
    }
    Guest::load(&engine(&code, 2), &bytes, options(0)).unwrap();
    assert_ne!(&std::fs::read(path).unwrap(), written, "written under the other key");
}

#[cfg(unix)]
#[test]
fn the_code_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let code = dir.path().join("a/code");
    engine(&code, 1);
    assert_eq!(std::fs::metadata(&code).unwrap().permissions().mode() & 0o777, 0o700);
}

/// On one thread: if a computing guest did not yield, the other call could not end first.
#[tokio::test]
async fn a_computing_guest_lets_others_run_and_ends_at_its_timeout() {
    let dir = tempfile::tempdir().unwrap();
    let guest = Guest::load(&engine(dir.path(), 1), &package("test-guests", "faults"), options(0)).unwrap();
    let endless = call(&guest, "loop", &[], Duration::from_secs(2));
    tokio::pin!(endless);
    let mut calls = 0;
    let error = loop {
        tokio::select! {
            biased;
            answer = call(&guest, "ok", &[], Duration::from_secs(20)) => { answer.unwrap(); calls += 1 }
            ended = &mut endless => break ended.unwrap_err(),
        }
        tokio::select! {
            biased;
            ended = &mut endless => break ended.unwrap_err(),
            () = tokio::task::yield_now() => {}
        }
    };
    assert!(calls > 5, "{calls} other calls were answered meanwhile");
    let InvokeError::Timeout { timeout, backtrace } = error else { panic!("{error:?}") };
    assert_eq!(timeout, Duration::from_secs(2));
    assert!(backtrace.contains("faults"), "where it computed: {backtrace}");
}

#[tokio::test]
async fn each_limit_ends_its_invocation_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let guest = Guest::load(&engine(dir.path(), 1), &package("test-guests", "faults"), options(1000)).unwrap();
    let long = Duration::from_secs(20);
    let error = call(&guest, "allocate", &[], long).await.unwrap_err();
    assert!(matches!(error, InvokeError::Memory { limit_mib: LIMIT_MIB, .. }), "{error:?}");
    let error = call(&guest, "recurse", &[], long).await.unwrap_err();
    assert!(matches!(error, InvokeError::Stack { .. }), "{error:?}");
    for function in ["recurse_in_memory", "abort", "panic"] {
        let error = call(&guest, function, &[], long).await.unwrap_err();
        let InvokeError::Trapped { backtrace, .. } = &error else { panic!("{error:?}") };
        assert!(backtrace.contains("faults"), "{error:?}");
    }
    let error = call(&guest, "fail", &[], long).await.unwrap_err();
    assert!(matches!(error, InvokeError::Failed { .. }), "{error:?}");
    assert_eq!(call(&guest, "ok", &[], long).await.unwrap(), "ok", "and the next call is answered");
}

#[tokio::test]
async fn instances_are_fresh_unless_reuse_is_asked_for_and_never_reused_after_a_trap() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), 1);
    let bytes = package("test-guests", "faults");
    let long = Duration::from_secs(20);

    let fresh = Guest::load(&engine, &bytes, options(0)).unwrap();
    for _ in 0..3 {
        assert_eq!(call(&fresh, "counter", &[], long).await.unwrap(), "1");
    }
    let reused = Guest::load(&engine, &bytes, options(4)).unwrap();
    let mut seen = Vec::new();
    for _ in 0..12 {
        seen.push(call(&reused, "counter", &[], long).await.unwrap().parse::<u32>().unwrap());
    }
    assert!(seen.starts_with(&[1, 2, 3]), "{seen:?}");
    assert!(seen.iter().all(|count| *count <= 4) && seen.iter().filter(|count| **count == 1).count() >= 3, "{seen:?}");

    let kept = Guest::load(&engine, &bytes, options(1000)).unwrap();
    assert_eq!(call(&kept, "counter", &[], long).await.unwrap(), "1");
    assert_eq!(call(&kept, "counter", &[], long).await.unwrap(), "2");
    call(&kept, "abort", &[], long).await.unwrap_err();
    assert_eq!(call(&kept, "counter", &[], long).await.unwrap(), "1");
}

#[tokio::test]
async fn more_instances_than_allowed_is_said_and_passes() {
    let dir = tempfile::tempdir().unwrap();
    let guest = Guest::load(&engine(dir.path(), 1), &package("test-guests", "faults"), options(0)).unwrap();
    let calls = (0..30).map(|_| call(&guest, "loop", &[], Duration::from_secs(3)));
    let ended = futures_util::future::join_all(calls).await;
    let busy = ended.iter().filter(|result| matches!(result, Err(InvokeError::Busy(_)))).count();
    let late = ended.iter().filter(|result| matches!(result, Err(InvokeError::Timeout { .. }))).count();
    assert_eq!((busy, late), (10, 20), "{ended:?}");
    assert_eq!(call(&guest, "ok", &[], Duration::from_secs(20)).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_code_first_component_tells_its_functions_and_sees_its_settings() {
    let dir = tempfile::tempdir().unwrap();
    let guest = Guest::load(&engine(dir.path(), 1), &package("test-guests", "faults"), options(0)).unwrap();
    let (told, _) = context(Duration::from_secs(20));
    let functions = guest.functions(told).await.unwrap();
    let echo = functions.iter().find(|function| function.name == "echo").unwrap();
    assert!(echo.bindings.iter().any(|binding| binding.contains("httpTrigger")), "{echo:?}");
    let value = call(&guest, "setting_value", &[("name", "WEBSITE_SITE_NAME")], Duration::from_secs(20)).await.unwrap();
    assert!(value.contains("shop"), "{value}");
}

#[test]
fn what_is_no_component_for_us_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), 1);
    let load = |bytes: &[u8]| Guest::load(&engine, bytes, options(0)).err().unwrap();
    let cases: [(&[u8], &str); 5] = [
        (b"\0asm\x01\0\0\0", "core WebAssembly module"),
        (b"  (component)", "text"),
        (b"", "empty"),
        (b"#!/bin/sh", "not WebAssembly"),
        (b"\0asm\x0d\0\x01\0", "exports nothing"),
    ];
    for (bytes, words) in cases {
        assert!(load(bytes).to_string().contains(words), "{}", load(bytes));
    }
    let error = load(&package("test-guests", "unknown-import"));
    assert!(matches!(&error, LoadError::Import(text) if text.contains("acme:database/query@1.2.0")), "{error}");
    let mut damaged = package("samples", "hello-rust");
    let end = damaged.len() - 1000;
    damaged.truncate(end);
    assert!(matches!(load(&damaged), LoadError::Compile(_)));
}
