//! What lies in the folder at one moment: paths, sizes, times.
//!
//! Two of them tell what changed, however an editor wrote it: in place, by renaming, or many files at once. What is looked after by tools
//! is left out: version control, Hearth's own data, build caches (whatever holds a `CACHEDIR.TAG`, such as cargo's `target`). Of
//! `node_modules`, which may hold tens of thousands of folders, only the top is looked at: it changes when packages come and go.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders that are no content of an app.
const NO_CONTENT: [&str; 6] = [".hearth", ".git", ".hg", ".svn", ".vscode", ".idea"];
/// Where packages of others lie.
pub(super) const DEPENDENCIES: &str = "node_modules";
/// In it every package manager for npm notes what it installed.
const INSTALLED: &str = ".package-lock.json";
/// Marks a folder whose content can be made again (<https://bford.info/cachedir/>).
const CACHE_TAG: &str = "CACHEDIR.TAG";
/// Folders in folders that are followed.
const DEPTH: usize = 64;
/// Files of one app; a folder with more is most likely not meant.
const FILES: usize = 100_000;

/// Size and time of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// See the module's documentation. Paths are relative to the folder and separated by `/`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub(super) files: BTreeMap<String, Stamp>,
    /// Every `node_modules`, with what tells that packages came or went.
    pub(super) dependencies: BTreeMap<String, Vec<Stamp>>,
    /// The folders in which a change is to be noticed; the folder itself is the empty path.
    pub(super) folders: Vec<String>,
}

impl Snapshot {
    /// Looks at everything. What goes away meanwhile is left out.
    pub(super) fn take(root: &Path) -> io::Result<Self> {
        let mut snapshot = Self::default();
        // Only the folder itself must be there.
        fs::read_dir(root)?;
        snapshot.folder(root, String::new(), &mut Vec::new())?;
        // The order in which a system lists a folder means nothing.
        snapshot.folders.sort_unstable();
        Ok(snapshot)
    }

    fn folder(&mut self, path: &Path, relative: String, above: &mut Vec<PathBuf>) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(path) else { return Ok(()) };
        let within = |name: &str| if relative.is_empty() { name.to_owned() } else { format!("{relative}/{name}") };
        let mut folders = Vec::new();
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Through links: what they lead to is part of a package too.
            let Ok(metadata) = fs::metadata(entry.path()) else { continue };
            match metadata.is_dir() {
                true if name == DEPENDENCIES => {
                    let installed = fs::metadata(entry.path().join(INSTALLED)).ok();
                    let stamps = [Some(metadata), installed].iter().flatten().map(Stamp::of).collect();
                    self.dependencies.insert(within(&name), stamps);
                }
                true if is_content(&name, &entry.path()) => folders.push((entry.path(), within(&name))),
                true => {}
                false if is_left_by_an_editor(&name) => {}
                false => {
                    self.files.insert(within(&name), Stamp::of(&metadata));
                }
            }
        }
        if self.files.len() > FILES {
            return Err(io::Error::other(format!(
                "it holds more than {FILES} files; is it the folder of a function app?"
            )));
        }
        self.folders.push(relative);
        above.push(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
        for (path, relative) in folders {
            // A link may lead back.
            let is_above = || fs::canonicalize(&path).is_ok_and(|real| above.contains(&real));
            if above.len() < DEPTH && !(path.is_symlink() && is_above()) {
                self.folder(&path, relative, above)?;
            }
        }
        above.pop();
        Ok(())
    }

    /// Paths of what is other than before, sorted.
    pub(super) fn changes(&self, before: &Self) -> Vec<String> {
        let mut changed = differing(&self.files, &before.files);
        changed.extend(differing(&self.dependencies, &before.dependencies));
        changed.sort();
        changed
    }
}

fn differing<V: PartialEq>(now: &BTreeMap<String, V>, before: &BTreeMap<String, V>) -> Vec<String> {
    let other = now.iter().filter(|(path, value)| before.get(*path) != Some(*value));
    let gone = before.iter().filter(|(path, _)| !now.contains_key(*path));
    other.chain(gone).map(|(path, _)| path.clone()).collect()
}

fn is_content(name: &str, path: &Path) -> bool {
    !NO_CONTENT.contains(&name) && !path.join(CACHE_TAG).is_file()
}

/// Files that come and go while somebody edits beside them.
fn is_left_by_an_editor(name: &str) -> bool {
    let swap = name.starts_with('.') && [".swp", ".swo", ".swx"].iter().any(|end| name.ends_with(end));
    swap || name.ends_with('~') || name.starts_with(".#") || name == "4913" || name == ".DS_Store"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_tools_keep_is_no_content() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in [
            "host.json",
            "hello/index.js",
            "hello/.index.js.swp",
            "hello/index.js~",
            ".git/HEAD",
            ".hearth/state.db",
            "target/CACHEDIR.TAG",
            "target/debug/app.wasm",
            "node_modules/left-pad/index.js",
            "web/node_modules/a/index.js",
        ] {
            write(root, path, "x");
        }
        let snapshot = Snapshot::take(root).unwrap();
        assert_eq!(snapshot.files.keys().collect::<Vec<_>>(), ["hello/index.js", "host.json"]);
        assert_eq!(snapshot.dependencies.keys().collect::<Vec<_>>(), ["node_modules", "web/node_modules"]);
        assert_eq!(snapshot.folders, ["", "hello", "web"]);
        assert!(Snapshot::take(&root.join("absent")).is_err());
    }

    #[test]
    fn a_change_is_told_by_its_path_however_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "a.js", "1");
        write(root, "b/c.js", "1");
        let before = Snapshot::take(root).unwrap();
        assert!(Snapshot::take(root).unwrap().changes(&before).is_empty());
        write(root, "new.js.tmp", "22");
        fs::rename(root.join("new.js.tmp"), root.join("a.js")).unwrap();
        fs::remove_file(root.join("b/c.js")).unwrap();
        write(root, "b/d/e.js", "1");
        write(root, "node_modules/.package-lock.json", "{}");
        let now = Snapshot::take(root).unwrap();
        assert_eq!(now.changes(&before), ["a.js", "b/c.js", "b/d/e.js", "node_modules"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "shared/lib.js", "1");
        std::os::unix::fs::symlink(root.join("shared"), root.join("linked")).unwrap();
        std::os::unix::fs::symlink(root, root.join("shared/back")).unwrap();
        let snapshot = Snapshot::take(root).unwrap();
        assert_eq!(snapshot.files.keys().collect::<Vec<_>>(), ["linked/lib.js", "shared/lib.js"]);
    }
}
