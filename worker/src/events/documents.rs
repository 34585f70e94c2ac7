//! Documents that functions read and write, in the embedded store by library and elsewhere by a client.
//!
//! A write is an upsert, so that what is done twice is done once: an event that runs again writes the same documents again.

mod embedded;
mod remote;

use hearth_cosmos::{CosmosClient, CosmosTarget};
use hearth_documents::service::DocumentService;
use hearth_model::ids::AppName;
use hearth_triggers::InvocationFailure;
use hearth_triggers::inputs::DocumentLookup;
use hearth_triggers::outputs::{DocumentWrites, MissingContainer};

use super::cosmos::{Cosmos, CosmosPlace};
use crate::app::LoadedApp;

/// Most bytes of documents that one input brings: they go to the guest as one value.
const MAX_INPUT_BYTES: usize = 16 << 20;

/// Why documents were not read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no such container or database.
    NoContainer,
    /// Another try may do: the text says what was in the way.
    Passing(String),
    /// Something else, as public text.
    Failed(String),
}

impl Trouble {
    /// As public text.
    pub(super) fn reason(self, database: &str, container: &str) -> String {
        match self {
            Self::NoContainer => {
                format!("there is no container '{container}' in a database '{database}' of the account")
            }
            Self::Passing(reason) | Self::Failed(reason) => reason,
        }
    }
}

/// The account that a connection leads to.
#[derive(Clone)]
pub(super) enum Account {
    Embedded { service: DocumentService, name: String },
    Elsewhere(CosmosClient),
}

impl Account {
    pub(super) async fn of(cosmos: &Cosmos, app: &AppName, target: &CosmosTarget) -> Result<Self, Trouble> {
        Ok(match cosmos.place(app, target).await.map_err(Trouble::Passing)? {
            CosmosPlace::Embedded { account, .. } => {
                Self::Embedded { service: cosmos.service().clone(), name: account }
            }
            CosmosPlace::Elsewhere(connection) => Self::Elsewhere(cosmos.client(&connection)),
        })
    }

    /// What a lookup finds, as JSON: a document or null, or an array.
    pub(super) async fn look_up(&self, lookup: &DocumentLookup) -> Result<String, Trouble> {
        match self {
            Self::Embedded { service, name } => embedded::look_up(service, name, lookup).await,
            Self::Elsewhere(client) => remote::look_up(client, lookup).await,
        }
    }

    async fn upsert(&self, writes: &DocumentWrites) -> Result<(), Trouble> {
        match self {
            Self::Embedded { service, name } => embedded::upsert(service, name, writes).await,
            Self::Elsewhere(client) => remote::upsert(client, writes).await,
        }
    }

    async fn create_container(
        &self,
        writes: &DocumentWrites,
        partition_key: &str,
        throughput: Option<u32>,
    ) -> Result<(), Trouble> {
        match self {
            Self::Embedded { service, name } => {
                embedded::create_container(service, name, writes, partition_key, throughput).await
            }
            Self::Elsewhere(client) => remote::create_container(client, writes, partition_key, throughput).await,
        }
    }
}

/// Where everything goes: to accounts elsewhere first. Nothing is written yet.
pub(super) async fn place(
    cosmos: &Cosmos,
    app: &LoadedApp,
    writes: Vec<DocumentWrites>,
) -> Result<Vec<(Account, DocumentWrites)>, InvocationFailure> {
    let mut placed = Vec::with_capacity(writes.len());
    for write in writes {
        let target = CosmosTarget::find(&app.settings, write.connection.as_deref());
        let target = target.map_err(|error| failure(&write, Trouble::Failed(error.to_string())))?;
        let account = Account::of(cosmos, &app.name, &target).await.map_err(|trouble| failure(&write, trouble))?;
        placed.push((account, write));
    }
    placed.sort_by_key(|(account, _)| matches!(account, Account::Embedded { .. }));
    Ok(placed)
}

/// Upserts documents in their order.
pub(super) async fn write(placed: Vec<(Account, DocumentWrites)>) -> Result<(), InvocationFailure> {
    for (account, writes) in &placed {
        upsert(account, writes).await.map_err(|trouble| failure(writes, trouble))?;
    }
    Ok(())
}

async fn upsert(account: &Account, writes: &DocumentWrites) -> Result<(), Trouble> {
    let missing = |hint: &str| {
        let reason = Trouble::NoContainer.reason(&writes.database, &writes.container);
        Trouble::Failed(format!("{reason}; {hint}"))
    };
    match (account.upsert(writes).await, &writes.missing) {
        (Err(Trouble::NoContainer), MissingContainer::Fail) => {
            Err(missing("create it, or set createIfNotExists in the binding"))
        }
        (Err(Trouble::NoContainer), MissingContainer::Create { partition_key: None, .. }) => {
            Err(missing("createIfNotExists needs a partitionKey beside it in the binding, such as \"/id\""))
        }
        (Err(Trouble::NoContainer), MissingContainer::Create { partition_key: Some(path), throughput }) => {
            account.create_container(writes, path, *throughput).await?;
            account.upsert(writes).await
        }
        (result, _) => result,
    }
}

fn failure(writes: &DocumentWrites, trouble: Trouble) -> InvocationFailure {
    let is_passing = matches!(trouble, Trouble::Passing(_));
    let reason = trouble.reason(&writes.database, &writes.container);
    let text = format!("the output '{}' could not be sent: {reason}", writes.binding);
    if is_passing { InvocationFailure::NotRun(text) } else { InvocationFailure::Failed(text) }
}

/// An array of rows, of which there may not be too many bytes.
#[derive(Debug)]
struct List(String);

impl List {
    fn new() -> Self {
        Self("[".to_owned())
    }

    /// Adds rows with commas between them.
    fn add(&mut self, rows: &str) -> Result<(), Trouble> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.0.len() + rows.len() > MAX_INPUT_BYTES {
            return Err(Trouble::Failed(format!(
                "it finds more than {} MiB of documents; let its query or its partitionKey find fewer",
                MAX_INPUT_BYTES >> 20
            )));
        }
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(rows);
        Ok(())
    }

    fn end(mut self) -> String {
        self.0.push(']');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_an_array_of_pages_and_has_an_end() {
        let mut list = List::new();
        for rows in ["", "1,2", "", "3"] {
            list.add(rows).unwrap();
        }
        assert_eq!(list.end(), "[1,2,3]");
        assert_eq!(List::new().end(), "[]");
        let mut list = List::new();
        let row = "x".repeat(MAX_INPUT_BYTES / 2);
        list.add(&row).unwrap();
        let Err(Trouble::Failed(reason)) = list.add(&row) else { panic!("it fits") };
        assert!(reason.starts_with("it finds more than 16 MiB of documents"), "{reason}");
    }
}
