//! host.json: the settings of a whole function app (reference: Azure Functions, section 1.3).
//!
//! A known key with a wrong type or a value out of its range is an error with its place; unknown keys are passed over.

mod known;
mod log_level;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

pub use crate::json::FileError;
use crate::json::{Document, Node, shortened};
use crate::settings::Settings;
pub use log_level::{LogLevel, LogLevels};

/// Path of the file in a package.
pub const FILE_NAME: &str = "host.json";

/// The known settings of a host.json, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostJson {
    /// `functionTimeout`: longest run of one invocation; `None` is unlimited. Default 30 minutes, at least 1 s.
    pub function_timeout: Option<Duration>,
    /// `extensions.http.routePrefix` without slashes at its ends; may be empty. Default `api`.
    pub route_prefix: String,
    /// `extensions.http.maxConcurrentRequests`: HTTP invocations running at once; `None` leaves it to the host.
    pub max_concurrent_requests: Option<u32>,
    /// `extensions.http.maxOutstandingRequests`: running and waiting together; `None` leaves it to the host.
    pub max_outstanding_requests: Option<u32>,
    /// `extensions.http.customHeaders`: added to a response that does not have them.
    pub custom_headers: BTreeMap<String, String>,
    /// `functions`: names of the functions to load; `None` is all.
    pub functions: Option<Vec<String>>,
    /// `logging.logLevel`.
    pub log_level: LogLevels,
    /// Whether there is a `customHandler` section, whose executable Hearth does not run.
    pub custom_handler: bool,
    /// `wasm`: settings of Hearth's own.
    pub wasm: WasmOptions,
}

impl Default for HostJson {
    fn default() -> Self {
        Self {
            function_timeout: Some(Duration::from_secs(30 * 60)),
            route_prefix: "api".to_owned(),
            max_concurrent_requests: None,
            max_outstanding_requests: None,
            custom_headers: BTreeMap::new(),
            functions: None,
            log_level: LogLevels::default(),
            custom_handler: false,
            wasm: WasmOptions::default(),
        }
    }
}

/// The `wasm` section of host.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmOptions {
    /// `instanceReuse`: how many invocations an instance serves before it is replaced, 0 to 1,000,000; 0 (default)
    /// and 1 give each a fresh one.
    pub instance_reuse: u32,
    /// `memoryLimitMiB`: linear memory of one instance, 1 to 4096. Default 128.
    pub memory_limit_mib: u32,
}

impl Default for WasmOptions {
    fn default() -> Self {
        Self { instance_reuse: 0, memory_limit_mib: 128 }
    }
}

impl HostJson {
    /// Reads and checks the bytes of a host.json. As with the original an empty object stands for all defaults; anything
    /// else must say `"version": "2.0"`.
    pub fn parse(bytes: &[u8], _settings: &Settings) -> Result<Self, FileError> {
        let document = Document::parse(FILE_NAME, bytes)?;
        let root = document.root();
        if root.entries()?.is_empty() {
            return Ok(Self::default());
        }
        check_version(&root)?;
        known::check(&root)?;

        let mut host = Self::default();
        if let Some(timeout) = root.get("functionTimeout")? {
            host.function_timeout = function_timeout(&timeout)?;
        }
        if let Some(names) = root.get("functions")? {
            let names: Result<Vec<_>, _> = names.elements()?.iter().map(|n| n.string().map(str::to_owned)).collect();
            host.functions = Some(names?);
        }
        if let Some(levels) = root.at(&["logging", "logLevel"])? {
            host.log_level = LogLevels::read(&levels)?;
        }
        if let Some(http) = root.at(&["extensions", "http"])? {
            host.read_http(&http)?;
        }
        host.custom_handler = root.get("customHandler")?.is_some();
        if let Some(wasm) = root.get("wasm")? {
            host.wasm.instance_reuse = number(&wasm, "instanceReuse", 0, 1_000_000)?.unwrap_or(0);
            host.wasm.memory_limit_mib = number(&wasm, "memoryLimitMiB", 1, 4096)?.unwrap_or(128);
        }
        Ok(host)
    }

    fn read_http(&mut self, http: &Node<'_>) -> Result<(), FileError> {
        if let Some(prefix) = http.get("routePrefix")? {
            self.route_prefix = route_prefix(&prefix)?;
        }
        self.max_concurrent_requests = limit(http, "maxConcurrentRequests")?;
        self.max_outstanding_requests = limit(http, "maxOutstandingRequests")?;
        if let Some(headers) = http.get("customHeaders")? {
            for (name, value) in headers.entries()? {
                let text = value.scalar_text()?;
                if HeaderName::try_from(&name).is_err() {
                    return Err(value.error("is not a valid header name"));
                }
                if HeaderValue::try_from(&text).is_err() {
                    return Err(value.error("is not a valid header value: control characters are not allowed"));
                }
                self.custom_headers.insert(name, text);
            }
        }
        Ok(())
    }

    /// Whether the `functions` list lets a function be loaded.
    pub fn allows(&self, function: &str) -> bool {
        self.functions.as_ref().is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(function)))
    }
}

fn check_version(root: &Node<'_>) -> Result<(), FileError> {
    let Some(version) = root.get("version")? else {
        return Err(root.error("\"version\" is missing; add \"version\": \"2.0\""));
    };
    match version.scalar_text()?.as_str() {
        "2.0" if version.string().is_ok() => Ok(()),
        other => Err(version.error(format_args!("must be the text \"2.0\", not {}", shortened(other)))),
    }
}

fn function_timeout(node: &Node<'_>) -> Result<Option<Duration>, FileError> {
    let text = node.string()?;
    if text.trim() == "-1" {
        return Ok(None);
    }
    match crate::time_span::parse_micros(text).and_then(|micros| u64::try_from(micros).ok()) {
        Some(micros) if micros >= 1_000_000 => Ok(Some(Duration::from_micros(micros))),
        Some(_) => Err(node.error("must be at least one second (\"00:00:01\")")),
        None => Err(node.error(format_args!(
            "must be a time such as \"00:05:00\" (hours, minutes, seconds) or \"-1\" for no limit, not \"{}\"",
            shortened(text)
        ))),
    }
}

fn route_prefix(node: &Node<'_>) -> Result<String, FileError> {
    let prefix = node.string()?.trim_matches('/');
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "{}?*#%\\".contains(c);
    if prefix.contains(forbidden) || prefix.contains("//") {
        return Err(node.error(format_args!(
            "must be literal path segments such as \"api\" or \"v1/api\", not \"{}\"",
            shortened(prefix)
        )));
    }
    Ok(prefix.to_owned())
}

/// A limit that is switched off by -1.
fn limit(node: &Node<'_>, key: &str) -> Result<Option<u32>, FileError> {
    let Some(value) = node.get(key)? else { return Ok(None) };
    match value.integer(-1, i64::from(i32::MAX))? {
        0 => Err(value.error("must be at least 1, or -1 for no limit of the app's own")),
        number => Ok(u32::try_from(number).ok()),
    }
}

fn number(node: &Node<'_>, key: &str, least: u32, greatest: u32) -> Result<Option<u32>, FileError> {
    let Some(value) = node.get(key)? else { return Ok(None) };
    Ok(u32::try_from(value.integer(i64::from(least), i64::from(greatest))?).ok())
}
