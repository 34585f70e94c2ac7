//! A function made of a template: its files, and what changes in the project.

use std::path::Path;

use hearth_model::ids::FunctionName;

use super::catalog::Template;
use super::dependency::with_dependency;
use super::project::Flavour;
use super::{NewFile, filled};
use crate::exit::Failure;

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Function {
    /// Files of its own.
    pub(crate) files: Vec<NewFile>,
    /// Files of the project that change, with their new text.
    pub(crate) changed: Vec<NewFile>,
    /// What is left to do by hand.
    pub(crate) notes: Vec<String>,
}

/// A function of this template and name in the project of a folder.
pub(crate) fn function(
    folder: &Path,
    flavour: Flavour,
    template: Template,
    name: &str,
    auth_level: &str,
) -> Result<Function, Failure> {
    FunctionName::parse(name).map_err(Failure::general)?;
    let Some(texts) = template.texts(flavour) else {
        return Err(Failure::general(format_args!(
            "the Rust SDK of this version has HTTP, timer and queue triggers: there is no template '{}' for Rust. '{}' is one; JavaScript has all of them",
            template.title(),
            Template::Http.title()
        )));
    };
    let module = module_name(name);
    let values = [("name", name), ("authLevel", auth_level), ("module", &*module)];
    let place = |end: &str| match flavour {
        Flavour::JavaScriptV3 => format!("{name}/{end}"),
        Flavour::JavaScriptV4 | Flavour::TypeScript => format!("src/functions/{name}.{end}"),
        Flavour::Rust => format!("src/{module}.{end}"),
    };
    let files = texts.into_iter().map(|(end, text)| NewFile::new(place(end), filled(text, &values))).collect();
    let mut made = Function { files, changed: Vec::new(), notes: Vec::new() };
    if flavour == Flavour::Rust {
        made.changed.extend(with_module(folder, &module)?);
    } else if template.is_durable() && !is_activity_of_v3(flavour, template) {
        made.depend_on_durable(folder, flavour)?;
    }
    Ok(made)
}

/// The only durable template whose code needs no package.
fn is_activity_of_v3(flavour: Flavour, template: Template) -> bool {
    flavour == Flavour::JavaScriptV3 && template == Template::Activity
}

impl Function {
    /// Has package.json name the package `durable-functions`.
    fn depend_on_durable(&mut self, folder: &Path, flavour: Flavour) -> Result<(), Failure> {
        const PACKAGE: &str = "durable-functions";
        let version = if flavour == Flavour::JavaScriptV3 { "^2.1.0" } else { "^3.0.0" };
        self.notes.push(format!("The function uses the package '{PACKAGE}': run 'npm install' once."));
        let file = folder.join("package.json");
        let unusable = |error: &dyn std::fmt::Display| Failure::general(format_args!("'{}': {error}", file.display()));
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "{}\n".to_owned(),
            Err(error) => return Err(unusable(&error)),
        };
        let changed = with_dependency(&text, PACKAGE, version).map_err(|error| unusable(&error))?;
        self.changed.extend(changed.map(|text| NewFile::new("package.json", text)));
        Ok(())
    }
}

/// src/lib.rs with the module, unless it has it.
fn with_module(folder: &Path, module: &str) -> Result<Option<NewFile>, Failure> {
    const LIB: &str = "src/lib.rs";
    let file = folder.join(LIB);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::general(format_args!("'{}' can't be read: {error}", file.display())))?;
    let line = format!("mod {module};");
    if text.lines().any(|known| known.trim() == line) {
        return Ok(None);
    }
    Ok(Some(NewFile::new(LIB, format!("{}\n{line}\n", text.trim_end()))))
}

/// A function's name as Rust writes names: `HttpTrigger` is `http_trigger`.
fn module_name(name: &str) -> String {
    let mut module = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            module.push('_');
        }
        module.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
        before = c;
    }
    // A word of the language can't be a name.
    if KEYWORDS.contains(&&*module) { format!("{module}_function") } else { module }
}

/// Words that the language has or keeps for itself (the Rust Reference, section "Keywords").
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_modules() {
        for (name, module) in [
            ("HttpTrigger", "http_trigger"),
            ("hello", "hello"),
            ("get-item2Now", "get_item2_now"),
            ("HTTP", "http"),
            ("match", "match_function"),
            ("Try", "try_function"),
            ("self", "self_function"),
        ] {
            assert_eq!(module_name(name), module);
        }
    }
}
