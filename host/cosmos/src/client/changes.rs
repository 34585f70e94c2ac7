//! The change feed, page by page, with its raw positions (reference: Cosmos DB, sections 7.4 to 7.6).

use std::time::Duration;

use hearth_model::clock::Timestamp;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::{Call, Session};
use super::container::{ContainerClient, etag_of};
use super::error::{CosmosError, number};
use super::signature::http_date;

/// The form of items in all-versions mode.
const WIRE_FORMAT: &str = "2021-09-15";

/// What a feed tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangesMode {
    /// Each item that there is, at its latest version, with `_lsn`.
    Latest,
    /// Every version of every item, and deletes, each as `{"current":…,"previous":…,"metadata":…}`.
    AllVersions,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangesStart<'a> {
    /// With the first change that there is.
    Beginning,
    /// With what comes from now on.
    Now,
    /// With the first change in this second or later.
    Time(Timestamp),
    /// After the [`ChangesPage::continuation`] of another page.
    After(&'a str),
}

/// What is asked of a feed.
#[derive(Clone, Copy, Debug)]
pub struct ChangesRequest<'a> {
    /// RID that the container has to have. One that was made anew under the same id is refused, since positions mean nothing in it.
    pub container_rid: Option<&'a str>,
    /// The partition key range; none for the whole container, in no order across its ranges.
    pub range: Option<&'a str>,
    /// Bounds of effective partition keys within the range: the first that belongs to it, and the first beyond.
    pub bounds: Option<(&'a str, &'a str)>,
    /// From where.
    pub start: ChangesStart<'a>,
    /// What it tells.
    pub mode: ChangesMode,
    /// Most items; a transaction is never cut.
    pub max_items: Option<u32>,
    /// How long the endpoint may wait for something new, in whole seconds: the document store of a Hearth does, others answer at once.
    pub wait: Duration,
}

/// A page of changes.
#[derive(Debug, Default)]
pub struct ChangesPage {
    /// What changed, each as the JSON text that came.
    pub items: Vec<Box<RawValue>>,
    /// What the next page begins after: the `etag`, byte for byte.
    pub continuation: String,
    /// The session token of the answer, which tells how far the range is.
    pub session_token: Option<String>,
    /// What it cost, in hundredths of a request unit.
    pub charge_hundredths: u64,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Documents")]
    items: Vec<Box<RawValue>>,
}

impl ContainerClient {
    /// A page of what changed; without items if there is nothing new.
    ///
    /// # Errors
    /// [`super::CosmosErrorKind::RangeGone`] when the range was split or merged; [`super::CosmosErrorKind::Refused`] with sub-status 1024
    /// when the container is another one than was meant; those of the service and the way to it.
    pub async fn changes(&self, request: &ChangesRequest<'_>) -> Result<ChangesPage, CosmosError> {
        let doing = format!("read the change feed of {}", self.shown());
        let mut call = Call::new(Method::GET, &self.link, Some("docs"), doing);
        call.surfaces_gone = request.range.is_some();
        call.session = match request.range {
            Some(range) => Session::Range(&self.link, range),
            None => Session::Container(&self.link),
        };
        match request.mode {
            ChangesMode::Latest => call.headers.set("a-im", "Incremental Feed"),
            ChangesMode::AllVersions => {
                call.headers.set("a-im", "Full-Fidelity Feed");
                call.headers.set("x-ms-cosmos-changefeed-wire-format-version", WIRE_FORMAT);
            }
        }
        if let Some(rid) = request.container_rid {
            call.headers.set("x-ms-cosmos-intended-collection-rid", rid);
        }
        if let Some(range) = request.range {
            call.headers.set("x-ms-documentdb-partitionkeyrangeid", range);
        }
        if let Some((min, max)) = request.bounds {
            call.headers.set("x-ms-read-key-type", "EffectivePartitionKeyRange");
            call.headers.set("x-ms-start-epk", min);
            call.headers.set("x-ms-end-epk", max);
        }
        match request.start {
            ChangesStart::Beginning => {}
            ChangesStart::Now => call.headers.set("if-none-match", "*"),
            ChangesStart::Time(at) => call.headers.set("if-modified-since", &http_date(at)),
            ChangesStart::After(etag) => call.headers.set("if-none-match", etag),
        }
        if let Some(most) = request.max_items {
            call.headers.set("x-ms-max-item-count", &most.to_string());
        }
        let wait = request.wait.as_secs();
        if wait > 0 {
            call.headers.set("x-hearth-wait-seconds", &wait.to_string());
            call.waits = Duration::from_secs(wait);
        }
        let answer = self.client.call(&call).await?.answer;
        let Some(continuation) = etag_of(&answer) else {
            return Err(self
                .client
                .no_sense(&call.doing, "the answer has no etag, so nothing could be read on from it"));
        };
        let items = match answer.status {
            StatusCode::NOT_MODIFIED => Vec::new(),
            _ => {
                serde_json::from_slice::<Body>(&answer.body)
                    .map_err(|_| self.client.no_sense(&call.doing, "the answer is no list of documents"))?
                    .items
            }
        };
        let session_token = answer.headers.get("x-ms-session-token").and_then(|value| value.to_str().ok());
        Ok(ChangesPage {
            items,
            continuation,
            session_token: session_token.map(str::to_owned),
            charge_hundredths: hundredths(&answer),
        })
    }
}

/// `x-ms-request-charge`, which is a decimal number.
fn hundredths(answer: &hearth_outbound::Answer) -> u64 {
    if let Some(whole) = number(&answer.headers, "x-ms-request-charge") {
        return whole.saturating_mul(100);
    }
    let text = answer.headers.get("x-ms-request-charge").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = part.chars().chain("00".chars()).take(2).collect();
    let whole: u64 = whole.parse().unwrap_or(0);
    whole.saturating_mul(100).saturating_add(digits.parse().unwrap_or(0))
}
