//! An app of timer and queue functions for the whole-system tests and the bench: what was handled can be read from its output queues,
//! and its messages say how they want to fail.
//!
//! | function | trigger | output |
//! |---|---|---|
//! | `submit` | POST, each line of the body is a message | `work` |
//! | `work` | `work` | `done`: a JSON object with `id`, `attempt` and `body` |
//! | `flaky` | a timer when the app starts, under a retry policy; succeeds at the third attempt | `flaky`: a JSON object with `retries`, `most` and `lastError` |
//! | `bench` | `bench-in` | `bench-out`: the body, a comma, the time at which the function began, in microseconds since 1970 |
//! | `sink` | `bench-sink` | none |
//! | `tick` | every second | `ticks`: a JSON object with `pastDue`, `next` and `invocation` |
//!
//! A message of `work` is a command, or else is handled at once: `fail`, `fail:N` (the first N attempts), `sleep:N`
//! (milliseconds), `panic`, `loop`. Commands may be followed by a blank and anything else.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use hearth_sdk::prelude::*;
use serde_json::{Value, json};

#[http(methods("POST"), auth_level = "anonymous")]
#[output(queue = "work")]
fn submit(request: Request) -> Result<((u16, String), Vec<String>)> {
    let messages: Vec<String> = request.text()?.lines().map(str::to_owned).collect();
    Ok(((202, messages.len().to_string()), messages))
}

#[queue(queue = "work")]
#[output(queue = "done")]
fn work(body: String, message: QueueMessage) -> Result<Value> {
    obey(&body, message.dequeue_count)?;
    log::info!("worked on {}", message.id);
    Ok(json!({ "id": message.id, "attempt": message.dequeue_count, "body": body }))
}

#[timer(schedule = "0 0 0 1 1 *", run_on_startup = true)]
#[retry(strategy = "fixed_delay", max_retry_count = 2, delay_interval = "00:00:01")]
#[output(queue = "flaky")]
fn flaky(_: Timer, invocation: Invocation) -> Result<Value> {
    let retry = invocation.retry.unwrap_or_default();
    if retry.retry_count < 2 {
        return Err(Error::internal(format!("not yet: {} retries", retry.retry_count)));
    }
    Ok(json!({ "retries": retry.retry_count, "most": retry.max_retry_count, "lastError": retry.last_error }))
}

#[queue(queue = "bench-in")]
#[output(queue = "bench-out")]
fn bench(body: String) -> Result<String> {
    Ok(format!("{body},{}", now().duration_since(SystemTime::UNIX_EPOCH)?.as_micros()))
}

#[queue(queue = "bench-sink")]
fn sink(_: QueueMessage) {}

#[timer(schedule = "* * * * * *")]
#[output(queue = "ticks")]
fn tick(timer: Timer, invocation: Invocation) -> Value {
    let next = timer.schedule_status.and_then(|status| status.next).map(|next| next.to_string());
    json!({ "pastDue": timer.is_past_due, "next": next, "invocation": invocation.id })
}

/// Does what a message says.
fn obey(body: &str, attempt: u32) -> Result<()> {
    let command = body.split(' ').next().unwrap_or_default();
    let (command, number) = command.split_once(':').unwrap_or((command, ""));
    let number: Option<u32> = number.parse().ok();
    match (command, number) {
        ("fail", limit) if attempt <= limit.unwrap_or(u32::MAX) => {
            Err(Error::internal(format!("asked to fail at attempt {attempt}")))
        }
        ("sleep", Some(milliseconds)) => {
            pause(Duration::from_millis(u64::from(milliseconds)));
            Ok(())
        }
        ("panic", None) => Err(give_up()),
        ("loop", None) => {
            let mut turns = 0_u64;
            while black_box(true) {
                turns = black_box(turns.wrapping_add(1));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Of the host, by WASI: not every target's standard library has a clock.
fn now() -> SystemTime {
    let now = wasip2::clocks::wall_clock::now();
    SystemTime::UNIX_EPOCH + Duration::new(now.seconds, now.nanoseconds)
}

fn pause(time: Duration) {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    wasip2::clocks::monotonic_clock::subscribe_duration(nanoseconds).block();
}

#[expect(clippy::panic, reason = "that is what the message asked for")]
fn give_up() -> Error {
    panic!("asked to panic")
}
