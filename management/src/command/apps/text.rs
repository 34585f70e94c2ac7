//! What `hearth apps` shows to people.

use hearth_management::api::{
    AppDetail, AppSummary, DecisionView, DeploymentView, HostNames, PlacementView, PublishCredentials,
};
use hearth_model::ids::AppName;

use crate::command::listing;
use crate::output;

pub(super) fn table(apps: &[AppSummary]) -> String {
    if apps.is_empty() {
        return "No app is published. Publish one: hearth publish DIR --app NAME".to_owned();
    }
    let rows: Vec<[String; 5]> = apps
        .iter()
        .map(|app| {
            [
                app.name.clone(),
                app.state.clone(),
                app.functions.to_string(),
                app.running_on.join(", "),
                app.url.clone().unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    output::table(["APP", "STATE", "FUNCTIONS", "WORKERS", "URL"], &rows)
}

pub(super) fn detail(app: &AppDetail) -> String {
    let summary = &app.summary;
    let mut text = format!("{} is {}.\n", summary.name, summary.state);
    let urls = [("URL", summary.url.as_ref()), ("by path", app.path_url.as_ref()), ("publishing", Some(&app.scm_url))];
    for (name, url) in urls {
        if let Some(url) = url {
            text.push_str(&format!("    {name}: {url}\n"));
        }
    }
    for (number, name) in summary.host_names.iter().enumerate() {
        text.push_str(&format!("    host name: {}\n", summary.host_urls.get(number).unwrap_or(name)));
    }
    text.push('\n');
    text.push_str(&listing::functions(&summary.name, &app.function_list));
    for warning in &app.warnings {
        text.push_str(&format!("\n    Warning: {warning}"));
    }
    let unsettled = app.workers.iter().filter_map(|line| Some((&line.worker, line.settings_error.as_ref()?)));
    for (worker, error) in unsettled {
        text.push_str(&format!("\n    Settings not taken on by {worker}: {error}"));
    }
    if !app.workers.is_empty() {
        let rows: Vec<[String; 4]> = app
            .workers
            .iter()
            .map(|line| {
                [
                    line.worker.clone(),
                    if line.unloaded { format!("{}, unloaded", line.state) } else { line.state.clone() },
                    line.deployment.clone(),
                    line.reason.clone().unwrap_or_default(),
                ]
            })
            .collect();
        text.push_str("\n\n");
        text.push_str(&output::table(["WORKER", "STATE", "DEPLOYMENT", "REASON"], &rows));
    }
    if let Some(placement) = &app.placement {
        text.push_str("\n\n");
        text.push_str(&self::placement(placement));
    }
    if !app.decisions.is_empty() {
        text.push_str("\n\n");
        text.push_str(&decisions(&app.decisions));
    }
    if !app.deployments.is_empty() {
        text.push_str("\n\n");
        text.push_str(&deployments(&app.deployments));
    }
    text
}

/// What it asks for and what it has.
fn placement(placement: &PlacementView) -> String {
    let PlacementView { wanted, min_workers, max_workers, outstanding, .. } = placement;
    let most = max_workers.map_or_else(|| "any number".to_owned(), |most| most.to_string());
    let mut text = format!(
        "Should run on {wanted} worker(s) now, between {min_workers} and {most}; {outstanding} invocation(s) run or wait."
    );
    for (name, value) in &placement.labels {
        text.push_str(&format!("\n    needs label: {name}={value}"));
    }
    if let Some(label) = &placement.spread {
        text.push_str(&format!("\n    spread over: {label}"));
    }
    if let Some([from, to]) = &placement.moving {
        text.push_str(&format!("\n    moving from {from} to {to}"));
    }
    if let Some(waiting) = &placement.waiting {
        text.push_str(&format!("\n    waiting: {waiting}"));
    }
    text
}

fn decisions(decisions: &[DecisionView]) -> String {
    let row = |one: &DecisionView| {
        [one.at.clone(), one.kind.clone(), one.worker.clone().unwrap_or_default(), one.reason.clone()]
    };
    let rows: Vec<[String; 4]> = decisions.iter().map(row).collect();
    output::table(["DECIDED", "WHAT", "WORKER", "WHY"], &rows)
}

/// User, password and publishing site, one a line.
pub(super) fn credentials(credentials: &PublishCredentials) -> String {
    format!(
        "User:      {}\nPassword:  {}\nSite:      {}\nby path:   {}",
        credentials.user, credentials.password, credentials.scm_url, credentials.scm_path_url
    )
}

/// The host names in force.
pub(super) fn host_names(app: &AppName, set: &HostNames) -> String {
    if set.host_names.is_empty() {
        format!("{app} has no custom host names.")
    } else {
        format!("{app} answers at {}.", set.host_names.join(", "))
    }
}

fn deployments(deployments: &[DeploymentView]) -> String {
    let rows: Vec<[String; 5]> = deployments
        .iter()
        .map(|deployment| {
            let state = if deployment.active { "active".to_owned() } else { deployment.provisioning_state.clone() };
            [
                deployment.id.clone(),
                state,
                deployment.received_time.clone(),
                deployment.message.clone(),
                deployment.status_text.clone(),
            ]
        })
        .collect();
    output::table(["DEPLOYMENT", "STATE", "RECEIVED", "MESSAGE", "TEXT"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_listed_in_columns() {
        let app = AppSummary {
            name: "hello".into(),
            state: "running".into(),
            mode: Some("running".into()),
            active_deployment: None,
            generation: 1,
            host_names: Vec::new(),
            host_urls: Vec::new(),
            url: Some("http://hello.localhost:7071".into()),
            functions: 2,
            running_on: vec!["worker-1".into()],
            created: String::new(),
        };
        assert_eq!(
            table(&[app]),
            "APP    STATE    FUNCTIONS  WORKERS   URL\n\
             hello  running  2          worker-1  http://hello.localhost:7071"
        );
        assert!(table(&[]).contains("hearth publish"));
    }
}
