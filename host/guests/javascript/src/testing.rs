//! A host for tests: a package of texts, a clock that stands still unless somebody waits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::host::{
    Definition, EntryKind, Exchange, Host, HttpError, HttpEvent, HttpRequest, Level, ScriptError, Source,
};

#[derive(Default)]
pub(crate) struct FakeHost {
    files: BTreeMap<String, String>,
    pub(crate) now: Cell<f64>,
    pub(crate) seed: Cell<u8>,
    pub(crate) log: RefCell<Vec<(Level, String)>>,
    pub(crate) bytecode: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(crate) scripts_read: Cell<u32>,
    pub(crate) retired: Cell<bool>,
    pub(crate) maps: BTreeMap<String, String>,
}

impl FakeHost {
    pub(crate) fn new(files: BTreeMap<String, String>) -> Self {
        Self { files, ..Self::default() }
    }
}

impl Host for FakeHost {
    fn log(&self, level: Level, message: &str) {
        self.log.borrow_mut().push((level, message.to_owned()));
    }

    fn wall_clock(&self) -> f64 {
        1_700_000_000_000.0 + self.now.get()
    }

    fn monotonic_clock(&self) -> f64 {
        self.now.get()
    }

    fn environment(&self) -> Vec<(String, String)> {
        vec![("NAME".to_owned(), "value".to_owned())]
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(self.seed.get());
    }

    fn stat(&self, path: &str) -> Option<EntryKind> {
        if self.files.contains_key(path) {
            return Some(EntryKind::File);
        }
        let inside = format!("{path}/");
        (path.is_empty() || self.files.keys().any(|file| file.starts_with(&inside))).then_some(EntryKind::Directory)
    }

    fn names(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).map(|text| text.clone().into_bytes())
    }

    fn script(&self, path: &str) -> Result<Option<Source>, ScriptError> {
        self.scripts_read.set(self.scripts_read.get() + 1);
        let source = |text: &String| Source { text: text.clone(), source_map: self.maps.get(path).cloned() };
        Ok(self.files.get(path).map(source))
    }

    fn bytecode(&self, path: &str) -> Option<Vec<u8>> {
        self.bytecode.borrow().get(path).cloned()
    }

    fn keep_bytecode(&self, path: &str, bytecode: &[u8]) {
        self.bytecode.borrow_mut().insert(path.to_owned(), bytecode.to_vec());
    }

    fn retire(&self) {
        self.retired.set(true);
    }

    /// Every `NAME/function.json`, whose script is the `index.js` beside it.
    fn definitions(&self) -> Vec<Definition> {
        self.files.keys().filter_map(|path| self.definition(path.strip_suffix("/function.json")?)).collect()
    }

    fn definition(&self, name: &str) -> Option<Definition> {
        let json: serde_json::Value = serde_json::from_str(self.files.get(&format!("{name}/function.json"))?).unwrap();
        Some(Definition {
            name: name.to_owned(),
            directory: name.to_owned(),
            script_file: format!("{name}/index.js"),
            entry_point: None,
            bindings: json["bindings"].as_array().unwrap().iter().map(ToString::to_string).collect(),
        })
    }

    /// Everything in `src/functions`.
    fn entry_files(&self) -> Vec<String> {
        self.files.keys().filter(|path| path.starts_with("src/functions/")).cloned().collect()
    }

    fn http_send(&self, _request: HttpRequest) -> Result<Exchange, HttpError> {
        Err(HttpError { code: "failed", message: "there is no network".to_owned() })
    }

    fn http_read(&self, _exchange: Exchange) {}

    fn http_cancel(&self, _exchange: Exchange) {}

    fn wait(&self, timeout: Option<f64>) -> Vec<(Exchange, HttpEvent)> {
        self.now.set(self.now.get() + timeout.unwrap_or(0.0));
        Vec::new()
    }
}
