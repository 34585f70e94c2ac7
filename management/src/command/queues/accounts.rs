//! `hearth queues accounts`.

use clap::{Args, Subcommand};
use hearth_management::api::{QueueAccountList, QueueAccountView};
use http::Method;

use super::{connect, text};
use crate::command::listing::OutputSettings;
use crate::command::{input, percent};
use crate::config::settings::ClientSettings;
use crate::exit::Failure;
use crate::output::{self, Format};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the accounts
    List {
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Make an account with keys of its own
    Create {
        /// Its name: 3 to 24 lower-case letters and digits
        name: String,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Put a new key in the place of one; what was opened with the old one is refused within two seconds
    Renew {
        /// Name of the account
        name: String,
        /// key1 or key2
        #[arg(value_name = "KEY", id = "which")]
        which: String,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Delete an account with all its queues
    Delete {
        /// Name of the account
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        client: ClientSettings,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let path = |name: &str| format!("/api/queues/{}", percent(name));
    match arguments.verb {
        Verb::List { client, output } => {
            let list: QueueAccountList = connect(client)?.get("/api/queues").await?;
            match output.output {
                Format::Json => output::json(&list)?,
                Format::Text => output::line(&text(&list)),
            }
            Ok(())
        }
        Verb::Create { name, client, output } => {
            let view = connect(client)?.send_json(Method::PUT, &path(&name), &()).await?;
            print(output, &view)
        }
        Verb::Renew { name, which, client, output } => {
            let path = format!("{}/keys/{}", path(&name), percent(&which));
            let view = connect(client)?.send_json(Method::POST, &path, &()).await?;
            print(output, &view)
        }
        Verb::Delete { name, yes, client } => {
            input::confirm(&name, &format!("Delete account '{name}' with all its queues?"), yes)?;
            connect(client)?.delete(&path(&name)).await?;
            output::line(&format!("{name} is deleted."));
            Ok(())
        }
    }
}

fn print(output: OutputSettings, view: &QueueAccountView) -> Result<(), Failure> {
    match output.output {
        Format::Json => output::json(view),
        Format::Text => {
            output::line(view.connection_string.as_deref().unwrap_or_default());
            Ok(())
        }
    }
}
