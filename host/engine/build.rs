//! Finds the components that run JavaScript apps, which `cargo xtask guests` builds, and has them compiled in.
//! A debug build does without: it says at run time what to do.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the components are, from this crate's folder, unless `HEARTH_GUESTS_DIR` says otherwise.
const FOLDER: &str = "../../target/engine-guests";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=HEARTH_GUESTS_DIR");
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = env::var_os("HEARTH_GUESTS_DIR").map_or_else(|| Path::new(&manifest).join(FOLDER), PathBuf::from);
    // Cargo would take a folder that is missing for one that changed, and build the engine anew each time.
    fs::create_dir_all(&folder)?;
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut code = String::new();
    for name in ["javascript", "typescript"] {
        let path = folder.join(name).with_extension("wasm");
        let value = if path.is_file() {
            format!("Some(include_bytes!({path:?}))")
        } else if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
            let text = format!("{} is missing, and a release needs it: run `cargo xtask guests` first", path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        } else {
            "None".to_owned()
        };
        let constant = name.to_uppercase();
        writeln!(code, "pub(super) const {constant}: Option<&[u8]> = {value};").map_err(io::Error::other)?;
    }
    fs::write(Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("components.rs"), code)
}
