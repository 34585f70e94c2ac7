//! The apps that are called: the samples as they are, and as apps of the size that real ones have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::process;

/// Functions of a large app.
pub(super) const FUNCTIONS: usize = 50;
/// The function key that opens the function under measurement in a large app. A value of its own, set before the calls.
const KEY: &str = "a-key-of-the-benchmark-that-is-as-long-as-generated-ones";
/// The function under measurement, which both samples have.
pub(super) const FUNCTION: &str = "hello";

/// A package folder and the app that it becomes.
pub(super) struct App {
    pub(super) name: String,
    pub(super) package: PathBuf,
    /// What opens [`FUNCTION`], where it is not open to everybody.
    pub(super) key: Option<&'static str>,
}

impl App {
    pub(super) fn new(name: &str, package: &Path) -> Self {
        Self { name: name.to_owned(), package: package.to_path_buf(), key: None }
    }

    /// The same package as the app `NAME-what`, its instances reused `count` times; 0 is not at all.
    pub(super) fn with_reuse(&self, folder: &Path, what: &str, count: u32) -> anyhow::Result<Self> {
        let app = self.copy(folder, what)?;
        let file = app.package.join("host.json");
        let mut host: Value = serde_json::from_slice(&fs::read(&file)?)?;
        host.as_object_mut()
            .context("host.json is an object")?
            .insert("wasm".to_owned(), json!({ "instanceReuse": count }));
        fs::write(&file, host.to_string())?;
        Ok(app)
    }

    /// The same component as an app of [`FUNCTIONS`] functions in one route table, which all want a key.
    pub(super) fn large(&self, folder: &Path) -> anyhow::Result<Self> {
        let mut app = self.copy(folder, "large")?;
        app.key = Some(KEY);
        for entry in fs::read_dir(&app.package)? {
            let path = entry?.path();
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            }
        }
        app.write(FUNCTION, FUNCTION)?;
        for number in 1..FUNCTIONS {
            // Templates as apps have them; some are longer than what is called, some shorter, some could be it.
            let route = match number % 5 {
                0 => format!("shops/{{shop}}/orders{number}/{{id:int}}"),
                1 => format!("orders{number}/{{id:guid?}}"),
                2 => format!("customers/{{customer}}/letters{number}"),
                3 => format!("files{number}/{{*path}}"),
                _ => format!("report{number}"),
            };
            app.write(&format!("filler{number:02}"), &route)?;
        }
        Ok(app)
    }

    /// The same package as another app.
    pub(super) fn named(&self, name: String) -> Self {
        Self { name, package: self.package.clone(), key: self.key }
    }

    /// A copy of the package in `folder`, as the app `NAME-what`.
    pub(super) fn copy(&self, folder: &Path, what: &str) -> anyhow::Result<Self> {
        let name = format!("{}-{what}", self.name);
        let package = folder.join(&name);
        process::run(Command::new("cp").arg("-r").arg(&self.package).arg(&package))?;
        Ok(Self { name, package, key: self.key })
    }

    fn write(&self, function: &str, route: &str) -> anyhow::Result<()> {
        let folder = self.package.join(function);
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let definition = json!({
            "scriptFile": "../app.wasm",
            "entryPoint": FUNCTION,
            "bindings": [
                { "type": "httpTrigger", "direction": "in", "name": "request", "authLevel": "function",
                  "methods": ["get", "post"], "route": route },
                { "type": "http", "direction": "out", "name": "$return" },
            ],
        });
        fs::write(folder.join("function.json"), definition.to_string())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_app_has_its_functions_beside_one_component() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("sample");
        fs::create_dir_all(package.join("old")).unwrap();
        fs::write(package.join("app.wasm"), "").unwrap();
        fs::write(package.join("host.json"), r#"{"version":"2.0"}"#).unwrap();
        let app =
            App::new("sample", &package).with_reuse(folder.path(), "reuse", 7).unwrap().large(folder.path()).unwrap();
        assert_eq!(app.name, "sample-reuse-large");
        let functions = fs::read_dir(&app.package).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
        assert_eq!(functions.count(), FUNCTIONS);
        let host = fs::read_to_string(app.package.join("host.json")).unwrap();
        assert_eq!(host, r#"{"version":"2.0","wasm":{"instanceReuse":7}}"#);
    }
}
