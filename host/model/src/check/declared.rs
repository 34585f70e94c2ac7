//! Functions as a package declares them, whether or not they can run: in a function.json each, or, for .NET in a process of
//! its own, together in functions.metadata.

use serde_json::{Map, Value};

use crate::function_json;
use crate::json::Document;
use crate::package::{PackageError, PackageFiles};

/// Where the build of a .NET isolated app lists its functions.
const METADATA: &str = "functions.metadata";

/// One function.
pub(super) struct Declared {
    pub(super) name: String,
    /// Path of its function.json; `None` if it is declared otherwise.
    pub(super) file: Option<String>,
    /// What it is declared by; empty if that is no JSON object.
    json: Map<String, Value>,
}

impl Declared {
    /// A property of the declaration itself.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        get(&self.json, key)
    }

    /// The entries of `bindings` that are objects, with their positions.
    pub(super) fn bindings(&self) -> impl Iterator<Item = (usize, &Map<String, Value>)> {
        let entries = self.get("bindings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        entries.iter().enumerate().filter_map(|(i, entry)| Some((i, entry.as_object()?)))
    }

    /// The type of the first trigger.
    pub(super) fn trigger(&self) -> Option<String> {
        let types = self.bindings().filter_map(|(_, binding)| text(binding, "type"));
        types.into_iter().find(|name| name.to_ascii_lowercase().ends_with("trigger")).map(str::to_owned)
    }

    /// The file for messages.
    pub(super) fn place(&self) -> &str {
        self.file.as_deref().unwrap_or(METADATA)
    }
}

/// A key's value, ignoring case.
pub(super) fn get<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// The text of a key, ignoring its case.
pub(super) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    get(object, key).and_then(Value::as_str)
}

/// Every function the package declares.
pub(super) fn read<P: PackageFiles + ?Sized>(package: &mut P) -> Result<Vec<Declared>, PackageError> {
    let files: Vec<(String, String)> = package
        .files()
        .keys()
        .filter_map(|path| {
            let (folder, name) = path.split_once('/')?;
            name.eq_ignore_ascii_case(function_json::FILE_NAME).then(|| (folder.to_owned(), path.clone()))
        })
        .collect();
    let mut declared = Vec::new();
    for (name, path) in files {
        let json = object(&path, &package.read(&path)?);
        declared.push(Declared { name, file: Some(path), json });
    }
    if declared.is_empty() && package.files().contains_key(METADATA) {
        let bytes = package.read(METADATA)?;
        declared.extend(metadata(&bytes));
    }
    Ok(declared)
}

fn object(path: &str, bytes: &[u8]) -> Map<String, Value> {
    match Document::parse(path, bytes).map(|document| document.root().to_json()) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn metadata(bytes: &[u8]) -> Vec<Declared> {
    let list: Vec<Map<String, Value>> = serde_json::from_slice(bytes).unwrap_or_default();
    list.into_iter()
        .filter_map(|json| Some(Declared { name: text(&json, "name")?.to_owned(), file: None, json }))
        .collect()
}
