//! Timer and queue functions, outputs and retry policies, in Rust and in both JavaScript models, through the components themselves
//! (`cargo xtask guests` builds them).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::contract::{InvocationRequest, InvocationResponse, NamedData, RetryContext, TypedData};
use hearth_engine::egress::EgressRule;
use hearth_engine::{
    AppFiles, DeclaredFunction, Engine, EngineOptions, FileKind, Guest, GuestOptions, InvocationContext, InvocationLog,
    InvokeError, Level, ScriptApp, ScriptFunction,
};
use serde_json::{Value, json};

fn engine() -> Engine {
    let cache_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("javascript-code");
    Engine::new(&EngineOptions { cache_dir, cache_key: [7; 32], max_instances: 5 }).unwrap()
}

fn options() -> GuestOptions {
    GuestOptions {
        settings: BTreeMap::new(),
        memory_limit_mib: 64,
        instance_reuse: None,
        egress: EgressRule::default(),
    }
}

struct Silent;

impl InvocationLog for Silent {
    fn log(&self, _: Level, _: &str) {}
}

fn context() -> InvocationContext {
    InvocationContext { timeout: Some(Duration::from_secs(60)), log: Arc::new(Silent) }
}

/// A queue message, the second time, under a retry policy.
fn message(function: &str, entry_point: &str, data: TypedData) -> InvocationRequest {
    let metadata = [("Id", TypedData::Text("m1".into())), ("DequeueCount", TypedData::Int(2))];
    InvocationRequest {
        invocation_id: "00000000-0000-4000-8000-000000000001".into(),
        function_name: function.into(),
        entry_point: entry_point.into(),
        trigger: NamedData { name: "item".into(), data },
        metadata: metadata.map(|(name, data)| NamedData { name: name.into(), data }).into(),
        inputs: vec![],
        trace: None,
        retry: Some(RetryContext { retry_count: 1, max_retry_count: -1, last_error: "no".into() }),
    }
}

fn timer(function: &str, entry_point: &str) -> InvocationRequest {
    let payload = json!({
        "Schedule": {"AdjustForDST": true},
        "ScheduleStatus": {"Last": "2024-05-01T10:00:00Z", "LastUpdated": "2024-05-01T10:00:00Z", "Next": "2024-05-01T10:00:01Z"},
        "IsPastDue": true,
    });
    InvocationRequest { metadata: vec![], ..message(function, entry_point, TypedData::Json(payload.to_string())) }
}

/// The JSON of the only output.
#[track_caller]
fn told(response: Result<InvocationResponse, InvokeError>) -> Value {
    match response.unwrap().outputs.as_slice() {
        [NamedData { data: TypedData::Json(text), .. }] => serde_json::from_str(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn retry_of<'a>(functions: &'a [DeclaredFunction], name: &str) -> Option<&'a str> {
    functions.iter().find(|function| function.name == name).unwrap().retry.as_deref()
}

#[tokio::test]
async fn rust_functions_take_events_and_tell_their_policies() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-guests/events/app.wasm");
    let guest = Guest::load(&engine(), &std::fs::read(file).unwrap(), options()).unwrap();
    let functions = guest.functions(context()).await.unwrap();
    assert_eq!(
        retry_of(&functions, "flaky"),
        Some(r#"{"strategy":"fixedDelay","maxRetryCount":2,"delayInterval":"00:00:01"}"#)
    );
    assert_eq!(retry_of(&functions, "work"), None);

    let worked = guest.invoke(&message("work", "work", TypedData::Bytes(b"hello".into())), context()).await;
    assert_eq!(told(worked), json!({"id": "m1", "attempt": 2, "body": "hello"}));
    let failed = guest.invoke(&message("work", "work", TypedData::Text("fail:2 x".into())), context()).await;
    assert!(matches!(&failed, Err(InvokeError::Failed { message, .. }) if message.contains("attempt 2")), "{failed:?}");
    let ticked = told(guest.invoke(&timer("tick", "tick"), context()).await);
    assert_eq!((&ticked["pastDue"], &ticked["next"]), (&json!(true), &json!("2024-05-01T10:00:01Z")));
}

struct Files(BTreeMap<&'static str, &'static str>);

impl AppFiles for Files {
    fn kind(&self, path: &str) -> Option<FileKind> {
        let inside = |file: &&str| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        match self.0.contains_key(path) {
            true => Some(FileKind::File),
            false => (path.is_empty() || self.0.keys().any(inside)).then_some(FileKind::Directory),
        }
    }

    fn names(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).map(|text| text.as_bytes().to_vec()))
    }
}

#[tokio::test]
async fn javascript_functions_of_version_4_take_events_and_tell_their_policies() {
    let script = "
        const { app, output } = require('@azure/functions');
        const out = output.storageQueue({ queueName: 'made' });
        app.timer('tick', {
            schedule: '* * * * * *', extraOutputs: [out],
            handler: (timer, context) => context.extraOutputs.set(out, { late: timer.isPastDue, next: timer.scheduleStatus.next }),
        });
        app.storageQueue('work', {
            queueName: 'orders', extraOutputs: [out],
            retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 1000 },
            handler: (item, context) => context.extraOutputs.set(out, [item, context.triggerMetadata, context.retryContext]),
        });";
    let files = Arc::new(Files(BTreeMap::from([("index.js", script)])));
    let app = ScriptApp { files, functions: vec![], entry_files: vec!["index.js".into()], version: None };
    let guest = Guest::load_scripts(&engine(), app, options()).unwrap();
    let functions = guest.index_scripts(context()).await.unwrap().functions;
    assert_eq!(
        retry_of(&functions, "work"),
        Some(r#"{"strategy":"fixedDelay","maxRetryCount":2,"delayInterval":"00:00:01"}"#)
    );
    assert_eq!(retry_of(&functions, "tick"), None);

    let worked = guest.invoke(&message("work", "work", TypedData::Text(r#"{"count":3}"#.into())), context()).await;
    let retry = json!({"retryCount": 1, "maxRetryCount": -1, "exception": {"message": "no"}});
    assert_eq!(told(worked), json!([{"count": 3}, {"id": "m1", "dequeueCount": 2}, retry]));
    let ticked = guest.invoke(&timer("tick", "tick"), context()).await;
    assert_eq!(told(ticked), json!({"late": true, "next": "2024-05-01T10:00:01Z"}));
}

#[tokio::test]
async fn javascript_functions_of_version_3_keep_the_places_of_their_inputs() {
    let script = "module.exports = async (context, item, none, some) => {
        context.bindings.out = [item, none === undefined, some, context.bindingData.dequeueCount];
    };";
    let binding = |kind: &str, direction: &str, name: &str| json!({"type": kind, "direction": direction, "name": name});
    let bindings = [
        binding("queueTrigger", "in", "item"),
        binding("blob", "in", "none"),
        binding("blob", "in", "some"),
        binding("queue", "out", "out"),
    ];
    let function = ScriptFunction {
        name: "work".into(),
        directory: "work".into(),
        script_file: "work/index.js".into(),
        entry_point: None,
        bindings: bindings.iter().map(ToString::to_string).collect(),
    };
    let files = Arc::new(Files(BTreeMap::from([("work/index.js", script)])));
    let app = ScriptApp { files, functions: vec![function], entry_files: vec![], version: None };
    let guest = Guest::load_scripts(&engine(), app, options()).unwrap();
    assert!(guest.index_scripts(context()).await.unwrap().problems.is_empty());

    let mut request = message("work", "", TypedData::Text("hello".into()));
    request.inputs = vec![
        NamedData { name: "none".into(), data: TypedData::None },
        NamedData { name: "some".into(), data: TypedData::Text("here".into()) },
    ];
    assert_eq!(told(guest.invoke(&request, context()).await), json!(["hello", true, "here", 2]));
}
