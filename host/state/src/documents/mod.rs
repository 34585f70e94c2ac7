//! Documents: accounts, the resources that contain items, and items with their history.

mod account;
mod attachments;
mod item;
mod items;
mod resources;

pub use account::{DocumentAccount, DocumentAccounts, DocumentKeyName};
pub use attachments::{AttachmentCreation, AttachmentPlace, Media, MediaChange, StoredAttachment};
pub use item::{
    ChangeKind, Committed, Expected, ItemChange, ItemHistory, ItemKey, ItemVersion, ItemWrite, KeyBounds, Looked,
    NewItem, Page, PageLimit, RangePlace, StoredItem, StoredRange, WrittenItem,
};
pub use items::Documents;
pub use resources::{
    DocumentResources, NewContainer, NewResource, ResourceChange, ResourceCreation, ResourceKind, StoredResource,
};
