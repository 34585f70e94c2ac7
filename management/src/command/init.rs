//! `hearth init`: a new project, with what the Azure tools put into one.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::exit::{Failure, Kind};
use crate::output;
use crate::scaffold::{Flavour, Language, Model, init_files};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Folder of the project, made where it is missing [default: this folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Language of its functions [asked for on a terminal]
    #[arg(short, long, value_name = "LANGUAGE", value_enum, ignore_case = true)]
    language: Option<Language>,

    /// Programming model of JavaScript [default: v4]
    #[arg(short, long, value_name = "MODEL", value_enum, ignore_case = true)]
    model: Option<Model>,

    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = arguments.folder.as_deref().unwrap_or(Path::new("."));
    let unusable = |error: std::io::Error| Failure::general(format_args!("'{}': {error}", folder.display()));
    if folder.join("host.json").exists() && !arguments.force {
        return Err(Failure::general(format_args!(
            "'{}' is a function app already (it has a host.json); --force replaces its files",
            folder.display()
        )));
    }
    let language = match arguments.language {
        Some(language) => language,
        None => ask()?,
    };
    let flavour = Flavour::of(language, arguments.model)?;
    std::fs::create_dir_all(folder).map_err(unusable)?;
    let name = std::fs::canonicalize(folder).map_err(unusable)?;
    let name = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for file in init_files(flavour, &name) {
        if !arguments.force && file.place(folder).exists() {
            output::line(&format!("{} is there already and kept; --force replaces it", file.path));
        } else {
            file.write(folder, arguments.force)?;
            output::line(&format!("Writing {}", file.path));
        }
    }
    output::line(&next(flavour, arguments.folder.as_deref()));
    Ok(())
}

fn ask() -> Result<Language, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(Kind::Usage, "name the language: --language javascript, typescript or rust"));
    }
    let answer = output::ask("Language (javascript, typescript, rust) [javascript]:").map_err(Failure::general)?;
    let answer = if answer.is_empty() { "javascript" } else { &answer };
    Language::from_str(answer, true)
        .map_err(|_| Failure::new(Kind::Usage, format_args!("'{answer}' is none of javascript, typescript and rust")))
}

/// What to do now.
fn next(flavour: Flavour, folder: Option<&Path>) -> String {
    let enter = folder.map(|folder| format!("    cd {}\n", folder.display())).unwrap_or_default();
    let build = match flavour {
        Flavour::Rust => "    cargo build --release --target wasm32-wasip2, then copy the .wasm file to app.wasm\n",
        _ => "",
    };
    format!("\nNext:\n{enter}    hearth new --template \"HTTP trigger\" --name Hello\n{build}    hearth start")
}
