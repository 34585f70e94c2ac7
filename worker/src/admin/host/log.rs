//! `POST /admin/host/log`: lines of others in the app's log.

use bytes::Bytes;
use hearth_model::host_json::LogLevel;
use http::{Request, StatusCode};
use http_body::Body;
use serde::Deserialize;

use crate::admin::answer::{Answer, Refusal, empty};
use crate::admin::request::{self, AdminCall};

const WANTED: &str = r#"the body must be a JSON array such as [{"level": "Information", "message": "text", "source": "deploy", "functionName": "hello"}]"#;
/// Entries that one request may bring.
const MAX_ENTRIES: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    level: Option<Level>,
    message: String,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    function_name: Option<String>,
}

/// A level's name, or its number in `System.Diagnostics.TraceLevel`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Level {
    Name(String),
    Number(u8),
}

impl Level {
    fn known(&self) -> Option<LogLevel> {
        Some(match self {
            Self::Number(0) => LogLevel::None,
            Self::Number(1) => LogLevel::Error,
            Self::Number(2) => LogLevel::Warning,
            Self::Number(3) => LogLevel::Information,
            Self::Number(4) => LogLevel::Debug,
            Self::Number(_) => return None,
            Self::Name(name) => match name.to_ascii_lowercase().as_str() {
                "off" | "none" => LogLevel::None,
                "trace" => LogLevel::Trace,
                "debug" | "verbose" => LogLevel::Debug,
                "information" | "info" => LogLevel::Information,
                "warning" => LogLevel::Warning,
                "error" => LogLevel::Error,
                "critical" => LogLevel::Critical,
                _ => return None,
            },
        })
    }
}

/// All entries or, when one is wrong, none.
pub(in crate::admin) async fn log<B>(call: &AdminCall<'_>, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let entries: Vec<Entry> = request::json(request, WANTED).await?;
    if entries.len() > MAX_ENTRIES {
        return Err(Refusal::invalid(format!("one request may bring {MAX_ENTRIES} entries")));
    }
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        let level = entry.level.as_ref().map_or(Some(LogLevel::Information), Level::known);
        lines.push((level.ok_or_else(|| Refusal::invalid(WANTED))?, entry));
    }
    for (level, entry) in lines.into_iter().filter(|(level, _)| *level != LogLevel::None) {
        let category = match entry.function_name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => format!("Function.{name}"),
            None => "Host.General".to_owned(),
        };
        let text = match entry.source.as_deref().filter(|source| !source.is_empty()) {
            Some(source) => format!("[{source}] {}", entry.message),
            None => entry.message,
        };
        call.live().logs.line(level, &category, &text);
    }
    Ok(empty(StatusCode::OK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_names_and_numbers() {
        let level = |json: &str| serde_json::from_str::<Level>(json).unwrap().known();
        assert_eq!(level("\"WARNING\""), Some(LogLevel::Warning));
        assert_eq!(level("\"Verbose\""), level("4"));
        assert_eq!(level("1"), Some(LogLevel::Error));
        assert_eq!(level("9"), None);
        assert_eq!(level("\"loud\""), None);
    }
}
