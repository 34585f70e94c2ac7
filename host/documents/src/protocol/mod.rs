//! The words of the protocol: what travels, and how it is read, checked and written. No state, no network.

pub mod account;
mod attachment;
mod batch;
pub mod container;
mod dates;
pub mod envelope;
pub mod epk;
mod error;
pub mod etag;
mod ids;
mod item;
pub mod json;
pub mod limits;
pub mod links;
pub mod partition_key;
mod patch;
pub mod resource_token;
mod rid;
mod session;
pub mod signature;

pub(crate) use attachment::with_media;
pub use attachment::{AttachmentBody, media_link};
pub use batch::{BatchOperation, BatchResult, OperationKind, read_batch};
pub use container::ContainerDefinition;
pub use dates::{http_date, parse_http_date};
pub use error::{DocumentError, substatus};
pub use ids::{check_item_id, check_resource_id};
pub use item::{Indexing, ItemBody, ItemWriter, is_system_property};
pub use links::{Link, ResourceKind};
pub use partition_key::{HashKind, KeyComponent, PartitionKey, PartitionKeyDefinition, PropertyPath, item_key};
pub use patch::Patch;
pub use rid::{ChildKind, InvalidRid, Rid};
pub use session::SessionToken;
