//! Which file or built-in module a specifier means: Node's algorithms for `require` and `import`, which meet in one here:
//! `import` finds files without their extension as well.

use super::package::{Package, Packages};
use super::paths::{absolute, folder, join, relative};
use crate::host::{EntryKind, Host};

/// Extensions that may be left out, in the order in which they are tried.
const EXTENSIONS: [&str; 8] = ["js", "json", "cjs", "mjs", "ts", "cts", "mts", "jsonc"];

/// What a specifier means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A file, by its path from the root.
    File(String),
    /// A module of the library, by its id.
    Builtin(String),
}

/// Why a specifier means nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotFound {
    pub(crate) message: String,
    pub(crate) code: &'static str,
}

/// Finds modules for one app.
pub(crate) struct Resolver<'a> {
    pub(crate) host: &'a dyn Host,
    pub(crate) packages: &'a Packages,
    /// Whether the library has a module.
    pub(crate) builtin: &'a dyn Fn(&str) -> bool,
}

impl Resolver<'_> {
    /// What `specifier` means in the file at `from`, a path from the root.
    pub(crate) fn resolve(&self, specifier: &str, from: &str, import: bool) -> Result<Target, NotFound> {
        let conditions: &[&str] =
            if import { &["node", "import", "module-sync"] } else { &["node", "require", "module-sync"] };
        if let Some(found) = self.builtin_target(specifier, from)? {
            return Ok(found);
        }
        let url;
        let specifier = match specifier.strip_prefix("file://") {
            Some(path) if import => {
                url = super::url_path(path);
                url.as_str()
            }
            _ => specifier,
        };
        let found = if let Some(path) = relative(specifier) {
            self.file_or_folder(path)
        } else if is_relative(specifier) {
            join(folder(from), specifier).and_then(|path| {
                if specifier.ends_with('/') || specifier.ends_with("..") || specifier == "." {
                    self.folder(&path).or_else(|| self.file_or_folder(&path))
                } else {
                    self.file_or_folder(&path)
                }
            })
        } else if specifier.starts_with('/') {
            None
        } else if specifier.starts_with('#') {
            return self.package_import(specifier, from, conditions, import);
        } else {
            self.package(specifier, from, conditions)
        };
        if let Some(path) = found {
            return Ok(Target::File(path));
        }
        if let Some(id) = fallback(specifier).filter(|id| (self.builtin)(id)) {
            return Ok(Target::Builtin(id.to_owned()));
        }
        Err(self.not_found(specifier, from, import))
    }

    fn builtin_target(&self, specifier: &str, from: &str) -> Result<Option<Target>, NotFound> {
        if specifier == "@azure/functions-core" {
            return Ok(Some(Target::Builtin("functions/core".to_owned())));
        }
        let (name, prefixed) = match specifier.strip_prefix("node:") {
            Some(name) => (name, true),
            None => (specifier, false),
        };
        if !prefixed && !NODE_MODULES.contains(&name) {
            return Ok(None);
        }
        let id = format!("node/{name}");
        if NODE_MODULES.contains(&name) && (self.builtin)(&id) {
            return Ok(Some(Target::Builtin(id)));
        }
        // A package of the app may have the name of a built-in module that is not here (`punycode`, `string_decoder`).
        if !prefixed && self.package(name, from, &["node", "require"]).is_some() {
            return Ok(None);
        }
        let message = if NODE_MODULES.contains(&name) {
            format!(
                "Cannot find module '{specifier}'{}: it is built into Node.js, but not into Hearth. Leave it out, or use a \
                 package in pure JavaScript that does the same.",
                required_by(from)
            )
        } else {
            format!("Cannot find module '{specifier}'{}: Node.js has no such built-in module.", required_by(from))
        };
        Err(NotFound { message, code: if prefixed { "ERR_UNKNOWN_BUILTIN_MODULE" } else { "MODULE_NOT_FOUND" } })
    }

    fn package_import(&self, name: &str, from: &str, conditions: &[&str], import: bool) -> Result<Target, NotFound> {
        let target = self
            .packages
            .of(self.host, from)
            .and_then(|package| package.imported(name, conditions).map(|target| (package.folder.clone(), target)));
        match target {
            Some((home, target)) if target.starts_with("./") => {
                let path = join(&home, &target).filter(|path| self.is_file(path));
                path.map(Target::File).ok_or_else(|| self.not_found(name, from, import))
            }
            Some((_, target)) => self.resolve(&target, from, import),
            None => Err(self.not_found(name, from, import)),
        }
    }

    /// A bare specifier: the package itself, or node_modules in this folder and those above.
    fn package(&self, specifier: &str, from: &str, conditions: &[&str]) -> Option<String> {
        let (name, subpath) = split(specifier)?;
        if let Some(own) = self.packages.of(self.host, from)
            && own.name.as_deref() == Some(name)
            && own.exports.is_some()
        {
            return own.exported(&subpath, conditions).filter(|path| self.is_file(path));
        }
        let mut directory = folder(from);
        loop {
            if !(directory == "node_modules" || directory.ends_with("/node_modules")) {
                let modules =
                    if directory.is_empty() { "node_modules".to_owned() } else { format!("{directory}/node_modules") };
                if let Some(found) = self.in_package(&format!("{modules}/{name}"), &subpath, conditions) {
                    return Some(found);
                }
            }
            if directory.is_empty() {
                return None;
            }
            directory = folder(directory);
        }
    }

    fn in_package(&self, home: &str, subpath: &str, conditions: &[&str]) -> Option<String> {
        if self.host.stat(home) != Some(EntryKind::Directory) {
            // A package of one file: node_modules/name.js.
            return (subpath == ".").then(|| self.file(home)).flatten();
        }
        let package = self.packages.at(self.host, home);
        if let Some(package) = package.as_deref().filter(|package| package.exports.is_some()) {
            return package.exported(subpath, conditions).filter(|path| self.is_file(path));
        }
        match subpath {
            "." => self.folder(home),
            subpath => self.file_or_folder(&join(home, subpath)?),
        }
    }

    fn file_or_folder(&self, path: &str) -> Option<String> {
        self.file(path).or_else(|| self.folder(path))
    }

    /// The file itself, or with an extension; a `.js` that was written for a `.ts` counts too.
    fn file(&self, path: &str) -> Option<String> {
        if !path.is_empty() && self.is_file(path) {
            return Some(path.to_owned());
        }
        let with = |extension: &&str| {
            let candidate = format!("{path}.{extension}");
            self.is_file(&candidate).then_some(candidate)
        };
        if let Some(found) = EXTENSIONS.iter().find_map(with) {
            return Some(found);
        }
        let (stem, extension) = path.rsplit_once('.')?;
        let typed = match extension {
            "js" => "ts",
            "mjs" => "mts",
            "cjs" => "cts",
            _ => return None,
        };
        Some(format!("{stem}.{typed}")).filter(|path| self.is_file(path))
    }

    fn folder(&self, path: &str) -> Option<String> {
        if self.host.stat(path) != Some(EntryKind::Directory) {
            return None;
        }
        let index = |directory: &str| join(directory, "index").and_then(|index| self.file(&index));
        if let Some(main) =
            self.packages.at(self.host, path).and_then(|package: std::rc::Rc<Package>| package.main.clone())
            && let Some(target) = join(path, &main)
            && target != path
            && let Some(found) = self.file(&target).or_else(|| index(&target))
        {
            return Some(found);
        }
        index(path)
    }

    fn is_file(&self, path: &str) -> bool {
        self.host.stat(path) == Some(EntryKind::File)
    }

    fn not_found(&self, specifier: &str, from: &str, import: bool) -> NotFound {
        let code = if import { "ERR_MODULE_NOT_FOUND" } else { "MODULE_NOT_FOUND" };
        let by = required_by(from);
        let reason = if is_relative(specifier) {
            match join(folder(from), specifier) {
                None => "it lies outside of the package".to_owned(),
                Some(path) => format!("the package has no file {path} (with or without .js, .json, .cjs, .mjs, .ts)"),
            }
        } else if specifier.starts_with('#') {
            "package.json has no such entry in `imports`, or its file is missing".to_owned()
        } else if specifier.starts_with('/') {
            format!("a script only reaches files of its package, which lies at {}", absolute(""))
        } else {
            let name = split(specifier).map_or(specifier, |(name, _)| name);
            let home = format!("node_modules/{name}");
            if self.host.stat(&home) == Some(EntryKind::Directory) {
                format!(
                    "the package {name} is there, but offers nothing under this name (`exports` and `main` of its package.json)"
                )
            } else {
                format!(
                    "the package has no {home}. Run `npm install {name}` and publish node_modules with the app, or put \
                     everything into one file: `hearth publish --bundle`"
                )
            }
        };
        NotFound { message: format!("Cannot find module '{specifier}'{by}: {reason}."), code }
    }
}

fn required_by(from: &str) -> String {
    if from.is_empty() { String::new() } else { format!(" required by {from}") }
}

fn is_relative(specifier: &str) -> bool {
    specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../")
}

/// `name/sub/path` or `@scope/name/sub/path` into the name and `.` or `./sub/path`.
fn split(specifier: &str) -> Option<(&str, String)> {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') {
        slashes.next()?;
        slashes.next()
    } else {
        slashes.next()
    };
    let (name, rest) = end.map_or((specifier, ""), |end| specifier.split_at(end));
    if name.is_empty() || name.contains("..") {
        return None;
    }
    Some((name, format!(".{rest}")))
}

/// A module of the library that stands in for a package that the app does not ship.
fn fallback(specifier: &str) -> Option<&'static str> {
    (specifier == "@azure/functions").then_some("functions/model")
}

/// Every module that is built into Node.js 22, whether it is here or not.
const NODE_MODULES: &[&str] = &[
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "dns/promises",
    "domain",
    "events",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "inspector",
    "inspector/promises",
    "module",
    "net",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "readline/promises",
    "repl",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "test",
    "timers",
    "timers/promises",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "util/types",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
