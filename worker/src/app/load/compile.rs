//! A version's host.json, function.json files, components and scripts: read, compiled, linked, asked for their functions.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::{AppForm, Engine, Guest, GuestOptions, InvocationContext};
use hearth_model::host_json::HostJson;
use hearth_model::index::{AppDefinition, CodeFirst, FunctionDefinition, FunctionEntry, index};
use hearth_model::settings::Settings;

use crate::app::load::scripts::{self, Scripts};
use crate::app::load::source::Source;
use crate::app::loaded::LoadedApp;
use crate::app::settings::tell_runtime;
use crate::logs::{AppLogs, FunctionLog};

/// A code-first component must tell its functions within this time.
const INDEX_TIMEOUT: Duration = Duration::from_secs(60);

/// What runs an app's functions.
#[derive(Default)]
pub(super) struct Guests {
    /// Components by their paths in the package, or why one can't be used.
    pub(super) components: HashMap<String, Result<Arc<Guest>, String>>,
    /// All scripts together.
    pub(super) scripts: Option<Result<Scripts, String>>,
}

impl Guests {
    /// What runs a function. The error is public text.
    pub(super) fn of(&self, definition: &FunctionDefinition) -> Result<Arc<Guest>, String> {
        let path = &definition.script_file;
        if definition.is_script() {
            return match &self.scripts {
                Some(Ok(scripts)) => Ok(scripts.guest.clone()),
                Some(Err(reason)) => Err(reason.clone()),
                None => Err(format!("its script '{path}' is not in the package")),
            };
        }
        let absent = || Err(format!("its component '{path}' is not in the package"));
        self.components.get(path).cloned().unwrap_or_else(absent)
    }
}

pub(super) struct Compiled {
    pub(super) definition: AppDefinition,
    pub(super) guests: Guests,
    /// With what depends on the app's language.
    pub(super) settings: Settings,
}

/// Reads an app's files and makes its components and scripts ready. Blocking, up to minutes; with the same version `before`, whose guests
/// are taken over with the other options, milliseconds. With `labels`, an app that asks for others is refused. The error is public text.
pub(super) fn compile(
    mut source: impl Source,
    engine: &Engine,
    options: &GuestOptions,
    mut settings: Settings,
    before: Option<&LoadedApp>,
    labels: Option<&BTreeMap<String, String>>,
) -> Result<Compiled, String> {
    let definition = index(&mut source, &settings).map_err(|error| error.to_string())?;
    if let Some((label, value)) = labels.and_then(|labels| definition.host.placement.lacking(labels)) {
        return Err(format!(
            "this worker lacks the label {label}={value} that the app asks for (host.json: placement.labels)"
        ));
    }
    let has_scripts = scripts::are_in(&definition);
    tell_runtime(&mut settings, has_scripts);
    let options = GuestOptions {
        settings: settings.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        memory_limit_mib: definition.host.wasm.memory_limit_mib,
        instance_reuse: definition.host.wasm.instance_reuse,
        ..options.clone()
    };
    let components = definition
        .functions
        .iter()
        .filter_map(|entry| entry.definition.as_ref().ok())
        .filter(|function| !function.is_script())
        .map(|function| function.script_file.clone())
        .chain(match &definition.code_first {
            Some(CodeFirst::Component(path)) => Some(path.clone()),
            _ => None,
        });
    let mut guests = Guests::default();
    for path in components {
        guests.components.entry(path).or_insert_with_key(|path| {
            if let Some(guest) = before.and_then(|before| before.guests.get(path)) {
                return Ok(Arc::new(guest.with_options(options.clone())));
            }
            let bytes = source.read(path).map_err(|error| error.to_string())?;
            Guest::load(engine, &bytes, options.clone()).map(Arc::new).map_err(|error| format!("{path}: {error}"))
        });
    }
    if has_scripts {
        let before = before.and_then(|before| before.scripts.as_ref());
        guests.scripts = Some(scripts::load(engine, &definition, source, options, before));
    }
    Ok(Compiled { definition, guests, settings })
}

/// The functions of an app, with those that are declared in code. The error is public text.
pub(super) async fn functions(
    app: &mut AppDefinition,
    guests: &Guests,
    logs: &Arc<AppLogs>,
    settings: &Settings,
) -> Result<Vec<FunctionEntry>, String> {
    let mut entries = std::mem::take(&mut app.functions);
    if let Some(CodeFirst::Component(path)) = &app.code_first {
        entries = code_first(path, guests, logs, &app.host, settings).await?;
    }
    match (&guests.scripts, &app.code_first) {
        (Some(Ok(scripts)), _) => {
            app.warnings.extend(scripts::index(scripts, &mut entries, logs, &app.host, settings).await?);
        }
        (Some(Err(reason)), Some(CodeFirst::Scripts(_))) => return Err(reason.clone()),
        // Each function tells it.
        _ => {}
    }
    Ok(entries)
}

/// Asks a component for its functions.
async fn code_first(
    path: &str,
    guests: &Guests,
    logs: &Arc<AppLogs>,
    host: &HostJson,
    settings: &Settings,
) -> Result<Vec<FunctionEntry>, String> {
    let guest = guests.components.get(path).cloned().unwrap_or_else(|| Err(format!("{path} is not in the package")))?;
    if guest.form() == AppForm::WasiHttp {
        return Err(format!(
            "{path} is a wasi:http component, which can't tell its functions: add a folder with a function.json for each function, for example \
             hello/function.json with an httpTrigger"
        ));
    }
    let log = Arc::new(FunctionLog::new(logs.clone(), "index", host.log_level.clone()));
    let told = guest
        .functions(InvocationContext { timeout: Some(INDEX_TIMEOUT), log })
        .await
        .map_err(|error| format!("{path}: {error}"))?;
    let mut entries: Vec<FunctionEntry> = told
        .into_iter()
        .filter(|function| host.allows(&function.name))
        .map(|function| {
            FunctionEntry::from_metadata(
                &function.name,
                path,
                Some(&function.entry_point),
                &function.bindings,
                settings,
            )
            .with_retry(function.retry.as_deref())
        })
        .collect();
    entries.sort_by_cached_key(|entry| entry.name.to_ascii_lowercase());
    Ok(entries)
}
