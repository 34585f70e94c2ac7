//! What of a package runs here, what does not, why, and what to change: function by function, without a host.
//!
//! The judgement is that of publishing, because it is the same code ([`index`]); what is added is advice. Where no settings
//! are given, settings that are asked for are taken to be there and are listed.

mod advice;
mod component;
mod declared;
mod host;
mod needs;
mod report;
mod scripts;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use declared::Declared;
pub use needs::{Need, NeededSetting, State};
pub use report::{Finding, FunctionReport, Level, Problem, Report};

use crate::function_json;
use crate::host_json::HostJson;
use crate::index::{CodeFirst, FunctionDefinition, FunctionEntry, Trigger, index};
use crate::kind::PackageKind;
use crate::package::{PackageError, PackageFiles};
use crate::route::RouteTable;
use crate::script::{ScriptLanguage, root_components};
use crate::settings::{self, Settings};

/// What is known beside the package.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The settings the app would have; `None` if they are not known.
    pub settings: Option<&'a Settings>,
    /// Whether a local.settings.json lies where the package comes from.
    pub local_settings: bool,
}

/// Checks a package. What is wrong with it is in the report; an error is only that it can't be read.
pub fn check<P: PackageFiles + ?Sized>(
    package: &mut P,
    surroundings: Surroundings<'_>,
) -> Result<Report, PackageError> {
    let declared = declared::read(package)?;
    let needed = needs::of(&declared, surroundings.settings);
    let settings = surroundings.settings.cloned().unwrap_or_else(|| needs::placeholders(&needed));
    let mut report = Report { settings: needed, ..Report::default() };
    match index(package, &settings) {
        Ok(app) => {
            let mut functions = judged(&app.functions, &declared);
            component::check(package, &mut functions)?;
            note_shadowed(&app.functions, &app.host, &mut functions);
            if surroundings.settings.is_none() {
                show_as_written(&declared, &app.host, &mut functions);
            }
            functions.extend(left_out(&app.host, &declared));
            report.functions = functions;
            report.findings = app.warnings.into_iter().map(Finding::warning).collect();
            report.in_code = match app.code_first {
                Some(CodeFirst::Component(path)) => vec![path],
                Some(CodeFirst::Scripts(paths)) => paths,
                None => Vec::new(),
            };
        }
        Err(error) if error.is_io() => return Err(error),
        Err(error) => {
            let kind = match &error {
                PackageError::Foreign(kind) => Some(*kind),
                _ => None,
            };
            let change = kind.map(|kind| advice::for_kind(kind).to_owned());
            report.functions = refused(package, &declared, &settings)?;
            report.findings = package.warnings().iter().cloned().map(Finding::warning).collect();
            report.refused = Some(Problem { why: error.to_string(), change });
            report.kind = kind.map(|kind| kind.to_string());
        }
    }
    let has_scripts = !report.files_that_run(ScriptLanguage::is_script_file).is_empty();
    if report.kind.is_none() {
        report.kind = match (has_scripts, !report.files_that_run(ScriptLanguage::is_component_file).is_empty()) {
            (true, true) => Some("JavaScript and WebAssembly".to_owned()),
            (true, false) => Some(PackageKind::JavaScript.to_string()),
            (false, _) => kind(package),
        };
    }
    report.functions.sort_by_cached_key(|function| function.name.to_ascii_lowercase());
    report.files = package.files().len();
    report.findings.extend(host::findings(package)?);
    report.findings.extend(advice::for_package(package, surroundings, has_scripts));
    let roots = report.files_that_run(ScriptLanguage::is_script_file);
    if !roots.is_empty() {
        report.findings.extend(scripts::findings(package, &roots)?);
    }
    for path in report.in_code.clone() {
        component::check_code_first(package, &path, &mut report)?;
    }
    Ok(report)
}

/// Settings under which each is there that the functions of a package ask for: to judge a package whose app's settings are
/// not at hand.
pub fn assumed_settings<P: PackageFiles + ?Sized>(package: &mut P) -> Result<Settings, PackageError> {
    Ok(needs::placeholders(&needs::of(&declared::read(package)?, None)))
}

/// What the package was made for, in a word.
fn kind<P: PackageFiles + ?Sized>(package: &P) -> Option<String> {
    let files = package.files();
    if files.keys().any(|path| ScriptLanguage::is_component_file(path) && !path.contains("node_modules/")) {
        return Some("WebAssembly".to_owned());
    }
    PackageKind::recognise(files.keys().map(String::as_str)).map(|kind| kind.to_string())
}

/// The functions as publishing would find them.
fn judged(functions: &[FunctionEntry], declared: &[Declared]) -> Vec<FunctionReport> {
    let by_name: BTreeMap<&str, &Declared> =
        declared.iter().map(|function| (function.name.as_str(), function)).collect();
    functions
        .iter()
        .map(|entry| {
            let declared = by_name.get(entry.name.as_str()).copied();
            let mut report = report_of(&entry.name, &entry.definition, declared);
            report.disabled = entry.disabled;
            report.problems.extend(advice::for_script(entry, &report.problems));
            report
        })
        .collect()
}

/// The functions of a package that is refused as a whole: each with what is wrong with itself, if anything.
fn refused<P: PackageFiles + ?Sized>(
    package: &mut P,
    declared: &[Declared],
    settings: &Settings,
) -> Result<Vec<FunctionReport>, PackageError> {
    let roots: Vec<String> = root_components(package.files()).into_iter().map(str::to_owned).collect();
    let mut functions = Vec::new();
    for function in declared {
        let definition = match &function.file {
            Some(path) => {
                let bytes = package.read(path)?;
                function_json::read(&function.name, path, &bytes, package.files(), &roots, settings).definition
            }
            None => Err("it is declared for another runtime, in functions.metadata".to_owned()),
        };
        let mut report = report_of(&function.name, &definition, Some(function));
        if report.problems.is_empty() {
            report.problems.push(Problem { why: "the package as a whole is refused".to_owned(), change: None });
        }
        report.disabled = settings::is_disabled(settings, &function.name);
        functions.push(report);
    }
    Ok(functions)
}

fn report_of(
    name: &str,
    definition: &Result<FunctionDefinition, String>,
    declared: Option<&Declared>,
) -> FunctionReport {
    let mut report = FunctionReport::new(name);
    if let Some(declared) = declared {
        report.trigger = declared.trigger();
        report.notes = advice::notes(declared);
    }
    match definition {
        Ok(definition) => {
            report.trigger = Some(definition.trigger.type_name().to_owned());
            report.component = Some(definition.script_file.clone());
            if let Some(http) = definition.trigger.as_http() {
                report.route = Some(http.route.to_string());
                report.methods = http.methods.iter().map(|method| method.as_str().to_owned()).collect();
                report.auth_level = Some(http.auth_level);
                report.notes.extend(advice::for_level(http.auth_level));
            }
        }
        Err(why) => report.problems = advice::problems(why, declared),
    }
    report
}

/// Functions that host.json leaves out.
fn left_out(host: &HostJson, declared: &[Declared]) -> Vec<FunctionReport> {
    declared
        .iter()
        .filter(|function| function.file.is_some() && !host.allows(&function.name))
        .map(|function| {
            let mut report = FunctionReport::new(&function.name);
            report.trigger = function.trigger();
            report.problems.push(Problem {
                why: "host.json: \"functions\" does not name it".to_owned(),
                change: Some("add it to that list, or take the list out".to_owned()),
            });
            report
        })
        .collect()
}

/// Says of a function that another is always called in its place.
fn note_shadowed(entries: &[FunctionEntry], host: &HostJson, functions: &mut [FunctionReport]) {
    let mut table = RouteTable::new(&host.route_prefix);
    for entry in entries {
        if let Ok(FunctionDefinition { trigger: Trigger::Http(http), .. }) = &entry.definition {
            // Indexing has put functions in error whose route is taken.
            drop(table.insert(http.route.clone(), http.methods.clone(), entry.name.clone()));
        }
    }
    for (winner, other) in table.shadowed() {
        if let Some(function) = functions.iter_mut().find(|function| function.name == *other) {
            function.notes.push(format!(
                "it is never called: every path of its route is also one of function '{winner}', which is tried first; change one of the two routes"
            ));
        }
    }
    for route in functions.iter_mut().filter_map(|function| function.route.as_mut()) {
        *route = prefixed(host, route);
    }
}

/// Routes whose settings are not known, as function.json writes them.
fn show_as_written(declared: &[Declared], host: &HostJson, functions: &mut [FunctionReport]) {
    for function in declared {
        let written = function.bindings().find_map(|(_, binding)| declared::text(binding, "route"));
        let Some(written) = written.filter(|route| route.contains('%')) else { continue };
        if let Some(report) = functions.iter_mut().find(|report| report.name == function.name && report.route.is_some())
        {
            report.route = Some(prefixed(host, written.trim_matches('/')));
        }
    }
}

fn prefixed(host: &HostJson, route: &str) -> String {
    match (host.route_prefix.as_str(), route) {
        ("", route) => format!("/{route}"),
        (prefix, "") => format!("/{prefix}"),
        (prefix, route) => format!("/{prefix}/{route}"),
    }
}
