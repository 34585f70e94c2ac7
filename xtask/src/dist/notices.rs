//! THIRD-PARTY-NOTICES: who wrote what is in the binary, and under which licence. Each distinct licence text stands once,
//! with the names of the crates that carry it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::crates::{Crate, Origin};

/// Starts of the names of files that hold licence texts, in upper case.
const NAMES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
const RULE: &str = "--------------------------------------------------------------------------------";

/// The whole file.
pub(crate) fn text(crates: &[Crate]) -> anyhow::Result<String> {
    let foreign: Vec<_> = crates.iter().filter(|one| one.origin != Origin::Workspace).collect();
    let mut out = String::from(
        "Hearth contains the software listed here, each under its own licence. Where a licence offers a choice, Hearth\n\
         takes Apache-2.0 if it is among them. The licence texts follow the list.\n\n",
    );
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in &foreign {
        let found = one.folder.as_deref().map(licence_texts).transpose()?.unwrap_or_default();
        let licence = one.licence.as_deref().unwrap_or("see its licence text");
        let place = one.repository.as_deref().unwrap_or("(no repository named)");
        let note = if found.is_empty() { "  (no licence text in its source)" } else { "" };
        writeln!(out, "{} {}  {licence}  {place}{note}", one.name, one.version)?;
        for text in found {
            texts.entry(text).or_default().push(format!("{} {}", one.name, one.version));
        }
    }
    let mut ordered: Vec<_> = texts.into_iter().collect();
    ordered.sort_by(|(_, a), (_, b)| a.cmp(b));
    for (text, users) in ordered {
        write!(out, "\n{RULE}\n{}\n{RULE}\n\n{text}\n", wrap(&users))?;
    }
    Ok(out)
}

/// Names with commas between them, in lines of at most 100 characters or one name.
fn wrap(names: &[String]) -> String {
    let mut lines = vec![String::new()];
    for (position, name) in names.iter().enumerate() {
        let word = if position + 1 < names.len() { format!("{name}, ") } else { name.clone() };
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + word.len() <= 101 => line.push_str(&word),
            _ => lines.push(word),
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The licence files at the top of a crate and in folders named so, sorted by name, with trailing blanks removed.
fn licence_texts(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(|entries| entries.collect::<Result<_, _>>())
        .with_context(|| format!("cannot list {}", folder.display()))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if !NAMES.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            for inner in fs::read_dir(&path)?.collect::<Result<Vec<_>, _>>()? {
                texts.extend(fs::read_to_string(inner.path()).ok());
            }
        } else if !name.ends_with(".RS") && !name.ends_with(".HTML") {
            texts.extend(fs::read_to_string(&path).ok());
        }
    }
    let tidy =
        |text: String| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned();
    let mut texts: Vec<_> = texts.into_iter().map(tidy).filter(|text| !text.is_empty()).collect();
    texts.sort();
    texts.dedup();
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::super::tests::shipped;
    use super::*;

    #[test]
    fn each_text_stands_once_with_all_crates_that_carry_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut crates = Vec::new();
        for name in ["alpha", "beta", "gamma"] {
            let source = folder.path().join(name);
            fs::create_dir(&source).unwrap();
            fs::write(source.join("lib.rs"), "").unwrap();
            crates.push(Crate { folder: Some(source), ..shipped(name, "1.0.0", "MIT", &[]) });
        }
        fs::write(folder.path().join("alpha/LICENSE-MIT"), "Permission is granted\r\n\n").unwrap();
        fs::write(folder.path().join("beta/license.txt"), "Permission is granted\n").unwrap();
        fs::create_dir(folder.path().join("beta/LICENSES")).unwrap();
        fs::write(folder.path().join("beta/LICENSES/Zlib.txt"), "This software is provided as-is").unwrap();
        let text = text(&crates).unwrap();
        assert_eq!(text.matches("Permission is granted").count(), 1, "{text}");
        assert!(text.contains("alpha 1.0.0, beta 1.0.0\n"), "{text}");
        assert!(text.contains("provided as-is"), "{text}");
        assert!(
            text.contains("gamma 1.0.0  MIT  https://example.org/gamma  (no licence text in its source)"),
            "{text}"
        );
    }

    #[test]
    fn long_lists_of_names_are_wrapped() {
        let names: Vec<_> = (0..40).map(|n| format!("crate-{n} 1.0.0")).collect();
        let wrapped = wrap(&names);
        assert!(wrapped.lines().all(|line| line.len() <= 101), "{wrapped}");
        assert_eq!(wrapped.replace('\n', " ").split(", ").count(), 40);
    }
}
