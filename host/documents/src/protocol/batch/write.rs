//! Results of a batch on their way out.

use std::fmt::Write as _;
use std::time::Duration;

use hearth_state::documents::ItemVersion;
use http::StatusCode;

use crate::protocol::{etag, json};

/// What became of one operation.
#[derive(Clone, Debug)]
pub struct BatchResult<'a> {
    /// The status.
    pub status: StatusCode,
    /// The sub-status; 0 for none.
    pub substatus: u32,
    /// What it cost, in request units.
    pub charge: f64,
    /// The version of the item, where there is one.
    pub version: Option<ItemVersion>,
    /// When another try makes sense.
    pub retry_after: Option<Duration>,
    /// Why it was refused.
    pub message: Option<&'a str>,
}

impl BatchResult<'_> {
    /// Adds the result to a text; `body` adds the item, where one is shown.
    pub fn write(&self, out: &mut String, body: Option<impl FnOnce(&mut String)>) {
        // Writing into a String does not fail.
        let _ = write!(out, "{{\"statusCode\":{}", self.status.as_u16());
        if self.substatus != 0 {
            let _ = write!(out, ",\"subStatusCode\":{}", self.substatus);
        }
        let _ = write!(out, ",\"requestCharge\":{}", self.charge);
        if let Some(version) = self.version {
            out.push_str(",\"eTag\":");
            etag::write_json(out, version.0);
        }
        if let Some(wait) = self.retry_after {
            let _ = write!(out, ",\"retryAfterMilliseconds\":{}", wait.as_millis());
        }
        if let Some(message) = self.message {
            out.push_str(",\"message\":");
            json::write_string(out, message);
        }
        if let Some(body) = body {
            out.push_str(",\"resourceBody\":");
            body(out);
        }
        out.push('}');
    }
}
