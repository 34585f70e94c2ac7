//! `hearth documents`: the accounts of the document store, what is in it, and items out of it and into it.

mod accounts;
mod export;
mod import;
mod look;
mod target;

use clap::{Args, Subcommand};

use crate::config::settings::ClientSettings;
use crate::exit::Failure;
use crate::output;

use super::listing::OutputSettings;
use target::StoreSettings;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List, make, show, change and delete accounts, and renew their keys
    Accounts(accounts::Arguments),
    /// Show with what the public SDKs reach an account; it holds the account's key
    ConnectionString {
        #[command(flatten)]
        which: target::Which,
        /// With a key by which nothing can be changed
        #[arg(long)]
        read_only: bool,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// List the databases of an account, the containers of a database, or the items of a container
    Ls(look::Arguments),
    /// Write the items of a container as lines of JSON
    Export(export::Arguments),
    /// Read items from lines of JSON into a container
    Import(import::Arguments),
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::Accounts(arguments) => accounts::run(arguments).await,
        Verb::ConnectionString { which, read_only, client, output } => {
            let view = target::account(&which, client).await?;
            let text = if read_only { view.read_only_connection_string } else { view.connection_string };
            let text = text.unwrap_or_default();
            match output.output {
                output::Format::Json => output::json(&serde_json::json!({
                    "account": view.account,
                    "connectionString": text,
                })),
                output::Format::Text => {
                    output::line(&text);
                    Ok(())
                }
            }
        }
        Verb::Ls(arguments) => look::run(arguments).await,
        Verb::Export(arguments) => export::run(arguments).await,
        Verb::Import(arguments) => import::run(arguments).await,
    }
}
