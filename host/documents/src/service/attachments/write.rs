//! Making attachments and replacing them, with media of the store's own or with the link of others.

use hearth_state::documents::{AttachmentCreation, Media, MediaChange, StoredAttachment};

use super::{AttachmentRequest, AttachmentsAnswer, Owner};
use crate::protocol::{AttachmentBody, DocumentError, media_link};
use crate::service::batch::retry_with;
use crate::service::charge::{self, Charge};
use crate::service::{Container, DocumentService, DocumentsError};

/// Tries to replace an attachment that others change.
const ATTEMPTS: u32 = 10;

/// An attachment as it is made.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    /// What it says.
    pub body: AttachmentBody,
    /// Media that the store is to keep; none where the body says where they are.
    pub media: Option<Media>,
    /// Whether one of the same name is replaced.
    pub upsert: bool,
}

impl DocumentService {
    /// Makes an attachment, or replaces one where that is asked for. True if it was not there before.
    ///
    /// # Errors
    /// 409 when the item has one of this name, 412 when a condition fails, 400 for one that says nothing of media, 413 for media
    /// that are too large, 403 for an account that is full; 404 with sub-status 1003 without such an item; those of a container's
    /// lookup, of budgets and of host state.
    pub async fn create_attachment(
        &self,
        request: &AttachmentRequest<'_>,
        new: &NewAttachment,
    ) -> Result<(AttachmentsAnswer, bool), DocumentsError> {
        let mut lookup = self.lookup(request.container);
        let mut attempts = 0;
        loop {
            let container = lookup.next().await?;
            let Some(owner) = self.owner(&container, request).await? else { continue };
            self.room_for(&container, new.media.as_ref()).await?;
            let media = new.media.as_ref().map(|media| (&*container.account, media));
            let made = (new.body.name(), new.body.text());
            let documents = self.0.database.documents();
            // One that says nothing of media can only replace one that has some.
            let creation = match new.media.is_none() && new.body.media().is_none() {
                false => documents.create_attachment(owner.range.place, owner.key, made, media).await?,
                true => match documents.attachment(container.number, owner.number, new.body.name()).await? {
                    Some(found) => AttachmentCreation::Exists(found),
                    None => return Err(refused(new.body.check_media())),
                },
            };
            let charge = charge::create(made.1.len() + new.media.as_ref().map_or(0, |media| media.bytes.len()));
            match creation {
                AttachmentCreation::Created(stored) => {
                    return Ok((self.written(&container, &owner, charge, &stored), true));
                }
                AttachmentCreation::Exists(_) if !new.upsert => return Err(DocumentError::conflict().into()),
                AttachmentCreation::Exists(found) => {
                    request.precondition.check(found.version)?;
                    let (body, media) = (new.body.clone(), new.media.as_ref());
                    if let Some(stored) = self.overwrite(&container, &owner, request, &found, body, media).await? {
                        return Ok((self.written(&container, &owner, charge, &stored), false));
                    }
                    attempts += 1;
                    if attempts >= ATTEMPTS {
                        return Err(retry_with().into());
                    }
                }
                AttachmentCreation::NoItem => return Err(DocumentError::owner_not_found().into()),
                AttachmentCreation::Stale => {}
            }
        }
    }

    /// Replaces an attachment. One that says where its media are has none of the store's own any more.
    ///
    /// # Errors
    /// 404 without such an attachment, 412 when a condition fails, 400 for another id; otherwise as [`Self::create_attachment`].
    pub async fn replace_attachment(
        &self,
        request: &AttachmentRequest<'_>,
        body: &AttachmentBody,
    ) -> Result<AttachmentsAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next().await?;
            let Some(owner) = self.owner(&container, request).await? else { continue };
            self.room_for(&container, None).await?;
            let found = self.attachment(&container, &owner, request.name).await?;
            if found.name != body.name() {
                return Err(DocumentError::bad_request(
                    "The id in the body is not the one in the address. An attachment's id cannot change: delete it and create another.",
                )
                .into());
            }
            request.precondition.check(found.version)?;
            let charge = charge::change(body.text().len());
            return match self.overwrite(&container, &owner, request, &found, body.clone(), None).await? {
                Some(stored) => Ok(self.written(&container, &owner, charge, &stored)),
                None => Err(DocumentError::not_found().into()),
            };
        }
    }

    /// Puts an attachment in the place of another; none when that is gone.
    async fn overwrite(
        &self,
        container: &Container,
        owner: &Owner<'_>,
        request: &AttachmentRequest<'_>,
        found: &StoredAttachment,
        body: AttachmentBody,
        media: Option<&Media>,
    ) -> Result<Option<StoredAttachment>, DocumentsError> {
        let rid = owner.rid.attachment(found.place.number);
        let own = AttachmentBody::parse(&found.body).is_ok_and(|found| found.media().is_none());
        let (body, change) = match (media, body.media()) {
            (Some(media), _) => (body, MediaChange::Put(&container.account, media)),
            // As it was answered: the link is the one that the store has added.
            (None, Some(link)) if own && link.trim_start_matches('/') == &media_link(rid)[1..] => {
                (body.without_media(), MediaChange::Keep)
            }
            (None, Some(_)) => (body, MediaChange::Drop),
            (None, None) if own => (body, MediaChange::Keep),
            (None, None) => return Err(refused(body.check_media())),
        };
        let expected = request.precondition.if_match.map(|_| found.version);
        let documents = self.0.database.documents();
        match documents.replace_attachment(found.place, expected, body.text(), change).await? {
            Some((version, changed)) => {
                Ok(Some(StoredAttachment { version, changed, body: body.text().into(), ..found.clone() }))
            }
            None if expected.is_some() => Err(DocumentError::precondition_failed().into()),
            None => Ok(None),
        }
    }

    fn written(
        &self,
        container: &std::sync::Arc<Container>,
        owner: &Owner<'_>,
        charge: Charge,
        stored: &StoredAttachment,
    ) -> AttachmentsAnswer {
        self.pay(container, owner.range, charge);
        owner.answer(container, charge, vec![owner.view(stored)], None)
    }
}

/// A check that is known to fail.
fn refused(checked: Result<(), DocumentError>) -> DocumentsError {
    checked.err().unwrap_or_else(DocumentError::not_found).into()
}
