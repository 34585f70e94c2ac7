//! Values of every kind, and what is none.

use super::*;

fn text(hex: &str) -> Result<String, DocumentError> {
    from_binary(&hex::decode(hex.replace(' ', "")).unwrap())
}

#[test]
fn every_kind_of_value() {
    for (binary, json) in [
        ("80 D0", "null"),
        ("80 D1", "false"),
        ("80 D2", "true"),
        ("80 00", "0"),
        ("80 1F", "31"),
        ("80 C8 C8", "200"),
        ("80 C9 18 FC", "-1000"),
        ("80 CA 70 11 01 00", "70000"),
        ("80 CB 01 00 00 00 00 00 20 00", "9007199254740993"),
        ("80 C7 FE FF FF FF FF FF FF FF", "18446744073709551614"),
        ("80 CC 00 00 00 00 00 00 0C 40", "3.5"),
        ("80 CD 00 00 C0 3F", "1.5"),
        ("80 D8 FB", "-5"),
        ("80 2C", r#""id""#),
        ("80 80", r#""""#),
        ("80 82 C3 A9", r#""é""#),
        ("80 C0 03 61 22 62", r#""a\"b""#),
        ("80 C1 02 00 68 69", r#""hi""#),
        ("80 75 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", r#""00102030-4050-6070-8090-a0b0c0d0e0f0""#),
        ("80 77 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", r#""\"00102030-4050-6070-8090-a0b0c0d0e0f0\"""#),
        ("80 D3 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", r#""03020100-0504-0706-0809-0a0b0c0d0e0f""#),
        ("80 71 01 01 66 6F", r#""Zm8=""#),
        ("80 71 01 FD 41", r#""QQ""#),
        ("80 73 01 00 FB FF FE", r#""-__-""#),
        ("80 78 03 A1 0B", r#""1ab""#),
        ("80 7A 07 13 53 1C 02", r#""2024-01""#),
        ("80 7B 04 30 10 32", r#""0123""#),
        ("80 7C 03 61 20 08", r#""abc""#),
        ("80 7D 04 61 40 20 0C", r#""abcd""#),
        ("80 7E 02 C8 34", r#""Hi""#),
        ("80 DD 04 DE AD BE EF", r#""3q2+7w==""#),
        ("80 E0", "[]"),
        ("80 E1 D2", "[true]"),
        ("80 E2 03 00 01 D0", "[0,1,null]"),
        ("80 E6 03 00 03 00 00 01 D0", "[0,1,null]"),
        ("80 E8", "{}"),
        ("80 E9 2C D2", r#"{"id":true}"#),
        ("80 EA 04 2C 00 3B 01", r#"{"id":0,"type":1}"#),
        ("80 EF 04 00 00 00 02 00 00 00 2C 00 3B 01", r#"{"id":0,"type":1}"#),
        ("80 E2 05 E1 00 E9 2C 01", r#"[[0],{"id":1}]"#),
        ("80 E2 05 82 68 69 C3 03", r#"["hi","hi"]"#),
        ("80 F0 DA 02 01 00 00 00 FF FF FF FF", "[1,-1]"),
        ("80 F2 F0 D7 02 02 01 02 03 04", "[[1,2],[3,4]]"),
    ] {
        assert_eq!(text(binary).as_deref(), Ok(json), "{binary}");
    }
}

#[test]
fn what_is_not_binary_json_is_refused() {
    for (binary, why) in [
        ("80", "nothing"),
        ("80 D0 D0", "more than one value"),
        ("80 FF", "no such value"),
        ("80 40", "a string of a dictionary that is not there"),
        ("80 C0 05 61", "a string that breaks off"),
        ("80 81 FF", "not UTF-8"),
        ("80 CC 00 00 00 00 00 00 F0 7F", "infinity"),
        ("80 E2 09 00", "an array that breaks off"),
        ("80 E2 01 C8 05", "an element that goes past its array"),
        ("80 C3 01", "a reference to itself"),
        ("80 E9 D0 D0", "a name that is no string"),
        ("80 F0 D0 01 00", "an array of numbers of what is no number"),
        ("81 D0", "another first byte"),
    ] {
        assert!(text(binary).is_err(), "{why}");
    }
    assert!(from_binary(&[vec![0x80], vec![0xE1; 100_000]].concat()).is_err(), "depth has an end");
    let mut long = vec![0x80, 0xE4, 0, 0, 0, 0, 0xC1, 0xFF, 0xFF];
    long.extend(vec![b'a'; 65_535]);
    long.extend([0xC3, 6].repeat(10_000));
    let length = u32::try_from(long.len() - 6).unwrap();
    long[2..6].copy_from_slice(&length.to_le_bytes());
    assert!(from_binary(&long).is_err(), "a small body does not become a text without end");
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_panic_and_what_comes_out_is_json(mut body in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
        body.insert(0, BINARY_JSON);
        if let Ok(text) = from_binary(&body) {
            proptest::prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        }
    }
}
