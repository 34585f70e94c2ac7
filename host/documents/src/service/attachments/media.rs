//! The bytes of attachments that the store keeps itself, by the RID of their attachment.

use hearth_state::documents::{Media, ResourceKind, StoredItem};
use http::StatusCode;

use super::place;
use crate::protocol::{DocumentError, Rid, limits};
use crate::service::{Container, DocumentService, DocumentsError};

/// What media belong to.
#[derive(Clone, Debug)]
pub struct MediaOwner {
    /// The RID of the container.
    pub container: Rid,
    /// The item.
    pub item: StoredItem,
    /// The id of the attachment.
    pub attachment: String,
}

impl DocumentService {
    /// What the media with this RID, that of their attachment, belong to in an account.
    ///
    /// # Errors
    /// 404 when the account has none; those of host state.
    pub async fn media_owner(&self, account: &str, rid: Rid) -> Result<MediaOwner, DocumentsError> {
        let container = rid.container_part().filter(|_| rid.as_bytes().len() == 20);
        let container = container.ok_or_else(DocumentError::not_found)?;
        let stored = self.0.database.document_resources().get_by_rid(&container.to_hex()).await?;
        stored
            .filter(|stored| stored.account == account && stored.kind == ResourceKind::Container)
            .ok_or_else(DocumentError::not_found)?;
        let documents = self.0.database.documents();
        let item = documents.find_by_number(container.container_number(), rid.child_number()).await?;
        let (_, item) = item.ok_or_else(DocumentError::not_found)?;
        let attachment = documents.numbered_attachment(place(rid)).await?.ok_or_else(DocumentError::not_found)?;
        Ok(MediaOwner { container, item, attachment: attachment.name })
    }

    /// Media that the store keeps.
    ///
    /// # Errors
    /// 404 when the account has none with this RID; those of host state.
    pub async fn media(&self, account: &str, rid: Rid) -> Result<Media, DocumentsError> {
        self.media_owner(account, rid).await?;
        let media = self.0.database.documents().media(place(rid)).await?;
        Ok(media.ok_or_else(DocumentError::not_found)?)
    }

    /// Puts other bytes in the place of media.
    ///
    /// # Errors
    /// 404 when the account has none with this RID, 413 for media that are too large, 403 for an account that is full; those of host
    /// state.
    pub async fn replace_media(&self, account: &str, rid: Rid, media: &Media) -> Result<(), DocumentsError> {
        self.media_owner(account, rid).await?;
        self.within_quota_of(account).await?;
        self.room_for_media(account, media).await?;
        match self.0.database.documents().set_media(place(rid), media).await? {
            true => Ok(()),
            false => Err(DocumentError::not_found().into()),
        }
    }

    /// Deletes media with their attachment, which is nothing without them.
    ///
    /// # Errors
    /// 404 when the account has none with this RID; those of host state.
    pub async fn delete_media(&self, account: &str, rid: Rid) -> Result<(), DocumentsError> {
        self.media(account, rid).await?;
        match self.0.database.documents().delete_attachment(place(rid), None).await? {
            true => Ok(()),
            false => Err(DocumentError::not_found().into()),
        }
    }

    /// Bytes of all media of an account.
    ///
    /// # Errors
    /// Those of host state.
    pub async fn media_usage(&self, account: &str) -> Result<u64, DocumentsError> {
        Ok(self.0.database.documents().media_usage(account).await?)
    }

    /// Refuses an attachment of an account that is full, and media that are too large.
    pub(super) async fn room_for(&self, container: &Container, media: Option<&Media>) -> Result<(), DocumentsError> {
        self.within_quota(container).await?;
        match media {
            Some(media) => self.room_for_media(&container.account, media).await,
            None => Ok(()),
        }
    }

    async fn room_for_media(&self, account: &str, media: &Media) -> Result<(), DocumentsError> {
        if media.bytes.len() > limits::MEDIA_BYTES {
            return Err(media_too_large().into());
        }
        let used = self.media_usage(account).await?;
        let more = u64::try_from(media.bytes.len()).unwrap_or(u64::MAX);
        if used.saturating_add(more) <= limits::ACCOUNT_MEDIA_BYTES {
            return Ok(());
        }
        let message = format!(
            "The account keeps {used} bytes of media, and may keep {}: delete attachments that are not needed.",
            limits::ACCOUNT_MEDIA_BYTES
        );
        Err(DocumentError::new(StatusCode::FORBIDDEN, message).into())
    }
}

/// 413.
fn media_too_large() -> DocumentError {
    let message = format!("The media are too large: one attachment may have {} bytes.", limits::MEDIA_BYTES);
    DocumentError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}
