//! The package that `hearth publish` sends: a zip file as it is, or one made from a directory.

mod body;
mod bundle;
mod esbuild;
mod ignored;
mod pack;

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

use hearth_model::check::assumed_settings;
use hearth_model::index::index;
use hearth_model::package::{Package, PackageFiles, PackageLimits};

use crate::exit::{Failure, Kind};

/// A package that passed the checks.
#[derive(Debug)]
pub(crate) struct PackageFile {
    file: File,
    /// Size of the zip file in bytes.
    pub(crate) size: u64,
    /// Number of files in it.
    pub(crate) files: usize,
    /// How its scripts were bundled, if they were.
    pub(crate) bundled: Option<String>,
    /// Things worth a look that stop nothing, functions in error among them.
    pub(crate) warnings: Vec<String>,
}

/// Makes and checks the package; `bundle` puts the app's scripts and what they require into one file. Blocks.
pub(crate) fn prepare(source: &Path, bundle: bool) -> Result<PackageFile, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::general(format_args!("'{}' can't be read: {error}", source.display()));
    let file = if std::fs::metadata(source).map_err(unreadable)?.is_dir() {
        if !source.join("host.json").is_file() {
            return Err(Failure::general(format_args!(
                "'{}' has no host.json: name the directory of a function app, whose host.json holds at least {{\"version\": \"2.0\"}}",
                source.display()
            )));
        }
        if bundle {
            let (file, told) = bundle::pack(source)?;
            return Ok(PackageFile { bundled: Some(told), ..check(file, source)? });
        }
        pack::pack(source)?
    } else if bundle {
        return Err(Failure::new(
            Kind::Usage,
            format_args!("--bundle takes the directory of an app, and '{}' is a file", source.display()),
        ));
    } else {
        File::open(source).map_err(unreadable)?
    };
    check(file, source)
}

/// The zip of a directory as it would be published, unchecked.
pub(crate) fn packed(directory: &Path) -> Result<File, Failure> {
    pack::pack(directory)
}

fn check(mut file: File, source: &Path) -> Result<PackageFile, Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::general(format_args!("'{}': {error}", source.display()));
    let size = file.metadata().map_err(|error| fail(&error))?.len();
    let mut package = Package::open(BufReader::new(&file), &PackageLimits::default()).map_err(|error| fail(&error))?;
    // The app's settings are known at the other end only, which tells what of them is missing.
    let settings = assumed_settings(&mut package).map_err(|error| fail(&error))?;
    let app = index(&mut package, &settings).map_err(|error| fail(&error))?;
    let files = package.files().len();
    let mut warnings = package.warnings().to_vec();
    warnings.extend(app.warnings);
    for function in app.functions {
        if let Err(reason) = function.definition {
            warnings.push(format!("function '{}' is in error: {reason}", function.name));
        }
    }
    drop(package);
    file.rewind().map_err(|error| fail(&error))?;
    Ok(PackageFile { file, size, files, bundled: None, warnings })
}

#[cfg(test)]
mod tests;
