//! What a resource token opens (reference: Cosmos DB, section 2.4): the resource of its permission with all that is below, and of a
//! container also its definition and its ranges, to be read. One of a partition key opens only requests that name that key, and
//! no other.

use super::authorize::forbidden;
use super::call::Operation;
use super::{Asked, headers};
use crate::protocol::links::{Link, ResourceKind};
use crate::protocol::partition_key::PartitionKey;
use crate::protocol::resource_token::ResourceToken;
use crate::protocol::{DocumentError, Rid};
use crate::service::{Container, DocumentsError};

/// # Errors
/// 403 when the token does not open what is asked for; those of a container's lookup.
pub(super) async fn check(asked: &Asked<'_>, token: &ResourceToken) -> Result<(), DocumentsError> {
    let link = &asked.call.link;
    if link.kind == ResourceKind::Account {
        // Clients read the account with any token they have.
        return Ok(());
    }
    if link.kind == ResourceKind::Media {
        return check_media(asked, token).await;
    }
    if link.container().is_none() {
        return Err(not_opened().into());
    }
    let container = asked.service.container(asked.container()).await?;
    let opened =
        opens(token, asked, &container) && (token.partition_key.is_none() || key_fits(asked, token, &container)?);
    if opened { Ok(()) } else { Err(not_opened().into()) }
}

/// Media are opened by what opens their attachment.
async fn check_media(asked: &Asked<'_>, token: &ResourceToken) -> Result<(), DocumentsError> {
    let rid: Option<Rid> = asked.call.link.first().and_then(|id| id.parse().ok());
    let (Some(rid), Ok(own)) = (rid, Link::parse(&token.resource)) else { return Err(not_opened().into()) };
    let owner = asked.service.media_owner(asked.account(), rid).await?;
    let is = |id: Option<&str>, name: &str, rid: Option<Rid>| {
        id.is_some_and(|id| id == name || rid.is_some_and(|rid| id.parse() == Ok(rid)))
    };
    let of_item = is(own.child(), &owner.item.id, rid.parent());
    let of_resource = match own.kind {
        ResourceKind::Container => true,
        ResourceKind::Document => of_item,
        ResourceKind::Attachment => of_item && is(own.id(), &owner.attachment, Some(rid)),
        _ => false,
    };
    let of_container = token.container.as_ref().is_some_and(|known| *known == owner.container.to_hex());
    let of_key = token.partition_key.as_ref().is_none_or(|key| *key == owner.item.partition_key);
    if of_container && of_resource && of_key { Ok(()) } else { Err(not_opened().into()) }
}

/// Refuses operations of a batch that name another partition key than the only one that a token opens.
///
/// # Errors
/// 403, and 400 for what is no partition key.
pub(super) fn check_keys<'k>(
    token: &ResourceToken,
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<(), DocumentError> {
    let Some(opened) = &token.partition_key else { return Ok(()) };
    for key in keys {
        if PartitionKey::from_json(key)?.canonical() != *opened {
            return Err(not_opened());
        }
    }
    Ok(())
}

/// Whether the link is that of the token's resource, or below it.
fn opens(token: &ResourceToken, asked: &Asked<'_>, container: &Container) -> bool {
    let link = &asked.call.link;
    let Ok(own) = Link::parse(&token.resource) else { return false };
    // A name that was given to another container since does not count.
    if token.container.as_ref().is_some_and(|known| *known != container.rid.to_hex()) {
        return false;
    }
    let by_rid = own.rid().is_some_and(|rid| container_of(rid) == Some(container.rid));
    let by_name =
        own.database() == Some(container.database.as_str()) && own.container() == Some(container.name.as_str());
    if !by_rid && !by_name {
        return false;
    }
    // What clients have to know of the container. To change or delete it takes a key, whatever the token allows.
    if matches!(link.kind, ResourceKind::Container | ResourceKind::PartitionKeyRange) {
        return asked.call.operation.reads();
    }
    let same_child = link.child().is_some() && link.child() == own.child();
    match own.kind {
        ResourceKind::Container => true,
        // Of one item or script: that, and what is below it.
        ResourceKind::Document => same_child && matches!(link.kind, ResourceKind::Document | ResourceKind::Attachment),
        ResourceKind::Attachment => same_child && link.kind == own.kind && !link.feed && link.id() == own.id(),
        _ => same_child && link.kind == own.kind,
    }
}

fn container_of(rid: Rid) -> Option<Rid> {
    rid.container_part()
}

/// Whether the key of the request is that of the token. What is no item has no key: it may only be read.
fn key_fits(asked: &Asked<'_>, token: &ResourceToken, container: &Container) -> Result<bool, DocumentError> {
    let link = &asked.call.link;
    if matches!(link.kind, ResourceKind::Container | ResourceKind::PartitionKeyRange) {
        return Ok(matches!(asked.call.operation, Operation::Read | Operation::List | Operation::ChangeFeed));
    }
    if asked.call.operation == Operation::QueryPlan {
        return Ok(true);
    }
    let Some(header) = asked.text(&headers::PARTITION_KEY) else { return Ok(false) };
    let key = PartitionKey::from_header(header, container.definition.partition_key())?;
    Ok(token.partition_key.as_deref() == Some(key.canonical().as_str()))
}

fn not_opened() -> DocumentError {
    forbidden(
        "The resource token does not open this: insufficient permissions provided in the authorization header for the request. It \
         opens the resource of its permission, and of one with a partition key what is asked for with that key.",
    )
}
