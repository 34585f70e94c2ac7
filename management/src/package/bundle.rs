//! `hearth publish --bundle`: a package whose scripts, with everything they require, are one file, so that node_modules stays
//! out of it.
//!
//! There is one bundle for all functions: they go on sharing their modules and those modules' state. Each function's script
//! becomes a line that takes its part of the bundle when the function is first called; in an app whose functions are declared
//! in code, package.json names the bundle as `main`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use hearth_model::check::assumed_settings;
use hearth_model::index::{AppDefinition, CodeFirst, index};
use hearth_model::package::{PackageError, PackageFiles};
use serde_json::Value;

use super::esbuild::{Bundle, Esbuild};
use super::ignored::Ignored;
use super::pack::{self, Content, Entries};
use crate::exit::Failure;

/// The bundle, in the package's root.
const NAME: &str = "hearth-bundle.js";

/// Packs `root`, and tells what was bundled.
pub(super) fn pack(root: &Path) -> Result<(File, String), Failure> {
    let mut entries = pack::entries(root, &Ignored::of(root)?.without_modules())?;
    let app = indexed(&entries).map_err(|error| Failure::general(format_args!("'{}': {error}", root.display())))?;
    let scripts = scripts(&app);
    if scripts.is_empty() {
        return Err(Failure::general(format_args!(
            "'{}' has no script to bundle: publish it without --bundle",
            root.display()
        )));
    }
    let esbuild = Esbuild::find(root, std::env::var_os("PATH"))?;
    let in_code = matches!(app.code_first, Some(CodeFirst::Scripts(_)));
    let bundle = esbuild.run(root, &entry(&scripts, in_code), NAME)?;
    let mut told = format!(
        "Bundled {} script{} with {}",
        scripts.len(),
        if scripts.len() == 1 { "" } else { "s" },
        esbuild.path().display()
    );
    if !bundle.warnings.is_empty() {
        told.push_str(&format!("\nesbuild warns:\n{}", bundle.warnings));
    }
    replace(&mut entries, &app, &scripts, bundle)?;
    Ok((pack::zip(&entries)?, told))
}

/// The scripts that are run, in the order in which they are.
fn scripts(app: &AppDefinition) -> Vec<String> {
    if let Some(CodeFirst::Scripts(paths)) = &app.code_first {
        return paths.clone();
    }
    let definitions = app.functions.iter().filter_map(|entry| entry.definition.as_ref().ok());
    let paths =
        definitions.filter(|definition| definition.is_script()).map(|definition| definition.script_file.clone());
    paths.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The script that esbuild is given: what it requires is the bundle.
fn entry(scripts: &[String], in_code: bool) -> String {
    let line = |path: &String| {
        let (key, file) = (Value::from(path.as_str()), Value::from(format!("./{path}")));
        if in_code { format!("require({file});\n") } else { format!("exports[{key}] = () => require({file});\n") }
    };
    scripts.iter().map(line).collect()
}

/// Puts the bundle in the place of what is in it.
fn replace(entries: &mut Entries, app: &AppDefinition, scripts: &[String], bundle: Bundle) -> Result<(), Failure> {
    let manifests: Vec<String> =
        entries.keys().filter(|name| *name == "package.json" || name.ends_with("/package.json")).cloned().collect();
    for name in manifests {
        if let Some(content) = entries.get_mut(&name) {
            as_commonjs(&name, content)?;
        }
    }
    if app.code_first.is_some() {
        name_as_main(entries)?;
        for script in scripts {
            entries.remove(script);
        }
    } else {
        for script in scripts {
            let points: Vec<&str> = app
                .functions
                .iter()
                .filter_map(|entry| entry.definition.as_ref().ok())
                .filter(|definition| definition.script_file == *script)
                .filter_map(|definition| definition.entry_point.as_deref())
                .collect();
            entries.insert(script.clone(), Content::Bytes(stub(script, &points).into_bytes()));
        }
    }
    entries.insert(NAME.to_owned(), Content::Bytes(bundle.script.into_bytes()));
    if !bundle.source_map.is_empty() {
        entries.insert(format!("{NAME}.map"), Content::Bytes(bundle.source_map));
    }
    Ok(())
}

/// What stands in the place of a function's script.
fn stub(script: &str, entry_points: &[&str]) -> String {
    let up = match script.matches('/').count() {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    };
    let (bundle, key) = (Value::from(format!("{up}{NAME}")), Value::from(script));
    if !script.ends_with(".mjs") && !script.ends_with(".mts") {
        return format!("module.exports = require({bundle})[{key}]();\n");
    }
    let mut text = format!(
        "import bundle from {bundle};\nconst script = bundle[{key}]();\nexport default script.default ?? script;\n"
    );
    for name in entry_points.iter().filter(|name| is_identifier(name) && **name != "default") {
        text.push_str(&format!("export const {name} = script.{name};\n"));
    }
    text
}

fn is_identifier(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// Lets the root's package.json name the bundle.
fn name_as_main(entries: &mut Entries) -> Result<(), Failure> {
    let content = entries.entry("package.json".to_owned()).or_insert_with(|| Content::Bytes(b"{}".to_vec()));
    let mut json = object("package.json", content)?.unwrap_or_default();
    json.insert("main".to_owned(), NAME.into());
    *content = Content::Bytes(Value::Object(json).to_string().into_bytes());
    Ok(())
}

/// Takes `"type": "module"` out of a package.json: what esbuild makes is CommonJS.
fn as_commonjs(name: &str, content: &mut Content) -> Result<(), Failure> {
    let Some(mut json) = object(name, content)? else { return Ok(()) };
    if json.remove("type").is_some() {
        *content = Content::Bytes(Value::Object(json).to_string().into_bytes());
    }
    Ok(())
}

/// A JSON file's object; `None` if it holds none, which is for others to tell.
fn object(name: &str, content: &Content) -> Result<Option<serde_json::Map<String, Value>>, Failure> {
    let bytes = match content {
        Content::File(path) => std::fs::read(path)
            .map_err(|error| Failure::general(format_args!("'{}' can't be read: {error}", path.display())))?,
        Content::Bytes(bytes) => bytes.clone(),
    };
    Ok(match hearth_model::json::read_value(name, &bytes) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    })
}

/// What the files define, read where they lie.
fn indexed(entries: &Entries) -> Result<AppDefinition, PackageError> {
    let mut directory = Directory { files: BTreeMap::new(), entries };
    for (name, content) in entries {
        let size = match content {
            Content::File(path) => std::fs::metadata(path).map_err(PackageError::Io)?.len(),
            Content::Bytes(bytes) => bytes.len() as u64,
        };
        directory.files.insert(name.clone(), size);
    }
    let settings = assumed_settings(&mut directory)?;
    index(&mut directory, &settings)
}

struct Directory<'a> {
    files: BTreeMap<String, u64>,
    entries: &'a Entries,
}

impl PackageFiles for Directory<'_> {
    fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, PackageError> {
        match self.entries.get(path) {
            Some(Content::File(file)) => std::fs::read(file).map_err(PackageError::Io),
            Some(Content::Bytes(bytes)) => Ok(bytes.clone()),
            None => Err(PackageError::NoSuchFile { path: path.to_owned() }),
        }
    }

    fn warnings(&self) -> &[String] {
        &[]
    }
}

#[cfg(test)]
mod tests;
