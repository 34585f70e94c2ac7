//! What scripts ask for that is not there: modules of Node that the engine lacks, packages that were not shipped, native
//! addons.
//!
//! Scripts are not parsed: `require` and `import` with a text are found by their looks, in the files that an app's own scripts
//! lead to. What lies in node_modules is not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::report::Finding;
use crate::package::{PackageError, PackageFiles};
use crate::script::ScriptLanguage;

/// Largest file that is looked into, in bytes, and all of them together.
const MAX_FILE_BYTES: u64 = 8 << 20;
const MAX_BYTES: u64 = 64 << 20;
/// Names that one finding tells.
const SHOWN: usize = 3;

/// Modules of Node that the engine has, and whether what they are for is there.
const AVAILABLE: &[(&str, bool)] = include!(concat!(env!("OUT_DIR"), "/node.rs"));
/// Those of Node 20 that are no packages.
const NODE: [&str; 58] = [
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
    "test",
    "test/reporters",
    "sea",
    "sqlite",
];
/// Modules that are only known with `node:` before them.
const PREFIXED: [&str; 4] = ["test", "test/reporters", "sea", "sqlite"];
/// What the host itself gives.
const GIVEN: [&str; 2] = ["@azure/functions", "@azure/functions-core"];

/// `require('x')`, `import('x')`, `import x from 'x'`, `export … from 'x'`, `import 'x'`; types are not asked for when a script
/// runs.
static SPECIFIER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:\brequire\s*\(\s*|\bimport\s*\(\s*|\b(?P<types>(?:import|export)\s+type\s[^;'"]*)?\bfrom\s*|\bimport\s*)['"](?P<id>[^'"\r\n]{1,256})['"]"#,
    )
    .ok()
});

/// Looks into the scripts that `roots` lead to.
pub(super) fn findings<P: PackageFiles + ?Sized>(
    package: &mut P,
    roots: &BTreeSet<String>,
) -> Result<Vec<Finding>, PackageError> {
    let mut findings = addons(package.files());
    let (mut waiting, mut seen): (Vec<String>, BTreeSet<String>) = (roots.iter().cloned().collect(), roots.clone());
    // Who asks, by what for.
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut left = MAX_BYTES;
    while let Some(path) = waiting.pop() {
        let bytes = package.files().get(&path).copied().unwrap_or_default();
        if bytes > MAX_FILE_BYTES || bytes > left || !ScriptLanguage::is_script_file(&path) {
            continue;
        }
        left -= bytes;
        let content = package.read(&path)?;
        for id in specifiers(&String::from_utf8_lossy(&content)) {
            if id.starts_with("./") || id.starts_with("../") {
                if let Some(found) = resolve(&path, &id, package.files()).filter(|found| seen.insert(found.clone())) {
                    waiting.push(found);
                }
            } else {
                asked.entry(id).or_default().insert(path.clone());
            }
        }
    }
    findings.extend(asked.iter().filter_map(|(id, by)| missing(id, by, package.files())));
    Ok(findings)
}

/// What a script asks for, each once.
fn specifiers(text: &str) -> BTreeSet<String> {
    let Some(pattern) = &*SPECIFIER else { return BTreeSet::new() };
    let found = pattern.captures_iter(text).filter(|found| found.name("types").is_none());
    found.filter_map(|found| Some(found.name("id")?.as_str().to_owned())).collect()
}

/// A file of the package by a relative path, as `require` finds it.
fn resolve(from: &str, id: &str, files: &BTreeMap<String, u64>) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in id.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let endings = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", "/index.js", "/index.cjs", "/index.ts"];
    let source = path.strip_suffix("js").map(|stem| format!("{stem}ts"));
    endings.iter().map(|ending| format!("{path}{ending}")).chain(source).find(|path| files.contains_key(path))
}

/// What is said of a module of Node or a package that is not there; `None` if it is.
fn missing(id: &str, by: &BTreeSet<String>, files: &BTreeMap<String, u64>) -> Option<Finding> {
    let plain = id.strip_prefix("node:");
    let node = plain.unwrap_or(id);
    let is_node = NODE.contains(&node) && (plain.is_some() || !PREFIXED.contains(&node));
    if plain.is_some() || is_node {
        let asked = format!("{} {} '{id}' of Node", enumerated(by), if by.len() == 1 { "asks for" } else { "ask for" });
        return match AVAILABLE.iter().find(|(known, _)| *known == node) {
            Some((_, true)) => None,
            Some((_, false)) => Some(Finding::note(format!(
                "{asked}, which loads but is not there in full: what is missing says so when it is called"
            ))),
            None => Some(Finding::warning(format!("{asked}, which the JavaScript engine does not have"))),
        };
    }
    let name = package_name(id)?;
    if GIVEN.contains(&name.as_str()) || ships(&name, files) {
        return None;
    }
    let told = format!(
        "{} {} the package '{name}', which is not in the node_modules of what is published: ship node_modules, or bundle the app ('hearth publish --bundle')",
        enumerated(by),
        if by.len() == 1 { "asks for" } else { "ask for" }
    );
    Some(Finding::warning(told))
}

/// The package that a module is in; `None` if it is none's, such as `#internal` or a URL.
fn package_name(id: &str) -> Option<String> {
    let mut parts = id.split('/');
    let first = parts.next()?;
    if first.is_empty() || first.starts_with(['#', '.', '~']) || first == "@" || first.contains(':') {
        return None;
    }
    Some(if first.starts_with('@') { format!("{first}/{}", parts.next()?) } else { first.to_owned() })
}

fn ships(name: &str, files: &BTreeMap<String, u64>) -> bool {
    let within = format!("node_modules/{name}/");
    let at_root = files.range(within.clone()..).next().is_some_and(|(path, _)| path.starts_with(&within));
    at_root || files.keys().any(|path| path.contains(&format!("/{within}")))
}

/// Compiled code that only Node itself loads.
fn addons(files: &BTreeMap<String, u64>) -> Vec<Finding> {
    let found: BTreeSet<String> =
        files.keys().filter(|path| path.to_ascii_lowercase().ends_with(".node")).cloned().collect();
    if found.is_empty() {
        return Vec::new();
    }
    let told = format!(
        "{} {} compiled for Node itself and can't be loaded; use a package of JavaScript or WebAssembly instead",
        enumerated(&found),
        if found.len() == 1 { "is" } else { "are" }
    );
    vec![Finding::warning(told)]
}

/// Some paths, and how many there are.
fn enumerated(paths: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = paths.iter().take(SHOWN).map(String::as_str).collect();
    match paths.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::tests::{open, zip_of};

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
        let mut package = open(zip_of(&files)).unwrap();
        let found = findings(&mut package, &BTreeSet::from(["src/a.js".to_owned()])).unwrap();
        found.into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn specifiers_are_found_by_their_looks() {
        let text = "const a = require('a'); import b from \"b\"; import 'c'\nexport * from 'd';\nawait import(`e`); await import('f/g');\n\
            import type { H } from 'h'; import {\n  i,\n} from 'i'; import { type J } from 'j'; const k = dynamic(name);";
        assert_eq!(specifiers(text).into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d", "f/g", "i", "j"]);
    }

    #[test]
    fn what_own_scripts_lead_to_is_looked_into() {
        let found = found(&[
            ("src/a.js", "require('./b'); require('node:path'); require('util'); require('@azure/functions');"),
            ("src/b/index.js", "require('../../lib/c.js'); require('repl'); import('@s/p/sub');"),
            ("lib/c.ts", "import shipped from 'shipped/deep'; import { spawn } from 'node:child_process';"),
            ("lib/unused.js", "require('net'); require('nowhere')"),
            ("node_modules/shipped/index.js", "require('dgram')"),
            ("node_modules/fast/build/Release/fast.node", ""),
        ]);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(
            found[0].starts_with("node_modules/fast/build/Release/fast.node is compiled for Node itself"),
            "{found:#?}"
        );
        assert!(found[1].starts_with("src/b/index.js asks for the package '@s/p', which is not in"), "{found:#?}");
        assert!(
            found[3].starts_with("src/b/index.js asks for 'repl' of Node, which the JavaScript engine does not have"),
            "{found:#?}"
        );
        assert!(found[2].starts_with("lib/c.ts asks for 'node:child_process' of Node, which loads but"), "{found:#?}");
    }

    #[test]
    fn what_the_engine_has_is_of_node() {
        for id in ["util", "path/posix", "timers/promises"] {
            assert!(NODE.contains(&id) && AVAILABLE.contains(&(id, true)), "{id}");
        }
    }
}
