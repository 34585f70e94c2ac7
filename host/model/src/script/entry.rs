//! The files whose evaluation registers the functions of a code-first JavaScript app: `main` of package.json, a path or a glob.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};

use super::ScriptLanguage;
use super::package_json::{FILE_NAME, PackageJson};

/// Run when package.json names no `main`, the first that is there.
const DEFAULT: [&str; 6] = ["index.js", "index.mjs", "index.cjs", "index.ts", "index.mts", "index.cts"];
/// Longest `main`, in bytes.
const MAX_PATTERN_BYTES: usize = 1024;
/// Where a build puts its output, by habit.
const OUTPUT_FOLDERS: [&str; 4] = ["dist/", "build/", "out/", "lib/"];

/// With this file a package is a TypeScript project, whose sources stand in for a build that is missing.
pub(super) const TYPESCRIPT_PROJECT: &str = "tsconfig.json";

/// What a package says of its entry files.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EntryFiles {
    /// They are these, in the order in which they are run: files nearer to the root first, then by name.
    Found(Vec<String>),
    /// `main` matches nothing: why, and what to do.
    Missing(String),
    /// The package names none and has none under the usual names.
    None,
}

/// Finds the entry files.
pub(crate) fn entry_files(package: &PackageJson, files: &BTreeMap<String, u64>) -> EntryFiles {
    let Some(main) = &package.main else {
        let found = DEFAULT.iter().find(|name| files.contains_key(**name));
        return found.map_or(EntryFiles::None, |name| EntryFiles::Found(vec![(*name).to_owned()]));
    };
    match matching(main, files) {
        Err(reason) => EntryFiles::Missing(format!("{FILE_NAME}: main '{}' {reason}", crate::json::shortened(main))),
        Ok(found) if found.is_empty() => match sources(main, files) {
            Some((_, sources)) if files.contains_key(TYPESCRIPT_PROJECT) => EntryFiles::Found(sources),
            source => EntryFiles::Missing(nothing_matches(main, package, source.map(|(pattern, _)| pattern))),
        },
        Ok(found) => EntryFiles::Found(found),
    }
}

/// The scripts that a `main` names.
fn matching(main: &str, files: &BTreeMap<String, u64>) -> Result<Vec<String>, String> {
    if main.len() > MAX_PATTERN_BYTES {
        return Err(format!("is longer than {MAX_PATTERN_BYTES} bytes; shorten it"));
    }
    let pattern = main.strip_prefix("./").unwrap_or(main);
    if let Some(found) = plain(pattern, files) {
        return Ok(vec![found]);
    }
    let glob = matcher(pattern)?;
    let below_modules = pattern.contains("node_modules");
    let mut found: Vec<&String> = files
        .keys()
        .filter(|path| ScriptLanguage::is_script_file(path) && glob.is_match(path))
        .filter(|path| below_modules || !path.split('/').any(|part| part == "node_modules"))
        .collect();
    // A build beside its source: one of the two.
    let has = |path: &str| files.contains_key(path) && glob.is_match(path);
    found.retain(|path| !built(path).is_some_and(|twin| has(&twin)));
    found.sort_by_key(|path| (path.matches('/').count(), *path));
    Ok(found.into_iter().cloned().collect())
}

/// A `main` without wildcards, found as `require` finds it: the file, with an extension, or as a folder with an index file.
fn plain(main: &str, files: &BTreeMap<String, u64>) -> Option<String> {
    let main = main.trim_end_matches('/');
    let extensions = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];
    let as_file = extensions.iter().map(|extension| format!("{main}{extension}"));
    let as_folder = DEFAULT.iter().map(|name| format!("{main}/{name}"));
    as_file.chain(as_folder).find(|path| files.contains_key(path) && ScriptLanguage::is_script_file(path))
}

fn matcher(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| format!("is no pattern of files: {}", error.kind()))
}

/// The path of what a TypeScript file is made into beside it.
fn built(path: &str) -> Option<String> {
    (ScriptLanguage::of(path)? == ScriptLanguage::TypeScript).then(|| format!("{}js", &path[..path.len() - 2]))
}

/// What a `main` that names the output of a build would be made of: the pattern and the files.
fn sources(main: &str, files: &BTreeMap<String, u64>) -> Option<(String, Vec<String>)> {
    let pattern = main.strip_prefix("./").unwrap_or(main);
    let sources = OUTPUT_FOLDERS.iter().filter_map(|folder| pattern.strip_prefix(folder)).next().unwrap_or(pattern);
    let sources = sources.replace(".js", ".ts");
    let candidates = [sources.clone(), format!("src/{sources}")];
    candidates.into_iter().find_map(|pattern| {
        let found = matching(&pattern, files).ok().filter(|found| !found.is_empty())?;
        Some((pattern, found))
    })
}

/// Says that sources stand in for the output of a build, if these entry files do.
pub(crate) fn unbuilt(package: &PackageJson, entries: &EntryFiles) -> Option<String> {
    let (Some(main), EntryFiles::Found(found)) = (&package.main, entries) else { return None };
    let is_source = |path: &String| ScriptLanguage::of(path) == Some(ScriptLanguage::TypeScript);
    // What main names itself, it would find among these files alone too.
    let files: BTreeMap<String, u64> = found.iter().map(|path| (path.clone(), 0)).collect();
    let stand_in = matching(main, &files).is_ok_and(|named| named.is_empty());
    (stand_in && found.iter().all(is_source)).then(|| {
        format!(
            "{FILE_NAME}: main '{}' matches no script in the package; the TypeScript that it is built from runs in its place, without its types ({})",
            crate::json::shortened(main),
            found.join(", ")
        )
    })
}

/// Why nothing runs, and what to do: most often a project that was not built.
fn nothing_matches(main: &str, package: &PackageJson, source: Option<String>) -> String {
    let told = format!("{FILE_NAME}: main '{}' matches no script in the package", crate::json::shortened(main));
    match source {
        Some(source) => format!(
            "{told}: the TypeScript project was not built. Build it ('{}') before it is published, and see that .funcignore does not leave the output out; or set main to '{}', which runs without its types",
            package.build_command(),
            crate::json::shortened(&source)
        ),
        None => format!(
            "{told}; name the file that registers the functions, or a pattern such as 'src/functions/*.js', and see that .funcignore does not leave it out"
        ),
    }
}
