//! Names of the protocol's own headers (reference: Cosmos DB, sections 1.3 and 1.4), and how requests' values are read.

use http::{HeaderMap, HeaderName};

use crate::protocol::DocumentError;

macro_rules! names {
    ($($name:ident = $text:literal;)*) => {
        $(pub(super) static $name: HeaderName = HeaderName::from_static($text);)*
    };
}

names! {
    ACTIVITY_ID = "x-ms-activity-id";
    ALT_CONTENT_PATH = "x-ms-alt-content-path";
    A_IM = "a-im";
    AUTOPILOT = "x-ms-cosmos-offer-autopilot-settings";
    BATCH_ATOMIC = "x-ms-cosmos-batch-atomic";
    BATCH_CONTINUE_ON_ERROR = "x-ms-cosmos-batch-continue-on-error";
    CONSISTENCY_LEVEL = "x-ms-consistency-level";
    CONTENT_PATH = "x-ms-content-path";
    CONTINUATION = "x-ms-continuation";
    COSMOS_ITEM_LSN = "x-ms-cosmos-item-llsn";
    COSMOS_LSN = "x-ms-cosmos-llsn";
    COSMOS_QUORUM_LSN = "x-ms-cosmos-quorum-acked-llsn";
    END_EPK = "x-ms-end-epk";
    EXPIRY_SECONDS = "x-ms-documentdb-expiry-seconds";
    FORWARDED_PROTO = "x-forwarded-proto";
    GATEWAY_VERSION = "x-ms-gatewayversion";
    GLOBAL_COMMITTED_LSN = "x-ms-global-committed-lsn";
    INDEX_PROGRESS = "x-ms-documentdb-collection-index-transformation-progress";
    INDEXING_DIRECTIVE = "x-ms-indexing-directive";
    INTENDED_COLLECTION_RID = "x-ms-cosmos-intended-collection-rid";
    INTERNAL_PARTITION_ID = "x-ms-cosmos-internal-partition-id";
    IS_BATCH = "x-ms-cosmos-is-batch-request";
    IS_QUERY = "x-ms-documentdb-isquery";
    IS_QUERY_PLAN = "x-ms-cosmos-is-query-plan-request";
    IS_UPSERT = "x-ms-documentdb-is-upsert";
    ITEM_COUNT = "x-ms-item-count";
    ITEM_LSN = "x-ms-item-lsn";
    LAZY_INDEX_PROGRESS = "x-ms-documentdb-collection-lazy-indexing-progress";
    LSN = "lsn";
    MAX_ITEM_COUNT = "x-ms-max-item-count";
    MAX_MEDIA_USAGE = "x-ms-max-media-storage-usage-mb";
    MEDIA_USAGE = "x-ms-media-storage-usage-mb";
    MIN_THROUGHPUT = "x-ms-cosmos-min-throughput";
    MS_DATE = "x-ms-date";
    OFFER_REPLACE_PENDING = "x-ms-offer-replace-pending";
    OFFER_THROUGHPUT = "x-ms-offer-throughput";
    PARTITION_KEY = "x-ms-documentdb-partitionkey";
    PARTITION_KEY_RANGE_ID = "x-ms-documentdb-partitionkeyrangeid";
    PHYSICAL_PARTITION_ID = "x-ms-cosmos-physical-partition-id";
    POPULATE_QUOTA = "x-ms-documentdb-populatequotainfo";
    POPULATE_STATISTICS = "x-ms-documentdb-populatepartitionstatistics";
    POPULATE_QUERY_METRICS = "x-ms-documentdb-populatequerymetrics";
    POST_TRIGGERS = "x-ms-documentdb-post-trigger-include";
    PRE_TRIGGERS = "x-ms-documentdb-pre-trigger-include";
    PREFER = "prefer";
    QUERY_CROSS_PARTITION = "x-ms-documentdb-query-enablecrosspartition";
    QUERY_EXECUTION_INFO = "x-ms-cosmos-query-execution-info";
    QUERY_FEATURES = "x-ms-cosmos-supported-query-features";
    QUERY_METRICS = "x-ms-documentdb-query-metrics";
    QUORUM_ACKED_LSN = "x-ms-quorum-acked-lsn";
    READ_KEY_TYPE = "x-ms-read-key-type";
    REQUEST_CHARGE = "x-ms-request-charge";
    REQUEST_DURATION = "x-ms-request-duration-ms";
    RESOURCE_QUOTA = "x-ms-resource-quota";
    RESOURCE_USAGE = "x-ms-resource-usage";
    RETRY_AFTER_MS = "x-ms-retry-after-ms";
    SERVICE_VERSION = "x-ms-serviceversion";
    SESSION_TOKEN = "x-ms-session-token";
    SLUG = "slug";
    START_EPK = "x-ms-start-epk";
    SUBSTATUS = "x-ms-substatus";
    TRANSPORT_REQUEST_ID = "x-ms-transport-request-id";
    VERSION = "x-ms-version";
    WAIT_SECONDS = "x-hearth-wait-seconds";
    WIRE_FORMAT = "x-ms-cosmos-changefeed-wire-format-version";
}

/// The value of a header; none when it is not there or no text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).map(str::trim)
}

/// A value that may be `True`, `true`, `TRUE` or `1` (reference: section 0, trap 27).
pub(super) fn flag(headers: &HeaderMap, name: &HeaderName) -> bool {
    text(headers, name).is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
}

/// A whole number.
///
/// # Errors
/// 400 for anything else.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<i64>, DocumentError> {
    let Some(text) = text(headers, name).filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => {
            let shown: String = text.chars().take(40).collect();
            Err(DocumentError::bad_request(format!("The header {name} is '{shown}': use a whole number")))
        }
    }
}
