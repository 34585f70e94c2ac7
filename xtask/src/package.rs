//! Package folders: what of a guest's folder belongs to the app (host.json, function folders, other files) plus the
//! compiled component as `app.wasm`. A folder appears whole: it is laid beside its place and then renamed into it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Name of the component in a package.
const COMPONENT: &str = "app.wasm";
/// Source files of a guest, which no package holds.
const SOURCES: [&str; 7] = ["Cargo.toml", "Cargo.lock", "README.md", "build.rs", "src", "target", "tests"];
/// The first eight bytes of every component: magic, version 13, layer 1 (a core module has version 1, layer 0).
const COMPONENT_MAGIC: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// Makes the package folder anew from a guest's source folder and its component; returns the component's size in bytes.
///
/// # Errors
/// When the component is missing or a core module, or a file cannot be copied.
pub(crate) fn assemble(source: &Path, component: &Path, package: &Path) -> anyhow::Result<u64> {
    let bytes = read(component)?;
    let parent = package.parent().context("a package folder has a parent")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let fresh = tempfile::Builder::new().prefix(".new-").tempdir_in(parent)?;
    copy(source, fresh.path(), &SOURCES)?;
    fs::write(fresh.path().join(COMPONENT), &bytes)?;
    remove(package)?;
    let fresh = fresh.keep();
    fs::set_permissions(&fresh, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    fs::rename(&fresh, package).with_context(|| format!("cannot put {} in its place", package.display()))?;
    Ok(bytes.len() as u64)
}

/// Copies a component to `file` unless it is there already; returns its size in bytes. The file appears whole.
///
/// # Errors
/// When the component is missing or a core module, or the file cannot be written.
pub(crate) fn place(component: &Path, file: &Path) -> anyhow::Result<u64> {
    let bytes = read(component)?;
    if fs::read(file).is_ok_and(|present| present == bytes) {
        return Ok(bytes.len() as u64);
    }
    let parent = file.parent().context("a file has a folder")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    let fresh = tempfile::Builder::new().permissions(readable).tempfile_in(parent)?;
    fs::write(fresh.path(), &bytes)?;
    fresh.persist(file).with_context(|| format!("cannot put {} in its place", file.display()))?;
    Ok(bytes.len() as u64)
}

fn read(component: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(component).with_context(|| format!("cannot read {}", component.display()))?;
    if !bytes.starts_with(&COMPONENT_MAGIC) {
        bail!("{} is not a WebAssembly component; the linker did not wrap the module", component.display());
    }
    Ok(bytes)
}

/// Removes package folders whose guest no longer exists.
pub(crate) fn remove_stale(packages: &Path, present: &[&str]) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(packages) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_none_or(|name| !present.contains(&name)) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Copies a folder without hidden files and without the names in `except`, which count at the top only.
fn copy(from: &Path, to: &Path, except: &[&str]) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with('.') || except.contains(&name)) {
            continue;
        }
        let (source, destination) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            fs::create_dir(&destination)?;
            copy(&source, &destination, &[])?;
        } else {
            fs::copy(&source, &destination).with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Guest(tempfile::TempDir);

    impl Guest {
        fn new(files: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for file in files {
                let path = folder.path().join("source").join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, file).unwrap();
            }
            Self(folder)
        }

        fn assemble(&self, component: &[u8]) -> anyhow::Result<Vec<String>> {
            let root = self.0.path();
            fs::write(root.join("guest.wasm"), component).unwrap();
            let package = root.join("out/samples/guest");
            assemble(&root.join("source"), &root.join("guest.wasm"), &package)?;
            let mut files = Vec::new();
            list(&package, "", &mut files);
            files.sort();
            Ok(files)
        }
    }

    fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() { list(&entry.path(), &format!("{name}/"), files) } else { files.push(name) }
        }
    }

    #[test]
    fn a_package_holds_the_app_and_no_sources() {
        let guest = Guest::new(&[
            "Cargo.toml",
            "README.md",
            "src/lib.rs",
            ".gitignore",
            "host.json",
            "hello/function.json",
            "assets/src/page.html",
        ]);
        let files = guest.assemble(&COMPONENT_MAGIC).unwrap();
        assert_eq!(files, ["app.wasm", "assets/src/page.html", "hello/function.json", "host.json"]);
    }

    #[test]
    fn a_file_that_went_from_the_sources_goes_from_the_package() {
        let guest = Guest::new(&["host.json", "old/function.json"]);
        guest.assemble(&COMPONENT_MAGIC).unwrap();
        fs::remove_dir_all(guest.0.path().join("source/old")).unwrap();
        assert_eq!(guest.assemble(&COMPONENT_MAGIC).unwrap(), ["app.wasm", "host.json"]);
        let left: Vec<_> = fs::read_dir(guest.0.path().join("out/samples")).unwrap().collect();
        assert_eq!(left.len(), 1, "no half-made folder stays: {left:?}");
    }

    #[test]
    fn a_core_module_is_refused_and_the_old_package_stays() {
        let guest = Guest::new(&["host.json"]);
        guest.assemble(&COMPONENT_MAGIC).unwrap();
        let error = guest.assemble(b"\0asm\x01\0\0\0").unwrap_err().to_string();
        assert!(error.contains("guest.wasm is not a WebAssembly component"), "{error}");
        assert!(guest.0.path().join("out/samples/guest/host.json").exists());
    }

    #[test]
    fn an_unchanged_component_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let (built, placed) = (folder.path().join("built.wasm"), folder.path().join("fixed/javascript.wasm"));
        let written = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&placed).unwrap());
        fs::write(&built, COMPONENT_MAGIC).unwrap();
        assert_eq!(place(&built, &placed).unwrap(), 8);
        let first = written();
        place(&built, &placed).unwrap();
        assert_eq!(written(), first);
        fs::write(&built, [&COMPONENT_MAGIC[..], b"x"].concat()).unwrap();
        place(&built, &placed).unwrap();
        assert_ne!(written(), first);
        fs::write(&built, b"\0asm\x01\0\0\0").unwrap();
        assert!(place(&built, &placed).is_err() && fs::read(&placed).unwrap().ends_with(b"x"));
    }

    #[test]
    fn packages_without_a_guest_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["hello", "gone"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        remove_stale(folder.path(), &["hello"]).unwrap();
        assert!(folder.path().join("hello").exists() && !folder.path().join("gone").exists());
        remove_stale(&folder.path().join("none"), &[]).unwrap();
    }
}
