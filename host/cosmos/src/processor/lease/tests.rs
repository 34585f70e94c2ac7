//! Golden documents: what hosts of the .NET SDK wrote is understood, and what is written here is what they would write.

use hearth_model::clock::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::processor::feed::FeedIdentity;
use crate::processor::names::LeasePrefix;

/// As a host of .NET left it, with what the service adds.
const DOTNET: &str = r#"{"id":"shop.documents.azure.com_AAAAAQ==_AAAAAYAAAAE=..0","version":0,
    "_etag":"\"0000-aa\"","LeaseToken":"0","FeedRange":{"Range":{"min":"","max":"FF"}},"Owner":"host-guid",
    "ContinuationToken":"\"123\"","properties":{},"timestamp":"2026-01-02T03:04:05.6789012Z","_ts":1767323045,
    "Mode":"Incremental Feed","_rid":"x","_self":"dbs/x","_attachments":"attachments/"}"#;

fn prefix() -> LeasePrefix {
    let identity = FeedIdentity {
        account_host: "shop.documents.azure.com".to_owned(),
        database_rid: "AAAAAQ==".to_owned(),
        container_rid: "AAAAAYAAAAE=".to_owned(),
    };
    LeasePrefix::new("", &identity)
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn names_are_those_of_the_sdks() {
    assert_eq!(prefix().lease("0"), "shop.documents.azure.com_AAAAAQ==_AAAAAYAAAAE=..0");
    assert_eq!(prefix().info(), "shop.documents.azure.com_AAAAAQ==_AAAAAYAAAAE=.info");
    assert_eq!(prefix().lock(), "shop.documents.azure.com_AAAAAQ==_AAAAAYAAAAE=.lock");
    assert!(prefix().lease("0").starts_with(&prefix().leases()));
    assert!(!prefix().info().starts_with(&prefix().leases()));
}

#[test]
fn a_lease_of_dotnet_is_gone_on_with() {
    let mut lease = Lease::from_json(DOTNET).unwrap();
    assert_eq!(lease.token, "0");
    assert_eq!(lease.version, LeaseVersion::Range);
    assert_eq!(lease.bounds, Some(EpkRange::full()));
    assert_eq!(lease.continuation.as_deref(), Some("\"123\""));
    assert_eq!(lease.timestamp, Timestamp::parse_rfc3339("2026-01-02T03:04:05.678901Z"));
    assert!(lease.is_owned_by("HOST-GUID") && lease.has_mode(FeedMode::LatestVersion));
    assert!(!lease.has_mode(FeedMode::AllVersionsAndDeletes));

    lease.owner = Some("ours".to_owned());
    lease.continuation = Some("\"124\"".to_owned());
    lease.timestamp = Timestamp::parse_rfc3339("2026-01-02T03:05:00.5Z");
    let expected = r#"{"id":"shop.documents.azure.com_AAAAAQ==_AAAAAYAAAAE=..0","version":0,"_etag":"\"0000-aa\"","LeaseToken":"0","FeedRange":{"Range":{"min":"","max":"FF"}},"Owner":"ours","ContinuationToken":"\"124\"","properties":{},"timestamp":"2026-01-02T03:05:00.5Z","_ts":1767323045,"Mode":"Incremental Feed"}"#;
    assert_eq!(lease.to_json(), expected);
}

#[test]
fn new_leases_have_the_fields_of_dotnet_and_no_others() {
    let range = PartitionRange { id: "3".to_owned(), bounds: EpkRange::new("1F", "3F"), parents: vec![] };
    let lease = Lease::on_range(prefix().lease("3"), &range, FeedMode::AllVersionsAndDeletes);
    assert_eq!(
        value(&lease.to_json()),
        json!({"id": prefix().lease("3"), "version": 0, "_etag": null, "LeaseToken": "3",
            "FeedRange": {"Range": {"min": "1F", "max": "3F"}}, "Owner": null, "ContinuationToken": null,
            "properties": {}, "timestamp": null, "_ts": 0, "Mode": "Full-Fidelity Feed"})
    );
    let lease = Lease::on_bounds(prefix().lease("-3F"), EpkRange::new("", "3F"), FeedMode::LatestVersion);
    assert_eq!(
        value(&lease.to_json()),
        json!({"id": prefix().lease("-3F"), "version": 1, "_etag": null, "LeaseToken": "-3F",
            "FeedRange": {"Range": {"min": "", "max": "3F"}}, "Owner": null, "ContinuationToken": null,
            "properties": {}, "timestamp": null, "_ts": 0, "Mode": "Incremental Feed"})
    );
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let mut lease = Lease::from_json(DOTNET).unwrap();
    lease.partition_key = Some("c0ffee".to_owned());
    lease.properties.insert("mine".to_owned(), json!("x"));
    assert_eq!(Lease::from_json(&lease.to_json()).unwrap(), lease);
}

#[test]
fn leases_of_older_hosts_keep_their_form() {
    let text = r#"{"id":"P..7","_etag":"\"e\"","PartitionId":"7","Owner":"","ContinuationToken":"","properties":{"a":"b"},
        "timestamp":"2026-01-02T03:04:05","_ts":9,"isEphemeral":true}"#;
    let lease = Lease::from_json(text).unwrap();
    assert_eq!((lease.token.as_str(), lease.bounds.as_ref(), lease.continuation.as_ref()), ("7", None, None));
    assert_eq!(lease.timestamp, Timestamp::parse_rfc3339("2026-01-02T03:04:05Z"));
    assert!(lease.is_free(Timestamp::from_micros(0), Duration::from_secs(60)), "a blank owner is none");
    let written = value(&lease.to_json());
    assert_eq!(written["PartitionId"], "7");
    assert_eq!(written["LeaseToken"], "7");
    assert_eq!(written["isEphemeral"], true, "fields that are not known stay");
    assert_eq!(written["properties"], json!({"a": "b"}));
    assert!(
        written.get("FeedRange").is_none() && written.get("Mode").is_none() && written.get("partitionKey").is_none()
    );
}

#[test]
fn a_feed_range_of_another_kind_stays_until_it_is_known() {
    let text = r#"{"id":"P..7","LeaseToken":"7","FeedRange":{"PKRangeId":"7"}}"#;
    let mut lease = Lease::from_json(text).unwrap();
    assert_eq!(value(&lease.to_json())["FeedRange"], json!({"PKRangeId": "7"}));
    lease.bounds = Some(EpkRange::full());
    assert_eq!(value(&lease.to_json())["FeedRange"], json!({"Range": {"min": "", "max": "FF"}}));
}

#[test]
fn what_is_no_lease_is_refused_with_its_name() {
    assert!(Lease::from_json(r#"{"id":"P..1","version":2,"LeaseToken":"1"}"#).unwrap_err().contains("P..1"));
    assert!(Lease::from_json(r#"{"id":"P..1"}"#).unwrap_err().contains("LeaseToken"));
    assert!(Lease::from_json("[]").is_err());
}

#[test]
fn a_lease_is_free_when_its_owner_was_silent_for_too_long() {
    let mut lease = Lease::from_json(DOTNET).unwrap();
    let (written, minute) = (lease.written(), Duration::from_secs(60));
    assert!(!lease.is_free(written.plus(minute), minute));
    assert!(lease.is_free(written.plus(minute + Duration::from_micros(1)), minute));
    lease.timestamp = None;
    assert_eq!(lease.written(), Timestamp::from_micros(1_767_323_045_000_000), "the store's time stands in");
    lease.owner = None;
    assert!(lease.is_free(written, minute));
}
