//! The script of one function (reference: section 1.2).

use std::collections::BTreeMap;

use super::ScriptLanguage;
use crate::function_json::FILE_NAME;

/// Tried in this order when there is no `run.*`.
const INDEX_FILES: [&str; 7] =
    ["index.js", "index.mjs", "index.cjs", "index.ts", "index.mts", "index.cts", "index.wasm"];

/// `scriptFile`: relative to the function's folder, `../` allowed within the package. The error is a text that follows the
/// key's name.
pub(crate) fn named(written: &str, folder: &str, files: &BTreeMap<String, u64>) -> Result<String, String> {
    let Some(path) = resolve(folder, written) else {
        return Err(format!("'{}' leads out of the package", crate::json::shortened(written)));
    };
    let found = files.get_key_value(&path).map(|(found, _)| found);
    let Some(found) = found.or_else(|| files.keys().find(|file| file.eq_ignore_ascii_case(&path))) else {
        let text = format!("names '{}', which is not in the package", crate::json::shortened(&path));
        let source = source_of(&path, folder, files);
        if let Some(source) = source.filter(|_| files.contains_key(super::entry::TYPESCRIPT_PROJECT)) {
            return Ok(source.to_owned());
        }
        return Err(match source {
            Some(source) => format!(
                "{text}, but '{source}' is: build the project before it is published, or name that file, which runs without its types"
            ),
            None => text,
        });
    };
    check(found)?;
    Ok(found.clone())
}

/// The TypeScript that a script which is missing would have been made of: the file of its name in the function's own folder.
fn source_of<'f>(missing: &str, folder: &str, files: &'f BTreeMap<String, u64>) -> Option<&'f str> {
    let name = missing.rsplit('/').next()?;
    let stem = name.strip_suffix("js")?;
    let (path, _) = files.get_key_value(&format!("{folder}/{stem}ts"))?;
    Some(path)
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

/// The script when none is named: the only file beside function.json; else `run.*`; else `index.js` and its like; else the
/// only `*.wasm`; a folder without any of these takes the only `*.wasm` of the package's root, which `roots` lists.
pub(crate) fn chosen(folder: &str, files: &BTreeMap<String, u64>, roots: &[String]) -> Result<String, String> {
    let within = format!("{folder}/");
    let beside: Vec<&str> = files
        .range(within.clone()..)
        .map_while(|(path, _)| path.strip_prefix(&within))
        .filter(|name| !name.contains('/') && !name.eq_ignore_ascii_case(FILE_NAME))
        .collect();
    let one = |name: &str| Ok(format!("{folder}/{name}"));
    if let [only] = beside.as_slice() {
        check(only)?;
        return one(only);
    }
    let runs: Vec<&str> = beside.iter().copied().filter(|name| is_run(name)).collect();
    if let Some(run) = runs.iter().find(|name| ScriptLanguage::of(name).is_some()).or(runs.first()) {
        check(run)?;
        return one(run);
    }
    let index = INDEX_FILES.iter().find_map(|wanted| beside.iter().find(|name| name.eq_ignore_ascii_case(wanted)));
    if let Some(name) = index {
        return one(name);
    }
    let components: Vec<&str> = beside.iter().copied().filter(|name| ScriptLanguage::is_component_file(name)).collect();
    match components.as_slice() {
        [only] => return one(only),
        [] => {}
        several => {
            return Err(format!(
                "does not say which of {} to run; name it in \"scriptFile\", or call one of them run.wasm",
                several.join(", ")
            ));
        }
    }
    if let Some(script) = beside.iter().find(|name| ScriptLanguage::is_script_file(name)) {
        return Err(format!(
            "does not say which file to run; name it in \"scriptFile\", for example \"{script}\", or call it index.js"
        ));
    }
    if let Some(script) = beside.iter().find(|name| is_foreign(name)) {
        check(script)?;
    }
    match roots {
        [only] => Ok(only.clone()),
        [] => Err(format!(
            "has no script: put index.js or a .wasm component into '{folder}', or name the file in \"scriptFile\""
        )),
        several => Err(format!(
            "does not say which of {} to run; name it in \"scriptFile\", for example \"../{}\"",
            several.join(", "),
            several[0]
        )),
    }
}

/// The `*.wasm` files in the package's root.
pub(crate) fn root_components(files: &BTreeMap<String, u64>) -> Vec<&str> {
    files
        .keys()
        .map(String::as_str)
        .filter(|path| !path.contains('/') && ScriptLanguage::is_component_file(path))
        .collect()
}

/// Whether a file is `run` and one extension.
fn is_run(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, _)| stem.eq_ignore_ascii_case("run"))
}

/// Whether a file is a script of a runtime that is not here.
fn is_foreign(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".py", ".ps1", ".csx", ".fsx"].iter().any(|suffix| name.ends_with(suffix))
}

fn check(path: &str) -> Result<(), String> {
    if ScriptLanguage::of(path).is_some() {
        return Ok(());
    }
    Err(format!(
        "the script '{path}' is neither JavaScript (.js, .mjs, .cjs), TypeScript (.ts, .mts, .cts) nor a .wasm component, and nothing else runs here"
    ))
}
