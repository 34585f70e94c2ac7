//! esbuild, the project's own or that of the PATH: nothing is ever downloaded.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::exit::Failure;

/// How the host runs the result: CommonJS with Node's modules. The host itself supplies `@azure/functions-core`.
const ARGUMENTS: [&str; 9] = [
    "--bundle",
    "--platform=node",
    "--format=cjs",
    "--target=es2022",
    "--external:@azure/functions-core",
    "--sourcemap=inline",
    "--charset=utf8",
    "--log-level=warning",
    "--color=false",
];
/// What the bundler may say in an error, in bytes.
const LONGEST_TEXT: usize = 8 << 10;

/// One script in place of many.
pub(super) struct Bundle {
    /// The script, which names its source map as the file beside it.
    pub(super) script: String,
    /// The source map, whose sources are relative to the project; empty when the bundler made none.
    pub(super) source_map: Vec<u8>,
    /// What the bundler warned of.
    pub(super) warnings: String,
}

/// The bundler of a project.
pub(super) struct Esbuild(PathBuf);

impl Esbuild {
    /// Looks for it in the project's node_modules, then in the directories of `path`, which is the variable PATH.
    pub(super) fn find(project: &Path, path: Option<OsString>) -> Result<Self, Failure> {
        let own = project.join("node_modules").join(".bin").join("esbuild");
        let everywhere = path.iter().flat_map(std::env::split_paths).filter(|directory| directory.is_absolute());
        let found = std::iter::once(own).chain(everywhere.map(|directory| directory.join("esbuild")));
        match found.into_iter().find(|file| file.is_file()) {
            // The bundler runs in the project, wherever this command does.
            Some(file) => std::path::absolute(&file).map(Self).map_err(Failure::general),
            None => Err(Failure::general(format_args!(
                "--bundle needs esbuild, which is neither in '{}' nor on the PATH: run 'npm install --save-dev esbuild' in the project, or install it \
                 so that 'esbuild --version' works. Nothing is downloaded by publishing",
                project.join("node_modules").display()
            ))),
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Bundles a script, given as text, that requires files of the project; `name` is what the result will be called.
    pub(super) fn run(&self, project: &Path, entry: &str, name: &str) -> Result<Bundle, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::general(format_args!("'{}' can't be run: {error}", self.0.display()))
        };
        let mut child = Command::new(&self.0)
            .args(ARGUMENTS)
            .arg(format!("--sourcefile={name}"))
            .current_dir(project)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A bundler that ends before it has read everything tells why by itself.
            let _ = stdin.write_all(entry.as_bytes());
        }
        let output = child.wait_with_output().map_err(|error| failed(&error))?;
        let told = String::from_utf8_lossy(&output.stderr);
        let told = told.trim();
        let told = &told[..told.floor_char_boundary(LONGEST_TEXT)];
        if !output.status.success() {
            return Err(Failure::general(format_args!("esbuild can't bundle the app ({}):\n{told}", output.status)));
        }
        let script = String::from_utf8(output.stdout)
            .map_err(|_| Failure::general("esbuild wrote something else than UTF-8 text"))?;
        let (script, source_map) = split(script, name);
        Ok(Bundle { script, source_map, warnings: told.to_owned() })
    }
}

/// Takes the source map out of a script that carries it in its last line, so that it is read only when it is needed.
fn split(script: String, name: &str) -> (String, Vec<u8>) {
    const MARK: &str = "//# sourceMappingURL=data:application/json;base64,";
    let Some((text, encoded)) = script.rsplit_once(MARK) else { return (script, Vec::new()) };
    match BASE64_STANDARD.decode(encoded.trim()) {
        Ok(source_map) => (format!("{text}//# sourceMappingURL={name}.map\n"), source_map),
        Err(_) => (script, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_map_stands_beside_the_script() {
        let script = "exports.a = 1;\n//# sourceMappingURL=data:application/json;base64,e30=\n";
        let (script, source_map) = split(script.to_owned(), "bundle.js");
        assert_eq!(script, "exports.a = 1;\n//# sourceMappingURL=bundle.js.map\n");
        assert_eq!(source_map, b"{}");
        let without = "exports.a = 1;\n";
        assert_eq!(split(without.to_owned(), "bundle.js"), (without.to_owned(), Vec::new()));
    }

    #[test]
    fn who_has_no_esbuild_is_told_how_to_get_it() {
        let project = tempfile::tempdir().unwrap();
        let error = Esbuild::find(project.path(), Some(OsString::from("/nowhere"))).err().unwrap().to_string();
        assert!(error.contains("npm install --save-dev esbuild") && error.contains("node_modules"), "{error}");
    }
}
