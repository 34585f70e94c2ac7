//! From a package to the app it defines: what is wrong with one function stands in its entry, and the others run.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use crate::binding::{
    AuthLevel, Binding, CosmosTrigger, Direction, FunctionDefinition, HttpOutput, HttpTrigger, OutputBinding,
    QueueOutput, QueueTrigger, TimerTrigger, Trigger,
};
use crate::function_json;
use crate::host_json::{self, HostJson};
use crate::kind::PackageKind;
use crate::package::{PackageError, PackageFiles};
use crate::retry::RetryPolicy;
use crate::route::{MAX_REORDERED, RouteTable};
use crate::script::{EntryFiles, PACKAGE_JSON, PackageJson, ScriptLanguage, entry_files, root_components, unbuilt};
use crate::settings::{self, Settings};

/// What a package defines.
#[derive(Clone, Debug)]
pub struct AppDefinition {
    /// Settings of the app.
    pub host: HostJson,
    /// Functions by function.json, sorted by name without regard to case; those in error too. Empty beside `code_first`.
    pub functions: Vec<FunctionEntry>,
    /// Who tells the functions when there is no function.json at all.
    pub code_first: Option<CodeFirst>,
    /// Things worth a look that stop nothing.
    pub warnings: Vec<String>,
}

/// What declares an app's functions in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeFirst {
    /// Path of the only `*.wasm` in the package's root: its functions are to be asked of the component.
    Component(String),
    /// Paths of the scripts that register functions while they run, in the order in which they are run; never empty.
    Scripts(Vec<String>),
}

/// One function, or why it can't run.
#[derive(Clone, Debug)]
pub struct FunctionEntry {
    /// Directory name, as written.
    pub name: String,
    /// The function, or public text that says what is wrong.
    pub definition: Result<FunctionDefinition, String>,
    /// The function.json as written, for the admin API; what a code-first component told in the same form. `None` if it is
    /// not a JSON object.
    pub json: Option<serde_json::Map<String, serde_json::Value>>,
    /// Path in the package of its script, also when the function is in error for another reason.
    pub script: Option<String>,
    /// Paths in the package of the files in its folder, sorted.
    pub files: Vec<String>,
    /// Whether a setting switches it off (reference: section 6.3).
    pub disabled: bool,
}

impl FunctionEntry {
    /// The same with a retry policy, as a code-first app tells it: `retry` of a function.json, as JSON text. One that can't be read puts the
    /// function in error.
    #[must_use]
    pub fn with_retry(mut self, policy: Option<&str>) -> Self {
        let Some(policy) = policy else { return self };
        if let Some(json) = &mut self.json {
            json.insert("retry".to_owned(), serde_json::from_str(policy).unwrap_or_default());
        }
        match RetryPolicy::from_metadata(policy) {
            Ok(policy) => {
                self.definition = self.definition.map(|found| FunctionDefinition { retry: Some(policy), ..found })
            }
            Err(reason) => self.definition = self.definition.and(Err(reason)),
        }
        self
    }

    /// From what a code-first component tells about a function; see [`FunctionDefinition::from_metadata`].
    pub fn from_metadata(
        name: &str,
        script_file: &str,
        entry_point: Option<&str>,
        bindings: &[String],
        settings: &Settings,
    ) -> Self {
        let mut json = serde_json::Map::new();
        json.insert("scriptFile".to_owned(), script_file.into());
        if let Some(entry_point) = entry_point.filter(|text| !text.is_empty()) {
            json.insert("entryPoint".to_owned(), entry_point.into());
        }
        json.insert("configurationSource".to_owned(), "attributes".into());
        let bindings_json = bindings.iter().map(|text| serde_json::from_str(text).unwrap_or_default()).collect();
        json.insert("bindings".to_owned(), serde_json::Value::Array(bindings_json));
        Self {
            name: name.to_owned(),
            definition: FunctionDefinition::from_metadata(name, script_file, entry_point, bindings, settings),
            json: Some(json),
            script: Some(script_file.to_owned()),
            files: Vec::new(),
            disabled: settings::is_disabled(settings, name),
        }
    }
}

/// Functions that one package may declare in function.json files.
const MAX_FUNCTIONS: usize = 10_000;

/// Reads host.json, package.json and every function.json under the settings of the app. An error means that the whole package can't be run;
/// what is wrong with one function is in its entry.
pub fn index<P: PackageFiles + ?Sized>(package: &mut P, settings: &Settings) -> Result<AppDefinition, PackageError> {
    let host = read_host(package, settings)?;
    let mut warnings = package.warnings().to_vec();
    warnings.extend(host.warnings.iter().cloned());
    let mut found = function_files(package.files());
    if found.len() > MAX_FUNCTIONS {
        return Err(PackageError::Limit {
            what: "the number of function.json files".to_owned(),
            value: found.len().to_string(),
            limit_name: "max_functions",
            limit: MAX_FUNCTIONS.to_string(),
            remedy: "split the app into several",
        });
    }
    let package_json = match package.files().contains_key(PACKAGE_JSON) {
        true => PackageJson::parse(&package.read(PACKAGE_JSON)?),
        false => PackageJson::default(),
    };
    let roots: Vec<String> = root_components(package.files()).into_iter().map(str::to_owned).collect();
    let mut functions = Vec::new();
    for (folder, path) in &found {
        if !host.allows(folder) {
            continue;
        }
        let bytes = package.read(path)?;
        let read = function_json::read(folder, path, &bytes, package.files(), &roots, settings);
        warnings.extend(read.warnings);
        functions.push(FunctionEntry {
            name: folder.clone(),
            definition: read.definition,
            json: read.json,
            script: read.script,
            files: files_below(package.files(), folder),
            disabled: settings::is_disabled(settings, folder),
        });
    }
    functions.sort_by_cached_key(|entry| entry.name.to_ascii_lowercase());
    let entries = entry_files(&package_json, package.files());
    let unbuilt = unbuilt(&package_json, &entries);
    // A component at the top counts as a script of function.json files that name none.
    let is_any_script = functions.iter().any(|entry| entry.script.is_some())
        || functions.len() < found.len()
        || !root_components(package.files()).is_empty();
    let mut code_first = named_scripts(&package_json, &entries, is_any_script);
    if code_first.is_some() {
        let left_out: Vec<&str> = found.iter().map(|(folder, _)| folder.as_str()).collect();
        if !left_out.is_empty() {
            warnings.push(format!(
                "function.json of {} has no effect: the scripts that {PACKAGE_JSON} names register the app's functions",
                enumerated(&left_out)
            ));
        }
        functions.clear();
        found.clear();
    }
    warnings.extend(check_routes(&host.route_prefix, &mut functions));

    if code_first.is_none() && found.is_empty() {
        code_first = unnamed(package.files(), &entries);
    }
    if code_first.is_none() {
        expect_functions(package.files(), &host, &found, &functions, entries)?;
    }
    let scripts = matches!(code_first, Some(CodeFirst::Scripts(_)))
        || functions.iter().filter_map(|entry| entry.definition.as_ref().ok()).any(FunctionDefinition::is_script);
    if scripts {
        warnings.extend(package_json.warnings);
        if matches!(code_first, Some(CodeFirst::Scripts(_))) {
            warnings.extend(unbuilt);
        }
        warnings.extend(other_runtime(settings));
    }
    if host.custom_handler {
        warnings.push("host.json: \"customHandler\" has no effect; the components of the package are run".to_owned());
    }
    Ok(AppDefinition { host, functions, code_first, warnings })
}

/// The scripts that package.json names, if they declare the functions although there are function.json files: where none of
/// those has a script, as is left over when a project moves to the model of version 4, and where the project depends on that
/// model. The original decides by whether the scripts register anything when they run.
fn named_scripts(package: &PackageJson, entries: &EntryFiles, is_any_script: bool) -> Option<CodeFirst> {
    let EntryFiles::Found(entries) = entries else { return None };
    let is_version_4 = package.functions_version.is_some_and(|major| major >= 4);
    let is_declaring = package.main.is_some() && (is_version_4 || !is_any_script);
    is_declaring.then(|| CodeFirst::Scripts(entries.clone()))
}

/// Who declares the functions of a package that has no function.json and whose package.json names nothing.
fn unnamed(files: &BTreeMap<String, u64>, entries: &EntryFiles) -> Option<CodeFirst> {
    match (root_components(files).as_slice(), entries) {
        ([only], _) => Some(CodeFirst::Component((*only).to_owned())),
        ([], EntryFiles::Found(entries)) if foreign(files).is_none() => Some(CodeFirst::Scripts(entries.clone())),
        _ => None,
    }
}

/// Some names, and how many there are.
fn enumerated(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("'{name}'")).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// A worker runtime in the settings that is not that of scripts.
fn other_runtime(settings: &Settings) -> Option<String> {
    let runtime = settings.get("FUNCTIONS_WORKER_RUNTIME")?;
    (!runtime.is_empty() && !runtime.eq_ignore_ascii_case("node")).then(|| {
        format!(
            "the setting FUNCTIONS_WORKER_RUNTIME is '{}'; the app is JavaScript, so set it to node or take it out",
            crate::json::shortened(runtime)
        )
    })
}

fn read_host<P: PackageFiles + ?Sized>(package: &mut P, settings: &Settings) -> Result<HostJson, PackageError> {
    let root = package.files().keys().find(|path| path.eq_ignore_ascii_case(host_json::FILE_NAME)).cloned();
    if let Some(path) = root {
        return Ok(HostJson::parse(&package.read(&path)?, settings)?);
    }
    let suffix = format!("/{}", host_json::FILE_NAME);
    let nested = package.files().keys().filter_map(|path| {
        let split = path.len().checked_sub(suffix.len())?;
        let (folder, rest) = path.split_at_checked(split)?;
        rest.eq_ignore_ascii_case(&suffix).then_some(folder)
    });
    if let Some(folder) = nested.min_by_key(|folder| folder.matches('/').count()) {
        return Err(PackageError::NoHostJson(format!(
            "host.json is in the folder '{folder}' of the zip and must be at its top; make the zip from the content of that folder, not from the folder"
        )));
    }
    if let Some(kind) = foreign(package.files()) {
        return Err(PackageError::Foreign(kind));
    }
    Err(PackageError::NoHostJson(
        "the package has no host.json; add one at its top with the content {\"version\": \"2.0\"}".to_owned(),
    ))
}

/// Folder and path of every function.json one folder below the root.
fn function_files(files: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    files
        .keys()
        .filter_map(|path| {
            let (folder, name) = path.split_once('/')?;
            name.eq_ignore_ascii_case(function_json::FILE_NAME).then(|| (folder.to_owned(), path.clone()))
        })
        .collect()
}

/// Every file in a folder and below it.
fn files_below(files: &BTreeMap<String, u64>, folder: &str) -> Vec<String> {
    let from = format!("{folder}/");
    files.range(from.clone()..).map(|(path, _)| path).take_while(|path| path.starts_with(&from)).cloned().collect()
}

/// Puts a function in error whose route an earlier one (by name) has for one of its methods. The answer tells where the
/// order of routes differs from the original's, which is by name.
fn check_routes(prefix: &str, functions: &mut [FunctionEntry]) -> Vec<String> {
    let mut table: RouteTable<String> = RouteTable::new(prefix);
    for entry in functions {
        let Ok(FunctionDefinition { trigger: Trigger::Http(http), .. }) = &entry.definition else { continue };
        let (route, methods) = (http.route.clone(), http.methods.clone());
        if let Some(other) = table.conflicting(&route, &methods) {
            entry.definition = Err(format!(
                "its route {} is also that of function '{other}', for a method both have; change the route or the methods of one",
                route.told()
            ));
        } else {
            // A conflict was just ruled out.
            drop(table.insert(route, methods, entry.name.clone()));
        }
    }
    let told = |(winner, other): (&String, &String)| {
        format!(
            "the route of function '{winner}' is tried before that of '{other}' because it is more exact; Azure Functions would try '{other}' first, by name"
        )
    };
    let reordered = table.reordered();
    let more = (reordered.len() == MAX_REORDERED).then(|| "there may be more routes in another order".to_owned());
    reordered.into_iter().map(told).chain(more).collect()
}

/// Refuses a package in which nothing can ever run, and names its kind if that is recognised.
fn expect_functions(
    files: &BTreeMap<String, u64>,
    host: &HostJson,
    found: &[(String, String)],
    functions: &[FunctionEntry],
    entries: EntryFiles,
) -> Result<(), PackageError> {
    if functions.iter().any(|entry| entry.definition.is_ok()) {
        return Ok(());
    }
    let any_component = if found.is_empty() {
        !root_components(files).is_empty()
    } else {
        files.keys().any(|path| ScriptLanguage::is_component_file(path) && !path.contains("node_modules/"))
    };
    if !any_component {
        if host.custom_handler {
            return Err(PackageError::Foreign(PackageKind::CustomHandler));
        }
        if let Some(kind) = foreign(files) {
            return Err(PackageError::Foreign(kind));
        }
    }
    if !found.is_empty() {
        return Ok(());
    }
    Err(PackageError::NoFunctions(match root_components(files).as_slice() {
        [] => match entries {
            EntryFiles::Missing(reason) => reason,
            _ => "the package has no function: name the script that registers the functions as \"main\" in package.json or call it index.js, \
                  put a .wasm component at the top, or add a folder with function.json for each function"
                .to_owned(),
        },
        several => format!(
            "the package has several components at its top ({}) and no function.json that says which to run; keep one, or add a folder with function.json for each function",
            several.join(", ")
        ),
    }))
}

/// The runtime that a package was made for, if that is not here.
fn foreign(files: &BTreeMap<String, u64>) -> Option<PackageKind> {
    PackageKind::recognise(files.keys().map(String::as_str)).filter(|kind| *kind != PackageKind::JavaScript)
}
