use proptest::prelude::*;

use super::*;

fn definition() -> PartitionKeyDefinition {
    PartitionKeyDefinition::parse(r#"{"paths":["/pk/k"],"version":2}"#).unwrap()
}

fn patched(item: &str, operations: &str) -> Result<String, DocumentError> {
    Patch::parse(operations)?.apply(item, &definition())
}

#[test]
fn operations_do_what_they_are_called() {
    let item = r#"{"id":"a","n":1.0,"big":9007199254740993,"o":{"x":1,"y":[1,2,3]},"s":"t","pk":{"k":1}}"#;
    for (operations, part) in [
        (r#"[{"op":"add","path":"/new","value":{"a": 1.50}}]"#, r#""new":{"a": 1.50}"#),
        (r#"[{"op":"add","path":"/s","value":null}]"#, r#""s":null"#),
        (r#"[{"op":"add","path":"/o/y/1","value":9}]"#, "[1,9,2,3]"),
        (r#"[{"op":"add","path":"/o/y/3","value":9}]"#, "[1,2,3,9]"),
        (r#"[{"op":"add","path":"/o/y/-","value":9}]"#, "[1,2,3,9]"),
        (r#"[{"op":"set","path":"/o/y/1","value":9}]"#, "[1,9,3]"),
        (r#"[{"op":"set","path":"/o/z","value":9}]"#, r#""o":{"x":1,"y":[1,2,3],"z":9}"#),
        (r#"[{"op":"replace","path":"/o/y/0","value":9}]"#, "[9,2,3]"),
        (r#"[{"op":"replace","path":"/s","value":"u"}]"#, r#""s":"u""#),
        (r#"[{"op":"remove","path":"/o/y/0"}]"#, "[2,3]"),
        (r#"[{"op":"remove","path":"/o/y"}]"#, r#""o":{"x":1}"#),
        (r#"[{"op":"incr","path":"/o/x","value":-5}]"#, r#""x":-4"#),
        (r#"[{"op":"incr","path":"/big","value":1}]"#, "9007199254740994"),
        (r#"[{"op":"increment","path":"/n","value":0.5}]"#, r#""n":1.5"#),
        (r#"[{"op":"incr","path":"/o/c","value":7}]"#, r#""c":7"#),
        (r#"[{"op":"move","from":"/o/y/2","path":"/last"}]"#, r#""last":3"#),
        (r#"[{"op":"move","from":"/s","path":"/o/y/0"}]"#, r#"["t",1,2,3]"#),
        (r#"[{"op":"add","path":"/a~1b~0c","value":1}]"#, r#""a/b~c":1"#),
        (r#"{"operations":[{"op":"set","path":"/s","value":1},{"op":"incr","path":"/s","value":1}]}"#, r#""s":2"#),
    ] {
        let patched = patched(item, operations).unwrap();
        assert!(patched.contains(part), "{operations}: {patched}");
        assert!(patched.starts_with(r#"{"id":"a","n":1."#), "the order is kept: {patched}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let item = r#"{"id":"a","n":1,"o":{"y":[1]},"s":"t","pk":{"k":1}}"#;
    for (operations, why) in [
        ("", "object"),
        ("[]", "0 operations"),
        ("{}", "'operations' is missing"),
        (r#"{"operations":[],"condition":"x"}"#, "0 operations"),
        (r#"{"operations":[{"op":"remove","path":"/n"}],"condition":1}"#, "'condition'"),
        (r#"[{"op":"test","path":"/n","value":1}]"#, "no 'test'"),
        (r#"[{"path":"/n","value":1}]"#, "'op'"),
        (r#"[{"op":"add","value":1}]"#, "'path'"),
        (r#"[{"op":"add","path":"/n"}]"#, "'value' is missing"),
        (r#"[{"op":"add","path":"n","value":1}]"#, "slash"),
        (r#"[{"op":"add","path":"/","value":1}]"#, "empty name"),
        (r#"[{"op":"add","path":"/o//y","value":1}]"#, "empty name"),
        (r#"[{"op":"incr","path":"/n","value":"1"}]"#, "not a number"),
        (r#"[{"op":"move","path":"/n"}]"#, "'from'"),
        (r#"[{"op":"move","from":"/o","path":"/o/y/0"}]"#, "inside"),
        (r#"[{"op":"add","path":"/x/y","value":1}]"#, "nothing at 'x'"),
        (r#"[{"op":"set","path":"/s/y","value":1}]"#, "no object and no array"),
        (r#"[{"op":"add","path":"/o/y/2","value":1}]"#, "no index"),
        (r#"[{"op":"set","path":"/o/y/1","value":1}]"#, "nothing at the path"),
        (r#"[{"op":"add","path":"/o/y/01","value":1}]"#, "no index"),
        (r#"[{"op":"add","path":"/o/y/x","value":1}]"#, "no index"),
        (r#"[{"op":"replace","path":"/x","value":1}]"#, "nothing at the path"),
        (r#"[{"op":"replace","path":"/o/y/-","value":1}]"#, "nothing at the path"),
        (r#"[{"op":"remove","path":"/x"}]"#, "nothing at the path"),
        (r#"[{"op":"remove","path":"/o/y/5"}]"#, "nothing at the path"),
        (r#"[{"op":"incr","path":"/s","value":1}]"#, "no number"),
        (r#"[{"op":"incr","path":"/o","value":1}]"#, "no number"),
        (r#"[{"op":"incr","path":"/o/y/3","value":1}]"#, "nothing at the path"),
        (r#"[{"op":"set","path":"/n","value":1e308},{"op":"incr","path":"/n","value":1e308}]"#, "too great"),
        (r#"[{"op":"move","from":"/x","path":"/n"}]"#, "nothing at the path"),
        (r#"[{"op":"set","path":"/id","value":"b"}]"#, "'/id' cannot"),
        (r#"[{"op":"set","path":"/_ts","value":1}]"#, "'/_ts' cannot"),
        (r#"[{"op":"remove","path":"/_etag"}]"#, "'/_etag' cannot"),
        (r#"[{"op":"set","path":"/pk/k","value":2}]"#, "partition key '/pk/k'"),
        (r#"[{"op":"remove","path":"/pk"}]"#, "partition key '/pk/k'"),
        (r#"[{"op":"move","from":"/pk/k","path":"/x"}]"#, "partition key '/pk/k'"),
        (r#"[{"op":"set","path":"/n","value":1},{"op":"remove","path":"/x"}]"#, "operation(2)"),
    ] {
        let error = patched(item, operations).unwrap_err();
        assert!(error.status == 400 && error.message.contains(why), "{operations}: {}", error.message);
    }
    let many = |count| format!("[{}]", vec![r#"{"op":"set","path":"/n","value":1}"#; count].join(","));
    patched(item, &many(10)).unwrap();
    assert!(patched(item, &many(11)).unwrap_err().message.contains("11 operations"));
    assert!(patched(item, r#"[{"op":"set","path":"/pk/other","value":1}]"#).is_ok());
}

#[test]
fn a_condition_is_handed_on() {
    let body = r#"{"condition":"from c where c.n = \"3\"","operations":[{"op":"remove","path":"/n"}]}"#;
    assert_eq!(Patch::parse(body).unwrap().condition(), Some("from c where c.n = \"3\""));
    for none in [r#"{"condition":null,"#, r#"{"condition":" ","#, "{"] {
        let body = format!(r#"{none}"operations":[{{"op":"remove","path":"/n"}}]}}"#);
        assert_eq!(Patch::parse(&body).unwrap().condition(), None);
    }
}

fn operation() -> impl Strategy<Value = String> {
    let path = || "(/(a|b|0|1|2|-|99|~0|c)){1,4}";
    let value = || prop_oneof![Just("1"), Just("-2.5"), Just("[1,[2]]"), Just("{\"a\":{\"b\":[0]}}"), Just("\"x\"")];
    let op = prop_oneof![Just("add"), Just("set"), Just("replace"), Just("remove"), Just("incr"), Just("move")];
    (op, path(), path(), value()).prop_map(|(op, path, from, value)| {
        format!(r#"{{"op":"{op}","path":"{path}","from":"{from}","value":{value}}}"#)
    })
}

proptest! {
    #[test]
    fn whatever_is_done_leaves_an_object_or_nothing_done(operations in prop::collection::vec(operation(), 1..8)) {
        let item = r#"{"id":"x","a":{"a":[1,{"b":2}],"b":1},"b":[[0,1],2],"0":{"1":3}}"#;
        if let Ok(done) = patched(item, &format!("[{}]", operations.join(","))) {
            let value: serde_json::Value = serde_json::from_str(&done).unwrap();
            prop_assert_eq!(&value["id"], "x");
        }
    }

    #[test]
    fn no_patch_makes_reading_panic(body in "[\\[\\]{}:,\"a-z/0-9~-]{0,80}") {
        let _ = patched("{\"id\":\"a\"}", &body);
    }
}
