use hearth_model::clock::SystemClock;
use hearth_model::expression::{Environment, Template};
use hearth_queues::Receipt;
use proptest::prelude::*;

use super::*;

fn trigger(is_binary: bool) -> QueueTrigger {
    QueueTrigger { binding_name: "item".into(), queue: "orders".into(), connection: None, is_binary }
}

fn message(text: &str) -> Fetched {
    let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
    Fetched {
        id: "id-1".into(),
        text: text.to_owned(),
        dequeue_count: 2,
        inserted: at(1_772_359_200),
        expires: at(1_772_964_000),
        next_visible: at(1_772_359_800),
        receipt: Receipt("receipt".into()),
    }
}

fn plain(text: &str) -> Event {
    event(&trigger(false), &message(text), MessageEncoding::None).unwrap()
}

fn metadata(event: &Event) -> Vec<String> {
    event.metadata.iter().map(|named| format!("{}={:?}", named.name, named.data)).collect()
}

#[test]
fn what_the_function_is_told_of_a_message() {
    let event = plain("hello");
    assert!(matches!(&event.data, TypedData::Text(text) if text == "hello"));
    assert_eq!(
        metadata(&event),
        [
            "QueueTrigger=TypedData::Text(\"hello\")",
            "DequeueCount=TypedData::Int(2)",
            "ExpirationTime=TypedData::Text(\"2026-03-08T10:00:00+00:00\")",
            "InsertionTime=TypedData::Text(\"2026-03-01T10:00:00+00:00\")",
            "NextVisibleTime=TypedData::Text(\"2026-03-01T10:10:00+00:00\")",
            "Id=TypedData::Text(\"id-1\")",
            "PopReceipt=TypedData::Text(\"receipt\")",
        ]
    );
    assert_eq!(event.reason, "New queue message detected on 'orders'.");
    let details: Vec<String> = event.details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(details, ["MessageId: id-1", "DequeueCount: 2", "InsertionTime: 2026-03-01T10:00:00+00:00"]);
    assert!(event.retry.is_none());
}

#[test]
fn a_json_object_brings_names_that_hide_the_others() {
    let event = plain(
        r#" {"id": 7, "Region": "eu", "big": 18446744073709551615, "order": {"no": 1}, "list": [1], "none": null, "ok": true}"#,
    );
    assert!(matches!(&event.data, TypedData::Json(text) if text.starts_with(" {\"id\"")));
    let metadata = metadata(&event);
    for expected in [
        "Id=TypedData::Int(7)",
        "Region=TypedData::Text(\"eu\")",
        "ok=TypedData::Json(\"true\")",
        "order=TypedData::Json(\"{\\\"no\\\":1}\")",
    ] {
        assert!(metadata.iter().any(|named| named == expected), "{expected} in {metadata:?}");
    }
    assert!(!metadata.iter().any(|named| named.starts_with("list") || named.starts_with("none")), "{metadata:?}");
    let environment = Environment { function: "F", clock: &SystemClock, new_guid: &uuid::Uuid::nil };
    let filled = |text: &str| Template::parse(text).unwrap().evaluate(&event.binding_data, environment).unwrap();
    assert_eq!(filled("{ID}-{region}-{order.no}-{dequeuecount}-{InsertionTime:yyyyMMdd}"), "7-eu-1-2-20260301");
    // Other JSON is text as it stands.
    for text in ["[1]", "5", "\"x\"", "{\"broken\""] {
        assert!(matches!(plain(text).data, TypedData::Text(given) if given == text));
    }
}

#[test]
fn bytes_are_given_where_they_are_asked_for_or_are_no_text() {
    let bytes = event(&trigger(true), &message("eyJhIjoxfQ=="), MessageEncoding::Base64).unwrap();
    assert!(matches!(&bytes.data, TypedData::Bytes(bytes) if bytes == b"{\"a\":1}"));
    assert!(metadata(&bytes).contains(&"a=TypedData::Int(1)".to_owned()));
    let bytes = event(&trigger(false), &message("/wA="), MessageEncoding::Base64).unwrap();
    assert!(matches!(&bytes.data, TypedData::Bytes(bytes) if bytes == &[0xff, 0]));
    assert!(!metadata(&bytes).iter().any(|named| named.starts_with("QueueTrigger")));
    assert!(bytes.binding_data.get("queueTrigger").is_none());
}

#[test]
fn only_base64_is_base64() {
    assert_eq!(decode("aGVs\r\n bG8=", MessageEncoding::Base64).as_deref(), Ok(&b"hello"[..]));
    assert_eq!(decode("", MessageEncoding::Base64).as_deref(), Ok(&b""[..]));
    for text in ["hello", "{\"a\":1}", "aGVsbG8", "aGVsbG8=x", "a-_=", "\u{e9}"] {
        assert_eq!(decode(text, MessageEncoding::Base64), Err(NotDecoded), "{text}");
        assert_eq!(decode(text, MessageEncoding::None).as_deref(), Ok(text.as_bytes()));
    }
}

proptest! {
    #[test]
    fn what_an_output_sends_is_what_a_trigger_gets(text in any::<String>(), base64 in any::<bool>()) {
        let encoding = if base64 { MessageEncoding::Base64 } else { MessageEncoding::None };
        let sent = crate::outputs::encode(crate::outputs::Content::Text(text.clone()), encoding);
        // Without an encoding there are characters that can't be sent.
        prop_assume!(base64 || sent.is_ok());
        let sent = sent.unwrap();
        prop_assert_eq!(decode(&sent, encoding).unwrap(), text.into_bytes());
    }

    #[test]
    fn no_message_upsets_it(text in any::<String>(), is_binary in any::<bool>()) {
        let event = event(&trigger(is_binary), &message(&text), MessageEncoding::None).unwrap();
        let names = event.metadata.iter().map(|named| named.name.to_lowercase()).collect::<std::collections::HashSet<_>>();
        prop_assert_eq!(names.len(), event.metadata.len());
    }

    #[test]
    fn a_moment_is_written_with_its_offset(micros in 0i64..4_000_000_000_000_000) {
        let at = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse_rfc3339(&date_time(at)), Some(at));
    }
}
