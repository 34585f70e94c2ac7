//! A report for people.

use hearth_model::check::{FunctionReport, Level, Need, NeededSetting, Problem, Report, State};

/// The whole report.
pub(super) fn of(source: &str, report: &Report) -> String {
    let kind = report.kind.as_deref().unwrap_or("unknown kind");
    let mut text = format!("{source}: {kind}, {}\n", counted(report.files, "file"));
    if let Some(problem) = &report.refused {
        text.push_str("\nNothing of it runs here.\n");
        push_problem(&mut text, "  ", problem);
    }
    if !report.functions.is_empty() {
        text.push_str("\nFunctions\n");
    }
    for function in &report.functions {
        push_function(&mut text, function);
    }
    if !report.in_code.is_empty() && report.refused.is_none() {
        text.push_str(&format!(
            "\nFunctions\n  told by the code of {}; 'hearth publish' lists them once a worker has loaded it\n",
            report.in_code.join(", ")
        ));
    }
    if !report.findings.is_empty() {
        text.push_str("\nThe app\n");
    }
    for finding in &report.findings {
        let level = match finding.level {
            Level::Warning => "warning",
            Level::Note => "note",
        };
        text.push_str(&format!("  {level}: {}\n", finding.text));
    }
    if !report.settings.is_empty() {
        text.push_str("\nSettings it asks for\n");
    }
    for setting in &report.settings {
        text.push_str(&setting_line(setting));
    }
    if report.refused.is_none() {
        text.push_str(&format!("\n{}\n", summary(report)));
    }
    text
}

/// What ends the command with 1; `None` if everything runs.
pub(super) fn verdict(report: &Report) -> Option<String> {
    if report.all_runs() {
        return None;
    }
    Some(match report.refused {
        Some(_) => "the package does not run here".to_owned(),
        None => {
            let failing = report.functions.len() - report.running();
            format!("{} of {} will not run here", failing, counted(report.functions.len(), "function"))
        }
    })
}

fn summary(report: &Report) -> String {
    match (report.running(), report.functions.len()) {
        (0, 0) => "The package can be published.".to_owned(),
        (running, all) if running == all => format!("Every function runs here ({all})."),
        (running, all) => format!("{running} of {} will run here.", counted(all, "function")),
    }
}

fn push_function(text: &mut String, function: &FunctionReport) {
    let outcome = match (function.runs(), function.disabled) {
        (true, false) => "runs",
        (true, true) => "runs, but a setting switches it off",
        (false, _) => "does not run",
    };
    let trigger = function.trigger.as_deref().unwrap_or("unknown trigger");
    text.push_str(&format!("  {} - [{trigger}] {outcome}\n", function.name));
    if let Some(route) = &function.route {
        let methods = if function.methods.is_empty() { "any method".to_owned() } else { function.methods.join(", ") };
        text.push_str(&format!("      {methods} {route}\n"));
    }
    for problem in &function.problems {
        push_problem(text, "      ", problem);
    }
    for note in &function.notes {
        text.push_str(&format!("      note: {note}\n"));
    }
}

fn push_problem(text: &mut String, indent: &str, problem: &Problem) {
    text.push_str(&format!("{indent}why: {}\n", problem.why));
    if let Some(change) = &problem.change {
        text.push_str(&format!("{indent}change: {change}\n"));
    }
}

fn setting_line(setting: &NeededSetting) -> String {
    let state = match setting.state {
        State::Set => "set",
        State::Missing => "missing",
        State::Unknown => "must be set",
    };
    let need = match setting.need {
        Need::Value => "",
        Need::Connection => " (connection)",
    };
    const SHOWN: usize = 3;
    let shown = setting.places.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = setting.places.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("  {}{need}: {state}; {shown}{more}\n", setting.name)
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
