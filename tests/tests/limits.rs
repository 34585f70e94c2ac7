//! What a guest does to itself stays with that invocation: traps, endless loops, exhausted stack and memory, silence.
//! Each is an error answer that names the limit and its setting, an id that is in the log, and a worker that goes on.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use hearth_tests::{Answer, Exchange, Hearth, Zip, eventually, test_guest};
use http::Method;
use serde_json::{Value, json};

/// Text that only the guest knows and no caller may see.
const SECRET: &str = "the-password-is-hunter2";
/// What an answer after a timeout of one second may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// `faults` and `faults-http` with a functionTimeout of one second, and another app with the defaults.
fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(|| {
        let hearth = Hearth::with().flag("--egress-allow", "127.0.0.1/32").start();
        let host = json!({ "version": "2.0", "functionTimeout": "00:00:01" });
        for guest in ["faults", "faults-http"] {
            hearth.publish_zip(guest, &Zip::folder(&test_guest(guest)).json("host.json", &host));
        }
        hearth.publish("other", &test_guest("faults"));
        hearth
    });
    &HEARTH
}

/// Checks the answer of a failed invocation, the log of it, and that the same worker goes on; gives the log from the
/// invocation's line on.
#[track_caller]
fn failed(app: &str, path: &str, status: u16, code: &str, in_answer: &[&str]) -> String {
    let hearth = hearth();
    let (worker, mark) = (hearth.worker(), hearth.log().mark());
    let answer = hearth.app(app).get(path).expect(status);
    let told = answer.json();
    assert_eq!(told["error"]["code"], code, "{told}");
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    let message = told["error"]["message"].as_str().unwrap();
    for part in in_answer {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    not_leaked(&answer);
    let id = answer.header("x-ms-invocation-id").unwrap();
    assert_eq!(told["error"]["invocationId"], id);
    let function = path.trim_start_matches("/api/").split('?').next().unwrap();
    let first = hearth.log().with(mark, &[&format!("Executed 'Functions.{function}' (Failed, Id={id}, Duration=")]);
    hearth.app("other").get("/api/ok").expect(200);
    hearth.app(app).get(if app == "faults" { "/api/ok" } else { "/api/hello" }).expect(200);
    assert_eq!(hearth.worker(), worker, "the worker is another process");
    whole_message(mark, &first)
}

/// A log message from its first line to its last, which ends with the app's name.
fn whole_message(mark: usize, first: &str) -> String {
    eventually("the end of the message", || {
        let lines = hearth().log().since(mark);
        let begin = lines.iter().position(|line| line == first)?;
        let length = lines[begin..].iter().position(|line| line.contains(" app=faults"))?;
        Some(lines[begin..=begin + length].join("\n"))
    })
}

fn not_leaked(answer: &Answer) {
    let seen = format!("{:?} {}", answer.headers, answer.text());
    for part in [SECRET, "panicked", ".wasm!", ".rs:", "backtrace"] {
        assert!(!seen.contains(part), "{part:?} leaked: {seen}");
    }
}

#[test]
fn a_panic_is_a_500_with_the_text_in_the_log_only() {
    let mark = hearth().log().mark();
    let path = format!("/api/panic?message={SECRET}");
    let log = failed("faults", &path, 500, "FunctionTrapped", &["crashed", "log"]);
    assert!(log.contains("unreachable") && log.contains("panic_with"), "{log}");
    hearth().log().with(mark, &["Function.panic.User", "panicked at ", SECRET]);
}

#[test]
fn an_abort_is_a_500_with_the_guests_stack_in_the_log() {
    let log = failed("faults", "/api/abort", 500, "FunctionTrapped", &["crashed"]);
    assert!(log.contains("wasm backtrace") && log.contains("faults.wasm!"), "{log}");
    let log = failed("faults-http", "/api/trap", 500, "FunctionTrapped", &["crashed"]);
    assert!(log.contains("wasm backtrace") && log.contains("faults_http.wasm!"), "{log}");
}

#[test]
fn an_exhausted_stack_names_its_limit() {
    let log = failed("faults", "/api/recurse", 500, "StackExhausted", &["16384 KiB"]);
    assert!(log.contains("endless recursion") && log.contains("ending::depth"), "{log}");
    let log = failed("faults", "/api/recurse_in_memory", 500, "FunctionTrapped", &["crashed"]);
    assert!(log.contains("out of bounds memory access") && log.contains("ending::frames"), "{log}");
}

#[test]
fn an_allocation_bomb_names_the_memory_limit_and_its_setting() {
    let parts = ["128 MiB", "wasm.memoryLimitMiB", "host.json"];
    let log = failed("faults", "/api/allocate", 500, "MemoryLimitExceeded", &parts);
    assert!(log.contains("128 MiB") && log.contains("malloc"), "{log}");
}

#[test]
fn an_error_is_a_500_with_its_causes_in_the_log_only() {
    let log = failed("faults", "/api/fail", 500, "FunctionFailed", &["error", "log"]);
    assert!(log.contains("the count in the stock file is unreadable"), "{log}");
    assert!(log.contains("caused by: invalid digit found in string"), "{log}");
}

#[test]
fn an_endless_loop_ends_at_the_timeout_while_others_are_served() {
    for (app, stack) in [("faults", "faults.wasm!"), ("faults-http", "faults_http.wasm!")] {
        let hearth = hearth();
        let begin = Instant::now();
        let (worker, mark) = (hearth.worker(), hearth.log().mark());
        // As many as the machine has processors, and more: none of them may hold a thread.
        let mut loops: Vec<Exchange> = (0..4).map(|_| hearth.app(app).call(Method::GET, "/api/loop").open()).collect();
        loops.iter_mut().for_each(Exchange::finish);
        for _ in 0..20 {
            hearth.app("other").get("/api/ok").expect(200);
            hearth.app(app).get("/api/counter").expect(200);
        }
        for exchange in loops {
            let answer = exchange.answer().expect(504);
            let told = answer.json();
            let id = answer.header("x-ms-invocation-id").unwrap();
            assert_eq!(told["error"]["code"], "FunctionTimeout");
            assert_eq!(told["error"]["invocationId"], id);
            let message = told["error"]["message"].as_str().unwrap();
            assert!(message.contains("00:00:01") && message.contains("functionTimeout"), "{message}");
            not_leaked(&answer);
            hearth.log().with(mark, &["Executed 'Functions.loop' (Failed", id]);
        }
        let took = begin.elapsed();
        assert!(took >= Duration::from_secs(1) && took < SOON, "{took:?}");
        hearth.log().with(mark, &[stack]);
        assert_eq!(hearth.worker(), worker);
    }
}

#[test]
fn a_guest_that_waits_for_ever_in_a_host_call_ends_at_the_timeout() {
    let begin = Instant::now();
    failed("faults-http", "/api/hang", 504, "FunctionTimeout", &["00:00:01", "functionTimeout"]);
    // Connections are taken by the system and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let path = format!("/api/outbound?url=http://{}/", silent.local_addr().unwrap());
    failed("faults", &path, 504, "FunctionTimeout", &["00:00:01", "functionTimeout"]);
    assert!(begin.elapsed() < SOON);
}

#[test]
fn an_answer_that_takes_too_long_is_cut_off() {
    let mark = hearth().log().mark();
    let mut exchange = hearth().app("faults-http").call(Method::GET, "/api/slow?chunks=1000&pause=100").open();
    exchange.finish();
    assert_eq!(exchange.head().0, 200);
    let answer = exchange.answer();
    assert!(answer.broken.is_some(), "the caller was told that the answer is complete: {}", answer.text());
    assert!(answer.text().starts_with("1\n2\n"), "{}", answer.text());
    hearth().log().with(mark, &["Executed 'Functions.slow' (Failed"]);
    hearth().log().with(mark, &["functionTimeout"]);
}

#[test]
fn a_trap_after_the_head_cuts_the_connection() {
    let (worker, mark) = (hearth().worker(), hearth().log().mark());
    let answer = hearth().app("faults-http").call(Method::GET, "/api/trap_midway").try_send();
    // The head may or may not have gone out; what must not be is an answer that looks complete.
    if let Ok(answer) = answer {
        assert!(answer.broken.is_some(), "{answer:?}");
        not_leaked(&answer);
    }
    hearth().log().with(mark, &["Executed 'Functions.trap_midway' (Failed"]);
    assert_eq!(hearth().app("faults-http").get("/api/hello").text(), "hello");
    assert_eq!(hearth().worker(), worker);
}

#[test]
fn a_guest_that_returns_without_an_answer_is_told() {
    let log = failed("faults-http", "/api/no_response", 500, "NoResponse", &["without an answer"]);
    assert!(log.contains("response-outparam"), "{log}");
}

#[test]
fn the_memory_limit_is_that_of_host_json() {
    let hearth = hearth();
    let limited = |mib: u32| {
        let host = json!({ "version": "2.0", "wasm": { "memoryLimitMiB": mib } });
        Zip::folder(&test_guest("faults")).json("host.json", &host)
    };
    hearth.publish_zip("small", &limited(16));
    hearth.publish_zip("large", &limited(256));
    // The body is in memory twice: as the guest made it and as it is handed over.
    let big = |app: &str, mib: u32| hearth.app(app).get(&format!("/api/big?bytes={}", mib << 20));
    big("small", 2).expect(200);
    let told = big("small", 20).expect(500).json();
    assert_eq!(told["error"]["code"], "MemoryLimitExceeded");
    assert!(told["error"]["message"].as_str().unwrap().contains("16 MiB"), "{told}");
    big("large", 100).expect(200);
    let told = hearth.app("large").get("/api/allocate").expect(500).json();
    assert!(told["error"]["message"].as_str().unwrap().contains("256 MiB"), "{told}");
}

#[test]
fn many_failures_at_once_leave_nothing_behind() {
    let hearth = hearth();
    let worker = hearth.worker();
    let kinds = ["panic", "abort", "recurse", "fail", "ok", "allocate"];
    let mut calls: Vec<(&str, Exchange)> = (0..48)
        .map(|at| (kinds[at % kinds.len()], format!("/api/{}", kinds[at % kinds.len()])))
        .map(|(kind, path)| (kind, hearth.app("other").call(Method::GET, &path).open()))
        .collect();
    calls.iter_mut().for_each(|(_, call)| call.finish());
    let mut ids = std::collections::BTreeSet::new();
    for (kind, call) in calls {
        let answer = call.answer();
        if kind == "ok" {
            assert_eq!(answer.expect(200).text(), "ok");
        } else {
            let told: Value = answer.expect(500).json();
            ids.insert(told["error"]["invocationId"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(ids.len(), 40, "every failure has an id of its own");
    assert_eq!(hearth.worker(), worker);
}

#[test]
fn too_many_at_once_are_refused_quickly() {
    let hearth = hearth();
    let http = json!({ "maxConcurrentRequests": 2, "maxOutstandingRequests": 4 });
    let host = json!({ "version": "2.0", "functionTimeout": "00:00:30", "extensions": { "http": http } });
    hearth.publish_zip("narrow", &Zip::folder(&test_guest("faults-http")).json("host.json", &host));
    let app = hearth.app("narrow");
    // Two run (their answers have begun), two wait.
    let mut held: Vec<Exchange> =
        (0..2).map(|_| app.call(Method::GET, "/api/slow?chunks=100000&pause=10").open()).collect();
    for exchange in &mut held {
        exchange.finish();
        assert_eq!(exchange.head().0, 200);
    }
    let (sender, answers) = std::sync::mpsc::channel();
    for _ in 0..4 {
        let (call, sender) = (app.call(Method::GET, "/api/hello"), sender.clone());
        std::thread::spawn(move || drop(sender.send(call.send())));
    }
    let next = || answers.recv_timeout(hearth_tests::LONG).unwrap();
    for _ in 0..2 {
        let told = next().expect(429);
        assert_eq!((told.text().as_str(), told.header("x-function-scaleout")), ("", Some("1")));
        assert_eq!(told.header("x-hearth-error"), Some("TooManyRequests"));
        assert!(told.header("x-hearth-limit").unwrap().contains("maxOutstandingRequests"));
    }
    hearth.app("other").get("/api/ok").expect(200);
    // A caller that leaves makes room.
    drop(held);
    for _ in 0..2 {
        assert_eq!(next().expect(200).text(), "hello");
    }
}
