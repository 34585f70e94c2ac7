//! `hearth check`: what of an app runs here, what does not, and what to change. Asks nobody and starts nothing.
//!
//! A directory is packed as `hearth publish` packs it, so what `.funcignore` names is not looked at.

mod text;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use hearth_model::check::{Report, Surroundings, check};
use hearth_model::package::{LOCAL_SETTINGS, Package, PackageError, PackageLimits};
use hearth_model::settings::Settings;

use super::listing::OutputSettings;
use crate::exit::{Failure, Kind};
use crate::output::{self, Format};
use crate::package;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Directory of the app, or a zip file of it
    #[arg(value_name = "DIR|ZIP")]
    source: PathBuf,

    /// The app's settings: a local.settings.json, or a list as Azure exports it
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    #[command(flatten)]
    output: OutputSettings,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { source, settings, output } = arguments;
    let settings = settings.as_deref().map(read_settings).transpose()?;
    let report = report(source, settings.as_ref())?;
    match output.output {
        Format::Json => output::json(&report.to_json())?,
        Format::Text => output::line(text::of(&source.display().to_string(), &report).trim_end()),
    }
    match text::verdict(&report) {
        None => Ok(()),
        Some(verdict) => Err(Failure::general(verdict)),
    }
}

/// What is named but can't be read is a mistake of the command line.
fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Kind::Usage, format_args!("'{}' can't be read: {error}", path.display()))
}

fn report(source: &Path, settings: Option<&Settings>) -> Result<Report, Failure> {
    let directory = std::fs::metadata(source).map_err(|error| unreadable(source, &error))?.is_dir();
    let file = if directory {
        package::packed(source)?
    } else {
        File::open(source).map_err(|error| unreadable(source, &error))?
    };
    let local_settings = directory && source.join(LOCAL_SETTINGS).is_file();
    let surroundings = Surroundings { settings, local_settings };
    let checked = Package::open(BufReader::new(&file), &PackageLimits::default())
        .and_then(|mut package| check(&mut package, surroundings));
    match checked {
        Ok(report) => Ok(report),
        Err(PackageError::Io(error)) => Err(unreadable(source, &error)),
        Err(refusal) => Ok(Report::refused(&refusal)),
    }
}

fn read_settings(path: &Path) -> Result<Settings, Failure> {
    let imported = super::settings::read_file(path).map_err(|failure| Failure::new(Kind::Usage, failure))?;
    Ok(imported.into_iter().collect())
}
