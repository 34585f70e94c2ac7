//! From a package to the app it defines: what is wrong with one function stands in its entry, and the others run.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use crate::binding::{AuthLevel, Binding, Direction, FunctionDefinition, HttpTrigger, Trigger};
use crate::function_json::{self, root_components};
use crate::host_json::{self, HostJson};
use crate::kind::PackageKind;
use crate::package::{PackageError, PackageFiles};
use crate::route::{MAX_REORDERED, RouteTable};
use crate::settings::{self, Settings};

/// What a package defines.
#[derive(Clone, Debug)]
pub struct AppDefinition {
    /// Settings of the app.
    pub host: HostJson,
    /// Functions by function.json, sorted by name without regard to case; those in error too.
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
    /// Paths in the package of the files in its folder, sorted.
    pub files: Vec<String>,
    /// Whether a setting switches it off (reference: section 6.3).
    pub disabled: bool,
}

impl FunctionEntry {
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
            files: Vec::new(),
            disabled: settings::is_disabled(settings, name),
        }
    }
}

/// Reads host.json and every function.json under the settings of the app. An error means that the whole package can't be run; what is wrong with one
/// function is in its entry.
pub fn index<P: PackageFiles>(package: &mut P, settings: &Settings) -> Result<AppDefinition, PackageError> {
    let host = read_host(package, settings)?;
    let mut warnings = package.warnings().to_vec();
    warnings.extend(host.warnings.iter().cloned());
    let found = function_files(package.files());
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
            files: files_below(package.files(), folder),
            disabled: settings::is_disabled(settings, folder),
        });
    }
    functions.sort_by_cached_key(|entry| entry.name.to_ascii_lowercase());
    warnings.extend(check_routes(&host.route_prefix, &mut functions));

    let code_first = match root_components(package.files()).as_slice() {
        [only] if found.is_empty() => Some(CodeFirst::Component((*only).to_owned())),
        _ => None,
    };
    if code_first.is_none() {
        expect_functions(package.files(), &host, &found, &functions)?;
    }
    if host.custom_handler {
        warnings.push("host.json: \"customHandler\" has no effect; the components of the package are run".to_owned());
    }
    Ok(AppDefinition { host, functions, code_first, warnings })
}

fn read_host<P: PackageFiles>(package: &mut P, settings: &Settings) -> Result<HostJson, PackageError> {
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
) -> Result<(), PackageError> {
    if functions.iter().any(|entry| entry.definition.is_ok()) {
        return Ok(());
    }
    let any_component = if found.is_empty() {
        !root_components(files).is_empty()
    } else {
        files.keys().any(|path| function_json::is_component(path) && !path.contains("node_modules/"))
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
        [] => "the package has no function: put a .wasm component at its top, or a folder with function.json for each function".to_owned(),
        several => format!(
            "the package has several components at its top ({}) and no function.json that says which to run; keep one, or add a folder with function.json for each function",
            several.join(", ")
        ),
    }))
}

fn foreign(files: &BTreeMap<String, u64>) -> Option<PackageKind> {
    PackageKind::recognise(files.keys().map(String::as_str))
}
