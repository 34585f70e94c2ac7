//! package.json: which fields count when a package is required or imported.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::json::Json;
use super::paths::{folder, join};
use crate::host::Host;

/// The fields of a package.json that matter.
#[derive(Debug, Default)]
pub(crate) struct Package {
    /// The folder it lies in.
    pub(crate) folder: String,
    pub(crate) name: Option<String>,
    pub(crate) main: Option<String>,
    pub(crate) kind: Option<Kind>,
    pub(crate) exports: Option<Json>,
    pub(crate) imports: Option<Json>,
}

/// The field `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    CommonJs,
    Module,
}

/// The package.json files that were read so far, by folder.
#[derive(Default)]
pub(crate) struct Packages {
    known: RefCell<BTreeMap<String, Option<Rc<Package>>>>,
}

impl Packages {
    /// The package.json in a folder. One that can't be read counts as empty.
    pub(crate) fn at(&self, host: &dyn Host, directory: &str) -> Option<Rc<Package>> {
        if let Some(known) = self.known.borrow().get(directory) {
            return known.clone();
        }
        let path = if directory.is_empty() { "package.json".to_owned() } else { format!("{directory}/package.json") };
        let package = host.read(&path).map(|text| Rc::new(Package::parse(directory, &text)));
        self.known.borrow_mut().insert(directory.to_owned(), package.clone());
        package
    }

    /// The package that a file belongs to: the nearest package.json above it, not beyond node_modules.
    pub(crate) fn of(&self, host: &dyn Host, path: &str) -> Option<Rc<Package>> {
        let mut directory = folder(path);
        loop {
            if directory == "node_modules" || directory.ends_with("/node_modules") {
                return None;
            }
            if let Some(package) = self.at(host, directory) {
                return Some(package);
            }
            if directory.is_empty() {
                return None;
            }
            directory = folder(directory);
        }
    }
}

impl Package {
    fn parse(directory: &str, text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut fields: Json = serde_json::from_slice(text).unwrap_or(Json::Other);
        Self {
            folder: directory.to_owned(),
            name: fields.take("name").and_then(Json::into_text),
            main: fields.take("main").and_then(Json::into_text),
            kind: match fields.take("type").and_then(Json::into_text).as_deref() {
                Some("module") => Some(Kind::Module),
                Some("commonjs") => Some(Kind::CommonJs),
                _ => None,
            },
            exports: fields.take("exports").filter(|exports| *exports != Json::Other),
            imports: fields.take("imports"),
        }
    }

    /// What `exports` says about a subpath (`.` or `./name`); `None` when it allows no such thing.
    pub(crate) fn exported(&self, subpath: &str, conditions: &[&str]) -> Option<String> {
        let exports = self.exports.as_ref()?;
        let target = match exports {
            Json::Object(members) if members.iter().any(|(key, _)| key.starts_with('.')) => {
                lookup(members, subpath, conditions)?
            }
            direct if subpath == "." => choose(direct, "", conditions)?,
            _ => return None,
        };
        target.starts_with("./").then(|| join(&self.folder, &target)).flatten()
    }

    /// What `imports` says about a name that starts with `#`: a path of the package or the name of another one.
    pub(crate) fn imported(&self, name: &str, conditions: &[&str]) -> Option<String> {
        match self.imports.as_ref()? {
            Json::Object(members) => lookup(members, name, conditions),
            _ => None,
        }
    }
}

/// The target of the key that equals the name, or of the longest one that matches with its `*`.
fn lookup(members: &[(String, Json)], name: &str, conditions: &[&str]) -> Option<String> {
    if let Some((_, target)) = members.iter().find(|(key, _)| key == name) {
        return choose(target, "", conditions);
    }
    let (_, star, target) = members
        .iter()
        .filter_map(|(key, target)| {
            let (before, after) = key.split_once('*')?;
            let star = name.strip_prefix(before)?.strip_suffix(after)?;
            Some((before.len(), star, target))
        })
        .max_by_key(|(length, ..)| *length)?;
    choose(target, star, conditions)
}

/// The first target whose condition holds.
fn choose(target: &Json, star: &str, conditions: &[&str]) -> Option<String> {
    match target {
        Json::Text(path) => Some(path.replace('*', star)),
        Json::List(targets) => targets.iter().find_map(|target| choose(target, star, conditions)),
        Json::Object(members) => members
            .iter()
            .filter(|(key, _)| key == "default" || conditions.contains(&key.as_str()))
            .find_map(|(_, target)| choose(target, star, conditions)),
        Json::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(text: &str) -> Package {
        Package::parse("node_modules/p", text.as_bytes())
    }

    #[test]
    fn conditions_are_tried_in_the_order_of_the_file_s_keys() {
        let p = package(
            r#"{"exports": {".": {"import": "./m.mjs", "require": "./c.cjs"}, "./sub/*": "./lib/*.js", "./no": null}}"#,
        );
        let require = ["node", "require"];
        assert_eq!(p.exported(".", &require).as_deref(), Some("node_modules/p/c.cjs"));
        assert_eq!(p.exported(".", &["node", "import"]).as_deref(), Some("node_modules/p/m.mjs"));
        assert_eq!(p.exported("./sub/a/b", &require).as_deref(), Some("node_modules/p/lib/a/b.js"));
        assert_eq!(p.exported("./no", &require), None);
        assert_eq!(p.exported("./other", &require), None);
    }

    #[test]
    fn exports_may_be_a_path_and_imports_may_name_a_package() {
        let p = package(r##"{"exports": "./main.js", "imports": {"#dep": {"node": "other", "default": "./own.js"}}}"##);
        assert_eq!(p.exported(".", &["node"]).as_deref(), Some("node_modules/p/main.js"));
        assert_eq!(p.imported("#dep", &["node"]).as_deref(), Some("other"));
        assert_eq!(p.imported("#dep", &[]).as_deref(), Some("./own.js"));
    }

    #[test]
    fn a_broken_file_counts_as_empty() {
        assert!(package("{").exports.is_none());
    }
}
