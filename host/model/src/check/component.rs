//! Whether a `*.wasm` is a component, told from its first bytes.

use std::collections::BTreeMap;

use super::report::{FunctionReport, Problem, Report};
use crate::package::{PackageError, PackageFiles};
use crate::script::ScriptLanguage;

/// Puts functions in error whose file is no component.
pub(super) fn check<P: PackageFiles + ?Sized>(
    package: &mut P,
    functions: &mut [FunctionReport],
) -> Result<(), PackageError> {
    let mut judged: BTreeMap<String, Option<Problem>> = BTreeMap::new();
    for function in functions {
        let Some(path) = function.component.clone().filter(|path| ScriptLanguage::is_component_file(path)) else {
            continue;
        };
        let problem = match judged.get(&path) {
            Some(problem) => problem.clone(),
            None => {
                let problem = judge(&path, &package.read(&path)?);
                judged.insert(path, problem.clone());
                problem
            }
        };
        function.problems.extend(problem);
    }
    Ok(())
}

/// The same for the component whose code tells the functions.
pub(super) fn check_code_first<P: PackageFiles + ?Sized>(
    package: &mut P,
    path: &str,
    report: &mut Report,
) -> Result<(), PackageError> {
    if !ScriptLanguage::is_component_file(path) {
        return Ok(());
    }
    if let Some(problem) = judge(path, &package.read(path)?) {
        report.refused = Some(problem);
    }
    Ok(())
}

fn judge(path: &str, bytes: &[u8]) -> Option<Problem> {
    let (why, change) = match bytes.first_chunk() {
        Some([0, b'a', b's', b'm', _, _, 1, 0]) => return None,
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => (
            format!("'{path}' is a core WebAssembly module and no component"),
            "build it for wasm32-wasip2, or make a component of it with 'wasm-tools component new'",
        ),
        _ => (format!("'{path}' is no WebAssembly"), "put the component that the build made into the package"),
    };
    Some(Problem { why, change: Some(change.to_owned()) })
}
