//! A checkout of test262: which tests it has and how each is to be run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::metadata::Metadata;

/// The part that is run, relative to the checkout.
const PART: &str = "test/language";
/// Features whose tests are not run, each with its reason.
const SKIPPED: [(&str, &str); 10] = [
    ("cross-realm", "an instance has one realm"),
    ("decorators", "QuickJS has no decorators"),
    ("explicit-resource-management", "QuickJS has no `using`"),
    ("import-bytes", "QuickJS has no imports of bytes"),
    ("import-defer", "QuickJS has no deferred imports"),
    ("import-text", "QuickJS has no imports of text"),
    ("SharedArrayBuffer", "an instance has no threads"),
    ("source-phase-imports", "QuickJS has no imports of sources"),
    ("source-phase-imports-module-source", "QuickJS has no imports of sources"),
    ("tail-call-optimization", "no engine in use but one has it"),
];

/// The files.
pub(crate) struct Suite {
    root: PathBuf,
    harness: BTreeMap<String, String>,
}

/// One test in one mode.
pub(crate) struct Run {
    /// Relative to the checkout.
    pub(crate) path: String,
    /// `sloppy`, `strict`, `module` or `raw`.
    pub(crate) mode: &'static str,
    /// Name of the error that has to be thrown.
    pub(crate) negative: Option<String>,
    /// What the runner is given.
    pub(crate) job: Value,
}

impl Suite {
    /// # Errors
    /// When the folder is no checkout.
    pub(crate) fn open(root: &Path) -> Result<Self, String> {
        let folder = root.join("harness");
        let entries = fs::read_dir(&folder).map_err(|error| format!("{} ({error}) is missing", folder.display()))?;
        let harness = entries.flatten().filter(|entry| entry.path().is_file()).map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, fs::read_to_string(entry.path()).map_err(|error| error.to_string())?))
        });
        Ok(Self { root: root.to_owned(), harness: harness.collect::<Result<_, String>>()? })
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Paths of the tests that hold `filter`, sorted.
    pub(crate) fn tests(&self, filter: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![PART.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.root.join(&folder)).into_iter().flatten().flatten() {
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if path.ends_with(".js") && !path.contains("_FIXTURE") && path.contains(filter) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// How a test is to be run: as a script in both modes, where it does not say otherwise.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn runs(&self, path: &str) -> Result<Vec<Run>, &'static str> {
        let bytes = fs::read(self.file(path)).map_err(|_| "its file can't be read")?;
        let text = String::from_utf8(bytes).map_err(|_| "its file is not UTF-8")?;
        let metadata = Metadata::of(&text).ok_or("its file holds no metadata")?;
        for feature in &metadata.features {
            if let Some((_, reason)) = SKIPPED.iter().find(|(name, _)| name == feature) {
                return Err(reason);
            }
        }
        let modes: &[&'static str] = if metadata.has("module") {
            &["module"]
        } else if metadata.has("raw") {
            &["raw"]
        } else if metadata.has("onlyStrict") {
            &["strict"]
        } else if metadata.has("noStrict") {
            &["sloppy"]
        } else {
            &["sloppy", "strict"]
        };
        modes.iter().map(|mode| self.run(path, mode, &text, &metadata)).collect()
    }

    fn run(&self, path: &str, mode: &'static str, text: &str, metadata: &Metadata) -> Result<Run, &'static str> {
        let mut harness = Vec::new();
        if mode != "raw" {
            let done = metadata.has("async").then_some("doneprintHandle.js");
            let includes = metadata.includes.iter().map(String::as_str);
            for name in ["assert.js", "sta.js"].into_iter().chain(done).chain(includes) {
                harness.push(self.harness.get(name).ok_or("a file of the harness is missing")?);
            }
        }
        let mut job = json!({ "path": path, "harness": harness, "async": metadata.has("async") });
        match mode {
            "module" => job["module"] = path.into(),
            "strict" => job["script"] = format!("\"use strict\";\n{text}").into(),
            _ => job["script"] = text.into(),
        }
        Ok(Run { path: path.to_owned(), mode, negative: metadata.negative.clone(), job })
    }
}
