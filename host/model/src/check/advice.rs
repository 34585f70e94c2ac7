//! What to change, in words.

use super::Surroundings;
use super::declared::{Declared, text};
use super::report::{Finding, Problem};
use crate::binding::{AuthLevel, is_supported};
use crate::expression::Template;
use crate::index::FunctionEntry;
use crate::kind::PackageKind;
use crate::package::{LOCAL_SETTINGS, PackageFiles};
use crate::settings::check_name;

/// What becomes of an app of another runtime.
pub(super) fn for_kind(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::JavaScript => {
            "name the script that registers the functions as \"main\" in package.json, or give each function a folder with a function.json"
        }
        PackageKind::Python => {
            "build its HTTP functions as a component for wasi:http (componentize-py does that), and give each a function.json that names the .wasm"
        }
        PackageKind::DotNet => {
            "write its HTTP functions anew in Rust with the Hearth SDK, or try componentize-dotnet, which is experimental; leave what uses other triggers where it runs"
        }
        PackageKind::Java | PackageKind::PowerShell => {
            "write its HTTP functions anew in a language that builds for wasi:http, for example in Rust with the Hearth SDK; leave what uses other triggers where it runs"
        }
        PackageKind::CustomHandler => {
            "build the handler as a component for wasi:http, which gets each request as enableForwardingHttpRequest forwarded it; then name the .wasm in each function.json and take \"customHandler\" out of host.json"
        }
        PackageKind::RustSource => "build it with 'cargo build --release --target wasm32-wasip2' and package the .wasm",
    }
}

/// The language of a script by its extension.
fn of_script(script: &str) -> Option<PackageKind> {
    let (_, extension) = script.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "py" => PackageKind::Python,
        "dll" | "exe" => PackageKind::DotNet,
        "jar" => PackageKind::Java,
        "ps1" => PackageKind::PowerShell,
        "rs" => PackageKind::RustSource,
        _ => return None,
    })
}

/// Every reason why a function does not run, the one that publishing gives first.
pub(super) fn problems(why: &str, declared: Option<&Declared>) -> Vec<Problem> {
    let mut problems = vec![Problem { why: why.to_owned(), change: None }];
    let Some(declared) = declared else { return problems };
    let mut add = |mark: &str, why: String, change: String| match problems.iter_mut().find(|p| p.why.contains(mark)) {
        Some(told) => told.change = told.change.take().or(Some(change)),
        None => problems.push(Problem { why, change: Some(change) }),
    };
    for (i, binding) in declared.bindings() {
        let Some(kind) = text(binding, "type").filter(|kind| !is_supported(kind)) else { continue };
        let place = format!("bindings[{i}].type");
        let why = format!("{}: {place} {kind} is not supported by this version", declared.place());
        add(&place, why, for_binding(kind).to_owned());
    }
    if let Some(script) = declared.get("scriptFile").and_then(serde_json::Value::as_str)
        && let Some(kind) = of_script(script)
    {
        let why = format!("{}: its script '{script}' is {kind}, which does not run here", declared.place());
        add(script.rsplit('/').next().unwrap_or(script), why, for_kind(kind).to_owned());
    } else if let Some(kind) = script_named(why) {
        add(why, String::new(), for_kind(kind).to_owned());
    }
    problems
}

/// The language of the script that an error names as `the script 'F/index.js' is not …`.
fn script_named(why: &str) -> Option<PackageKind> {
    let (_, rest) = why.split_once("the script '")?;
    of_script(rest.split_once('\'')?.0)
}

/// A function that fails for another reason and whose folder holds only a script of another runtime: what comes next.
pub(super) fn for_script(entry: &FunctionEntry, problems: &[Problem]) -> Option<Problem> {
    let named = entry.json.as_ref().is_some_and(|json| text(json, "scriptFile").is_some_and(|name| !name.is_empty()));
    let told = problems.iter().any(|problem| problem.why.contains(" script "));
    if entry.definition.is_ok() || named || told || entry.script.is_some() {
        return None;
    }
    let (path, kind) = entry.files.iter().find_map(|path| Some((path, of_script(path)?)))?;
    Some(Problem {
        why: format!("its script '{path}' is {kind}, which does not run here"),
        change: Some(for_kind(kind).to_owned()),
    })
}

fn for_binding(kind: &str) -> &'static str {
    match kind.to_ascii_lowercase().as_str() {
        "timertrigger" => "until a version has timers, let cron or a systemd timer call an HTTP function",
        "eventgridtrigger" => "let the subscription call an HTTP function as its webhook",
        "warmuptrigger" => "leave the function out: components are compiled before they serve",
        "orchestrationtrigger" | "activitytrigger" | "entitytrigger" | "durableclient" | "orchestrationclient" => {
            "leave Durable Functions where they run"
        }
        kind if kind.ends_with("trigger") => {
            "leave the function where it runs, or let something that receives its events call an HTTP function"
        }
        _ => "take the binding out and call the service from the function's code over HTTPS",
    }
}

/// Who may call.
pub(super) fn for_level(level: AuthLevel) -> Option<String> {
    let text = match level {
        AuthLevel::Anonymous => return None,
        AuthLevel::Function => "callers need a key of the function or of the app, in x-functions-key or ?code=",
        AuthLevel::System => "callers need a system key, in x-functions-key or ?code=",
        AuthLevel::Admin => "callers need the master key, in x-functions-key or ?code=",
        AuthLevel::User => {
            "nobody can call it: authLevel 'user' needs the sign-in of App Service; use 'function' or 'anonymous'"
        }
    };
    Some(text.to_owned())
}

/// What a declaration says that has no effect, and expressions that will fail.
pub(super) fn notes(declared: &Declared) -> Vec<String> {
    let mut notes = Vec::new();
    let http = declared.trigger().is_some_and(|trigger| trigger.eq_ignore_ascii_case("httpTrigger"));
    if http && declared.get("retry").is_some_and(|retry| !retry.is_null()) {
        notes.push("its retry policy has no effect: HTTP calls are never repeated by the host".to_owned());
    }
    for (i, binding) in declared.bindings() {
        let kind = text(binding, "type").unwrap_or_default();
        if text(binding, "webHookType").is_some_and(|hook| !hook.is_empty()) {
            notes.push("\"webHookType\" is of Functions v1 and has no effect; check the sender in the code".to_owned());
        }
        for (key, value) in binding {
            let plain = ["route", "type", "name", "sqlQuery"].iter().any(|known| known.eq_ignore_ascii_case(key));
            let Some(value) = value.as_str().filter(|_| !plain && !kind.eq_ignore_ascii_case("httpTrigger")) else {
                continue;
            };
            if let Err(error) = Template::parse(value) {
                notes.push(format!("{} bindings[{i}].{key} {error}", declared.place()));
            }
        }
    }
    notes
}

/// What lies in the package or beside it.
pub(super) fn for_package<P: PackageFiles + ?Sized>(
    package: &P,
    surroundings: Surroundings<'_>,
    has_scripts: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if surroundings.local_settings {
        let text = format!(
            "{LOCAL_SETTINGS} stays out of the package; give the app its values with 'hearth settings import', and to this check with --settings"
        );
        findings.push(Finding::note(text));
    }
    if package.files().contains_key("proxies.json") {
        findings.push(Finding::warning(
            "proxies.json has no effect: Functions Proxies ended with version 3; use a reverse proxy",
        ));
    }
    for (name, value) in surroundings.settings.into_iter().flat_map(crate::settings::Settings::iter) {
        if let Err(reason) = check_name(name) {
            findings.push(Finding::warning(reason));
        }
        if value.trim_start().to_ascii_lowercase().starts_with("@microsoft.keyvault(") {
            findings.push(Finding::warning(format!(
                "the setting '{name}' refers to a Key Vault, which is not asked here; give it the value itself, or @file:/… with the path of a mounted secret"
            )));
        }
        let runtime = name.eq_ignore_ascii_case("FUNCTIONS_WORKER_RUNTIME") && !value.eq_ignore_ascii_case("custom");
        if runtime && !value.is_empty() && !has_scripts {
            findings.push(Finding::note(format!(
                "the setting FUNCTIONS_WORKER_RUNTIME is '{value}'; it has no effect, because functions are WebAssembly components"
            )));
        }
    }
    findings
}
