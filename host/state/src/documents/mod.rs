//! Documents: accounts, the resources that contain items, and items with their history.

mod item;

pub use item::{
    ChangeKind, Committed, Expected, ItemChange, ItemHistory, ItemKey, ItemVersion, ItemWrite, KeyBounds, Looked,
    NewItem, Page, PageLimit, RangePlace, StoredItem, StoredRange, WrittenItem,
};
