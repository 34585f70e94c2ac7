//! `hearth queues`: the accounts of the queue service, and how programs reach them.

mod accounts;

use clap::{Args, Subcommand};
use hearth_management::api::{QueueAccountList, QueueAccountView};
use hearth_management::queues::OWN_ACCOUNT;
use hearth_model::ids::AppName;

use super::listing::OutputSettings;
use super::{percent, start};
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
    /// List, make and delete accounts, and renew their keys
    Accounts(accounts::Arguments),
    /// List the accounts
    List {
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Show with what the public SDKs reach an account; it holds the account's key
    ConnectionString {
        /// The own account of this app [default: that of the installation]
        #[arg(long, value_name = "NAME", conflicts_with = "account")]
        app: Option<AppName>,
        /// Name of the account
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
}

/// Asks the `hearth start` of this folder where there is one.
fn connect(mut client: ClientSettings) -> Result<Management, Failure> {
    client.data.data = start::nearest_data(client.data.data);
    Management::connect(client)
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::Accounts(arguments) => accounts::run(arguments).await?,
        Verb::List { client, output } => {
            let list: QueueAccountList = connect(client)?.get("/api/queues").await?;
            match output.output {
                Format::Json => output::json(&list)?,
                Format::Text => output::line(&text(&list)),
            }
        }
        Verb::ConnectionString { app, account, client, output } => {
            let path = match app {
                Some(app) => format!("/api/apps/{app}/queues"),
                None => format!("/api/queues/{}", percent(account.as_deref().unwrap_or(OWN_ACCOUNT))),
            };
            let view: QueueAccountView = connect(client)?.get(&path).await?;
            match output.output {
                Format::Json => output::json(&view)?,
                Format::Text => output::line(view.connection_string.as_deref().unwrap_or_default()),
            }
        }
    }
    Ok(())
}

fn text(list: &QueueAccountList) -> String {
    let app = |account: &QueueAccountView| account.app.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<_> = list.accounts.iter().map(|account| [account.account.clone(), app(account)]).collect();
    output::table(["ACCOUNT", "APP"], &rows)
}
