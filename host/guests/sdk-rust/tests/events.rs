//! What the host sees of timer and queue functions and of outputs: their bindings and policies, what they are given, what they give.

use hearth_sdk::__private::{Answer, Data, Trigger, functions, invoke};
use hearth_sdk::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Order {
    id: String,
    count: u32,
}

#[http(name = "submit", methods("POST"), auth_level = "anonymous")]
#[output(queue = "orders")]
fn submit(request: Request) -> Result<((u16, &'static str), Json<Order>)> {
    let order: Order = request.json()?;
    Ok(((202, "taken"), Json(order)))
}

#[output(queue = "receipts-{id}", connection = "Shop", name = "receipts")]
#[queue(name = "bill", queue = "orders", connection = "Shop")]
#[output(queue = "alerts")]
fn charge(order: Order, message: QueueMessage, invocation: Invocation) -> Result<(String, Option<String>)> {
    let (text, attempt) = (format!("{} x {}", order.id, order.count), message.dequeue_count);
    let retries = invocation.retry.map_or(0, |retry| retry.retry_count);
    Ok((text, (attempt > 1).then(|| format!("{}: attempt {attempt}, retry {retries}", message.id))))
}

#[queue(queue = "texts")]
#[output(queue = "copies")]
fn copy(text: String) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[queue(queue = "bytes")]
#[output(queue = "copies")]
fn reverse(bytes: Vec<u8>, _: Invocation) -> Vec<u8> {
    bytes.into_iter().rev().collect()
}

#[queue(queue = "orders")]
fn refuse(message: QueueMessage) -> Result<()> {
    Err(Error::new(400, format!("message {} is refused", message.id)))
}

#[timer(schedule = "0 */5 * * * *", run_on_startup = true, use_monitor = false)]
#[retry(strategy = "fixed_delay", max_retry_count = 3, delay_interval = "00:00:10")]
#[output(queue = "reports")]
fn report(timer: Timer) -> Option<&'static str> {
    timer.is_past_due.then_some("late")
}

#[retry(strategy = "exponential_backoff", max_retry_count = -1, minimum_interval = "00:00:01", maximum_interval = "00:01:00")]
#[timer(schedule = "00:10:00")]
fn tick() {}

fn run(name: &str, data: Data) -> Result<Answer> {
    let metadata = vec![
        ("DequeueCount".to_owned(), Data::Int(2)),
        ("id".to_owned(), Data::Text("m1".to_owned())),
        ("InsertionTime".to_owned(), Data::Text("2024-05-01T10:00:00+00:00".to_owned())),
    ];
    invoke(name, Trigger { data, metadata }, Invocation::default())
}

fn text(text: &str) -> Data {
    Data::Text(text.to_owned())
}

/// One message of exactly this text.
fn message(text: &str) -> Data {
    Data::TextList(vec![text.to_owned()])
}

#[test]
fn bindings_are_those_of_function_json() {
    let found: Vec<_> = functions().iter().map(|function| (function.name, function.bindings.to_vec())).collect();
    let trigger = |kind: &str, rest: &str| format!(r#"{{"type":"{kind}","direction":"in",{rest}}}"#);
    let output = |rest: &str| format!(r#"{{"type":"queue","direction":"out",{rest}}}"#);
    let expected = [
        (
            "bill",
            vec![
                trigger(
                    "queueTrigger",
                    r#""name":"message","queueName":"orders","connection":"Shop","dataType":"binary""#,
                ),
                output(r#""name":"receipts","queueName":"receipts-{id}","connection":"Shop""#),
                output(r#""name":"output2","queueName":"alerts""#),
            ],
        ),
        (
            "copy",
            vec![
                trigger("queueTrigger", r#""name":"message","queueName":"texts","dataType":"binary""#),
                output(r#""name":"output","queueName":"copies""#),
            ],
        ),
        ("refuse", vec![trigger("queueTrigger", r#""name":"message","queueName":"orders","dataType":"binary""#)]),
        (
            "report",
            vec![
                trigger(
                    "timerTrigger",
                    r#""name":"timer","schedule":"0 */5 * * * *","runOnStartup":true,"useMonitor":false"#,
                ),
                output(r#""name":"output","queueName":"reports""#),
            ],
        ),
        (
            "reverse",
            vec![
                trigger("queueTrigger", r#""name":"message","queueName":"bytes","dataType":"binary""#),
                output(r#""name":"output","queueName":"copies""#),
            ],
        ),
        (
            "submit",
            vec![
                trigger("httpTrigger", r#""name":"request","authLevel":"anonymous","methods":["post"]"#),
                r#"{"type":"http","direction":"out","name":"$return"}"#.to_owned(),
                output(r#""name":"output","queueName":"orders""#),
            ],
        ),
        ("tick", vec![trigger("timerTrigger", r#""name":"timer","schedule":"00:10:00""#)]),
    ];
    for ((name, bindings), (expected_name, expected)) in found.iter().zip(&expected) {
        assert_eq!((name, bindings), (expected_name, &expected.iter().map(String::as_str).collect()));
    }
    assert_eq!(found.len(), expected.len());
    for binding in found.iter().flat_map(|(_, bindings)| bindings) {
        serde_json::from_str::<serde_json::Value>(binding).unwrap();
    }
}

#[test]
fn retry_policies_are_those_of_function_json() {
    let found: Vec<_> = functions().iter().filter_map(|function| Some((function.name, function.retry?))).collect();
    let expected = [
        ("report", r#"{"strategy":"fixedDelay","maxRetryCount":3,"delayInterval":"00:00:10"}"#),
        (
            "tick",
            r#"{"strategy":"exponentialBackoff","maxRetryCount":-1,"minimumInterval":"00:00:01","maximumInterval":"00:01:00"}"#,
        ),
    ];
    assert_eq!(found, expected);
}

#[test]
fn http_functions_answer_and_put_messages_out() {
    let request = Request::post("http://localhost/api/submit").with_body(r#"{"id": "7", "count": 2}"#);
    let answer = invoke("submit", request, Invocation::default()).unwrap();
    assert_eq!(answer.response.unwrap().status(), 202);
    assert_eq!(answer.outputs, [("output", Data::Json(r#"{"id":"7","count":2}"#.to_owned()))]);

    let refused = invoke("submit", Request::post("http://localhost/api/submit"), Invocation::default()).unwrap();
    assert_eq!((refused.response.unwrap().status(), refused.outputs), (400, vec![]));
}

#[test]
fn queue_functions_take_text_bytes_json_and_the_message_itself() {
    let answer = run("bill", Data::Bytes(br#"{"id":"7","count":2}"#.to_vec())).unwrap();
    let expected = [("receipts", message("7 x 2")), ("output2", message("m1: attempt 2, retry 0"))];
    assert_eq!((answer.response, answer.outputs), (None, expected.to_vec()));

    let several = Data::TextList(vec!["a".to_owned(), "[b]".to_owned()]);
    assert_eq!(run("copy", text("a [b]")).unwrap().outputs, [("output", several)]);
    assert_eq!(run("reverse", Data::Bytes(vec![1, 255])).unwrap().outputs, [("output", Data::Bytes(vec![255, 1]))]);

    let error = run("refuse", text("x")).unwrap_err();
    assert_eq!(error.to_string(), "message m1 is refused", "nobody is there to answer, so the run fails");
    let error = run("bill", text("{}")).unwrap_err();
    assert_eq!(error.to_string(), "the queue message is not the expected JSON");
    assert_eq!(error.causes(), ["missing field `id` at line 1 column 2"]);
}

#[test]
fn timer_functions_learn_of_their_timer() {
    let late = r#"{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":true}"#;
    assert_eq!(run("report", Data::Json(late.to_owned())).unwrap().outputs, [("output", message("late"))]);
    assert_eq!(run("report", Data::None).unwrap().outputs, [("output", Data::None)]);
    assert!(run("tick", Data::None).unwrap().outputs.is_empty());
}

#[test]
fn a_trigger_of_another_kind_is_named() {
    let error = run("submit", text("x")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the function is declared with #[http] and takes an HTTP request, the host gave text"
    );
    let error = invoke("report", Request::get("http://localhost/"), Invocation::default()).unwrap_err();
    assert_eq!(error.to_string(), "a timer's payload is JSON, the host gave an HTTP request");
}
