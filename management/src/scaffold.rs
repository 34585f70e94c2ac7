//! Projects and functions as `hearth init` and `hearth new` make them: the files of `templates/`, which are part of this program.
//!
//! What is made for JavaScript and TypeScript is what the Azure tools make: nothing in it is Hearth's own, so that the project moves either
//! way.

mod catalog;
mod dependency;
mod function;
mod project;

use std::path::{Path, PathBuf};

use crate::exit::Failure;

pub(crate) use catalog::{TEMPLATES, Template};
pub(crate) use function::function;
pub(crate) use project::{Flavour, Language, Model, init_files};

/// A file to be made: its path in the project, separated by `/`, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl NewFile {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Where it is to be.
    pub(crate) fn place(&self, folder: &Path) -> PathBuf {
        folder.join(&self.path)
    }

    /// Writes it, with the folders that it is in. Without `replace`, a file that is there is an error of its kind.
    pub(crate) fn write(&self, folder: &Path, replace: bool) -> Result<(), Failure> {
        use std::io::Write;
        let place = self.place(folder);
        let written = || -> std::io::Result<()> {
            if let Some(parent) = place.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(!replace).create(true).truncate(replace);
            options.open(&place)?.write_all(self.text.as_bytes())
        };
        written().map_err(|error| Failure::general(format_args!("'{}' can't be written: {error}", place.display())))
    }
}

/// A template's text with what is meant by each `{{name}}` in it.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

#[cfg(test)]
mod tests;
