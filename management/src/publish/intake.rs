//! The checks of a package before it is stored: the zip as such, host.json, every function.json.
//!
//! What only a compiler can tell (whether the component is one, and what it imports) is told by the workers.

use std::fs::File;
use std::io::BufReader;

use hearth_model::host_json::FILE_NAME;
use hearth_model::index::index;
use hearth_model::package::{Package, PackageError, PackageFiles, PackageLimits};
use hearth_model::settings::Settings;

/// What a package holds, as far as the intake can tell.
#[derive(Debug)]
pub(crate) struct Findings {
    /// Number of files.
    pub(crate) files: usize,
    /// Names of the functions that can be indexed so far.
    pub(crate) functions: Vec<String>,
    /// Functions in error, with the reason.
    pub(crate) broken: Vec<(String, String)>,
    /// Those of them that a setting switches off.
    pub(crate) disabled: Vec<String>,
    /// Whether the component itself is to be asked for its functions.
    pub(crate) code_first: bool,
    /// Its host.json.
    pub(crate) host_json: Vec<u8>,
    /// Things worth a look.
    pub(crate) warnings: Vec<String>,
}

/// Checks a package. Blocks: to be called where that is allowed.
pub(crate) fn check(file: File, limits: &PackageLimits, settings: &Settings) -> Result<Findings, PackageError> {
    let mut package = Package::open(BufReader::new(file), limits)?;
    // What is stored must be readable later, so every file is read once now: a damaged one is the publisher's news.
    package.verify()?;
    let app = index(&mut package, settings)?;
    let mut findings = Findings {
        files: package.files().len(),
        functions: Vec::new(),
        broken: Vec::new(),
        disabled: Vec::new(),
        code_first: app.code_first.is_some(),
        host_json: host_json(&mut package)?,
        warnings: app.warnings,
    };
    for entry in app.functions {
        if entry.disabled {
            findings.disabled.push(entry.name.clone());
        }
        match entry.definition {
            Ok(_) => findings.functions.push(entry.name),
            Err(reason) => findings.broken.push((entry.name, reason)),
        }
    }
    Ok(findings)
}

/// The app's host.json, which was read before: it is there.
fn host_json(package: &mut impl PackageFiles) -> Result<Vec<u8>, PackageError> {
    let path = package.files().keys().find(|path| path.eq_ignore_ascii_case(FILE_NAME)).cloned();
    package.read(path.as_deref().unwrap_or(FILE_NAME))
}
