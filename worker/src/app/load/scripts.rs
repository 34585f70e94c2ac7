//! An app's scripts: one guest for all functions that are written in JavaScript or TypeScript.

use std::sync::Arc;
use std::time::Duration;

use hearth_engine::{
    Engine, Guest, GuestOptions, IndexError, InvocationContext, InvokeError, ScriptApp, ScriptFunction,
};
use hearth_model::host_json::HostJson;
use hearth_model::index::{AppDefinition, CodeFirst, FunctionDefinition, FunctionEntry};
use hearth_model::settings::Settings;
use serde_json::Value;

use crate::app::load::source::Source;
use crate::logs::{AppLogs, FunctionLog};

/// All scripts of an app must be loaded within this time.
const INDEX_TIMEOUT: Duration = Duration::from_secs(60);

/// The scripts of one version of an app.
pub(in crate::app) struct Scripts {
    pub(in crate::app) guest: Arc<Guest>,
    /// What its instances know of the app.
    functions: Vec<ScriptFunction>,
    entry_files: Vec<String>,
}

/// Whether an app has scripts.
pub(super) fn are_in(app: &AppDefinition) -> bool {
    matches!(app.code_first, Some(CodeFirst::Scripts(_))) || definitions(&app.functions).next().is_some()
}

/// Makes an app's scripts ready; those of the same files `before` are taken over with the other options, unless the settings
/// changed which functions there are. Blocking. The error is public text.
pub(super) fn load(
    engine: &Engine,
    app: &AppDefinition,
    source: impl Source,
    options: GuestOptions,
    before: Option<&Scripts>,
) -> Result<Scripts, String> {
    let functions: Vec<ScriptFunction> = definitions(&app.functions).map(script_function).collect();
    let entry_files = match &app.code_first {
        Some(CodeFirst::Scripts(paths)) => paths.clone(),
        _ => Vec::new(),
    };
    let same = |before: &&Scripts| before.functions == functions && before.entry_files == entry_files;
    let guest = match before.filter(same) {
        Some(before) => before.guest.with_options(options),
        None => {
            let version = source.version();
            let app = ScriptApp {
                files: source.into_files(),
                functions: functions.clone(),
                entry_files: entry_files.clone(),
                version,
            };
            Guest::load_scripts(engine, app, options).map_err(|error| error.to_string())?
        }
    };
    Ok(Scripts { guest: Arc::new(guest), functions, entry_files })
}

/// Loads every script once, in an instance that then takes calls: adds the functions that they declare, and puts those in error
/// whose script is wrong. The error is public text.
pub(super) async fn index(
    scripts: &Scripts,
    entries: &mut Vec<FunctionEntry>,
    logs: &Arc<AppLogs>,
    host: &HostJson,
    settings: &Settings,
) -> Result<Vec<String>, String> {
    let log = Arc::new(FunctionLog::new(logs.clone(), "index", host.log_level.clone()));
    let told = scripts.guest.index_scripts(InvocationContext { timeout: Some(INDEX_TIMEOUT), log }).await;
    let index = match told {
        Ok(index) if index.functions.is_empty() && !scripts.entry_files.is_empty() => {
            return Err(format!(
                "{} registered no function: call app.http, or its like, while the script runs (@azure/functions 4), or add a folder with function.json \
                 for each function",
                scripts.entry_files.join(", ")
            ));
        }
        Ok(index) => index,
        // Nothing is wrong with the scripts: the load is tried again.
        Err(IndexError::Engine(error @ InvokeError::Busy(_))) => return Err(error.to_string()),
        Err(error) => {
            let reason = match error {
                IndexError::Engine(InvokeError::Timeout { timeout, .. }) => format!(
                    "the app's scripts were not loaded within {} s: look for a loop without end, or an await without end, outside of functions",
                    timeout.as_secs()
                ),
                error => error.to_string(),
            };
            if !scripts.entry_files.is_empty() {
                return Err(reason);
            }
            in_error(entries, |_| Some(reason.clone()));
            return Ok(Vec::new());
        }
    };
    in_error(entries, |name| {
        let (_, problem) = index.problems.iter().find(|(function, _)| function.eq_ignore_ascii_case(name))?;
        Some(problem.to_string())
    });
    for function in index.functions {
        if host.allows(&function.name) {
            let entry = FunctionEntry::from_metadata(
                &function.name,
                declaring(&scripts.entry_files, &function.name),
                Some(&function.entry_point),
                &function.bindings,
                settings,
            );
            entries.push(entry.with_retry(function.retry.as_deref()));
        }
    }
    entries.sort_by_cached_key(|entry| entry.name.to_ascii_lowercase());
    Ok(index.warnings)
}

/// The functions that are scripts and can run.
fn definitions(entries: &[FunctionEntry]) -> impl Iterator<Item = &FunctionDefinition> {
    entries.iter().filter_map(|entry| entry.definition.as_ref().ok()).filter(|definition| definition.is_script())
}

/// What the engine is told of a function.json.
fn script_function(definition: &FunctionDefinition) -> ScriptFunction {
    let bindings = definition.bindings.iter().map(|binding| {
        let mut json = binding.properties.clone();
        // One spelling of the keys and values that decide how data is handed over.
        json.retain(|key, _| !["name", "type", "direction"].iter().any(|known| key.eq_ignore_ascii_case(known)));
        json.insert("name".to_owned(), binding.name.clone().into());
        json.insert("type".to_owned(), binding.binding_type.clone().into());
        json.insert("direction".to_owned(), binding.direction.as_str().into());
        Value::Object(json).to_string()
    });
    ScriptFunction {
        name: definition.name.as_str().to_owned(),
        directory: definition.name.as_str().to_owned(),
        script_file: definition.script_file.clone(),
        entry_point: definition.entry_point.clone(),
        bindings: bindings.collect(),
    }
}

/// Puts functions that are scripts in error.
fn in_error(entries: &mut [FunctionEntry], reason: impl Fn(&str) -> Option<String>) {
    for entry in entries {
        if entry.definition.as_ref().is_ok_and(FunctionDefinition::is_script)
            && let Some(reason) = reason(&entry.name)
        {
            entry.definition = Err(reason);
        }
    }
}

/// The file that declares a function, as far as it can be told: the only one, or one of the function's name.
fn declaring<'a>(entry_files: &'a [String], function: &str) -> &'a str {
    let stem = |path: &'a str| path.rsplit('/').next().and_then(|name| name.split('.').next());
    let named = entry_files.iter().find(|path| stem(path).is_some_and(|stem| stem.eq_ignore_ascii_case(function)));
    named.or(entry_files.first()).map_or("", String::as_str)
}
