//! Tells the crate which of Node's modules the JavaScript engine has: the files of its library.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let library = Path::new("../guests/javascript/library/node");
    println!("cargo::rerun-if-changed={}", library.display());
    let mut ids = Vec::new();
    collect(library, "", &mut ids)?;
    ids.sort();
    let mut code = String::new();
    for (id, is_whole) in &ids {
        writeln!(code, "    ({id:?}, {is_whole}),").map_err(io::Error::other)?;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
    fs::write(out.join("node.rs"), format!("&[\n{code}]"))
}

/// Adds the ids of the modules below a directory, which are their paths without the extension, and whether nothing of them is
/// marked as absent.
fn collect(directory: &Path, prefix: &str, ids: &mut Vec<(String, bool)>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if name != "internal" {
                collect(&entry.path(), &format!("{prefix}{name}/"), ids)?;
            }
        } else if let Some(stem) = name.strip_suffix(".js") {
            let is_whole = !fs::read_to_string(entry.path())?.contains("node/internal/absent");
            ids.push((format!("{prefix}{stem}"), is_whole));
        }
    }
    Ok(())
}
