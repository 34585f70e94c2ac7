//! Databases.

use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::CosmosClient;
use super::call::Call;
use super::container::ContainerClient;
use super::error::{CosmosError, CosmosErrorKind};
use super::link::Link;

/// A database, which need not be there.
#[derive(Clone, Debug)]
pub struct DatabaseClient {
    client: CosmosClient,
    id: String,
    link: Link,
}

/// What a database is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DatabaseProperties {
    /// Its id.
    pub id: String,
    /// Its RID.
    #[serde(rename = "_rid")]
    pub rid: String,
}

impl DatabaseClient {
    pub(super) fn new(client: CosmosClient, id: &str) -> Self {
        Self { client, id: id.to_owned(), link: Link::default().child("dbs", id) }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// A container in it.
    pub fn container(&self, id: &str) -> ContainerClient {
        ContainerClient::new(self.client.clone(), self, id, &self.link)
    }

    /// What it is.
    ///
    /// # Errors
    /// [`CosmosErrorKind::NotFound`]; those of the service and the way to it.
    pub async fn read(&self) -> Result<DatabaseProperties, CosmosError> {
        let call = Call::new(Method::GET, &self.link, None, format!("read the database '{}'", self.id));
        let answered = self.client.call(&call).await?;
        serde_json::from_slice(&answered.answer.body)
            .map_err(|_| self.client.no_sense(&call.doing, "the answer is no database"))
    }

    /// Makes it where it is missing.
    ///
    /// # Errors
    /// Those of the service and the way to it.
    pub async fn create_if_missing(&self) -> Result<DatabaseProperties, CosmosError> {
        match self.read().await {
            Err(error) if error.kind == CosmosErrorKind::NotFound => {}
            found => return found,
        }
        let root = Link::default();
        let mut call = Call::new(Method::POST, &root, Some("dbs"), format!("create the database '{}'", self.id));
        call.body = Bytes::from(json!({ "id": self.id }).to_string());
        match self.client.call(&call).await.map_err(CosmosError::from) {
            Ok(_) => {}
            // Somebody else has made it, or this, and the answer was lost.
            Err(error) if error.kind == CosmosErrorKind::Exists || error.may_have_been_done => {}
            Err(error) => return Err(error),
        }
        self.read().await
    }

    /// Deletes it with everything in it; that it is not there is no error.
    ///
    /// # Errors
    /// Those of the service and the way to it.
    pub async fn delete(&self) -> Result<(), CosmosError> {
        let call = Call::new(Method::DELETE, &self.link, None, format!("delete the database '{}'", self.id));
        match self.client.call(&call).await {
            Err(failed) if failed.error.kind != CosmosErrorKind::NotFound => Err(failed.into()),
            _ => Ok(()),
        }
    }
}
