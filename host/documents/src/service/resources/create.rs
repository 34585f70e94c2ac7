//! Making and replacing resources.

use hearth_state::documents::{
    ItemVersion, NewContainer, NewResource, ResourceChange, ResourceCreation, ResourceKind as StoredKind,
    StoredResource,
};
use http::StatusCode;

use super::bodies::{self, Checked};
use super::{DocumentService, DocumentsError, ResourceDetails, Way, containers, needed_kind, offers};
use crate::protocol::links::{Link, ResourceKind};
use crate::protocol::{DocumentError, Rid, etag};

use super::offers::NewThroughput;

/// What must be true of the resource as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Precondition<'a> {
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
}

impl Precondition<'_> {
    /// # Errors
    /// 412 when it is not so.
    pub(in crate::service) fn check(&self, version: i64) -> Result<(), DocumentError> {
        let is = |given: &str| given.trim() == "*" || etag::read(given) == Some(ItemVersion(version));
        match self.if_match.is_none_or(is) && !self.if_none_match.is_some_and(is) {
            true => Ok(()),
            false => Err(DocumentError::precondition_failed()),
        }
    }
}

/// What is asked for beside a body.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteOptions<'a> {
    /// Throughput of a new database or container.
    pub throughput: Option<NewThroughput>,
    /// Whether one of the same name is replaced.
    pub upsert: bool,
    /// What must be true of it.
    pub precondition: Precondition<'a>,
    /// Seconds that the token of a permission is good for.
    pub lifetime: Option<u32>,
}

impl DocumentService {
    /// Makes a resource in the feed that a link leads to, or replaces the one of the same name where that is asked for. True
    /// if it was not there before.
    ///
    /// # Errors
    /// 400 for a body that breaks the rules of its kind, 404 with sub-status 1003 when something on the way does not exist, 409 when
    /// the name is taken, 412 when a condition fails; those of host state.
    pub async fn create_resource(
        &self,
        account: &str,
        feed: &Link<'_>,
        body: &str,
        options: &WriteOptions<'_>,
    ) -> Result<(ResourceDetails, bool), DocumentsError> {
        let kind = feed.kind;
        let stored_kind = needed_kind(kind)?;
        let (checked, ranges, keeps_history) = match kind {
            ResourceKind::Container => containers::checked(body, options.throughput)?,
            _ => (bodies::check(kind, body)?, Vec::new(), false),
        };
        let container = (kind == ResourceKind::Container).then_some(NewContainer { ranges: &ranges, keeps_history });
        let way = self.way(account, feed).await?;
        if kind == ResourceKind::Permission {
            self.check_permission(account, &way, &checked.name, &checked.body).await?;
        }
        let offer = match kind {
            ResourceKind::Database => options.throughput,
            ResourceKind::Container if options.throughput.is_some() => options.throughput,
            // Without one of its own, a container shares that of its database.
            ResourceKind::Container if self.has_offer(account, &way).await? => None,
            ResourceKind::Container => Some(NewThroughput::default()),
            _ => None,
        };
        let offer = offer.map(NewThroughput::offer);
        let new = NewResource {
            account,
            kind: stored_kind,
            parent: way.rid(),
            name: &checked.name,
            body: &checked.body,
            container,
            offer: offer.as_deref(),
        };
        match self.0.database.document_resources().create(&new).await? {
            ResourceCreation::Created(stored) => {
                Ok((self.details(account, kind, way.path(), &stored, options.lifetime).await?, true))
            }
            ResourceCreation::Exists(found) if options.upsert => {
                options.precondition.check(found.version)?;
                let replaced = self.store(&found, &checked, options.precondition.if_match.is_some()).await?;
                Ok((self.details(account, kind, way.path(), &replaced, options.lifetime).await?, false))
            }
            ResourceCreation::Exists(_) => Err(taken(kind).into()),
            ResourceCreation::NoParent => Err(DocumentError::owner_not_found().into()),
        }
    }

    /// Replaces a resource. Users, permissions and scripts may get another name that way.
    ///
    /// # Errors
    /// 400 for a body that breaks the rules of its kind or changes what cannot change, 404, 409 when the new name is taken, 412 when a
    /// condition fails; those of host state.
    pub async fn replace_resource(
        &self,
        account: &str,
        link: &Link<'_>,
        body: &str,
        options: &WriteOptions<'_>,
    ) -> Result<ResourceDetails, DocumentsError> {
        let (way, stored) = self.found(account, link).await?;
        options.precondition.check(stored.version)?;
        let checked = match link.kind {
            ResourceKind::Container => containers::replacement(body, &stored)?,
            ResourceKind::Offer => {
                let rid = Rid::from_hex(&stored.rid).ok_or_else(DocumentError::not_found)?;
                Checked { name: stored.name.clone(), body: offers::replacement(body, &rid)? }
            }
            kind => bodies::check(kind, body)?,
        };
        if link.kind == ResourceKind::Permission {
            self.check_permission(account, &way, &stored.name, &checked.body).await?;
        }
        let replaced = self.store(&stored, &checked, options.precondition.if_match.is_some()).await?;
        self.details(account, link.kind, way.path(), &replaced, options.lifetime).await
    }

    /// Puts a body in the place of another; where that is asked for, only while nobody else does.
    async fn store(
        &self,
        stored: &StoredResource,
        checked: &Checked,
        exactly: bool,
    ) -> Result<StoredResource, DocumentsError> {
        let version = exactly.then_some(stored.version);
        let keeps_history = stored.kind == StoredKind::Container && containers::keeps_history(&checked.body)?;
        let replacement = (checked.name.as_str(), checked.body.as_str());
        let resources = self.0.database.document_resources();
        match resources.replace(stored, version, replacement, keeps_history).await? {
            ResourceChange::Done(replaced) => Ok(replaced),
            ResourceChange::Missing => Err(DocumentError::not_found().into()),
            ResourceChange::Unexpected(_) => Err(DocumentError::precondition_failed().into()),
            ResourceChange::NameTaken => Err(DocumentError::conflict().into()),
        }
    }

    async fn has_offer(&self, account: &str, way: &Way) -> Result<bool, DocumentsError> {
        Ok(self.0.database.document_resources().get(account, StoredKind::Offer, "", way.rid()).await?.is_some())
    }
}

/// 409; of a script, in the words that clients look for.
fn taken(kind: ResourceKind) -> DocumentError {
    let message = format!(
        "Entity with the specified id already exists in the system. There is one with this id among the {}.",
        kind.segment()
    );
    DocumentError::new(StatusCode::CONFLICT, message)
}
