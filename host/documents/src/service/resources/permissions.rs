//! Permissions and the resource tokens made from them (reference: Cosmos DB, section 2.4).
//!
//! A token is made anew whenever its permission is answered. It is good for the version of the permission that it was made
//! from, so that replacing or deleting the permission, or deleting its user, revokes it at once.

use hearth_state::StateError;
use hearth_state::documents::{ResourceKind as StoredKind, StoredResource};
use http::StatusCode;

use super::bodies::{self, Permission};
use super::{DocumentService, DocumentsError, Way};
use crate::protocol::json::Object;
use crate::protocol::links::{Link, ResourceKind};
use crate::protocol::resource_token::{LIFETIME_SECONDS, ResourceToken};
use crate::protocol::signature::AccountKey;
use crate::protocol::{DocumentError, Rid};

/// Most permissions of a user that are compared with a new one.
const PERMISSIONS: u32 = 10_000;

impl DocumentService {
    /// The lifetime that the header `x-ms-documentdb-expiry-seconds` asks for.
    ///
    /// # Errors
    /// 400 for less than 10 or more than 18000 seconds.
    pub fn token_lifetime(asked: Option<i64>) -> Result<Option<u32>, DocumentError> {
        let (least, _, most) = LIFETIME_SECONDS;
        asked
            .map(|asked| {
                u32::try_from(asked).ok().filter(|asked| (least..=most).contains(asked)).ok_or_else(|| {
                    DocumentError::bad_request(format!(
                        "The header x-ms-documentdb-expiry-seconds is {asked}: use {least} to {most}"
                    ))
                })
            })
            .transpose()
    }

    /// What a resource token opens, if it is one of this installation. `text` is what follows `sig=`.
    pub(crate) fn resource_token(&self, text: &str) -> Option<ResourceToken> {
        ResourceToken::open(text, &self.token_secret())
    }

    /// Whether the permission that a token was made from is still there, and as it was.
    ///
    /// # Errors
    /// Those of host state.
    pub(crate) async fn permission_is_current(&self, token: &ResourceToken) -> Result<bool, StateError> {
        let stored = self.0.database.document_resources().get_by_rid(&token.permission).await?;
        Ok(stored.is_some_and(|stored| {
            stored.kind == StoredKind::Permission && stored.account == token.account && stored.version == token.version
        }))
    }

    /// The property `_token` of a permission, with a comma before it.
    pub(super) async fn token_property(
        &self,
        account: &str,
        stored: &StoredResource,
        lifetime: Option<u32>,
    ) -> Result<String, DocumentsError> {
        let permission = stored_permission(stored)?;
        let link = Link::parse(&permission.resource)?;
        let container = self.container_of(account, &link).await?;
        let seconds = self.clock().now().as_micros().div_euclid(1_000_000);
        let token = ResourceToken {
            account: account.to_owned(),
            permission: stored.rid.clone(),
            version: stored.version,
            mode: permission.mode,
            resource: permission.resource.trim_matches('/').to_owned(),
            container,
            partition_key: permission.partition_key,
            expires: seconds.saturating_add(lifetime.unwrap_or(LIFETIME_SECONDS.1).into()),
        };
        // A token is base64 and needs no escapes.
        Ok(format!(",\"_token\":\"{}\"", token.seal(&self.token_secret())))
    }

    /// The RID of the container that a link leads to or into, in hexadecimal. What a permission is for need not be there yet.
    async fn container_of(&self, account: &str, link: &Link<'_>) -> Result<Option<String>, DocumentsError> {
        let (Some(database), Some(container)) = (link.database(), link.container()) else { return Ok(None) };
        let (four, eight) = (ResourceKind::Database.rid_bytes(), ResourceKind::Container.rid_bytes());
        let Some(database) = self.resource(account, StoredKind::Database, "", database, four).await? else {
            return Ok(None);
        };
        let container = self.resource(account, StoredKind::Container, &database.rid, container, eight).await?;
        Ok(container.map(|container| container.rid))
    }

    /// Refuses a second permission of a user for the same resource and partition key.
    pub(super) async fn check_permission(
        &self,
        account: &str,
        way: &Way,
        name: &str,
        body: &str,
    ) -> Result<(), DocumentsError> {
        let read = |body: &str| bodies::parse(body).and_then(|body| bodies::permission(&body));
        let new = read(body)?;
        let resources = self.0.database.document_resources();
        let others = resources.list(account, StoredKind::Permission, way.rid(), "", PERMISSIONS).await?;
        for other in others.iter().filter(|other| other.name != name) {
            let other = read(&other.body)?;
            if (&other.resource, &other.partition_key) == (&new.resource, &new.partition_key) {
                return Err(DocumentError::new(
                    StatusCode::CONFLICT,
                    "The user already has a permission for this resource. Only one permission for a resource (and partition key) is \
                     allowed per user.",
                )
                .into());
            }
        }
        Ok(())
    }

    fn token_secret(&self) -> AccountKey {
        AccountKey::from_bytes(self.0.keyring.derive("document resource tokens").to_vec())
    }
}

fn stored_permission(stored: &StoredResource) -> Result<Permission, DocumentsError> {
    let object = Object::parse(&stored.body).map_err(|_| {
        let rid = Rid::from_hex(&stored.rid).map(|rid| rid.to_string()).unwrap_or_default();
        StateError::Corrupt(format!("the permission {rid} in the state database is no JSON object"))
    })?;
    Ok(bodies::permission(&object)?)
}
