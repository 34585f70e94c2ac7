//! The linker for wasm32-unknown-unknown: `wasm-component-ld`, which comes with every Rust 1.82 or newer from rustup and calls
//! `wasm-ld` to link and then makes a component of the result. Debian's own compiler does not ship it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::output::step;
use crate::process::{cargo, find, read, run};

const NAME: &str = "wasm-component-ld";

/// Writes the wrapper that rustc calls as its linker and returns its path. An unchanged wrapper is left alone.
/// Without `wasm_ld` the component linker looks for it on PATH.
pub(crate) fn wrapper(target_folder: &Path, wasm_ld: Option<&Path>) -> anyhow::Result<PathBuf> {
    let component_linker = component_linker(target_folder)?;
    let path = target_folder.join("component-linker.sh");
    let text = script(&component_linker, wasm_ld);
    if fs::read_to_string(&path).is_ok_and(|present| present == text) {
        return Ok(path);
    }
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// rustc passes `-flavor wasm` first, which `wasm-component-ld` does not know. Exports of wasm-bindgen are for a tool that
/// runs on core modules; `js-sys` has them, which oxc wants for the date in a browser. No component can have them: without
/// the exports the linker drops what they call.
fn script(component_linker: &Path, wasm_ld: Option<&Path>) -> String {
    let quote = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"));
    let wasm_ld = wasm_ld.map(|path| format!(" --wasm-ld-path {}", quote(path))).unwrap_or_default();
    format!(
        "#!/bin/sh\n# Written by `cargo xtask guests`.\n[ \"$1\" = \"-flavor\" ] && shift 2\nleft=$#\n\
         while [ $left -gt 0 ]; do\n\
         case \"$1 $2\" in\n\
         \"--export __wbindgen_\"* | \"--export __wbg_\"* | \"--export __externref_\"*) shift 2; left=$((left - 2)) ;;\n\
         *) set -- \"$@\" \"$1\"; shift; left=$((left - 1)) ;;\n\
         esac\n\
         done\n\
         exec {}{wasm_ld} --wasi-adapter none \"$@\"\n",
        quote(component_linker)
    )
}

fn component_linker(target_folder: &Path) -> anyhow::Result<PathBuf> {
    let tools = target_folder.join("tools");
    let installed = tools.join("bin").join(NAME);
    if let Some(path) =
        in_sysroot(NAME).or_else(|| find(NAME)).or_else(|| installed.is_file().then(|| installed.clone()))
    {
        return Ok(path);
    }
    step(format_args!(
        "{NAME} is not part of this Rust installation: building it from source into {}",
        tools.display()
    ));
    run(cargo().args(["install", "--locked", NAME, "--root"]).arg(&tools))?;
    Ok(installed)
}

/// A tool that belongs to the `rustc` on PATH, which is rustup's where there is rustup.
pub(crate) fn in_sysroot(tool: &str) -> Option<PathBuf> {
    let sysroot = read(Command::new("rustc").args(["--print", "sysroot"])).ok()?;
    let targets = fs::read_dir(Path::new(sysroot.trim()).join("lib/rustlib")).ok()?;
    targets.filter_map(Result::ok).map(|target| target.path().join("bin").join(tool)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_drops_the_flavor_and_what_no_component_exports_and_keeps_every_other_argument() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("fake linker");
        fs::write(&fake, "#!/bin/sh\nprintf '%s|' \"$@\"\n").unwrap();
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
        let text = script(&fake, Some(Path::new("/usr/bin/wasm-ld-22")));
        let run = |arguments: &[&str]| read(Command::new("sh").args(["-c", &text, "linker"]).args(arguments)).unwrap();
        let expected = "--wasm-ld-path|/usr/bin/wasm-ld-22|--wasi-adapter|none|a b.o|-o|c|";
        assert_eq!(run(&["-flavor", "wasm", "a b.o", "-o", "c"]), expected);
        assert_eq!(run(&["a b.o", "-o", "c"]), expected);
        let exported = run(&["--export", "run", "--export", "__wbindgen_describe_x", "-o", "c", "--export", "__wbg_y"]);
        assert_eq!(exported, "--wasm-ld-path|/usr/bin/wasm-ld-22|--wasi-adapter|none|--export|run|-o|c|");
    }
}
