//! function.json: one function's bindings and script (reference: section 1.2).

use std::collections::BTreeMap;

use crate::binding::{FunctionDefinition, ReadBindings, is_verbatim, read_bindings};
use crate::ids::FunctionName;
use crate::json::{Document, FileError, Node};
use crate::retry::RetryPolicy;
use crate::script;
use crate::settings::Settings;

/// Name of the file in a function's folder.
pub const FILE_NAME: &str = "function.json";

/// What was read of one function.json.
pub(crate) struct FunctionJson {
    /// The function, or public text that says what is wrong.
    pub(crate) definition: Result<FunctionDefinition, String>,
    /// The file's object; `None` if it holds none.
    pub(crate) json: Option<serde_json::Map<String, serde_json::Value>>,
    /// Its script, if that is in the package, whatever else is wrong.
    pub(crate) script: Option<String>,
    /// Things worth a look that stop nothing.
    pub(crate) warnings: Vec<String>,
}

/// Reads a function.json and finds its script among the package's files. `folder` is the function's folder as written,
/// `roots` are the components in the package's root.
pub(crate) fn read(
    folder: &str,
    file: &str,
    bytes: &[u8],
    files: &BTreeMap<String, u64>,
    roots: &[String],
    settings: &Settings,
) -> FunctionJson {
    let (mut script, mut warnings) = (None, Vec::new());
    let document = match Document::parse(file, bytes) {
        Ok(document) => document,
        Err(error) => return FunctionJson { definition: Err(error.to_string()), json: None, script: None, warnings },
    };
    let json = match document.root().to_json() {
        serde_json::Value::Object(object) => Some(object),
        _ => None,
    };
    let definition =
        FunctionName::parse(folder).map_err(|e| format!("{file}: {e}; rename the folder")).and_then(|name| {
            let document = document.resolve("bindings", is_verbatim, settings).map_err(|e| e.to_string())?;
            let package = Package { file, files, roots, settings };
            read_checked(name, &document.root(), &package, &mut script, &mut warnings).map_err(|e| e.to_string())
        });
    FunctionJson { definition, json, script, warnings }
}

/// What a function.json is read beside.
struct Package<'a> {
    file: &'a str,
    files: &'a BTreeMap<String, u64>,
    roots: &'a [String],
    settings: &'a Settings,
}

fn read_checked(
    name: FunctionName,
    root: &Node<'_>,
    package: &Package<'_>,
    found: &mut Option<String>,
    warnings: &mut Vec<String>,
) -> Result<FunctionDefinition, FileError> {
    let Package { file, files, roots, settings } = *package;
    root.expect_object()?;
    let script_file = script_of(root, name.as_str(), files, roots);
    *found = script_file.as_ref().ok().cloned();
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
    let ReadBindings { bindings, trigger, inputs, outputs } = read_bindings(root, &name, settings, warnings)?;
    let retry = retry.map(|(_, policy)| policy);
    let script_file = script_file?;
    Ok(FunctionDefinition { name, script_file, entry_point, bindings, trigger, inputs, outputs, retry })
}

/// The script that `scriptFile` names, else the one that is chosen.
fn script_of(
    root: &Node<'_>,
    folder: &str,
    files: &BTreeMap<String, u64>,
    roots: &[String],
) -> Result<String, FileError> {
    match root.get("scriptFile")? {
        Some(node) if !node.string()?.is_empty() => {
            script::named(node.string()?, folder, files).map_err(|reason| node.error(reason))
        }
        _ => script::chosen(folder, files, roots).map_err(|reason| root.error(reason)),
    }
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
