//! Kinds of projects: their files, and which one a folder holds.

use std::path::Path;

use serde_json::Value;

use super::{NewFile, filled};
use crate::exit::Failure;

/// Language of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// Runs as it is
    Javascript,
    /// Runs without its types; nothing need be built
    Typescript,
    /// Compiled to a component with hearth-sdk
    Rust,
}

/// Programming model of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Model {
    /// A folder with a function.json for each function
    V3,
    /// Functions declared in code, with @azure/functions
    V4,
}

/// A kind of project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    JavaScriptV3,
    JavaScriptV4,
    TypeScript,
    Rust,
}

macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("../../templates/project/", $path))
    };
}

impl Flavour {
    /// Of a language and a model.
    pub(crate) fn of(language: Language, model: Option<Model>) -> Result<Self, Failure> {
        match (language, model) {
            (Language::Javascript, Some(Model::V3)) => Ok(Self::JavaScriptV3),
            (Language::Javascript, _) => Ok(Self::JavaScriptV4),
            (Language::Typescript, Some(Model::V3)) => Err(Failure::configuration(
                "for TypeScript there is the model v4 only; leave --model out, or choose JavaScript",
            )),
            (Language::Typescript, _) => Ok(Self::TypeScript),
            (Language::Rust, None) => Ok(Self::Rust),
            (Language::Rust, Some(_)) => Err(Failure::configuration("--model is for JavaScript; leave it out")),
        }
    }

    /// The one that a folder holds; what decides is its Cargo.toml, tsconfig.json and package.json.
    pub(crate) fn found(folder: &Path) -> Result<Self, Failure> {
        if folder.join("Cargo.toml").is_file() {
            return Ok(Self::Rust);
        }
        let file = folder.join("package.json");
        let json: Value = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Failure::general(format_args!("'{}': {error}", file.display())))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Value::Null,
            Err(error) => return Err(Failure::general(format_args!("'{}' can't be read: {error}", file.display()))),
        };
        let uses_model_4 = match json["dependencies"]["@azure/functions"].as_str() {
            Some(version) => !version.trim_start_matches(|c: char| !c.is_ascii_digit()).starts_with(['1', '2', '3']),
            None => json["main"].as_str().is_some_and(|main| main.contains("functions")),
        };
        Ok(match (uses_model_4, folder.join("tsconfig.json").is_file()) {
            (true, true) => Self::TypeScript,
            (true, false) => Self::JavaScriptV4,
            (false, false) => Self::JavaScriptV3,
            (false, true) => {
                return Err(Failure::general(
                    "this is a TypeScript project of the model v3, for which there are no templates: move it to @azure/functions 4 first",
                ));
            }
        })
    }
}

/// The files of a new project that is called as its folder.
pub(crate) fn init_files(flavour: Flavour, name: &str) -> Vec<NewFile> {
    let package: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .skip_while(|c| !c.is_ascii_alphabetic())
        .collect();
    let package = package.trim_end_matches('-');
    let package = if package.is_empty() { "functions" } else { package };
    let (runtime, own): (_, &[(&str, &str)]) = match flavour {
        Flavour::JavaScriptV3 => (
            "node",
            &[
                (".funcignore", text!("javascript/funcignore")),
                (".gitignore", text!("javascript/gitignore")),
                ("package.json", text!("javascript/package-v3.json")),
            ],
        ),
        Flavour::JavaScriptV4 => (
            "node",
            &[
                (".funcignore", text!("javascript/funcignore")),
                (".gitignore", text!("javascript/gitignore")),
                ("package.json", text!("javascript/package-v4.json")),
            ],
        ),
        Flavour::TypeScript => (
            "node",
            &[
                (".funcignore", text!("typescript/funcignore")),
                (".gitignore", text!("typescript/gitignore")),
                ("package.json", text!("typescript/package.json")),
                ("tsconfig.json", text!("typescript/tsconfig.json")),
            ],
        ),
        Flavour::Rust => (
            "custom",
            &[
                (".funcignore", text!("rust/funcignore")),
                (".gitignore", text!("rust/gitignore")),
                ("Cargo.toml", text!("rust/Cargo.toml.txt")),
                ("src/lib.rs", text!("rust/lib.rs")),
            ],
        ),
    };
    let common = [("host.json", text!("host.json")), ("local.settings.json", text!("local.settings.json"))];
    let values = [("package", package), ("runtime", runtime)];
    common.iter().chain(own).map(|(path, text)| NewFile::new(*path, filled(text, &values))).collect()
}
