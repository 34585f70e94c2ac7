//! Log lines on standard error, in the manner of the Functions host: `[2026-01-01T12:00:00.000Z] category: text`.
//!
//! The category is the event's field `category` (`Function.hello`, `Host.Startup`), else its target. Lines of a supervised
//! process carry its name, because all processes of one `hearth up` share a terminal.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal};
use std::sync::Arc;

use hearth_model::clock::{Clock, SystemClock};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::exit::Failure;

/// Libraries whose everyday messages are of no use to an operator.
const QUIET: &str = "wasmtime=warn,cranelift=warn,sqlx=warn,hyper=warn,hyper_util=warn,rustls=warn,h2=warn";

/// Functions' own lines below warnings go to the console only when a person watches it: at full load two lines for each
/// call would cost as much as the calls. The log stream has them always; `--log info,function=info` brings them back.
const FUNCTIONS_UNWATCHED: &str = "function=warn";

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object in each line.
    Json,
    /// For developers, as `func start` writes: of `hearth start` only.
    #[value(hide = true)]
    Console,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Console => "console",
        })
    }
}

/// Starts logging for this process. `process` is its name among several, if it is one of several.
pub(crate) fn start(filter: &str, format: LogFormat, process: Option<&str>) -> Result<(), Failure> {
    let functions = if io::stderr().is_terminal() { "function=info" } else { FUNCTIONS_UNWATCHED };
    let filter = EnvFilter::builder().parse(format!("{QUIET},{functions},{filter}")).map_err(|error| {
        Failure::configuration(format_args!("the log filter '{filter}' (--log, HEARTH_LOG): {error}"))
    })?;
    let lines = Lines {
        format,
        process: process.map(str::to_owned),
        clock: Arc::new(SystemClock),
        color: crate::output::color(&io::stderr()),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .event_format(lines)
        .try_init()
        .map_err(|error| Failure::general(format_args!("logging can't start: {error}")))
}

struct Lines {
    format: LogFormat,
    process: Option<String>,
    clock: Arc<dyn Clock>,
    color: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut parts = Parts::default();
        event.record(&mut parts);
        let category = parts.category.take().unwrap_or_else(|| event.metadata().target().to_owned());
        let line = match self.format {
            LogFormat::Text => self.text(*event.metadata().level(), &category, &parts)?,
            LogFormat::Json => self.json(*event.metadata().level(), &category, parts),
            LogFormat::Console => self.console(*event.metadata().level(), &category, &parts)?,
        };
        // One call per line, so that lines of several processes do not mix.
        writer.write_str(&line)
    }
}

impl Lines {
    fn text(&self, level: Level, category: &str, parts: &Parts) -> Result<String, fmt::Error> {
        let (word, paint) = match level {
            Level::ERROR => ("error: ", "\x1b[31m"),
            Level::WARN => ("warning: ", "\x1b[33m"),
            Level::INFO => ("", ""),
            Level::DEBUG => ("debug: ", "\x1b[2m"),
            Level::TRACE => ("trace: ", "\x1b[2m"),
        };
        let paint = if self.color { paint } else { "" };
        let mut line = format!("[{}] ", millis(&self.clock.now().rfc3339()));
        if let Some(process) = &self.process {
            write!(line, "{process} ")?;
        }
        write!(line, "{category}: {paint}{word}{}", parts.message)?;
        for field in &parts.fields {
            write_field(&mut line, field)?;
        }
        if !paint.is_empty() {
            line.push_str("\x1b[0m");
        }
        line.push('\n');
        Ok(line)
    }

    fn json(&self, level: Level, category: &str, parts: Parts) -> String {
        let mut object = Map::new();
        object.insert("time".into(), millis(&self.clock.now().rfc3339()).into());
        object.insert("level".into(), level.as_str().to_ascii_lowercase().into());
        object.insert("category".into(), category.into());
        object.insert("message".into(), parts.message.into());
        if let Some(process) = &self.process {
            object.insert("process".into(), process.as_str().into());
        }
        if !parts.fields.is_empty() {
            object.insert("fields".into(), Value::Object(parts.fields));
        }
        format!("{}\n", Value::Object(object))
    }
}

fn write_field(line: &mut String, (name, value): (&String, &Value)) -> fmt::Result {
    match value {
        Value::String(text) if text.is_empty() || text.contains(char::is_whitespace) => {
            write!(line, " {name}={text:?}")
        }
        Value::String(text) => write!(line, " {name}={text}"),
        value => write!(line, " {name}={value}"),
    }
}

/// Cuts the fraction of an RFC 3339 time in UTC to three digits, as the Functions host prints it.
fn millis(rfc3339: &str) -> String {
    let plain = rfc3339.trim_end_matches('Z');
    let (seconds, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    format!("{seconds}.{fraction:0<3.3}Z")
}

#[derive(Default)]
struct Parts {
    message: String,
    category: Option<String>,
    fields: Map<String, Value>,
}

impl Parts {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("category", Value::String(text)) => self.category = Some(text),
            // Set by the `log` bridge, not by people.
            (name, _) if name.starts_with("log.") => {}
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

mod console;
#[cfg(test)]
mod tests;
