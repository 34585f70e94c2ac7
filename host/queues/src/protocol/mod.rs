//! The words of the Azure Queue Storage REST API, for the service and for clients of one: names and limits, XML bodies, the
//! signatures of requests, and error codes. Text in, text out: no network, no clock, no state.

mod dates;
mod error;
pub mod limits;
mod listing;
mod messages;
mod names;
mod policies;
mod properties;
pub mod sas;
mod shared_key;
mod xml;

pub use dates::{http_date, parse_http_date, sas_time};
pub use error::{ErrorCode, ProtocolError, error_code_of};
pub use listing::{ListedQueue, QueueListing};
pub use messages::{MessageBody, QueueMessage, read_message_body, read_messages, write_message_body, write_messages};
pub use names::{AccountName, InvalidName, QueueName, check_message_text, check_metadata, check_metadata_name};
pub use policies::{AccessPolicy, read_policies, write_policies};
pub use properties::{CorsRule, Logging, Metrics, ServiceProperties, Statistics, read_properties, write_properties};
pub use shared_key::{AccountKey, Scheme, SignedParts, authorization, string_to_sign, verify};

/// The version of the REST API that this speaks; requests of every earlier one from 2011-08-18 on are answered alike.
pub const API_VERSION: &str = "2026-02-06";
