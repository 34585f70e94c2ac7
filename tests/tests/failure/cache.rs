//! The worker's disk cache is only that: whatever happens to it, the apps come back from host state.

use std::path::{Path, PathBuf};

use hearth_tests::{Hearth, eventually, kill};

use crate::{both_answer, with_apps};

/// Every file in the cache directory, whose tree is made of `packages` and `code`.
fn files(hearth: &Hearth, kind: &str) -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    below(&hearth.data().join("cache").join(kind), &mut found);
    assert!(!found.is_empty());
    found
}

#[track_caller]
fn comes_back(hearth: &Hearth) {
    let mark = hearth.log().mark();
    kill(hearth.worker());
    both_answer(hearth);
    eventually("the new worker's lines", || {
        hearth.log().since(mark).iter().any(|line| line.contains("loaded")).then_some(())
    });
}

#[test]
fn damaged_packages_are_fetched_again() {
    let hearth = with_apps(1);
    for path in files(&hearth, "packages") {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        std::fs::write(&path, bytes).unwrap();
    }
    comes_back(&hearth);
    for path in files(&hearth, "packages") {
        std::fs::write(&path, "").unwrap();
    }
    comes_back(&hearth);
}

#[test]
fn damaged_code_is_compiled_again_and_never_run() {
    let hearth = with_apps(1);
    for damage in [0, 1, 2] {
        for path in files(&hearth, "code") {
            let mut bytes = std::fs::read(&path).unwrap();
            match damage {
                0 => bytes.truncate(bytes.len() / 2),
                1 => bytes.iter_mut().skip(200).step_by(97).for_each(|byte| *byte ^= 0x55),
                _ => bytes.clear(),
            }
            std::fs::write(&path, bytes).unwrap();
        }
        comes_back(&hearth);
    }
}

#[test]
fn a_cache_that_is_gone_is_made_again() {
    let hearth = with_apps(1);
    std::fs::remove_dir_all(hearth.data().join("cache")).unwrap();
    both_answer(&hearth);
    hearth.publish("third", &hearth_tests::sample("hello-http"));
    comes_back(&hearth);
}
