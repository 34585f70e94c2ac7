//! Makes a table of the JavaScript library (`library/**.js`), so that a new file needs no list anywhere, and asks for
//! a stack that the deepest recursion which QuickJS allows fits into.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let library = root.join("library");
    println!("cargo:rerun-if-changed=library");
    let mut files = Vec::new();
    collect(&library, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let id = file.strip_prefix(&library).unwrap_or(&file).with_extension("");
        let _ = writeln!(table, "    ({:?}, include_str!({:?})),", id.to_string_lossy().replace('\\', "/"), file);
    }
    table.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("library.rs"), table)?;
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        // src/engine.rs (STACK_BYTES) says how much of it JavaScript may take.
        println!("cargo:rustc-link-arg-cdylib=-zstack-size=2097152");
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "js") {
            files.push(path);
        }
    }
    Ok(())
}
