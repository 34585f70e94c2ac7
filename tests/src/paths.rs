//! Where the things under test lie.

use std::path::{Path, PathBuf};

/// Root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// The `hearth` binary: beside the test binary, where cargo puts both.
#[track_caller]
pub fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    let binary = own.parent().and_then(Path::parent).unwrap().join("hearth");
    assert!(binary.is_file(), "{} is missing: run `cargo build -p hearth` first", binary.display());
    binary
}

/// What is published of a sample: its package folder, built for WebAssembly, or of one in JavaScript or TypeScript the sample itself.
#[track_caller]
pub fn sample(name: &str) -> PathBuf {
    let source = samples_source().join(name);
    if source.join("package.json").is_file() { source } else { built("samples", name) }
}

/// The package folder of a guest of `tests/guests`, built for WebAssembly.
#[track_caller]
pub fn test_guest(name: &str) -> PathBuf {
    built("test-guests", name)
}

/// The source folder of all samples.
pub fn samples_source() -> PathBuf {
    root().join("samples")
}

/// The folder of what runs in the JavaScript engine.
pub fn javascript() -> PathBuf {
    root().join("tests").join("javascript")
}

/// The `curl` binary. Samples are documented with it, so the tests that repeat their calls need it.
#[track_caller]
pub fn curl() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("curl"))
        .find(|file| file.is_file())
        .expect("curl is missing: install it (apt-get install curl)")
}

#[track_caller]
fn built(kind: &str, name: &str) -> PathBuf {
    let folder = target().join(kind).join(name);
    assert!(folder.join("app.wasm").is_file(), "{} is missing: run `cargo xtask guests` first", folder.display());
    folder
}
