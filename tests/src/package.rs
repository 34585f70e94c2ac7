//! Packages made by a test: from folders with changes, from nothing, or broken on purpose.

use std::io::{Cursor, Write};
use std::path::Path;

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The files of a package; [`Zip::bytes`] makes the zip file.
#[derive(Clone, Debug, Default)]
pub struct Zip {
    entries: Vec<(String, Entry)>,
}

#[derive(Clone, Debug)]
enum Entry {
    File(Vec<u8>),
    Link(String),
}

impl Zip {
    /// An empty package.
    pub fn new() -> Self {
        Self::default()
    }

    /// The smallest package that can be published as far as files go: a host.json of version 2.0.
    pub fn app() -> Self {
        Self::new().file("host.json", r#"{"version":"2.0"}"#)
    }

    /// All files of a folder and the folders in it.
    #[track_caller]
    pub fn folder(path: &Path) -> Self {
        let mut zip = Self::new();
        zip.add_folder(path, "");
        zip
    }

    fn add_folder(&mut self, path: &Path, prefix: &str) {
        let mut entries: Vec<_> = std::fs::read_dir(path).unwrap().map(Result::unwrap).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                self.add_folder(&entry.path(), &format!("{name}/"));
            } else {
                self.entries.push((name, Entry::File(std::fs::read(entry.path()).unwrap())));
            }
        }
    }

    /// Adds a file, or replaces the one of this name.
    pub fn file(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let content = Entry::File(content.as_ref().to_vec());
        match self.entries.iter_mut().find(|(other, _)| other == name) {
            Some((_, entry)) => *entry = content,
            None => self.entries.push((name.to_owned(), content)),
        }
        self
    }

    /// Adds a file of JSON, or replaces the one of this name.
    pub fn json(self, name: &str, content: &Value) -> Self {
        self.file(name, content.to_string())
    }

    /// Adds a symbolic link.
    pub fn link(mut self, name: &str, target: &str) -> Self {
        self.entries.push((name.to_owned(), Entry::Link(target.to_owned())));
        self
    }

    /// Paths and contents of its files; links are none.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::File(content) => Some((path.as_str(), content.as_slice())),
            Entry::Link(_) => None,
        })
    }

    /// Takes a file out.
    pub fn without(mut self, name: &str) -> Self {
        self.entries.retain(|(other, _)| other != name);
        self
    }

    /// The zip file, deflated.
    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, entry) in &self.entries {
            match entry {
                Entry::File(content) => {
                    writer.start_file(name.as_str(), options).unwrap();
                    writer.write_all(content).unwrap();
                }
                Entry::Link(target) => writer.add_symlink(name.as_str(), target.as_str(), options).unwrap(),
            }
        }
        writer.finish().unwrap().into_inner()
    }

    /// The zip file with every occurrence of an entry's name overwritten by another of the same length: names that no
    /// well-behaved writer would write, such as duplicates.
    pub fn bytes_renamed(&self, from: &str, to: &str) -> Vec<u8> {
        assert_eq!(from.len(), to.len());
        let mut bytes = self.bytes();
        let at: Vec<usize> = bytes
            .windows(from.len())
            .enumerate()
            .filter(|(_, window)| *window == from.as_bytes())
            .map(|(at, _)| at)
            .collect();
        for at in at {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        bytes
    }

    /// Writes the zip file.
    pub fn write(&self, path: &Path) {
        std::fs::write(path, self.bytes()).unwrap();
    }
}

/// A `function.json` from its script and bindings.
pub fn function_json(script: &str, bindings: &Value) -> Value {
    json!({ "scriptFile": script, "bindings": bindings })
}

/// A `function.json` of an anonymous HTTP function in `../app.wasm`, with these members more in its trigger, for
/// example `{"route": "items/{id}"}`; a member that is null is left out.
pub fn http_function(trigger: &Value) -> Value {
    let mut binding = json!({ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" });
    for (name, value) in trigger.as_object().into_iter().flatten() {
        binding[name] = value.clone();
    }
    binding.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    function_json("../app.wasm", &json!([binding, { "type": "http", "direction": "out", "name": "res" }]))
}
