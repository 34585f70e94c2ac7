//! The crates that end up in the `hearth` binary: normal dependencies for this target with the features of this package,
//! without procedural macros and build scripts, which run only while building. Those of the engine guests are among them,
//! because the binary carries the components.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::process::read;
use crate::toolchain::ENGINE_TARGET;
use crate::workspace::{Family, Workspace};

/// Where a component comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The public crate registry.
    Registry,
    /// This workspace.
    Workspace,
    /// Neither: part of the compiler or of another crate's source.
    Bundled,
}

/// One component of the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    /// SPDX expression.
    pub(crate) licence: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) description: Option<String>,
    /// Checksum of the crate file, from Cargo.lock.
    pub(crate) sha256: Option<String>,
    /// Its sources.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) origin: Origin,
    /// `name@version` of the components it uses.
    pub(crate) needs: BTreeSet<String>,
}

impl Crate {
    /// `name@version`, unique in one build.
    pub(crate) fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    description: Option<String>,
    manifest_path: PathBuf,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Debug, Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Every component of `hearth` for the target, sorted by name and version; `hearth` itself among them.
pub(crate) fn shipped(workspace: &Workspace, target: &str) -> anyhow::Result<Vec<Crate>> {
    let lock = fs::read_to_string(workspace.root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let guests: Vec<_> = workspace.guests().into_iter().filter(|guest| guest.family == Family::Engine).collect();
    let guests: Vec<_> = guests.iter().map(|guest| &*guest.crate_name).collect();
    let mut crates = linked(workspace, &["hearth"], target, &lock)?;
    if !guests.is_empty() {
        crates = merge(crates, linked(workspace, &guests, ENGINE_TARGET, &lock)?);
    }
    let carried: Vec<_> = crates.iter().filter(|one| guests.contains(&&*one.name)).map(Crate::id).collect();
    if let Some(engine) = crates.iter_mut().find(|one| one.name == "hearth-engine") {
        engine.needs.extend(carried);
    }
    for bundled in [("libsqlite3-sys", sqlite as fn(&Crate) -> Option<Crate>), ("rquickjs-sys", quickjs)] {
        let found = crates.iter().find(|one| one.name == bundled.0).and_then(bundled.1);
        crates.extend(found);
    }
    let rustc = read(Command::new("rustc").arg("--version"))?;
    crates.extend(rustc.split_whitespace().nth(1).map(standard_library));
    crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(crates)
}

/// What is linked into these packages for the target.
fn linked(workspace: &Workspace, packages: &[&str], target: &str, lock: &str) -> anyhow::Result<Vec<Crate>> {
    let mut tree = workspace.cargo();
    tree.args(["tree", "--locked", "-e", "normal,no-proc-macro", "--prefix", "none", "-f", "{p}"]);
    tree.args(packages.iter().flat_map(|package| ["-p", package]));
    let tree = read(tree.args(["--target", target]))?;
    let mut metadata = workspace.cargo();
    let metadata = read(metadata.args(["metadata", "--format-version=1", "--locked", "--filter-platform", target]))?;
    select(&tree, &metadata, lock)
}

/// Each crate once, with the relations of both.
fn merge(first: Vec<Crate>, second: Vec<Crate>) -> Vec<Crate> {
    let mut crates: BTreeMap<_, _> = first.into_iter().map(|one| (one.id(), one)).collect();
    for one in second {
        match crates.get_mut(&one.id()) {
            Some(known) => known.needs.extend(one.needs),
            None => drop(crates.insert(one.id(), one)),
        }
    }
    crates.into_values().collect()
}

/// Keeps of the metadata what `cargo tree` lists (lines of `name vVERSION …`), with checksums from the lock file.
fn select(tree: &str, metadata: &str, lock: &str) -> anyhow::Result<Vec<Crate>> {
    let listed: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?.strip_prefix('v')?))
        })
        .collect();
    let metadata: Metadata = serde_json::from_str(metadata).context("cannot read the answer of `cargo metadata`")?;
    let lock: Lock = toml::from_str(lock).context("cannot read Cargo.lock")?;
    let checksums: BTreeMap<_, _> =
        lock.package.iter().map(|p| ((&*p.name, &*p.version), p.checksum.clone())).collect();
    let kept: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .filter(|package| listed.contains(&(&*package.name, &*package.version)))
        .map(|package| (&*package.id, package))
        .collect();
    let identity = |package: &Package| format!("{}@{}", package.name, package.version);
    let needs: BTreeMap<_, BTreeSet<String>> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| {
            let needs = node.dependencies.iter().filter_map(|id| kept.get(&**id)).map(|package| identity(package));
            (&*node.id, needs.collect())
        })
        .collect();
    Ok(kept
        .values()
        .map(|package| Crate {
            name: package.name.clone(),
            version: package.version.clone(),
            licence: package.license.as_deref().map(expression),
            repository: package.repository.clone(),
            description: package
                .description
                .as_deref()
                .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
            sha256: checksums.get(&(&*package.name, &*package.version)).cloned().flatten(),
            folder: package.manifest_path.parent().map(Path::to_path_buf),
            origin: if package.source.is_some() { Origin::Registry } else { Origin::Workspace },
            needs: needs.get(&*package.id).cloned().unwrap_or_default(),
        })
        .collect())
}

/// Older crates write `MIT/Apache-2.0`, which SPDX spells with OR.
fn expression(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// SQLite's C source lies inside a crate, under a version of its own.
fn sqlite(binding: &Crate) -> Option<Crate> {
    let header = fs::read_to_string(binding.folder.as_ref()?.join("sqlite3/sqlite3.h")).ok()?;
    let version = header.lines().find_map(|line| line.strip_prefix("#define SQLITE_VERSION "))?;
    Some(Crate {
        licence: Some("blessing".into()),
        repository: Some("https://sqlite.org".into()),
        description: Some("SQL database engine, compiled from the source in libsqlite3-sys".into()),
        ..bundled("sqlite", version.trim().trim_matches('"'))
    })
}

/// QuickJS's C source lies inside a crate too.
fn quickjs(binding: &Crate) -> Option<Crate> {
    let folder = binding.folder.as_ref()?.join("quickjs");
    let header = fs::read_to_string(folder.join("quickjs.h")).ok()?;
    let part = |name: &str| {
        let prefix = format!("#define QJS_VERSION_{name} ");
        header.lines().find_map(|line| line.strip_prefix(&*prefix)).map(str::trim)
    };
    let version = format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("PATCH")?);
    Some(Crate {
        licence: Some("MIT".into()),
        repository: Some("https://github.com/quickjs-ng/quickjs".into()),
        description: Some("JavaScript engine, compiled from the source in rquickjs-sys".into()),
        folder: Some(folder),
        ..bundled("quickjs-ng", &version)
    })
}

fn standard_library(version: &str) -> Crate {
    Crate {
        licence: Some("MIT OR Apache-2.0".into()),
        repository: Some("https://github.com/rust-lang/rust".into()),
        description: Some("The Rust standard library".into()),
        ..bundled("rust-std", version)
    }
}

fn bundled(name: &str, version: &str) -> Crate {
    Crate {
        name: name.into(),
        version: version.into(),
        licence: None,
        repository: None,
        description: None,
        sha256: None,
        folder: None,
        origin: Origin::Bundled,
        needs: BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_binary_links_is_kept_with_checksum_and_relations() {
        let package = |name: &str, source: Option<&str>| {
            serde_json::json!({
                "id": format!("id-{name}"), "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0",
                "repository": null, "description": "a\n b", "manifest_path": format!("/r/{name}/Cargo.toml"), "source": source,
            })
        };
        let metadata = serde_json::json!({
            "packages": [package("hearth", None), package("bytes", Some("registry")), package("cc", Some("registry"))],
            "resolve": { "nodes": [
                { "id": "id-hearth", "dependencies": ["id-bytes", "id-cc"] },
                { "id": "id-bytes", "dependencies": [] },
            ]},
        });
        let lock = "version = 4\n[[package]]\nname = \"bytes\"\nversion = \"1.0.0\"\nchecksum = \"c0ffee\"\n";
        let tree = "hearth v1.0.0 (/w/management)\nbytes v1.0.0\nbytes v1.0.0 (*)\n\n";
        let crates = select(tree, &metadata.to_string(), lock).unwrap();
        let found: Vec<_> = crates.iter().map(|c| (&*c.name, c.origin, c.sha256.as_deref())).collect();
        assert_eq!(found, [("bytes", Origin::Registry, Some("c0ffee")), ("hearth", Origin::Workspace, None)]);
        assert_eq!(crates[1].needs, BTreeSet::from(["bytes@1.0.0".to_owned()]));
        assert_eq!(crates[0].licence.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(crates[0].description.as_deref(), Some("a b"));
    }

    #[test]
    fn a_crate_of_both_targets_stands_once_with_the_relations_of_both() {
        let one = |name: &str, needs: &[&str]| super::super::tests::shipped(name, "1.0.0", "MIT", needs);
        let merged = merge(vec![one("url", &["idna@1.0.0"])], vec![one("url", &["log@1.0.0"]), one("oxc", &[])]);
        let found: Vec<_> = merged.iter().map(|one| (&*one.name, one.needs.len())).collect();
        assert_eq!(found, [("oxc", 0), ("url", 2)]);
    }

    #[test]
    fn the_bundled_quickjs_is_named_with_its_own_version() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("quickjs")).unwrap();
        let header = "#define QJS_VERSION_MAJOR 0\n#define QJS_VERSION_MINOR 16\n#define QJS_VERSION_PATCH 2\n";
        fs::write(folder.path().join("quickjs/quickjs.h"), header).unwrap();
        let binding = Crate { folder: Some(folder.path().to_path_buf()), ..bundled("rquickjs-sys", "0.14.0") };
        assert_eq!(quickjs(&binding).unwrap().id(), "quickjs-ng@0.16.2");
    }

    #[test]
    fn the_bundled_sqlite_is_named_with_its_own_version() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sqlite3")).unwrap();
        fs::write(
            folder.path().join("sqlite3/sqlite3.h"),
            "#ifdef SQLITE_VERSION\n#define SQLITE_VERSION        \"3.50.2\"\n",
        )
        .unwrap();
        let binding = Crate { folder: Some(folder.path().to_path_buf()), ..bundled("libsqlite3-sys", "0.35.0") };
        assert_eq!(sqlite(&binding).unwrap().id(), "sqlite@3.50.2");
    }
}
