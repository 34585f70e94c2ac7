//! function.json: one function's bindings and script (reference: section 1.2).

use std::collections::BTreeMap;

use crate::binding::{FunctionDefinition, is_verbatim, read_bindings};
use crate::ids::FunctionName;
use crate::json::{Document, FileError, Node, shortened};
use crate::retry::RetryPolicy;
use crate::settings::Settings;

/// Name of the file in a function's folder.
pub const FILE_NAME: &str = "function.json";

/// What was read of one function.json.
pub(crate) struct FunctionJson {
    /// The function, or public text that says what is wrong.
    pub(crate) definition: Result<FunctionDefinition, String>,
    /// The file's object; `None` if it holds none.
    pub(crate) json: Option<serde_json::Map<String, serde_json::Value>>,
    /// Things worth a look that stop nothing.
    pub(crate) warnings: Vec<String>,
}

/// Reads a function.json and finds its script among the package's files. `folder` is the function's folder as written,
/// `roots` are [`root_components`].
pub(crate) fn read(
    folder: &str,
    file: &str,
    bytes: &[u8],
    files: &BTreeMap<String, u64>,
    roots: &[String],
    settings: &Settings,
) -> FunctionJson {
    let mut warnings = Vec::new();
    let document = match Document::parse(file, bytes) {
        Ok(document) => document,
        Err(error) => return FunctionJson { definition: Err(error.to_string()), json: None, warnings },
    };
    let json = match document.root().to_json() {
        serde_json::Value::Object(object) => Some(object),
        _ => None,
    };
    let definition =
        FunctionName::parse(folder).map_err(|e| format!("{file}: {e}; rename the folder")).and_then(|name| {
            let document = document.resolve("bindings", is_verbatim, settings).map_err(|e| e.to_string())?;
            read_checked(name, file, &document.root(), files, roots, &mut warnings).map_err(|e| e.to_string())
        });
    FunctionJson { definition, json, warnings }
}

fn read_checked(
    name: FunctionName,
    file: &str,
    root: &Node<'_>,
    files: &BTreeMap<String, u64>,
    roots: &[String],
    warnings: &mut Vec<String>,
) -> Result<FunctionDefinition, FileError> {
    root.expect_object()?;
    if let Some(source) = root.get("configurationSource")? {
        source.one_of(&["config", "attributes"])?;
    }
    let entry_point = match root.get("entryPoint")? {
        Some(entry_point) => Some(entry_point.string()?.to_owned()).filter(|text| !text.is_empty()),
        None => None,
    };
    if root.get("disabled")?.is_some() {
        warnings.push(format!(
            "{file}: \"disabled\" has no effect; set the app setting AzureWebJobs.{name}.Disabled to true instead"
        ));
    }
    let retry = root.get("retry")?.map(|node| RetryPolicy::read(&node).map(|policy| (node, policy))).transpose()?;
    if let Some((node, _)) = &retry
        && let Some(trigger) = without_retry(root)
    {
        warnings.push(node.error(format_args!("has no effect with {trigger}")).to_string());
    }
    let (bindings, trigger) = read_bindings(root, &name, warnings)?;
    let script_file = match root.get("scriptFile")? {
        Some(script) if !script.string()?.is_empty() => named_script(&script, name.as_str(), files)?,
        _ => chosen_script(name.as_str(), files, roots).map_err(|reason| root.error(reason))?,
    };
    let retry = retry.map(|(_, policy)| policy);
    Ok(FunctionDefinition { name, script_file, entry_point, bindings, trigger, retry })
}

/// The trigger, if it is one that a retry policy has no effect on: HTTP has no retries, and with the others the service
/// delivers again (reference: section 6.1).
fn without_retry(root: &Node<'_>) -> Option<&'static str> {
    let bindings = root.get("bindings").ok()??.elements().ok()?;
    bindings.iter().find_map(|binding| {
        let written = binding.get("type").ok()??;
        written.one_of(&["httpTrigger", "queueTrigger", "serviceBusTrigger", "blobTrigger"]).ok()
    })
}

/// `scriptFile`: relative to the function's folder, `../` allowed within the package.
fn named_script(script: &Node<'_>, folder: &str, files: &BTreeMap<String, u64>) -> Result<String, FileError> {
    let written = script.string()?;
    let Some(path) = resolve(folder, written) else {
        return Err(script.error(format_args!("'{}' leads out of the package", shortened(written))));
    };
    let found = match files.get_key_value(&path) {
        Some((found, _)) => found,
        None => files
            .keys()
            .find(|file| file.eq_ignore_ascii_case(&path))
            .ok_or_else(|| script.error(format_args!("names '{}', which is not in the package", shortened(&path))))?,
    };
    check_component(found).map_err(|reason| script.error(reason))?;
    Ok(found.clone())
}

/// A path relative to a folder, without `.` and `..`; `None` if it leaves the package.
fn resolve(folder: &str, relative: &str) -> Option<String> {
    let relative = relative.replace('\\', "/");
    let mut parts: Vec<&str> = if relative.starts_with('/') { return None } else { vec![folder] };
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The script when none is named: the only file beside function.json, else `run.wasm`, `index.wasm`, else the only
/// `*.wasm`; a folder with nothing but function.json takes the only `*.wasm` of the package's root, which `roots` lists.
fn chosen_script(folder: &str, files: &BTreeMap<String, u64>, roots: &[String]) -> Result<String, String> {
    let within = format!("{folder}/");
    let beside: Vec<&str> = files
        .range(within.clone()..)
        .map_while(|(path, _)| path.strip_prefix(&within))
        .filter(|name| !name.contains('/') && !name.eq_ignore_ascii_case(FILE_NAME))
        .collect();
    let one = |name: &str| format!("{folder}/{name}");
    let named = |wanted: &str| beside.iter().find(|name| name.eq_ignore_ascii_case(wanted)).copied();
    if let [only] = beside.as_slice() {
        check_component(only)?;
        return Ok(one(only));
    }
    if let Some(name) = named("run.wasm").or_else(|| named("index.wasm")) {
        return Ok(one(name));
    }
    let components: Vec<&str> = beside.iter().copied().filter(|name| is_component(name)).collect();
    match components.as_slice() {
        [only] => return Ok(one(only)),
        [] => {}
        several => {
            return Err(format!(
                "does not say which of {} to run; name it in \"scriptFile\", or call one of them run.wasm",
                several.join(", ")
            ));
        }
    }
    if let Some(script) =
        beside.iter().find(|name| ["py", "js", "mjs", "cjs", "ps1", "ts"].iter().any(|e| has_extension(name, e)))
    {
        check_component(script)?;
    }
    match roots {
        [only] => Ok(only.clone()),
        [] => Err(format!("has no script: put a .wasm component into '{folder}', or name it in \"scriptFile\"")),
        several => Err(format!(
            "does not say which of {} to run; name it in \"scriptFile\", for example \"../{}\"",
            several.join(", "),
            several[0]
        )),
    }
}

/// The `*.wasm` files in the package's root.
pub(crate) fn root_components(files: &BTreeMap<String, u64>) -> Vec<&str> {
    files.keys().map(String::as_str).filter(|path| !path.contains('/') && is_component(path)).collect()
}

pub(crate) fn is_component(path: &str) -> bool {
    has_extension(path, "wasm")
}

pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}

fn check_component(path: &str) -> Result<(), String> {
    if is_component(path) {
        return Ok(());
    }
    Err(format!("the script '{path}' is not a .wasm file; this version runs WebAssembly components"))
}
