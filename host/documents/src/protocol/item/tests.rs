use hearth_state::documents::ItemVersion;
use proptest::prelude::*;

use super::*;
use crate::protocol::Rid;

fn refused(text: &str) -> DocumentError {
    ItemBody::read(text.as_bytes()).unwrap_err()
}

#[test]
fn an_item_is_kept_as_it_is_written() {
    let text = " { \"z\" : 1.50, \"id\":\"a\", \"n\": 12345678901234567890, \"é\" : [ 1,2 ] } ";
    let item = ItemBody::read(text.as_bytes()).unwrap();
    assert_eq!((item.id(), item.ttl(), &*item.text()), ("a", None, text.trim()));
    let item = ItemBody::read(
        br#"{"_rid":"x","id":"a","_ts":1,"_lsn":4,"v":1,"_self":"","_etag":"","_attachments":"","_own":2,"v":2}"#,
    );
    assert_eq!(&*item.unwrap().text(), r#"{"id":"a","_own":2,"v":2}"#);
}

#[test]
fn what_breaks_a_rule_is_refused() {
    for (text, why) in [
        ("", "object"),
        ("[]", "object"),
        ("\"a\"", "object"),
        ("{\"id\":\"a\"", "comma"),
        ("{}", "'id; '"),
        ("{\"id\":1}", "not a string"),
        ("{\"id\":\"\"}", "0 bytes"),
        ("{\"id\":\"a/b\"}", "'/'"),
        ("{\"id\":\"a\",\"ttl\":0}", "ttl '0'"),
        ("{\"id\":\"a\",\"ttl\":-2}", "ttl '-2'"),
        ("{\"id\":\"a\",\"ttl\":1.5}", "ttl '1.5'"),
        ("{\"id\":\"a\",\"ttl\":\"5\"}", "ttl '\"5\"'"),
        ("{\"id\":\"a\",\"ttl\":null}", "ttl 'null'"),
        ("{\"id\":\"a\",\"ttl\":2147483648}", "ttl '2147483648'"),
        ("{\"id\":\"a\",\"v\":1e999}", "double"),
    ] {
        let error = refused(text);
        assert!(error.status == 400 && error.message.contains(why), "{text}: {}", error.message);
    }
    assert!(ItemBody::read(b"{\"id\":\"\xff\"}").unwrap_err().message.contains("UTF-8"));
    for (ttl, seconds) in [("-1", -1), ("5", 5), ("5.0", 5), ("2147483647", 2_147_483_647)] {
        let text = format!("{{\"id\":\"a\",\"ttl\":{ttl}}}");
        assert_eq!(ItemBody::read(text.as_bytes()).unwrap().ttl(), Some(seconds));
    }
}

#[test]
fn an_item_has_two_mebibytes_and_128_levels() {
    let sized = |bytes: usize| format!("{{\"id\":\"a\",\"v\":\"{}\"}}", "x".repeat(bytes - 17));
    assert_eq!(sized(limits::ITEM_BYTES).len(), limits::ITEM_BYTES);
    ItemBody::read(sized(limits::ITEM_BYTES).as_bytes()).unwrap();
    assert_eq!(refused(&sized(limits::ITEM_BYTES + 1)).status, 413);
    let deep = |levels: usize| format!("{{\"id\":\"a\",\"v\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    ItemBody::read(deep(128).as_bytes()).unwrap();
    assert!(refused(&deep(129)).message.contains("128"));
}

#[test]
fn what_the_store_adds_stands_behind() {
    let writer = ItemWriter::new(Rid::database(1).container(1));
    let mut out = String::new();
    writer.write(&mut out, "{\"id\":\"a\" , \"n\":1.0 }", 1, ItemVersion(0x0000_d826_0000_0700), 1_795_341_896, None);
    assert_eq!(
        out,
        "{\"id\":\"a\" , \"n\":1.0,\"_rid\":\"AAAAAYAAAAEBAAAAAAAAAA==\",\
         \"_self\":\"dbs/AAAAAQ==/colls/AAAAAYAAAAE=/docs/AAAAAYAAAAEBAAAAAAAAAA==/\",\
         \"_etag\":\"\\\"0000d826-0000-0700-0000-000000000000\\\"\",\"_attachments\":\"attachments/\",\"_ts\":1795341896}"
    );
    let mut out = String::new();
    writer.write(&mut out, "{}", 1, ItemVersion(128 * 7 + 1), 1, Some(7));
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["_lsn"], 7);
}

/// Any JSON value, as it could be sent.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        prop::num::f64::NORMAL.prop_map(serde_json::Value::from),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn items_come_back_with_what_was_sent(
        properties in prop::collection::btree_map("[a-z_\"\\\\é]{0,6}", any_json(), 0..6),
        version in 0_i64..,
        number in 0_i64..(1 << 60),
    ) {
        let mut sent: serde_json::Map<_, _> =
            properties.into_iter().filter(|(name, _)| !is_system_property(name) && name != "ttl").collect();
        sent.insert("id".to_owned(), "x".into());
        let text = serde_json::to_string_pretty(&sent).unwrap();
        // Both sides are read from text: the parser of this test may be off by a bit.
        let sent: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        let item = ItemBody::read(text.as_bytes()).unwrap();
        let mut out = String::new();
        ItemWriter::new(Rid::database(7).container(9)).write(&mut out, &item.text(), number, ItemVersion(version), 5, None);
        let mut back: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&out).unwrap();
        let rid: Rid = back["_rid"].as_str().unwrap().parse().unwrap();
        prop_assert_eq!(rid.child_number(), number);
        prop_assert_eq!(crate::protocol::etag::version(back["_etag"].as_str().unwrap()), Some(version));
        back.retain(|name, _| !is_system_property(name));
        prop_assert_eq!(&back, &sent);
        // And what a client sends back of it is what is kept, without white space between properties.
        let again = ItemBody::read(out.as_bytes()).unwrap();
        prop_assert_eq!(again.object().properties(), item.object().properties());
    }

    #[test]
    fn no_body_makes_reading_panic(body in prop::collection::vec(prop_oneof![Just(b'{'), Just(b'"'), Just(b'\\'), Just(b'u'), Just(b'd'), Just(b':'), Just(b','), Just(b'}'), any::<u8>()], 0..64)) {
        let read = ItemBody::read(&body).is_ok();
        prop_assert!(!read || serde_json::from_slice::<serde_json::Value>(&body).is_ok());
    }
}
