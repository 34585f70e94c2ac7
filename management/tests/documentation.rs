//! What the documents say is true where a machine can tell: links lead somewhere, every setting and error code has its row,
//! the code that is shown is code that is tested.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every document: at the top, below docs/, and beside the samples.
fn documents() -> Vec<PathBuf> {
    fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() && depth > 0 {
                collect(&path, depth - 1, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root(), 0, &mut found);
    collect(&root().join("docs"), 3, &mut found);
    collect(&root().join("samples"), 1, &mut found);
    found
}

/// Targets of the links outside of code blocks.
fn links(text: &str) -> Vec<String> {
    let mut inside = false;
    let prose = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    prose
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// The anchor that a heading gets: lower case, blanks to hyphens, other marks gone.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.len() > 8, "{documents:?}");
    let mut broken = Vec::new();
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, wanted) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            let found = target.exists()
                && (wanted.is_empty()
                    || std::fs::read_to_string(&target)
                        .is_ok_and(|text| text.lines().any(|line| line.starts_with('#') && anchor(line) == wanted)));
            if !found {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Cells of the table row that begins with this flag.
fn row<'a>(table: &'a str, flag: &str) -> Option<Vec<&'a str>> {
    let begins = |line: &&str| {
        let rest = line.strip_prefix("| `").and_then(|rest| rest.strip_prefix(flag));
        rest.is_some_and(|rest| rest.starts_with([' ', '`']))
    };
    let line = table.lines().find(begins)?;
    Some(line.trim_matches('|').split('|').map(str::trim).collect())
}

#[test]
fn the_operators_table_has_every_setting_with_its_default() {
    let operations = read("docs/operations.md");
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HEARTH_")) {
        command.env_remove(name);
    }
    command.args(["config", "check", "--output", "json"]).env("HOME", home.path()).current_dir(home.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let check: Value = serde_json::from_slice(&output.stdout).unwrap();
    let settings = check["settings"].as_array().unwrap();
    assert!(settings.len() > 20, "{settings:?}");
    for setting in settings {
        let name = setting["name"].as_str().unwrap();
        let cells = row(&operations, &format!("--{name}")).unwrap_or_else(|| panic!("--{name} has no row"));
        let variable = format!("`HEARTH_{}`", name.replace('-', "_").to_uppercase());
        assert_eq!(cells[1], variable, "{cells:?}");
        // The file that names the configuration file can't be named in it.
        let key = if name == "config" { String::new() } else { format!("`{name}`") };
        assert_eq!(cells[2], key, "{cells:?}");
        // Defaults that depend on the machine or on another setting are told in words.
        let derived = ["config", "data", "state", "key-file", "name", "management"].contains(&name);
        if let Some(default) = setting["value"].as_str().filter(|_| !derived && setting["origin"] == "default") {
            assert_eq!(cells[3], format!("`{default}`"), "{cells:?}");
        }
    }
}

/// Asserts that every line of the first Rust block of `document` stands in `source`.
fn first_code_is_of(document: &str, source: &str) {
    let text = read(document);
    let code = text.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let tested = read(source);
    let tested: Vec<&str> = tested.lines().map(|line| line.strip_prefix("//!").unwrap_or(line).trim()).collect();
    for line in code.lines().map(str::trim) {
        assert!(tested.contains(&line), "{document} shows what is not in {source}: {line}");
    }
}

#[test]
fn the_code_that_is_shown_is_code_that_is_tested() {
    first_code_is_of("README.md", "host/guests/sdk-rust/src/lib.rs");
    first_code_is_of("docs/developer-guide.md", "samples/hello-rust/src/lib.rs");
}

#[test]
fn the_limits_of_packages_are_those_of_the_code() {
    let limits = hearth_model::package::PackageLimits::default();
    let operations = read("docs/operations.md");
    let mib = |bytes: u64| bytes >> 20;
    for row in [
        format!("| entries of a package | {},{:03} |", limits.max_entries / 1000, limits.max_entries % 1000),
        format!("| package unpacked | {} GiB |", mib(limits.max_unpacked_bytes) >> 10),
        format!("| one file unpacked | {} MiB |", mib(limits.max_file_bytes)),
        format!("| compression ratio, above 1 MiB unpacked | {} : 1 |", limits.max_ratio),
    ] {
        assert!(operations.contains(&row), "{row}");
    }
}

/// Every word in quotes that has the form of an error code, such as `FunctionTimeout`.
fn codes(source: &str) -> Vec<&str> {
    let is_code = |word: &&str| {
        let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (2..word.len()).contains(&capitals)
    };
    source.split('"').filter(is_code).collect()
}

/// The Rust sources of a folder and those below it.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn the_developers_table_has_every_error_code() {
    let guide = read("docs/developer-guide.md");
    let mut files = vec![root().join("host/engine/src/error.rs")];
    sources(&root().join("worker/src/front"), &mut files);
    let mut seen = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for code in codes(&source) {
            seen += 1;
            let row = guide.lines().any(|line| line.starts_with('|') && line.contains(&format!("| `{code}` |")));
            assert!(row, "docs/developer-guide.md has no row for the code {code} of {}", file.display());
        }
    }
    assert!(seen > 15, "{seen}");
}

/// Every word in quotes that has the form of a code of management, such as `app_not_found`.
fn management_codes(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let is_code = |word: &&str| {
        let form = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        word.contains('_') && !word.starts_with('_') && word.bytes().all(form)
    };
    code.split('"').filter(is_code).collect()
}

#[test]
fn the_developers_table_has_every_error_code_of_management() {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let guide = read("docs/developer-guide.md");
    let source = root().join("management/src");
    let mut files = ["answer.rs", "auth.rs", "settings.rs"].map(|name| source.join(name)).to_vec();
    collect(&source.join("controllers"), &mut files);
    collect(&source.join("publish"), &mut files);
    // Names of figures look the same.
    files.retain(|file| !file.ends_with("metrics/page.rs"));
    // Names of fields and path parameters, which look the same.
    let other = ["control_url", "http_url", "log_id"];
    let mut seen = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for code in management_codes(&source).into_iter().filter(|code| !other.contains(code)) {
            seen += 1;
            let row = guide.lines().any(|line| line.starts_with('|') && line.contains(&format!("| `{code}` |")));
            assert!(row, "docs/developer-guide.md has no row for the code {code} of {}", file.display());
        }
    }
    assert!(seen > 50, "{seen}");
}
