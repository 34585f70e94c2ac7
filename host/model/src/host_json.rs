//! host.json: the settings of a whole function app (reference: Azure Functions, section 1.3).
//!
//! A known key with a wrong type or a value out of its range is an error with its place; unknown keys are passed over.

mod http;
mod known;
mod log_level;
mod placement;
mod queues;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

pub use crate::json::{FileError, Place};
pub use http::Hsts;
pub use placement::{IdleUnload, Placement};
pub use queues::{MessageEncoding, QueuesOptions};

use crate::json::{Document, Node};
use crate::retry::RetryPolicy;
use crate::settings::Settings;
pub use log_level::{LogLevel, LogLevels};

/// Path of the file in a package.
pub const FILE_NAME: &str = "host.json";

/// Section of the app settings that are put over the values of the file.
const OVERRIDES: &str = "AzureFunctionsJobHost";

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
    /// `extensions.http.hsts`.
    pub hsts: Hsts,
    /// `extensions.queues`.
    pub queues: QueuesOptions,
    /// `functions`: names of the functions to load; `None` is all.
    pub functions: Option<Vec<String>>,
    /// `logging.logLevel`.
    pub log_level: LogLevels,
    /// `retry`: policy of functions that have none of their own.
    pub retry: Option<RetryPolicy>,
    /// `extensionBundle`, which is reported and has no effect: the bindings are built in.
    pub extension_bundle: Option<ExtensionBundle>,
    /// Whether there is a `customHandler` section (or its forerunner `httpWorker`), whose executable Hearth does not run.
    pub custom_handler: bool,
    /// `wasm`: settings of Hearth's own.
    pub wasm: WasmOptions,
    /// `placement`: where the app runs; of Hearth's own.
    pub placement: Placement,
    /// Things worth a look that stop nothing.
    pub warnings: Vec<String>,
}

/// The `extensionBundle` section of host.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionBundle {
    /// `id`; empty when absent.
    pub id: String,
    /// `version`, a range such as `[4.*, 5.0.0)`; empty when absent.
    pub version: String,
}

impl Default for HostJson {
    fn default() -> Self {
        Self {
            function_timeout: Some(Duration::from_secs(30 * 60)),
            route_prefix: "api".to_owned(),
            max_concurrent_requests: None,
            max_outstanding_requests: None,
            custom_headers: BTreeMap::new(),
            hsts: Hsts::default(),
            queues: QueuesOptions::default(),
            functions: None,
            log_level: LogLevels::default(),
            retry: None,
            extension_bundle: None,
            custom_handler: false,
            wasm: WasmOptions::default(),
            placement: Placement::default(),
            warnings: Vec::new(),
        }
    }
}

/// The `wasm` section of host.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmOptions {
    /// `instanceReuse`: how many invocations an instance serves before it is replaced, 0 to 1,000,000; 0 and 1 give each a
    /// fresh one, `None` leaves it to the host, which knows the form of the app.
    pub instance_reuse: Option<u32>,
    /// `memoryLimitMiB`: linear memory of one instance, 1 to 4096. Default 128.
    pub memory_limit_mib: u32,
}

impl Default for WasmOptions {
    fn default() -> Self {
        Self { instance_reuse: None, memory_limit_mib: 128 }
    }
}

impl HostJson {
    /// Reads and checks the bytes of a host.json, with the app settings `AzureFunctionsJobHost__section__key` put over its
    /// values. As with the original an empty object stands for all defaults; anything else must say `"version": "2.0"`.
    /// Numbers and booleans may be written as texts, because .NET configuration has nothing else.
    pub fn parse(bytes: &[u8], settings: &Settings) -> Result<Self, FileError> {
        let document = Document::parse(FILE_NAME, bytes)?;
        let is_empty = document.root().entries()?.is_empty();
        let document = document.configure(OVERRIDES, settings)?;
        let root = document.root();
        if !is_empty {
            check_version(&root)?;
        }
        known::check(&root)?;

        let mut host = Self::default();
        if let Some(timeout) = root.get("functionTimeout")? {
            host.function_timeout = function_timeout(&timeout)?;
        }
        if let Some(names) = root.get("functions")? {
            let names: Result<Vec<_>, _> = names.elements()?.iter().map(|n| n.string().map(str::to_owned)).collect();
            host.functions = Some(names?);
        }
        if let Some(retry) = root.get("retry")? {
            host.retry = Some(RetryPolicy::read(&retry)?);
        }
        if let Some(levels) = root.at(&["logging", "logLevel"])? {
            host.log_level = LogLevels::read(&levels)?;
        }
        if let Some(http) = root.at(&["extensions", "http"])? {
            http::read(&http, &mut host)?;
        }
        if let Some(node) = root.at(&["extensions", "queues"])? {
            host.queues = queues::read(&node)?;
        }
        if let Some(bundle) = root.get("extensionBundle")? {
            let text = |key: &str| bundle.get(key)?.map_or(Ok(String::new()), |node| node.string().map(str::to_owned));
            host.extension_bundle = Some(ExtensionBundle { id: text("id")?, version: text("version")? });
        }
        host.custom_handler = root.get("customHandler")?.is_some() || root.get("httpWorker")?.is_some();
        if let Some(wasm) = root.get("wasm")? {
            host.wasm.instance_reuse = number(&wasm, "instanceReuse", 0, 1_000_000)?;
            host.wasm.memory_limit_mib = number(&wasm, "memoryLimitMiB", 1, 4096)?.unwrap_or(128);
        }
        host.warnings = unknown_overrides(settings);
        if let Some(node) = root.get("placement")? {
            host.placement = placement::read(&node)?;
            host.warnings.extend(placement::unknown(&node)?);
        }
        Ok(host)
    }

    /// Whether the `functions` list lets a function be loaded.
    pub fn allows(&self, function: &str) -> bool {
        self.functions.as_ref().is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(function)))
    }
}

/// Settings that mean to override a key which host.json does not have: likely misspelt, so that nothing would come of them.
fn unknown_overrides(settings: &Settings) -> Vec<String> {
    let unknown = settings.section(OVERRIDES).into_iter().filter(|(keys, ..)| !known::is_known(keys));
    unknown
        .map(|(keys, name, _)| {
            format!(
                "app setting '{name:.256}' has no effect: host.json has no key {:.256} that is known",
                keys.join(".")
            )
        })
        .collect()
}

fn check_version(root: &Node<'_>) -> Result<(), FileError> {
    let Some(version) = root.get("version")? else {
        return Err(root.error("\"version\" is missing; add \"version\": \"2.0\""));
    };
    match version.scalar_text()?.as_str() {
        "2.0" if version.string().is_ok() => Ok(()),
        other => Err(version.error(format_args!("must be the text \"2.0\", not {}", version.bare(other)))),
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
            "must be a time such as \"00:05:00\" (hours, minutes, seconds) or \"-1\" for no limit, not {}",
            node.shown(text)
        ))),
    }
}

fn number(node: &Node<'_>, key: &str, least: u32, greatest: u32) -> Result<Option<u32>, FileError> {
    let Some(value) = node.get(key)? else { return Ok(None) };
    Ok(u32::try_from(value.integer(i64::from(least), i64::from(greatest))?).ok())
}
