//! Attachments of items, and the media that the store keeps for them (reference: Cosmos DB, section 4.5). They are found through their
//! item, so whoever may not have the item has none of them, and they are gone when it is.

mod media;
mod write;

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_state::documents::{AttachmentPlace, ItemKey, Looked, StoredAttachment};

use super::charge::{self, Charge};
use super::items::{ItemRequest, locate};
use super::resources::Precondition;
use super::{Container, ContainerRef, DocumentService, DocumentsError, Range};
use crate::protocol::{ChildKind, DocumentError, Rid, etag, limits, with_media};

pub use media::MediaOwner;
pub use write::NewAttachment;

/// Most attachments of one item that a query looks at.
const QUERIED: u32 = 10_000;

/// What is asked of the attachments of an item.
#[derive(Clone, Copy, Debug)]
pub struct AttachmentRequest<'a> {
    /// Where.
    pub container: ContainerRef<'a>,
    /// The item: its id, or where nothing has that, its RID.
    pub item: &'a str,
    /// The header with the item's partition key.
    pub partition_key: Option<&'a str>,
    /// The attachment's id, or where nothing has that, its RID; empty for all of them.
    pub name: &'a str,
    /// What must be true of the attachment.
    pub precondition: Precondition<'a>,
}

/// The answer about attachments of one item.
#[derive(Clone, Debug)]
pub struct AttachmentsAnswer {
    /// The container.
    pub container: Arc<Container>,
    /// The number of the range.
    pub range: i64,
    /// The LSN of the range.
    pub lsn: i64,
    /// What it cost.
    pub charge: Charge,
    /// The item's RID.
    pub item: Rid,
    /// The attachments.
    pub attachments: Vec<AttachmentView>,
    /// What the next page begins with; none after the last.
    pub continuation: Option<String>,
}

/// An attachment as it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentView {
    /// Its etag, with the quotes that are part of it.
    pub etag: String,
    /// All of it as one JSON object.
    pub json: String,
}

/// An item whose attachments are asked for.
struct Owner<'c> {
    range: &'c Range,
    key: ItemKey,
    number: i64,
    rid: Rid,
    lsn: i64,
}

impl Owner<'_> {
    fn answer(
        &self,
        container: &Arc<Container>,
        charge: Charge,
        attachments: Vec<AttachmentView>,
        continuation: Option<String>,
    ) -> AttachmentsAnswer {
        let (range, lsn, item) = (self.range.id, self.lsn, self.rid);
        AttachmentsAnswer { container: Arc::clone(container), range, lsn, charge, item, attachments, continuation }
    }

    fn view(&self, attachment: &StoredAttachment) -> AttachmentView {
        AttachmentView { etag: etag::text(attachment.version), json: render(self.rid, attachment) }
    }
}

impl DocumentService {
    /// The item that a request means, in a container as it is known. None when the container is not so any more.
    ///
    /// # Errors
    /// 404 with sub-status 1003 without such an item, 400 for a key that is none; those of budgets and of host state.
    async fn owner<'c>(
        &self,
        container: &'c Container,
        request: &AttachmentRequest<'_>,
    ) -> Result<Option<Owner<'c>>, DocumentsError> {
        let item = ItemRequest::new(request.container, request.item, request.partition_key);
        let by_rid = self.id_by_rid(container, &item).await?;
        let at = locate(container, request.partition_key, by_rid.as_deref().unwrap_or(request.item))?;
        self.admit(container, at.range)?;
        let looked = self.0.database.documents().item(at.range.place, at.key).await?;
        let Looked::At { lsn, found } = looked else { return Ok(None) };
        let number = found.ok_or_else(DocumentError::owner_not_found)?.number;
        let rid = container.rid.child(ChildKind::Document, number);
        Ok(Some(Owner { range: at.range, key: at.key, number, rid, lsn }))
    }

    /// The attachment that a request means.
    async fn attachment(
        &self,
        container: &Container,
        owner: &Owner<'_>,
        name: &str,
    ) -> Result<StoredAttachment, DocumentsError> {
        let documents = self.0.database.documents();
        if let Some(found) = documents.attachment(container.number, owner.number, name).await? {
            return Ok(found);
        }
        let rid = name.parse::<Rid>().ok().filter(|rid| rid.as_bytes().len() == 20 && rid.parent() == Some(owner.rid));
        let found = match rid {
            Some(rid) => documents.numbered_attachment(place(rid)).await?,
            None => None,
        };
        Ok(found.ok_or_else(DocumentError::not_found)?)
    }

    /// Reads an attachment.
    ///
    /// # Errors
    /// 404 without such an attachment, with sub-status 1003 without such an item; 400 for a key that is none; those of a
    /// container's lookup, of budgets and of host state.
    pub async fn read_attachment(&self, request: &AttachmentRequest<'_>) -> Result<AttachmentsAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let Some(owner) = self.owner(&container, request).await? else { continue };
            let found = self.attachment(&container, &owner, request.name).await?;
            let charge = charge::read(found.body.len());
            self.pay(&container, owner.range, charge);
            return Ok(owner.answer(&container, charge, vec![owner.view(&found)], None));
        }
    }

    /// A page of the attachments of an item, in the order of their names; 1 to 1000, none for 100.
    ///
    /// # Errors
    /// 400 for a continuation that is none; otherwise as [`Self::read_attachment`].
    pub async fn list_attachments(
        &self,
        request: &AttachmentRequest<'_>,
        max_items: Option<u32>,
        continuation: Option<&str>,
    ) -> Result<AttachmentsAnswer, DocumentsError> {
        let limit = max_items.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS);
        self.attachments_after(request, limit, continuation).await
    }

    /// The attachments of an item, for a query.
    ///
    /// # Errors
    /// As [`Self::read_attachment`].
    pub async fn all_attachments(&self, request: &AttachmentRequest<'_>) -> Result<AttachmentsAnswer, DocumentsError> {
        self.attachments_after(request, QUERIED, None).await
    }

    async fn attachments_after(
        &self,
        request: &AttachmentRequest<'_>,
        limit: u32,
        continuation: Option<&str>,
    ) -> Result<AttachmentsAnswer, DocumentsError> {
        let after = continuation.filter(|text| !text.is_empty()).map(after).transpose()?.unwrap_or_default();
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let Some(owner) = self.owner(&container, request).await? else { continue };
            let documents = self.0.database.documents();
            let mut found = documents.attachments(container.number, owner.number, &after, limit + 1).await?;
            let most = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = found.len() > most;
            found.truncate(most);
            let continuation = found.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(&last.name));
            let charge = charge::page(found.iter().map(|attachment| attachment.body.len()).sum());
            self.pay(&container, owner.range, charge);
            let views = found.iter().map(|attachment| owner.view(attachment)).collect();
            return Ok(owner.answer(&container, charge, views, continuation));
        }
    }

    /// Deletes an attachment with its media.
    ///
    /// # Errors
    /// 412 when a condition fails; otherwise as [`Self::read_attachment`].
    pub async fn delete_attachment(
        &self,
        request: &AttachmentRequest<'_>,
    ) -> Result<AttachmentsAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let Some(owner) = self.owner(&container, request).await? else { continue };
            let found = self.attachment(&container, &owner, request.name).await?;
            request.precondition.check(found.version)?;
            let expected = request.precondition.if_match.map(|_| found.version);
            if !self.0.database.documents().delete_attachment(found.place, expected).await? {
                let error = expected.map_or_else(DocumentError::not_found, |_| DocumentError::precondition_failed());
                return Err(error.into());
            }
            let charge = charge::change(0);
            self.pay(&container, owner.range, charge);
            return Ok(owner.answer(&container, charge, Vec::new(), None));
        }
    }
}

/// Where host state has the attachment with this RID.
fn place(rid: Rid) -> AttachmentPlace {
    AttachmentPlace { container: rid.container_number(), item: rid.child_number(), number: rid.attachment_number() }
}

/// An attachment as it travels.
fn render(item: Rid, attachment: &StoredAttachment) -> String {
    let rid = item.attachment(attachment.place.number);
    let mut text = with_media(&attachment.body, rid);
    let (container, database) = (item.container_part().unwrap_or(item), item.database_part().unwrap_or(item));
    let own = text.trim_end().strip_suffix('}').unwrap_or(&text).trim_end().len();
    text.truncate(own);
    // Writing to a text does not fail.
    let _ = write!(
        text,
        ",\"_rid\":\"{rid}\",\"_self\":\"dbs/{database}/colls/{container}/docs/{item}/attachments/{rid}/\",\
         \"_etag\":\"\\\"{etag}\\\"\",\"_ts\":{seconds}}}",
        etag = etag::text(attachment.version).trim_matches('"'),
        seconds = attachment.changed.as_micros().div_euclid(1_000_000),
    );
    text
}

/// The name after which a page begins.
fn after(text: &str) -> Result<String, DocumentError> {
    let name = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| {
        DocumentError::bad_request(
            "The continuation in x-ms-continuation is not one of this request: send the one of the page before, or none.",
        )
    })
}
