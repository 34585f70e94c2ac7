//! The part of the runtime that is written in JavaScript: each file under `library/` is the body of a function
//! `(exports, require, module, binding)`, known by its path without the extension (`web/url`).

use std::collections::BTreeMap;

/// All files as they were when the crate was compiled.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The library's files by id.
#[derive(Clone, Debug)]
pub struct Library {
    files: BTreeMap<String, String>,
}

impl Library {
    /// The library that belongs to this build.
    pub fn embedded() -> Self {
        Self { files: EMBEDDED.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect() }
    }

    /// Reads a library from a folder, so that its author needs no build to try a change.
    ///
    /// # Errors
    /// When the folder can't be read.
    #[cfg(not(target_family = "wasm"))]
    pub fn from_folder(folder: &std::path::Path) -> std::io::Result<Self> {
        fn collect(
            folder: &std::path::Path,
            prefix: &str,
            files: &mut BTreeMap<String, String>,
        ) -> std::io::Result<()> {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if path.is_dir() {
                    collect(&path, &format!("{prefix}{name}/"), files)?;
                } else if let Some(id) = name.strip_suffix(".js") {
                    files.insert(format!("{prefix}{id}"), std::fs::read_to_string(&path)?);
                }
            }
            Ok(())
        }
        let mut files = BTreeMap::new();
        collect(folder, "", &mut files)?;
        Ok(Self { files })
    }

    /// Puts the files of another library over this one's.
    #[cfg(not(target_family = "wasm"))]
    pub fn overlay(&mut self, other: Self) {
        self.files.extend(other.files);
    }

    /// The text of a file.
    pub(crate) fn get(&self, id: &str) -> Option<&str> {
        self.files.get(id).map(String::as_str)
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.files.contains_key(id)
    }

    /// All ids, sorted.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Gives the texts back once everything is compiled; the ids stay.
    pub(crate) fn forget_texts(&mut self) {
        self.files.values_mut().for_each(|text| *text = String::new());
    }
}
