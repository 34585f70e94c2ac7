use std::time::Duration;

use hearth_state::documents::ItemVersion;

use super::*;

#[test]
fn operations_are_read_as_sdks_send_them() {
    let body = br#"[
        {"operationType":"Create","partitionKey":"[\"a\"]","resourceBody":{"id":"1","v":1.0},"indexingDirective":"Exclude"},
        {"operationType":"Read","id":"2","ifNoneMatch":"*"},
        {"operationType":"Replace","id":"3","resourceBody":{"id":"3"},"ifMatch":"\"x\""},
        {"operationType":"Delete","id":"\u0034","partitionKey":["a"]},
        {"operationType":"Patch","id":"5","resourceBody":{"operations":[{"op":"remove","path":"/a"}],"condition":"c"}},
        {"operationType":"Upsert","resourceBody":{"id":"6"},"ifMatch":null}
    ]"#;
    let read = read_batch(body).unwrap();
    assert_eq!((read[0].kind(), read[0].partition_key(), read[0].id()), (OperationKind::Create, Some("[\"a\"]"), None));
    assert_eq!((read[0].body(), read[0].indexing()), (Some("{\"id\":\"1\",\"v\":1.0}"), Indexing::Exclude));
    assert_eq!((read[1].kind(), read[1].id(), read[1].if_none_match()), (OperationKind::Read, Some("2"), Some("*")));
    assert_eq!((read[2].kind(), read[2].if_match()), (OperationKind::Replace, Some("\"x\"")));
    assert_eq!((read[3].id(), read[3].partition_key()), (Some("4"), Some("[\"a\"]")));
    assert_eq!(read[4].patch().unwrap().condition(), Some("c"));
    assert_eq!((read[5].kind(), read[5].if_match()), (OperationKind::Upsert, None));
    assert!(read[3].patch().is_err());
}

#[test]
fn what_is_no_batch_is_refused() {
    let message = |body: &[u8]| {
        let error = read_batch(body).unwrap_err();
        (error.status.as_u16(), error.message)
    };
    let (status, hybrid) = message(&[0x81, 0xf0, 0xd8, 0xff, 0x7f]);
    assert!(status == 400 && hybrid.contains("HybridRow") && hybrid.contains("JSON array"), "{hybrid}");
    for (body, why) in [
        ("[]", "Batch request has no operations."),
        ("{}", "array"),
        ("", "array"),
        ("[1]", "object"),
        ("[{}]", "'operationType' is missing"),
        ("[{\"operationType\":\"Truncate\"}]", "no 'Truncate'"),
        ("[{\"operationType\":\"Read\",\"id\":1}]", "'id' is not a string"),
        ("[{\"operationType\":\"Read\",\"indexingDirective\":\"x\"}]", "Include"),
    ] {
        let (status, said) = message(body.as_bytes());
        assert!(status == 400 && said.contains(why), "{body}: {said}");
    }
    let many = |count| format!("[{}]", vec![r#"{"operationType":"Read","id":"1"}"#; count].join(","));
    assert_eq!(read_batch(many(100).as_bytes()).unwrap().len(), 100);
    assert!(message(many(101).as_bytes()).1.starts_with("Batch request has more operations than what is supported."));
    assert_eq!(message(&vec![b' '; limits::BATCH_BYTES + 1]).0, 413);
}

#[test]
fn results_are_written_as_sdks_read_them() {
    let mut out = String::new();
    let done = BatchResult {
        status: StatusCode::CREATED,
        substatus: 0,
        charge: 5.5,
        version: Some(ItemVersion(1)),
        retry_after: None,
        message: None,
    };
    done.write(&mut out, Some(|out: &mut String| out.push_str("{\"id\":\"a\"}")));
    assert_eq!(
        out,
        "{\"statusCode\":201,\"requestCharge\":5.5,\"eTag\":\"\\\"00000000-0000-0001-0000-000000000000\\\"\",\
         \"resourceBody\":{\"id\":\"a\"}}"
    );
    let mut out = String::new();
    let failed = BatchResult {
        status: StatusCode::CONFLICT,
        substatus: 3301,
        version: None,
        retry_after: Some(Duration::from_millis(10)),
        message: Some("taken \"so\""),
        ..done
    };
    failed.write(&mut out, None::<fn(&mut String)>);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&value["subStatusCode"], &value["retryAfterMilliseconds"]), (&3301.into(), &10.into()));
    assert_eq!(value["message"], "taken \"so\"");
}
