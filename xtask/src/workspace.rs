//! The checkout as `cargo metadata` describes it: where things are, and which guests there are. Guests are found by
//! place and crate type, so a new sample needs no list anywhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::process::{cargo, read};

/// What xtask knows about the checkout.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    metadata: Metadata,
}

/// The part of `cargo metadata --no-deps` that is used here.
#[derive(Debug, Deserialize)]
struct Metadata {
    target_directory: PathBuf,
    packages: Vec<Package>,
    workspace_default_members: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

/// Which family of guests a package belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Under `host/guests/`: components that the `hearth` binary carries and so needs before it is built.
    Engine,
    /// Under `samples/`, shown to users.
    Sample,
    /// Under `tests/guests/`, for the project's own tests.
    Test,
}

impl Family {
    const ALL: [Self; 3] = [Self::Engine, Self::Sample, Self::Test];

    /// The folder of the sources, relative to the root.
    pub(crate) fn sources(self) -> &'static str {
        match self {
            Self::Engine => "host/guests",
            Self::Sample => "samples",
            Self::Test => "tests/guests",
        }
    }

    /// The folder of what is made of them, relative to the root: packages, or the components of engine guests.
    pub(crate) fn packages(self) -> &'static str {
        match self {
            Self::Engine => "target/engine-guests",
            Self::Sample => "target/samples",
            Self::Test => "target/test-guests",
        }
    }
}

/// One guest crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    /// Name of the crate, as given to `cargo build -p`.
    pub(crate) crate_name: String,
    /// Name of its folder, which is the name of the package and of the app.
    pub(crate) name: String,
    /// Its source folder.
    pub(crate) folder: PathBuf,
    /// File name of what the compiler makes of it.
    pub(crate) artifact: String,
    pub(crate) family: Family,
}

impl Workspace {
    /// Asks cargo about the checkout that this xtask was built from.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here.parent().context("xtask lies in a folder of the workspace")?.to_path_buf();
        let mut command = cargo();
        command.args(["metadata", "--format-version=1", "--no-deps"]).current_dir(&root);
        let metadata =
            serde_json::from_str(&read(&mut command)?).context("cannot read the answer of `cargo metadata`")?;
        Ok(Self { root, metadata })
    }

    /// The folder of the workspace's Cargo.toml.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts native builds (`CARGO_TARGET_DIR` is honoured).
    pub(crate) fn target(&self) -> &Path {
        &self.metadata.target_directory
    }

    /// `cargo` in the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// The version of the product.
    pub(crate) fn version(&self) -> anyhow::Result<&str> {
        let hearth = self.metadata.packages.iter().find(|package| package.name == "hearth");
        Ok(&hearth.context("the workspace has no package named hearth")?.version)
    }

    /// Names of the workspace's default members: everything that runs natively.
    pub(crate) fn default_members(&self) -> Vec<&str> {
        let default = |package: &&Package| self.metadata.workspace_default_members.contains(&package.id);
        self.metadata.packages.iter().filter(default).map(|package| package.name.as_str()).collect()
    }

    /// Every guest, sorted by name.
    pub(crate) fn guests(&self) -> Vec<Guest> {
        let mut guests: Vec<_> = self.metadata.packages.iter().filter_map(|package| self.guest(package)).collect();
        guests.sort_by(|a, b| a.name.cmp(&b.name));
        guests
    }

    fn guest(&self, package: &Package) -> Option<Guest> {
        let library = package.targets.iter().find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))?;
        let folder = package.manifest_path.parent()?;
        let family =
            Family::ALL.into_iter().find(|family| folder.parent() == Some(&self.root.join(family.sources())))?;
        Some(Guest {
            crate_name: package.name.clone(),
            name: folder.file_name()?.to_str()?.to_owned(),
            folder: folder.to_path_buf(),
            artifact: format!("{}.wasm", library.name.replace('-', "_")),
            family,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        let package = |name: &str, path: &str, kind: &str| {
            serde_json::json!({
                "id": format!("path+file:///w/{path}#{name}@0.1.0"), "name": name, "version": "0.1.0",
                "manifest_path": format!("/w/{path}/Cargo.toml"),
                "targets": [{ "name": name.replace('-', "_"), "crate_types": [kind] }],
            })
        };
        let metadata = serde_json::json!({
            "target_directory": "/w/target",
            "workspace_default_members": ["path+file:///w/management#hearth@0.1.0"],
            "packages": [
                package("hello-rust", "samples/hello-rust", "cdylib"),
                package("hearth", "management", "bin"),
                package("trap-guest", "tests/guests/trap", "cdylib"),
                package("hearth-sdk", "host/guests/sdk-rust", "lib"),
                package("hearth-javascript", "host/guests/javascript", "cdylib"),
                package("elsewhere", "host/elsewhere", "cdylib"),
            ],
        });
        Workspace { root: "/w".into(), metadata: serde_json::from_value(metadata).unwrap() }
    }

    #[test]
    fn guests_are_found_by_place_and_crate_type_and_named_by_their_folder() {
        let found: Vec<_> =
            workspace().guests().into_iter().map(|g| (g.name, g.crate_name, g.artifact, g.family)).collect();
        let expected = [
            ("hello-rust", "hello-rust", "hello_rust.wasm", Family::Sample),
            ("javascript", "hearth-javascript", "hearth_javascript.wasm", Family::Engine),
            ("trap", "trap-guest", "trap_guest.wasm", Family::Test),
        ];
        assert_eq!(found, expected.map(|(n, c, a, f)| (n.to_owned(), c.to_owned(), a.to_owned(), f)));
    }

    #[test]
    fn default_members_and_version_come_from_the_metadata() {
        let workspace = workspace();
        assert_eq!(workspace.default_members(), ["hearth"]);
        assert_eq!(workspace.version().unwrap(), "0.1.0");
    }
}
