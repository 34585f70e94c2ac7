//! From a package to a loaded app: fetch, open, index, compile, link, ask code-first components for their functions.
//!
//! What is wrong with one function stands in its report and the others run; an error here means that nothing can.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::{AppForm, Engine, EngineOptions, Guest, GuestOptions, InvocationContext};
use hearth_model::control::FunctionReport;
use hearth_model::ids::{AppName, Digest};
use hearth_model::index::{AppDefinition, AuthLevel, FunctionDefinition, FunctionEntry, Trigger, index};
use hearth_model::package::{Package, PackageLimits};
use hearth_model::route::RouteTable;
use hearth_model::settings::Settings;
use tokio::sync::Semaphore;

use crate::app::cache::PackageCache;
use crate::app::loaded::{LoadedApp, LoadedFunction, Throttle};
use crate::app::settings;
use crate::front::HttpPolicy;
use crate::logs::{AppLogs, FunctionLog};
use crate::options::{WorkerError, WorkerOptions};

/// A code-first component must tell its functions within this time.
const INDEX_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Loader {
    engine: Engine,
    cache: PackageCache,
    egress: hearth_engine::egress::EgressRule,
    domain: String,
    instance: String,
    /// Packages that are opened and compiled at once: each may take hundreds of megabytes and all processors.
    compiling: Arc<Semaphore>,
}

impl Loader {
    pub(crate) fn new(options: &WorkerOptions) -> Result<Self, WorkerError> {
        let egress = hearth_engine::egress::EgressRule::allowing(&options.egress_allow)
            .map_err(|problem| WorkerError::Failed(format!("egress-allow: {problem}")))?;
        let engine = Engine::new(&EngineOptions {
            cache_dir: options.cache_dir.join("code"),
            cache_key: options.keyring.derive("code-cache"),
            max_instances: options.max_instances,
        })
        .map_err(|error| WorkerError::Failed(error.to_string()))?;
        let cache = PackageCache::open(options.cache_dir.join("packages"), options.state.clone())
            .map_err(WorkerError::io("the package cache can't be created"))?;
        let at_once = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            engine,
            cache,
            egress,
            domain: options.domain.clone(),
            instance: options.name.clone(),
            compiling: Arc::new(Semaphore::new(at_once)),
        })
    }

    /// Makes an app version ready. The error is public text.
    pub(crate) async fn load(&self, app: &AppName, digest: &Digest, logs: Arc<AppLogs>) -> Result<LoadedApp, String> {
        let file = self.cache.package(digest).await?;
        let (engine, options) = (self.engine.clone(), self.options(app));
        let broken = |error: &dyn std::fmt::Display| format!("indexing the package failed: {error}");
        let turn = self.compiling.clone().acquire_owned().await.map_err(|error| broken(&error))?;
        let compiled = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            compile(file, &engine, &options)
        })
        .await
        .map_err(|error| broken(&error))??;
        let AppDefinition { host, functions: entries, code_first, mut warnings } = compiled.definition;
        let entries = match code_first {
            None => entries,
            Some(path) => self.code_first(&path, &compiled.guests, &logs, &host).await?,
        };
        let mut routes = RouteTable::new(&host.route_prefix);
        let mut functions: Vec<LoadedFunction> = Vec::new();
        let mut reports = Vec::new();
        for entry in entries {
            let ready = entry.definition.and_then(|definition| {
                if functions.iter().any(|other| other.definition.name == definition.name) {
                    return Err(format!("another function has the name '{}' (names ignore case)", definition.name));
                }
                let guest = compiled.guests.get(&definition.script_file).cloned().unwrap_or_else(|| {
                    Err(format!("its component '{}' is not in the package", definition.script_file))
                })?;
                let Trigger::Http(http) = &definition.trigger;
                routes.insert(http.route.clone(), http.methods.clone(), functions.len()).map_err(|conflict| {
                    format!("its route '{}' is taken by another function for the same method", conflict.template)
                })?;
                if http.auth_level != AuthLevel::Anonymous {
                    warnings.push(format!(
                        "function '{}' needs a key (authLevel other than anonymous). This version has no function keys yet, so its calls are refused with 401",
                        definition.name
                    ));
                }
                Ok((definition, guest))
            });
            reports.push(report(&entry.name, ready.as_ref().map(|(definition, _)| definition), &host.route_prefix));
            if let Ok((definition, guest)) = ready {
                let log = Arc::new(FunctionLog::new(logs.clone(), definition.name.as_str(), host.log_level.clone()));
                functions.push(LoadedFunction { definition, guest, log });
            }
        }
        for (winner, other) in routes.reordered() {
            let (winner, other) = (&functions[*winner].definition.name, &functions[*other].definition.name);
            let text =
                format!("the route of function '{winner}' is tried before that of '{other}' because it is more exact");
            if !warnings.iter().any(|known| known.starts_with(&text)) {
                warnings.push(text);
            }
        }
        let throttle = Throttle::new(&host);
        let (policy, unusable) = HttpPolicy::new(&host, &Settings::new());
        warnings.extend(unusable);
        Ok(LoadedApp { name: app.clone(), host, routes, functions, reports, warnings, throttle, policy })
    }

    fn options(&self, app: &AppName) -> GuestOptions {
        GuestOptions {
            settings: settings::platform(app, &self.domain, &self.instance),
            memory_limit_mib: 0,
            instance_reuse: 0,
            egress: self.egress.clone(),
        }
    }

    async fn code_first(
        &self,
        path: &str,
        guests: &HashMap<String, Result<Arc<Guest>, String>>,
        logs: &Arc<AppLogs>,
        host: &hearth_model::host_json::HostJson,
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
                    &Settings::default(),
                )
            })
            .collect();
        entries.sort_by_cached_key(|entry| entry.name.to_ascii_lowercase());
        Ok(entries)
    }
}

struct Compiled {
    definition: AppDefinition,
    guests: HashMap<String, Result<Arc<Guest>, String>>,
}

fn compile(file: File, engine: &Engine, options: &GuestOptions) -> Result<Compiled, String> {
    let mut package =
        Package::open(std::io::BufReader::new(file), &PackageLimits::default()).map_err(|error| error.to_string())?;
    let definition = index(&mut package, &Settings::default()).map_err(|error| error.to_string())?;
    let options = GuestOptions {
        memory_limit_mib: definition.host.wasm.memory_limit_mib,
        instance_reuse: definition.host.wasm.instance_reuse,
        ..options.clone()
    };
    let scripts = definition
        .functions
        .iter()
        .filter_map(|entry| entry.definition.as_ref().ok())
        .map(|function| function.script_file.clone())
        .chain(definition.code_first.clone());
    let mut guests = HashMap::new();
    for path in scripts {
        guests.entry(path).or_insert_with_key(|path| {
            let bytes = package.read(path).map_err(|error| error.to_string())?;
            Guest::load(engine, &bytes, options.clone()).map(Arc::new).map_err(|error| format!("{path}: {error}"))
        });
    }
    Ok(Compiled { definition, guests })
}

/// A level as function.json writes it.
fn level_name(level: AuthLevel) -> &'static str {
    match level {
        AuthLevel::Anonymous => "anonymous",
        AuthLevel::User => "user",
        AuthLevel::Function => "function",
        AuthLevel::System => "system",
        AuthLevel::Admin => "admin",
    }
}

fn report(name: &str, ready: Result<&FunctionDefinition, &String>, prefix: &str) -> FunctionReport {
    let mut report = FunctionReport {
        name: name.to_owned(),
        trigger: None,
        route: None,
        methods: Vec::new(),
        auth_level: None,
        disabled: false,
        error: ready.err().cloned(),
    };
    if let Ok(definition) = ready {
        report.trigger = Some(definition.trigger.type_name().to_owned());
        let Trigger::Http(http) = &definition.trigger;
        let route = http.route.to_string();
        report.route = Some(if prefix.is_empty() { route } else { format!("{prefix}/{route}") });
        report.methods = http.methods.iter().map(ToString::to_string).collect();
        report.auth_level = Some(level_name(http.auth_level).to_owned());
    }
    report
}
