//! Attachments of items, and the media that the store keeps for them. They go with their item.

mod mssql;
mod sqlite;

use std::sync::Arc;

use hearth_model::clock::Timestamp;

use super::Documents;
use super::item::{ItemKey, Looked, RangePlace};
use crate::StateError;
use crate::operation::{Operation, Row, Statement, Step, Value};

static HOLD_ITEM: Statement = Statement::query("documents.hold-item", sqlite::HOLD_ITEM, mssql::HOLD_ITEM);
static CREATE: Statement = Statement::change("documents.create-attachment", sqlite::CREATE, mssql::CREATE);
static ADD_MEDIA: Statement = Statement::change("documents.add-media", sqlite::ADD_MEDIA, mssql::ADD_MEDIA);
static GET: Statement = Statement::query("documents.attachment", sqlite::GET, mssql::GET);
static NUMBERED: Statement = Statement::query("documents.numbered-attachment", sqlite::NUMBERED, mssql::NUMBERED);
static LIST: Statement = Statement::query("documents.attachments", sqlite::LIST, mssql::LIST);
static REPLACE: Statement = Statement::change("documents.replace-attachment", sqlite::REPLACE, mssql::REPLACE);
static DELETE: Statement = Statement::change("documents.delete-attachment", sqlite::DELETE, mssql::DELETE);
static DELETE_MEDIA: Statement = Statement::change("documents.delete-media", sqlite::DELETE_MEDIA, mssql::DELETE_MEDIA);
static MEDIA: Statement = Statement::query("documents.media", sqlite::MEDIA, mssql::MEDIA);
static SET_MEDIA: Statement = Statement::change("documents.set-media", sqlite::SET_MEDIA, mssql::SET_MEDIA);
static MEDIA_USAGE: Statement = Statement::query("documents.media-usage", sqlite::MEDIA_USAGE, mssql::MEDIA_USAGE);

/// Tries with other random numbers before it is given up; one is almost always enough.
const ATTEMPTS: usize = 16;

/// Where an attachment is: the numbers of its container, of its item, and its own, which its RID ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttachmentPlace {
    /// The container's number.
    pub container: i64,
    /// The item's number.
    pub item: i64,
    /// Its own.
    pub number: u32,
}

impl AttachmentPlace {
    fn args(self) -> [Value; 3] {
        [self.container.into(), self.item.into(), i64::from(self.number).into()]
    }
}

/// Bytes that the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Their type, as the client named it.
    pub content_type: String,
    /// The bytes.
    pub bytes: Arc<Vec<u8>>,
}

/// What becomes of an attachment's media when the attachment is replaced.
#[derive(Clone, Copy, Debug)]
pub enum MediaChange<'a> {
    /// They stay as they are, if there are any.
    Keep,
    /// They go, if there are any.
    Drop,
    /// These take their place, or are its first; they count for this account.
    Put(&'a str, &'a Media),
}

/// An attachment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAttachment {
    /// Where it is.
    pub place: AttachmentPlace,
    /// Its name, unique below its item.
    pub name: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was changed last.
    pub changed: Timestamp,
    /// Its own properties as one JSON object.
    pub body: Arc<str>,
}

/// What creating an attachment found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentCreation {
    /// It was made.
    Created(StoredAttachment),
    /// There is one of this name; it was left as it is.
    Exists(StoredAttachment),
    /// There is no such item.
    NoItem,
    /// The container does not have this range any more, or is defined otherwise.
    Stale,
}

impl Documents {
    /// Makes an attachment of an item, with media of the account or without; one that exists is left as it is.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn create_attachment(
        &self,
        place: RangePlace,
        key: ItemKey,
        (name, body): (&str, &str),
        media: Option<(&str, &Media)>,
    ) -> Result<AttachmentCreation, StateError> {
        for _ in 0..ATTEMPTS {
            let item = match self.item(place, key).await? {
                Looked::Stale => return Ok(AttachmentCreation::Stale),
                Looked::At { found: None, .. } => return Ok(AttachmentCreation::NoItem),
                Looked::At { found: Some(item), .. } => item.number,
            };
            let number = getrandom::u32()
                .map_err(|error| StateError::Unavailable(format!("the system gives no random numbers ({error})")))?;
            let at = AttachmentPlace { container: place.container, item, number };
            let mut hold = vec![place.container.into(), place.range.into(), item.into(), Value::Now(0)];
            hold.push(place.definition.into());
            let mut args = at.args().to_vec();
            args.extend([name.into(), Value::Now(0), Value::Now(0), body.into()]);
            let mut steps = vec![Step::required(&HOLD_ITEM, hold), Step::required(&CREATE, args)];
            if let Some((account, media)) = media {
                steps.push(addition(at, account, media));
            }
            let outcome = self.0.write(Operation::full(steps)).await?;
            if let Some(row) = outcome.row(1).filter(|_| outcome.done) {
                let (name, version, changed) = (name.to_owned(), row.int(0)?, row.time(1)?);
                let made = StoredAttachment { place: at, name, version, changed, body: body.into() };
                return Ok(AttachmentCreation::Created(made));
            }
            if let Some(found) = self.attachment(place.container, item, name).await? {
                return Ok(AttachmentCreation::Exists(found));
            }
        }
        Err(StateError::Unavailable("an item is changed by others all the time".to_owned()))
    }

    /// An attachment of the item with this number, by its name.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn attachment(
        &self,
        container: i64,
        item: i64,
        name: &str,
    ) -> Result<Option<StoredAttachment>, StateError> {
        let args = vec![container.into(), item.into(), name.into()];
        self.0.read(Step::new(&GET, args)).await?.first().map(stored).transpose()
    }

    /// An attachment by its number.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn numbered_attachment(&self, place: AttachmentPlace) -> Result<Option<StoredAttachment>, StateError> {
        self.0.read(Step::new(&NUMBERED, place.args().to_vec())).await?.first().map(stored).transpose()
    }

    /// Attachments of the item with this number by name, those behind `after`, at most `most`.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn attachments(
        &self,
        container: i64,
        item: i64,
        after: &str,
        most: u32,
    ) -> Result<Vec<StoredAttachment>, StateError> {
        let args = vec![container.into(), item.into(), after.into(), i64::from(most).into()];
        self.0.read(Step::new(&LIST, args)).await?.iter().map(stored).collect()
    }

    /// Replaces the properties of an attachment, where one is expected only in that version, and does with its media what is said.
    /// Answers its new version and when it was changed; none when it is not there or has another.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn replace_attachment(
        &self,
        place: AttachmentPlace,
        expected: Option<i64>,
        body: &str,
        media: MediaChange<'_>,
    ) -> Result<Option<(i64, Timestamp)>, StateError> {
        let mut args = vec![body.into(), Value::Now(0), Value::Now(0)];
        args.extend(place.args());
        args.extend(versions(expected));
        let mut steps = vec![Step::required(&REPLACE, args)];
        if !matches!(media, MediaChange::Keep) {
            steps.push(Step::new(&DELETE_MEDIA, place.args().to_vec()));
        }
        if let MediaChange::Put(account, media) = media {
            steps.push(addition(place, account, media));
        }
        let outcome = self.0.write(Operation::full(steps)).await?;
        let row = outcome.row(0).filter(|_| outcome.done);
        row.map(|row| Ok((row.int(0)?, row.time(1)?))).transpose()
    }

    /// Deletes an attachment with its media, where one is expected only in that version. False when it is not there or has another.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn delete_attachment(&self, place: AttachmentPlace, expected: Option<i64>) -> Result<bool, StateError> {
        let mut args = place.args().to_vec();
        args.extend(versions(expected));
        let media = Step::new(&DELETE_MEDIA, place.args().to_vec());
        let steps = vec![Step::required(&DELETE, args), media];
        Ok(self.0.write(Operation::full(steps)).await?.done)
    }

    /// The media of an attachment, while its item is there.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn media(&self, place: AttachmentPlace) -> Result<Option<Media>, StateError> {
        let mut args = place.args().to_vec();
        args.push(Value::Now(0));
        let rows = self.0.read(Step::new(&MEDIA, args)).await?;
        let media = |row: &Row| Ok(Media { content_type: row.text(0)?.to_owned(), bytes: row.shared_bytes(1)? });
        rows.first().map(media).transpose()
    }

    /// Bytes of all media of an account.
    ///
    /// # Errors
    /// Those of a read.
    pub async fn media_usage(&self, account: &str) -> Result<u64, StateError> {
        let rows = self.0.read(Step::new(&MEDIA_USAGE, vec![account.into()])).await?;
        rows.first().map_or(Ok(0), |row| row.unsigned(0))
    }

    /// Replaces the media of an attachment. False where it has none.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn set_media(&self, place: AttachmentPlace, media: &Media) -> Result<bool, StateError> {
        let mut args = vec![media.content_type.as_str().into(), (media.bytes.len() as u64).into()];
        args.push(Value::Bytes(Arc::clone(&media.bytes)));
        args.extend(place.args());
        Ok(self.0.write(Operation::full(vec![Step::new(&SET_MEDIA, args)])).await?.affected(0) == 1)
    }
}

fn addition(place: AttachmentPlace, account: &str, media: &Media) -> Step {
    let mut args = place.args().to_vec();
    args.extend([account.into(), media.content_type.as_str().into(), (media.bytes.len() as u64).into()]);
    args.push(Value::Bytes(Arc::clone(&media.bytes)));
    Step::new(&ADD_MEDIA, args)
}

fn versions(expected: Option<i64>) -> [Value; 2] {
    let (lowest, highest) = expected.map_or((0, i64::MAX), |version| (version, version));
    [lowest.into(), highest.into()]
}

fn stored(row: &Row) -> Result<StoredAttachment, StateError> {
    let number = u32::try_from(row.int(2)?).map_err(|_| row.unexpected(2))?;
    Ok(StoredAttachment {
        place: AttachmentPlace { container: row.int(0)?, item: row.int(1)?, number },
        name: row.text(3)?.to_owned(),
        version: row.int(4)?,
        changed: row.time(5)?,
        body: row.shared_text(6)?,
    })
}
