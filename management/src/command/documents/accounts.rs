//! `hearth documents accounts`.

use clap::{Args, Subcommand};
use hearth_management::api::{DocumentAccountChange, DocumentAccountList, DocumentAccountView};
use http::Method;

use super::target::{Which, account, connect};
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
        /// Its name: 3 to 44 lower-case letters, digits and hyphens
        name: String,
        #[command(flatten)]
        change: Change,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Show an account with its keys and connection strings
    Show {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Change what an account promises and may hold
    Set {
        /// Name of the account
        name: String,
        #[command(flatten)]
        change: Change,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Put a new key in the place of one; what was opened with the old one is refused within two seconds
    Renew {
        /// Name of the account
        name: String,
        /// primary, secondary, primaryReadonly or secondaryReadonly
        #[arg(value_name = "KEY", id = "which")]
        which: String,
        #[command(flatten)]
        client: ClientSettings,
        #[command(flatten)]
        output: OutputSettings,
    },
    /// Delete an account with all its databases
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

#[derive(Args, Debug)]
struct Change {
    /// What reads promise unless they ask for less: Strong, BoundedStaleness, Session, ConsistentPrefix or Eventual [default of a
    /// new account: Session]
    #[arg(long, value_name = "LEVEL")]
    consistency: Option<String>,
    /// MiB that the account may hold; 0 for the limit of the installation
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(0..=1_073_741_824))]
    quota_mib: Option<u64>,
}

impl Change {
    fn asked(self) -> DocumentAccountChange {
        DocumentAccountChange {
            default_consistency: self.consistency,
            quota_bytes: self.quota_mib.map(|quota| quota << 20),
        }
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let path = |name: &str| format!("/api/documents/{}", percent(name));
    match arguments.verb {
        Verb::List { client, output } => {
            let list: DocumentAccountList = connect(client)?.0.get("/api/documents").await?;
            match output.output {
                Format::Json => output::json(&list),
                Format::Text => {
                    output::line(&table(&list));
                    Ok(())
                }
            }
        }
        Verb::Create { name, change, client, output } => {
            let (management, _) = connect(client)?;
            let view = management.send_json(Method::PUT, &path(&name), &change.asked()).await?;
            print(output, &view)
        }
        Verb::Show { which, client, output } => print(output, &account(&which, client).await?),
        Verb::Set { name, change, client, output } => {
            let (management, _) = connect(client)?;
            let view = management.send_json(Method::PATCH, &path(&name), &change.asked()).await?;
            print(output, &view)
        }
        Verb::Renew { name, which, client, output } => {
            let path = format!("{}/keys/{}", path(&name), percent(&which));
            let view = connect(client)?.0.send_json(Method::POST, &path, &()).await?;
            print(output, &view)
        }
        Verb::Delete { name, yes, client } => {
            input::confirm(&name, &format!("Delete account '{name}' with all its databases?"), yes)?;
            connect(client)?.0.delete(&path(&name)).await?;
            output::line(&format!("{name} is deleted."));
            Ok(())
        }
    }
}

fn table(list: &DocumentAccountList) -> String {
    let app = |account: &DocumentAccountView| account.app.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<_> = list.accounts.iter().map(|account| [account.account.clone(), app(account)]).collect();
    output::table(["ACCOUNT", "APP"], &rows)
}

fn print(output: OutputSettings, view: &DocumentAccountView) -> Result<(), Failure> {
    match output.output {
        Format::Json => output::json(view),
        Format::Text => {
            output::line(&text(view));
            Ok(())
        }
    }
}

fn text(view: &DocumentAccountView) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let quota =
        view.quota_bytes.map_or_else(|| "that of the installation".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
    let mut lines = vec![
        format!("Account:               {}", view.account),
        format!("App:                   {}", shown(&view.app)),
        format!("Endpoint:              {}", shown(&view.endpoint)),
        format!("Default consistency:   {}", shown(&view.default_consistency)),
        format!("Quota:                 {quota}"),
    ];
    if let Some(keys) = &view.keys {
        lines.push(format!("Primary key:           {}", keys.primary));
        lines.push(format!("Secondary key:         {}", keys.secondary));
        lines.push(format!("Primary read-only:     {}", keys.primary_readonly));
        lines.push(format!("Secondary read-only:   {}", keys.secondary_readonly));
    }
    lines.push(format!("Connection string:     {}", shown(&view.connection_string)));
    lines.push(format!("  read-only:           {}", shown(&view.read_only_connection_string)));
    lines.join("\n")
}
