//! Timers, queues and outputs in both programming models: what functions are given, and what becomes of what they give.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::testing::FakeHost;
use crate::{Data, Engine, Function, Invocation, InvocationError, Library, Named, Outcome};

struct App(Engine);

fn app(files: &[(&str, &str)]) -> App {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    App(Engine::new(Library::embedded(), Rc::new(FakeHost::new(files))).unwrap())
}

fn text(text: &str) -> Data {
    Data::Text(text.to_owned())
}

fn json(text: &str) -> Data {
    Data::Json(text.to_owned())
}

fn named(name: &str, data: Data) -> Named {
    Named { name: name.to_owned(), data }
}

const TIMER: &str = r#"{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2024-05-01T10:00:00+00:00","LastUpdated":"2024-05-01T10:00:00.1+00:00","Next":"2024-05-01T10:05:00+00:00"},"IsPastDue":true}"#;

/// What a queue trigger hands over, with a second input.
fn message(function: &str, data: Data) -> Invocation {
    let metadata = [
        ("QueueTrigger", data.clone()),
        ("DequeueCount", Data::Int(2)),
        ("Id", text("m1")),
        ("InsertionTime", json("\"2024-05-01T10:00:00+00:00\"")),
        ("PopReceipt", text("proof")),
    ];
    Invocation {
        invocation_id: "i1".to_owned(),
        function_name: function.to_owned(),
        entry_point: function.to_owned(),
        trigger: named("item", data),
        metadata: metadata.map(|(name, data)| named(name, data)).into(),
        inputs: Vec::new(),
        trace: None,
        retry: Some((1, 3, "it failed".to_owned())),
    }
}

fn timer(function: &str) -> Invocation {
    Invocation { trigger: named("item", json(TIMER)), metadata: Vec::new(), ..message(function, Data::None) }
}

impl App {
    fn run(&self, invocation: Invocation) -> Result<Outcome, InvocationError> {
        self.0.invoke(invocation)
    }

    /// The JSON that a function puts into its output `out`.
    #[track_caller]
    fn told(&self, invocation: Invocation) -> Value {
        match self.run(invocation).unwrap_or_else(|error| panic!("{error:?}")).outputs.as_slice() {
            [Named { name, data: Data::Json(text) }] if name == "out" => serde_json::from_str(text).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// A function of the v3 model: `trigger` is its type, `more` further bindings.
fn v3(trigger: &str, more: &[(&str, &str, &str)], script: &str) -> App {
    let mut bindings = vec![json!({"type": trigger, "direction": "in", "name": "item"})];
    for (direction, kind, name) in more {
        bindings.push(json!({"type": kind, "direction": direction, "name": name}));
    }
    let function = json!({ "bindings": bindings }).to_string();
    app(&[("f/function.json", &function), ("f/index.js", script)])
}

const OUT: (&str, &str, &str) = ("out", "queue", "out");

#[test]
fn v3_timers_and_messages_are_arguments_and_bindings() {
    let script = "module.exports = async (context, item) => {
        const same = item === context.bindings.item;
        const { retryContext, functionName } = context.executionContext;
        context.bindings.out = { item, same, data: context.bindingData, retryContext, functionName };
    };";
    let told = v3("timerTrigger", &[OUT], script).told(timer("f"));
    let expected = json!({
        "schedule": {"adjustForDST": true},
        "scheduleStatus": {
            "last": "2024-05-01T10:00:00+00:00", "lastUpdated": "2024-05-01T10:00:00.1+00:00", "next": "2024-05-01T10:05:00+00:00",
        },
        "isPastDue": true,
    });
    assert_eq!((&told["item"], &told["same"]), (&expected, &json!(true)));
    assert_eq!(told["data"], json!({"invocationId": "i1"}));
    assert_eq!(told["functionName"], "f");
    assert_eq!(
        told["retryContext"],
        json!({"retryCount": 1, "maxRetryCount": 3, "exception": {"message": "it failed"}})
    );

    let app = v3("queueTrigger", &[OUT], script);
    let told = app.told(message("f", json(r#"{"Id":7,"Lines":[{"Count":2}]}"#)));
    assert_eq!(told["item"], json!({"Id": 7, "Lines": [{"Count": 2}]}), "a message is not the host's to spell");
    let data = json!({
        "invocationId": "i1", "queueTrigger": {"id": 7, "lines": [{"Count": 2}]}, "dequeueCount": 2, "id": "m1",
        "insertionTime": "2024-05-01T10:00:00+00:00", "popReceipt": "proof",
    });
    assert_eq!(told["data"], data);
    for (given, expected) in [
        (text("hello"), json!("hello")),
        (text("{\"a\": 1}"), json!({"a": 1})),
        (text("[1]"), json!([1])),
        (text("12"), json!(12)),
        (text("12 a"), json!("12 a")),
        (text("nothing"), json!("nothing")),
        (text(""), json!("")),
        (Data::Bytes(vec![0, 255]), json!({"type": "Buffer", "data": [0, 255]})),
    ] {
        assert_eq!(app.told(message("f", given))["item"], expected);
    }
}

#[test]
fn v3_inputs_without_a_value_keep_their_place() {
    let more = [("in", "blob", "before"), ("in", "blob", "after"), OUT];
    let script = "module.exports = async (context, item, before, after, ...rest) => ({
        out: [item, before === undefined, after, 'before' in context.bindings, rest.length] });";
    let invocation = |trigger| Invocation {
        inputs: vec![named("before", Data::None), named("after", text("here"))],
        ..message("f", trigger)
    };
    let app = v3("queueTrigger", &more, script);
    assert_eq!(app.told(invocation(text("hello"))), json!(["hello", true, "here", true, 0]));
    assert_eq!(app.told(invocation(Data::None)), json!([null, true, "here", true, 0]));
}

#[test]
fn v3_outputs_take_every_form() {
    let outcome = |script: &str| v3("queueTrigger", &[OUT], script).run(message("f", text("x"))).unwrap();
    let out = |script: &str| {
        let mut outputs = outcome(&format!("module.exports = async (context) => {{ {script} }};")).outputs;
        assert!(outputs.len() < 2);
        outputs.pop().map_or(Data::None, |output| output.data)
    };
    assert_eq!(out("context.bindings.out = 'text'"), text("text"));
    assert_eq!(out("context.bindings.out = { a: [1] }"), json(r#"{"a":[1]}"#));
    assert_eq!(out("context.bindings.out = ['a', { b: 1 }]"), json(r#"["a",{"b":1}]"#));
    assert_eq!(out("context.bindings.out = Buffer.from([0, 255])"), Data::Bytes(vec![0, 255]));
    assert_eq!(out("context.bindings.out = new Uint8Array([1])"), Data::Bytes(vec![1]));
    assert_eq!(out("context.bindings.out = 7"), Data::Int(7));
    assert_eq!(out("context.bindings.out = 0.5"), Data::Double(0.5));
    assert_eq!(out("context.bindings.out = true"), json("true"));
    assert_eq!(out("context.bindings.out = null"), Data::None);
    assert_eq!(out("context.bindings.out = undefined"), Data::None);
    assert_eq!(out(""), Data::None);
    assert_eq!(out("context.bindings.out = 'left'; return { out: 'returned' }"), text("returned"));
    assert_eq!(out("return { other: 1 }"), Data::None);

    let done = "module.exports = (context) => { setTimeout(() => context.done(null, { out: 'done' }), 1); };";
    assert_eq!(outcome(done).outputs, [named("out", text("done"))]);
    let failed = "module.exports = (context) => { context.bindings.out = 'x'; context.done(new Error('no')); };";
    let error = v3("queueTrigger", &[OUT], failed).run(message("f", text("x"))).unwrap_err();
    assert_eq!(error.message, "Error: no");
}

#[test]
fn v3_a_returned_value_goes_to_the_return_binding() {
    let more = [("out", "queue", "$return"), OUT];
    for (script, returned, outputs) in [
        ("async () => 'text'", text("text"), vec![]),
        ("async () => ['a', 'b']", json(r#"["a","b"]"#), vec![]),
        ("async () => ({ out: 'x' })", json(r#"{"out":"x"}"#), vec![]),
        ("async (context) => { context.bindings.out = 'x'; return 'y' }", text("y"), vec![named("out", text("x"))]),
        ("async () => {}", Data::None, vec![]),
        ("async () => null", Data::None, vec![]),
    ] {
        let app = v3("timerTrigger", &more, &format!("module.exports = {script};"));
        let outcome = app.run(timer("f")).unwrap();
        assert_eq!((outcome.return_value, outcome.outputs), (returned, outputs), "{script}");
    }
}

const V4: &str = "
    const { app, input, output } = require('@azure/functions');
    const out = output.storageQueue({ name: 'out', queueName: 'made-{id}', connection: 'Shop' });
    const blob = input.storageBlob({ name: 'blob', path: 'a/b' });
    app.timer('tick', {
        schedule: '0 */5 * * * *', runOnStartup: true, extraOutputs: [out],
        retry: { strategy: 'fixedDelay', maxRetryCount: 4, delayInterval: 10_000 },
        handler: (timer, context) => context.extraOutputs.set(out, { timer, metadata: context.triggerMetadata ?? null }),
    });
    app.storageQueue('bill', {
        queueName: 'orders', connection: 'Shop', extraInputs: [blob], extraOutputs: [out],
        retry: {
            strategy: 'exponentialBackoff', maxRetryCount: -1,
            minimumInterval: { seconds: 1 }, maximumInterval: { hours: 26, minutes: 1 },
        },
        handler: (item, context) => context.extraOutputs.set('out', {
            item, blob: context.extraInputs.get(blob) ?? null, metadata: context.triggerMetadata,
            retry: context.retryContext, name: context.functionName, id: context.invocationId,
            options: [context.options.trigger.queueName, context.options.extraOutputs.length, context.options.return ?? null],
        }),
    });
    app.generic('any', {
        trigger: { type: 'queueTrigger', name: 'item', queueName: 'any' },
        return: output.generic({ type: 'queue', queueName: 'returned' }),
        handler: async (item) => (item === 'nothing' ? undefined : [item]),
    });";

fn v4() -> App {
    app(&[("src/functions/all.js", V4)])
}

#[test]
fn v4_functions_tell_their_bindings_and_retry_policies() {
    let index = v4().0.index().unwrap();
    assert!(index.problems.is_empty() && index.warnings.is_empty());
    let read = |text: &String| serde_json::from_str::<Value>(text).unwrap();
    let told = |Function { name, bindings, retry, .. }: &Function| {
        (name.clone(), bindings.iter().map(read).collect::<Vec<_>>(), retry.as_ref().map(read))
    };
    let functions: Vec<_> = index.functions.iter().map(told).collect();
    let (name, bindings, retry) = &functions[0];
    assert_eq!(name, "tick");
    let trigger = &bindings[0];
    assert_eq!(
        (&trigger["type"], &trigger["direction"], &trigger["schedule"], &trigger["runOnStartup"]),
        (&json!("timerTrigger"), &json!("in"), &json!("0 */5 * * * *"), &json!(true))
    );
    let made =
        json!({"type": "queue", "direction": "out", "name": "out", "queueName": "made-{id}", "connection": "Shop"});
    assert_eq!(bindings[1..], [made]);
    assert_eq!(*retry, Some(json!({"strategy": "fixedDelay", "maxRetryCount": 4, "delayInterval": "00:00:10"})));
    let (name, bindings, retry) = &functions[1];
    assert_eq!((name.as_str(), bindings.len()), ("bill", 3));
    let backoff = json!({
        "strategy": "exponentialBackoff", "maxRetryCount": -1,
        "minimumInterval": "00:00:01", "maximumInterval": "1.02:01:00",
    });
    assert_eq!(*retry, Some(backoff));
    let (_, bindings, retry) = &functions[2];
    assert_eq!((&bindings[1]["name"], &bindings[1]["queueName"]), (&json!("$return"), &json!("returned")));
    assert_eq!(*retry, None);
}

#[test]
fn v4_timers_and_messages_come_with_their_context() {
    let app = v4();
    let told = app.told(timer("tick"));
    assert_eq!((&told["timer"]["isPastDue"], &told["metadata"]), (&json!(true), &Value::Null));
    assert_eq!(told["timer"]["schedule"], json!({"adjustForDST": true}));

    let invocation = Invocation { inputs: vec![named("blob", json("[1]"))], ..message("bill", json(r#"{"Id":7}"#)) };
    let told = app.told(invocation);
    assert_eq!((&told["item"], &told["blob"]), (&json!({"Id": 7}), &json!([1])));
    let metadata = json!({
        "queueTrigger": {"id": 7}, "dequeueCount": 2, "id": "m1", "insertionTime": "2024-05-01T10:00:00+00:00",
        "popReceipt": "proof",
    });
    assert_eq!(told["metadata"], metadata);
    assert_eq!(told["retry"], json!({"retryCount": 1, "maxRetryCount": 3, "exception": {"message": "it failed"}}));
    assert_eq!((&told["name"], &told["id"]), (&json!("bill"), &json!("i1")));
    assert_eq!(told["options"], json!(["orders", 1, null]));
    assert_eq!(app.told(message("bill", Data::Bytes(vec![7])))["item"], json!({"type": "Buffer", "data": [7]}));
}

#[test]
fn v4_a_returned_value_goes_to_the_return_output() {
    let app = v4();
    for (given, returned) in [(text("a"), json(r#"["a"]"#)), (text("nothing"), Data::None)] {
        let outcome = app.run(message("any", given)).unwrap();
        assert_eq!((outcome.return_value, outcome.outputs), (returned, vec![]));
    }
}
