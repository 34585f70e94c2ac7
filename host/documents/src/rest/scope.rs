//! What a resource token opens (reference: Cosmos DB, section 2.4): the resource of its permission with all that is below, and of a
//! container also its definition and its ranges. One of a partition key opens only requests that name that key.

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
        let of_container = link.rid().and_then(|rid| rid.container_part()).map(|rid| rid.to_hex());
        let opened = token.partition_key.is_none() && of_container.is_some() && of_container == token.container;
        return if opened { Ok(()) } else { Err(not_opened().into()) };
    }
    if link.container().is_none() {
        return Err(not_opened().into());
    }
    let container = asked.service.container(asked.container()).await?;
    let opened =
        opens(token, link, &container) && (token.partition_key.is_none() || key_fits(asked, token, &container)?);
    if opened { Ok(()) } else { Err(not_opened().into()) }
}

/// Whether the link is that of the token's resource, or below it.
fn opens(token: &ResourceToken, link: &Link<'_>, container: &Container) -> bool {
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
    if own.kind == ResourceKind::Container {
        return true;
    }
    // Of one item or script: that, what is below it, and what its clients have to know of the container.
    let metadata = matches!(link.kind, ResourceKind::Container | ResourceKind::PartitionKeyRange);
    let same_kind =
        link.kind == own.kind || (own.kind == ResourceKind::Document && link.kind == ResourceKind::Attachment);
    metadata || (same_kind && link.child().is_some() && link.child() == own.child())
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
