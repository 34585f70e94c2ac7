//! A package's host.json, function.json files and components: read, compiled, linked, asked for their functions.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::{AppForm, Engine, Guest, GuestOptions, InvocationContext};
use hearth_model::host_json::HostJson;
use hearth_model::index::{AppDefinition, CodeFirst, FunctionEntry, index};
use hearth_model::package::{Package, PackageFiles, PackageLimits};
use hearth_model::settings::Settings;

use crate::app::loaded::LoadedApp;
use crate::logs::{AppLogs, FunctionLog};

/// A code-first component must tell its functions within this time.
const INDEX_TIMEOUT: Duration = Duration::from_secs(60);

/// Components by their paths in the package, or why one can't be used.
pub(super) type Guests = HashMap<String, Result<Arc<Guest>, String>>;

pub(super) struct Compiled {
    pub(super) definition: AppDefinition,
    pub(super) guests: Guests,
}

/// Reads a package and makes its components ready. Blocking, up to minutes; with the same version `before`, whose components are taken
/// over with the other options, milliseconds. The error is public text.
pub(super) fn compile(
    file: File,
    engine: &Engine,
    options: &GuestOptions,
    settings: &Settings,
    before: Option<&LoadedApp>,
) -> Result<Compiled, String> {
    let mut package =
        Package::open(std::io::BufReader::new(file), &PackageLimits::default()).map_err(|error| error.to_string())?;
    let definition = index(&mut package, settings).map_err(|error| error.to_string())?;
    let options = GuestOptions {
        memory_limit_mib: definition.host.wasm.memory_limit_mib,
        instance_reuse: Some(definition.host.wasm.instance_reuse),
        ..options.clone()
    };
    let scripts = definition
        .functions
        .iter()
        .filter_map(|entry| entry.definition.as_ref().ok())
        .map(|function| function.script_file.clone())
        .chain(match &definition.code_first {
            Some(CodeFirst::Component(path)) => Some(path.clone()),
            _ => None,
        });
    let mut guests = HashMap::new();
    for path in scripts {
        guests.entry(path).or_insert_with_key(|path| {
            if let Some(guest) = before.and_then(|before| before.guests.get(path)) {
                return Ok(Arc::new(guest.with_options(options.clone())));
            }
            let bytes = package.read(path).map_err(|error| error.to_string())?;
            Guest::load(engine, &bytes, options.clone()).map(Arc::new).map_err(|error| format!("{path}: {error}"))
        });
    }
    Ok(Compiled { definition, guests })
}

/// Asks a component for its functions.
pub(super) async fn code_first(
    path: &str,
    guests: &Guests,
    logs: &Arc<AppLogs>,
    host: &HostJson,
    settings: &Settings,
) -> Result<Vec<FunctionEntry>, String> {
    let guest = guests.get(path).cloned().unwrap_or_else(|| Err(format!("{path} is not in the package")))?;
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
        })
        .collect();
    entries.sort_by_cached_key(|entry| entry.name.to_ascii_lowercase());
    Ok(entries)
}
