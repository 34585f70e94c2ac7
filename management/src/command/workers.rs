//! `hearth workers`: who runs the apps, who may join, and who is to rest or leave.

mod text;

use std::time::Duration;

use clap::{Args, Subcommand};
use hearth_management::api::{JoinTokenRequest, JoinTokenView, StandingRequest, WorkerList, WorkerView};
use hearth_model::ids::WorkerId;
use http::Method;

use super::listing::OutputSettings;
use crate::client::Management;
use crate::config::settings::ClientSettings;
use crate::config::values::BaseUrl;
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
    /// Make a token with which one machine joins, once; it is shown this once
    Token {
        /// How long it is good: a number with s, m, h or d, 30 days at most
        #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
        ttl: Duration,
        /// URL under which the joining machine reaches management [default: its public URL, else the one called here]
        #[arg(long, value_name = "URL")]
        reached_at: Option<BaseUrl>,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Give a worker nothing new; what it has it keeps
    Cordon(Decision),
    /// Give a worker nothing new and move its apps away; what runs there ends
    Drain(Decision),
    /// Take a worker that was cordoned or drained into service again
    Uncordon(Decision),
    /// Take a worker out that is missing or drained; it can only come back by joining again
    Remove {
        /// Name of the worker
        #[arg(value_name = "WORKER", value_parser = WorkerId::parse)]
        worker: WorkerId,
        /// Remove it even though it is live: what runs there is cut off
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        client: ClientSettings,
    },
}

#[derive(Args, Debug)]
struct Decision {
    /// Name of the worker
    #[arg(value_name = "WORKER", value_parser = WorkerId::parse)]
    worker: WorkerId,
    /// Why, for those who look at the list
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    client: ClientSettings,
    #[command(flatten)]
    output: OutputSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::List { client, output } => {
            let list: WorkerList = Management::connect(client)?.get("/api/workers").await?;
            show(output, &list, || text::list(&list.workers))
        }
        Verb::Token { ttl, reached_at, client, output } => {
            let management = reached_at.map(|url| url.to_string());
            let asked = JoinTokenRequest { ttl_seconds: ttl.as_secs(), management };
            let made: JoinTokenView =
                Management::connect(client)?.send_json(Method::POST, "/api/workers/tokens", &asked).await?;
            show(output, &made, || text::token(&made))
        }
        Verb::Cordon(decision) => decide(decision, "cordon").await,
        Verb::Drain(decision) => decide(decision, "drain").await,
        Verb::Uncordon(decision) => decide(decision, "uncordon").await,
        Verb::Remove { worker, force, client } => {
            Management::connect(client)?.delete(&format!("/api/workers/{worker}?force={force}")).await?;
            output::line(&format!("Worker {worker} is removed."));
            Ok(())
        }
    }
}

async fn decide(decision: Decision, verb: &str) -> Result<(), Failure> {
    let Decision { worker, reason, client, output } = decision;
    let path = format!("/api/workers/{worker}/{verb}");
    let shown: WorkerView =
        Management::connect(client)?.send_json(Method::POST, &path, &StandingRequest { reason }).await?;
    show(output, &shown, || format!("Worker {worker} is {}.", shown.state))
}

fn show(output: OutputSettings, value: &impl serde::Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
    match output.output {
        Format::Json => output::json(value),
        Format::Text => {
            output::line(&text());
            Ok(())
        }
    }
}

/// A time span such as `90s`, `30m`, `1h` or `2d`.
fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || "a number with s, m, h or d is needed, such as 1h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - 1];
    let number: u64 = digits.parse().ok().filter(|_| !digits.starts_with('+')).ok_or_else(wrong)?;
    match number.checked_mul(seconds) {
        Some(total @ 1..=2_592_000) => Ok(Duration::from_secs(total)),
        _ => Err("a second at least and 30 days at most are allowed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_have_a_unit_and_bounds() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("1h", 3600), ("30d", 2_592_000)] {
            assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "h", "1", "1w", "-1h", "+1h", "1.5h", "0s", "31d", "99999999999999999999d", "1\u{fc}"] {
            assert!(lifetime(text).is_err(), "{text}");
        }
    }
}
