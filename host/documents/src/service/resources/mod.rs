//! Databases, containers, users, permissions, scripts, offers and client encryption keys: what they have in common.
//!
//! Each is found by its name, or by its RID where nothing has that name. They are read from host state every time: they are
//! few, and always strongly consistent (reference: Cosmos DB, section 4.1).

mod bodies;
mod containers;
mod create;
mod list;
mod offers;
mod permissions;
mod ranges;
mod render;

use hearth_state::StateError;
use hearth_state::documents::{ResourceChange, ResourceKind as StoredKind, StoredResource};
use http::StatusCode;

use super::{DocumentService, DocumentsError};
use crate::protocol::links::{Link, ResourceKind};
use crate::protocol::{DocumentError, Rid, etag};

pub use create::{Precondition, WriteOptions};
pub use list::ResourcePage;
pub use offers::{NewThroughput, least_throughput};
pub use ranges::RangesPage;

/// A resource as it is answered.
#[derive(Clone, Debug)]
pub struct ResourceDetails {
    /// What it is.
    pub kind: ResourceKind,
    /// Its RID.
    pub rid: Rid,
    /// Its name.
    pub name: String,
    /// Its etag, with the quotes that are part of it.
    pub etag: String,
    /// Names on the way to what it is in: `dbs/d/colls/c`; empty for databases and offers.
    pub parent: String,
    /// All of it as one JSON object.
    pub json: String,
}

/// How host state calls a kind; none for what it does not keep as a resource.
pub(super) fn stored_kind(kind: ResourceKind) -> Option<StoredKind> {
    Some(match kind {
        ResourceKind::Database => StoredKind::Database,
        ResourceKind::Container => StoredKind::Container,
        ResourceKind::User => StoredKind::User,
        ResourceKind::Permission => StoredKind::Permission,
        ResourceKind::StoredProcedure => StoredKind::StoredProcedure,
        ResourceKind::Trigger => StoredKind::Trigger,
        ResourceKind::UserDefinedFunction => StoredKind::UserDefinedFunction,
        ResourceKind::Offer => StoredKind::Offer,
        ResourceKind::ClientEncryptionKey => StoredKind::ClientEncryptionKey,
        _ => return None,
    })
}

fn needed_kind(kind: ResourceKind) -> Result<StoredKind, DocumentError> {
    stored_kind(kind).ok_or_else(|| {
        DocumentError::new(StatusCode::METHOD_NOT_ALLOWED, "The requested verb is not supported by this resource.")
    })
}

/// What lies on the way to a resource, from the database down.
#[derive(Debug, Default)]
pub(super) struct Way(Vec<(ResourceKind, StoredResource)>);

impl Way {
    /// The RID of the innermost, in hexadecimal; empty at the top.
    pub(super) fn rid(&self) -> &str {
        self.0.last().map_or("", |(_, stored)| stored.rid.as_str())
    }

    /// Names on the way.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for (kind, stored) in &self.0 {
            if !path.is_empty() {
                path.push('/');
            }
            path.extend([kind.segment(), "/", &stored.name]);
        }
        path
    }
}

impl DocumentService {
    /// The resource of this kind inside of another (by the RID in hexadecimal; empty for none) with this name or, where nothing has
    /// it, this RID.
    pub(super) async fn resource(
        &self,
        account: &str,
        kind: StoredKind,
        parent: &str,
        segment: &str,
        rid_bytes: usize,
    ) -> Result<Option<StoredResource>, StateError> {
        let resources = self.0.database.document_resources();
        if let Some(found) = resources.get(account, kind, parent, segment).await? {
            return Ok(Some(found));
        }
        let rid = segment.parse::<Rid>().ok().filter(|rid| rid.as_bytes().len() == rid_bytes);
        let Some(rid) = rid else { return Ok(None) };
        let found = resources.get_by_rid(&rid.to_hex()).await?;
        Ok(found.filter(|found| found.account == account && found.kind == kind && found.parent == parent))
    }

    /// What lies on the way to the resource of a link, or to the feed.
    ///
    /// # Errors
    /// 404 with sub-status 1003 when something of it does not exist.
    pub(super) async fn way(&self, account: &str, link: &Link<'_>) -> Result<Way, DocumentsError> {
        let ids = link.ids();
        let depth = if link.feed { ids.len() } else { ids.len().saturating_sub(1) };
        let mut way = Way::default();
        for (at, id) in ids[..depth].iter().enumerate() {
            let kind = match at {
                0 => ResourceKind::Database,
                1 if link.container().is_some() => ResourceKind::Container,
                1 if link.user().is_some() => ResourceKind::User,
                _ => return Err(DocumentError::owner_not_found().into()),
            };
            let found = self.resource(account, needed_kind(kind)?, way.rid(), id, kind.rid_bytes()).await?;
            way.0.push((kind, found.ok_or_else(DocumentError::owner_not_found)?));
        }
        Ok(way)
    }

    /// The resource that a link leads to, as host state has it, and the way to it.
    pub(super) async fn found(&self, account: &str, link: &Link<'_>) -> Result<(Way, StoredResource), DocumentsError> {
        if link.kind == ResourceKind::Conflict {
            // A store of one region has none.
            self.way(account, link).await?;
            return Err(DocumentError::not_found().into());
        }
        let kind = needed_kind(link.kind)?;
        let id = link.id().unwrap_or("");
        if link.kind == ResourceKind::Offer {
            let rid = id.parse::<Rid>().map_err(|_| DocumentError::not_found())?;
            let found = self.0.database.document_resources().get_by_rid(&rid.to_hex()).await?;
            let found = found.filter(|found| found.account == account && found.kind == kind);
            return Ok((Way::default(), found.ok_or_else(DocumentError::not_found)?));
        }
        let way = self.way(account, link).await?;
        let found = self.resource(account, kind, way.rid(), id, link.kind.rid_bytes()).await?;
        Ok((way, found.ok_or_else(DocumentError::not_found)?))
    }

    /// Reads a resource that is neither an item nor inside of one.
    ///
    /// # Errors
    /// 404; 404 with sub-status 1003 when something on the way does not exist; those of host state.
    pub async fn read_resource(&self, account: &str, link: &Link<'_>) -> Result<ResourceDetails, DocumentsError> {
        let (way, stored) = self.found(account, link).await?;
        self.details(account, link.kind, way.path(), &stored, None).await
    }

    /// Deletes a resource with all that is in it.
    ///
    /// # Errors
    /// 404; 412 when it is in another version than the caller wants it to be; those of host state.
    pub async fn delete_resource(
        &self,
        account: &str,
        link: &Link<'_>,
        precondition: &Precondition<'_>,
    ) -> Result<(), DocumentsError> {
        let (_, stored) = self.found(account, link).await?;
        precondition.check(stored.version)?;
        let version = precondition.if_match.is_some().then_some(stored.version);
        match self.0.database.document_resources().delete(&stored, version).await? {
            ResourceChange::Done(_) => Ok(()),
            ResourceChange::Unexpected(_) => Err(DocumentError::precondition_failed().into()),
            ResourceChange::Missing | ResourceChange::NameTaken => Err(DocumentError::not_found().into()),
        }
    }

    /// A stored resource as it is answered. `lifetime` is that of a permission's token, in seconds.
    pub(super) async fn details(
        &self,
        account: &str,
        kind: ResourceKind,
        parent: String,
        stored: &StoredResource,
        lifetime: Option<u32>,
    ) -> Result<ResourceDetails, DocumentsError> {
        let Some(rid) = Rid::from_hex(&stored.rid) else {
            let message = format!("the state database holds a resource with the RID '{}'", stored.rid);
            return Err(StateError::Corrupt(message).into());
        };
        let extra = match kind {
            ResourceKind::Permission => self.token_property(account, stored, lifetime).await?,
            ResourceKind::Offer => offers::properties(stored, rid),
            _ => String::new(),
        };
        let json = render::render(kind, rid, stored, &extra);
        Ok(ResourceDetails { kind, rid, name: stored.name.clone(), etag: etag::text(stored.version), parent, json })
    }
}
