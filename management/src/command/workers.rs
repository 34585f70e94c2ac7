//! `hearth workers`: who runs the apps.

use clap::{Args, Subcommand};
use hearth_management::api::{WorkerList, WorkerView};

use super::listing::OutputSettings;
use crate::client::Management;
use crate::config::settings::ClientSettings;
use crate::exit::Failure;
use crate::output::{self, Format};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List workers and what they serve
    List {
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Verb::List { client, output } = arguments.verb;
    let management = Management::connect(client)?;
    let list: WorkerList = management.get("/api/workers").await?;
    match output.output {
        Format::Json => output::json(&list),
        Format::Text => {
            output::line(&text(&list.workers));
            Ok(())
        }
    }
}

fn text(workers: &[WorkerView]) -> String {
    if workers.is_empty() {
        return "No worker has joined.".to_owned();
    }
    let rows: Vec<[String; 6]> = workers
        .iter()
        .map(|worker| {
            [
                worker.name.clone(),
                worker.state.clone(),
                worker.version.clone(),
                worker.http_url.clone(),
                worker.pid.to_string(),
                worker.apps.join(", "),
            ]
        })
        .collect();
    output::table(["WORKER", "STATE", "VERSION", "HTTP", "PID", "APPS"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_listed_in_columns() {
        let worker = WorkerView {
            name: "worker-1".into(),
            state: "live".into(),
            version: "0.1.0".into(),
            http_url: "http://127.0.0.1:7071".into(),
            capacity: 100,
            labels: Default::default(),
            pid: 42,
            epoch: 1,
            last_beat: String::new(),
            apps: vec!["hello".into(), "shop".into()],
        };
        assert_eq!(
            text(&[worker]),
            "WORKER    STATE  VERSION  HTTP                   PID  APPS\n\
             worker-1  live   0.1.0    http://127.0.0.1:7071  42   hello, shop"
        );
        assert_eq!(text(&[]), "No worker has joined.");
    }
}
