//! What a line looks like, for each form.

use std::io::Write;
use std::sync::Mutex;

use hearth_model::clock::{ManualClock, Timestamp};

use super::*;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(format: LogFormat, process: Option<&str>, color: bool, log: impl FnOnce()) -> String {
    let sink = Sink::default();
    let clock = Arc::new(ManualClock::new(Timestamp(1_767_268_800_123_456)));
    let lines = Lines { format, process: process.map(str::to_owned), clock, color };
    let writer = sink.clone();
    let subscriber =
        tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(color).event_format(lines).finish();
    tracing::subscriber::with_default(subscriber, log);
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn an_invocation_line_reads_as_in_functions() {
    let line = logged(LogFormat::Text, Some("worker-1"), false, || {
        tracing::info!(category = "Function.hello", "Executing 'Functions.hello' (Reason='x', Id=1)");
    });
    assert_eq!(
        line,
        "[2026-01-01T12:00:00.123Z] worker-1 Function.hello: Executing 'Functions.hello' (Reason='x', Id=1)\n"
    );
}

#[test]
fn levels_are_words_and_on_terminals_colours() {
    let warn = || tracing::warn!(category = "Host.General", retries = 3, path = "a b", "not now");
    assert_eq!(
        logged(LogFormat::Text, None, false, warn),
        "[2026-01-01T12:00:00.123Z] Host.General: warning: not now path=\"a b\" retries=3\n"
    );
    assert_eq!(
        logged(LogFormat::Text, None, true, warn),
        "[2026-01-01T12:00:00.123Z] Host.General: \x1b[33mwarning: not now path=\"a b\" retries=3\x1b[0m\n"
    );
}

#[test]
fn a_json_line_is_one_object() {
    let line = logged(LogFormat::Json, Some("management"), false, || {
        tracing::error!(category = "Host.Startup", app = "hello", "broken\nin two");
    });
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        value,
        serde_json::json!({
            "time": "2026-01-01T12:00:00.123Z", "level": "error", "category": "Host.Startup",
            "message": "broken\nin two", "process": "management", "fields": {"app": "hello"}
        })
    );
    assert_eq!(line.matches('\n').count(), 1);
}

#[test]
fn fractions_have_three_digits() {
    for (given, wanted) in [
        ("2026-01-01T12:00:00Z", "2026-01-01T12:00:00.000Z"),
        ("2026-01-01T12:00:00.5Z", "2026-01-01T12:00:00.500Z"),
        ("2026-01-01T12:00:00.123456Z", "2026-01-01T12:00:00.123Z"),
    ] {
        assert_eq!(millis(given), wanted);
    }
}
