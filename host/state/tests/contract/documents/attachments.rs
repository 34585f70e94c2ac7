//! Attachments and media, which live as long as their item.

use std::time::Duration;

use hearth_state::documents::{
    AttachmentCreation, AttachmentPlace, Expected, ItemChange, ItemWrite, Media, MediaChange, NewItem, RangePlace,
    StoredAttachment,
};
use hearth_state::{Database, StateError};

use super::{container, delete, done, item, key, place, put, read};
use crate::fixture::Fixture;

crate::on_every_engine!(an_attachment_is_created_read_replaced_and_deleted, attachments_go_with_their_item);

fn media(bytes: &[u8]) -> Media {
    Media { content_type: "text/plain".to_owned(), bytes: bytes.to_vec().into() }
}

async fn attach(
    database: &Database,
    place: RangePlace,
    id: &str,
    name: &str,
) -> Result<AttachmentCreation, StateError> {
    database.documents().create_attachment(place, key(id), (name, "{}"), Some(("shop", &media(b"text")))).await
}

fn created(creation: Result<AttachmentCreation, StateError>) -> StoredAttachment {
    match creation.unwrap() {
        AttachmentCreation::Created(attachment) => attachment,
        other => panic!("{other:?}"),
    }
}

async fn an_attachment_is_created_read_replaced_and_deleted(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    assert_eq!(attach(&database, place, "a", "one").await.unwrap(), AttachmentCreation::NoItem);
    done(&database, place, &[put("a", Expected::Absent, "{}")]).await;
    let stale = RangePlace { definition: 1, ..place };
    assert_eq!(attach(&database, stale, "a", "one").await.unwrap(), AttachmentCreation::Stale);
    let one = created(attach(&database, place, "a", "one").await);
    let again = attach(&database, place, "a", "one").await.unwrap();
    assert_eq!(again, AttachmentCreation::Exists(one.clone()));
    let two = created(documents.create_attachment(place, key("a"), ("two", "{}"), None).await);
    let two_place = two.place;
    assert_eq!(
        documents.attachments(place.container, one.place.item, "", 10).await.unwrap(),
        [one.clone(), two.clone()]
    );
    assert_eq!(
        documents.attachments(place.container, one.place.item, "one", 10).await.unwrap(),
        std::slice::from_ref(&two)
    );
    assert_eq!(documents.numbered_attachment(two_place).await.unwrap(), Some(two));
    assert_eq!(documents.numbered_attachment(AttachmentPlace { item: 1, ..two_place }).await.unwrap(), None);
    assert_eq!(documents.usage("shop").await.unwrap(), 2 + 4 + 2 + 2, "item, media, and both attachments");
    assert_eq!(documents.media(one.place).await.unwrap(), Some(media(b"text")));
    assert!(documents.set_media(one.place, &media(b"other")).await.unwrap());
    assert!(!documents.set_media(two_place, &media(b"other")).await.unwrap(), "it has none");
    assert_eq!(documents.media(one.place).await.unwrap(), Some(media(b"other")));
    assert_eq!(documents.media_usage("shop").await.unwrap(), 5);
    let replaced = async |expected, body, media| documents.replace_attachment(one.place, expected, body, media).await;
    let (version, _) = replaced(Some(one.version), "{\"a\":1}", MediaChange::Keep).await.unwrap().unwrap();
    assert!(version > one.version);
    assert_eq!(documents.media(one.place).await.unwrap(), Some(media(b"other")), "they are kept");
    let late = media(b"too late");
    assert_eq!(replaced(Some(one.version), "{}", MediaChange::Put("shop", &late)).await.unwrap(), None);
    assert_eq!(documents.media(one.place).await.unwrap(), Some(media(b"other")), "nothing of it happens");
    let (version, _) = replaced(Some(version), "{\"a\":1}", MediaChange::Drop).await.unwrap().unwrap();
    assert_eq!((documents.media(one.place).await.unwrap(), documents.media_usage("shop").await.unwrap()), (None, 0));
    let newest = media(b"newest");
    let put = MediaChange::Put("shop", &newest);
    let (version, _) = replaced(Some(version), "{\"a\":1}", put).await.unwrap().unwrap();
    assert_eq!(documents.media(one.place).await.unwrap(), Some(newest.clone()), "media where there were none");
    let found = documents.attachment(place.container, one.place.item, "one").await.unwrap().unwrap();
    assert_eq!((found.version, &*found.body), (version, "{\"a\":1}"));
    assert!(!documents.delete_attachment(one.place, Some(one.version)).await.unwrap());
    assert!(documents.delete_attachment(one.place, Some(version)).await.unwrap());
    assert_eq!(documents.media(one.place).await.unwrap(), None);
    assert_eq!(documents.usage("shop").await.unwrap(), 2 + 2, "what is left is the item and the other attachment");
}

async fn attachments_go_with_their_item(fixture: Fixture) {
    let database = fixture.open().await;
    let place = place(&container(&fixture, &database, false, 1).await, 0);
    let documents = database.documents();
    let short = NewItem { time_to_live: Some(60), ..item("b", "{}") };
    let short = ItemWrite { key: key("b"), expected: Expected::Absent, change: ItemChange::Put(short) };
    done(&database, place, &[put("a", Expected::Absent, "{}"), short]).await;
    let deleted = created(attach(&database, place, "a", "one").await);
    let expired = created(attach(&database, place, "b", "one").await);
    done(&database, place, &[delete("a", Expected::Present)]).await;
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(read(&database, place, "b").await, None);
    assert_eq!(documents.media(expired.place).await.unwrap(), None, "nobody sees it any more");
    assert_eq!(documents.purge_expired(10).await.unwrap(), 1);
    for gone in [deleted, expired] {
        let left = documents.attachments(place.container, gone.place.item, "", 10).await.unwrap();
        assert_eq!((left, documents.media(gone.place).await.unwrap()), (vec![], None));
    }
    assert_eq!(documents.usage("shop").await.unwrap(), 0);
}
