//! Which account of which document store a command means, and which container.

use std::str::FromStr;

use clap::Args;
use hearth_documents::protocol::account::DEVELOPMENT_ACCOUNT;
use hearth_management::api::DocumentAccountView;
use hearth_management::documents::OWN_ACCOUNT;
use hearth_model::ids::AppName;

use crate::client::{Documents, Management};
use crate::command::{percent, start};
use crate::config::settings::{ClientSettings, ConnectionStringSetting};
use crate::exit::Failure;

/// An account that management knows.
#[derive(Args, Clone, Debug)]
pub(super) struct Which {
    /// The own account of this app [default: the account of the installation; of 'hearth start' the one that development tools know]
    #[arg(long, value_name = "NAME", conflicts_with = "account")]
    app: Option<AppName>,
    /// Name of the account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

/// An account of any store.
#[derive(Args, Debug)]
pub(super) struct StoreSettings {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    connection: ConnectionStringSetting,
    #[command(flatten)]
    client: ClientSettings,
}

impl StoreSettings {
    /// The store with the key of the account, asked of management unless a connection string was given.
    pub(super) async fn open(self) -> Result<Documents, Failure> {
        let Self { which, connection, client } = self;
        // Who names an account means that one, whatever the environment says.
        let given = connection.connection_string.filter(|_| which.app.is_none() && which.account.is_none());
        let text = match given {
            Some(text) => text,
            None => account(&which, client).await?.connection_string.unwrap_or_default(),
        };
        Documents::open(&text)
    }
}

/// Management of the `hearth start` of this folder where there is one, and whether it is that one's.
pub(super) fn connect(mut client: ClientSettings) -> Result<(Management, bool), Failure> {
    client.data.data = start::nearest_data(client.data.data);
    let development = client.data.data.as_deref().is_some_and(start::is_of_start);
    Ok((Management::connect(client)?, development))
}

/// What management tells of an account, its keys included.
pub(super) async fn account(which: &Which, client: ClientSettings) -> Result<DocumentAccountView, Failure> {
    let (management, development) = connect(client)?;
    let default = if development { DEVELOPMENT_ACCOUNT } else { OWN_ACCOUNT };
    let path = match &which.app {
        Some(app) => format!("/api/apps/{app}/documents"),
        None => format!("/api/documents/{}", percent(which.account.as_deref().unwrap_or(default))),
    };
    management.get(&path).await
}

/// `DATABASE/CONTAINER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContainerName {
    pub(super) database: String,
    pub(super) container: String,
}

impl ContainerName {
    /// The segments of its link.
    pub(super) fn link(&self) -> [&str; 4] {
        ["dbs", &self.database, "colls", &self.container]
    }
}

impl FromStr for ContainerName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((database, container))
                if !database.is_empty() && !container.is_empty() && !container.contains('/') =>
            {
                Ok(Self { database: database.to_owned(), container: container.to_owned() })
            }
            _ => Err("a container is named as DATABASE/CONTAINER"),
        }
    }
}

impl std::fmt::Display for ContainerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.database, self.container)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_named_with_its_database() {
        let name: ContainerName = "shop/orders".parse().unwrap();
        assert_eq!(name.link(), ["dbs", "shop", "colls", "orders"]);
        assert_eq!(name.to_string(), "shop/orders");
        for wrong in ["shop", "/orders", "shop/", "a/b/c", ""] {
            assert!(wrong.parse::<ContainerName>().is_err(), "{wrong}");
        }
    }
}
