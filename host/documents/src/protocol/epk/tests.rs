use proptest::prelude::*;

use super::*;

fn definition(text: &str) -> PartitionKeyDefinition {
    PartitionKeyDefinition::parse(text).unwrap()
}

fn v1_definition() -> PartitionKeyDefinition {
    definition(r#"{"paths":["/pk"],"kind":"Hash"}"#)
}

fn v2_definition() -> PartitionKeyDefinition {
    definition(r#"{"paths":["/pk"],"kind":"Hash","version":2}"#)
}

fn multi() -> PartitionKeyDefinition {
    definition(r#"{"paths":["/a","/b"],"kind":"MultiHash","version":2}"#)
}

fn hex_of(key: &str, definition: &PartitionKeyDefinition) -> String {
    to_hex(Some(&effective_key(&PartitionKey::from_canonical(key).unwrap(), definition)))
}

/// The vectors of the reference, section 14: key, version 1, version 2.
const VECTORS: [(&str, &str, &str); 12] = [
    ("[\"a\"]", "05C1D78593652C086200", "3A5381E1114EB8D3FCC90795045B49B7"),
    ("[\"redmond\"]", "05C1EFE313830C087366656E706F6500", "22E342F38A486A088463DFF7838A5963"),
    ("[\"\"]", "05C1CF33970FF80800", "32E9366E637A71B4E710384B2F4970A0"),
    ("[null]", "05C1ED45D74756", "378867E4430E67857ACE5C908374FE16"),
    ("[{}]", "05C1D529E345DC00", "11622DAA78F835834610ABE56EFF5CB5"),
    ("[true]", "05C1D7C5A903D803", "0E711127C5B5A8E4726AC6DD306A3E59"),
    ("[false]", "05C1DB857D857C02", "2FE1BE91E90A3439635E0E9E37361EF2"),
    ("[0]", "05C1BF6DA11560058000", "155B95BEDAC4B1E9EC1CDC9BB0DDDE58"),
    ("[1]", "05C1ED172B6B2605BFF0", "20CD98B339BA78A5D0CF6953B87070B0"),
    ("[-1]", "05C1D7039DA9C4054010", "19938E7A936C1C5B9E3AE842BBC16839"),
    ("[5.5]", "05C1D7A771716C05C016", "0E2EE47829D1AF775EEFB6540FD1D0ED"),
    ("[\"é\"]", "05C1B3CD91912008C4AA00", "007199F104E04116EE25AF912CA4889B"),
];

/// More of them, from the same SDK.
const MORE: [(&str, &str, &str); 3] = [
    ("[-1.5]", "05C1E901090F44054008", "151793206780805FF6E1DCAE6C787B6A"),
    ("[1e300]", "05C1AB5FCFAF8005FE37F30F918103D738", "1234CB21048B20039B22F11DBB13CD7B"),
    ("[4294967301]", "05C1D9C1C5517C05C1F10101010580", "20443347DFD0DDEADD793943E2ABAF0B"),
];

#[test]
fn keys_lie_where_the_sdks_say() {
    for (key, v1, v2) in VECTORS.into_iter().chain(MORE) {
        assert_eq!(hex_of(key, &v1_definition()), v1, "version 1 of {key}");
        assert_eq!(hex_of(key, &v2_definition()), v2, "version 2 of {key}");
    }
    let both = "3A5381E1114EB8D3FCC90795045B49B7195644569A78B1E22D200348AF9416CE";
    assert_eq!(hex_of("[\"a\",\"b\"]", &multi()), both);
    assert_eq!(hex_of("[]", &PartitionKeyDefinition::none()), "");
}

#[test]
fn long_strings_of_version_1_are_cut() {
    let key = |text: &str| effective_key(&PartitionKey(vec![KeyComponent::String(text.to_owned())]), &v1_definition());
    let long = key(&"x".repeat(150));
    assert_eq!(long, key(&"x".repeat(100)), "characters after the hundredth make no difference");
    assert_ne!(long, key(&"x".repeat(99)));
    // 100 characters of three bytes are over-long in bytes: 101 of them and no end.
    let wide = key(&"€".repeat(120));
    let shown = wide.len() - wide.iter().position(|byte| *byte == 0x08).unwrap() - 1;
    assert_eq!((shown, wide.last()), (101, Some(&(0x82 + 1))), "{wide:x?}");
    // The hundredth unit is the first half of a pair.
    assert_eq!(key(&format!("{}😀", "x".repeat(99))), key(&format!("{}\u{fffd}", "x".repeat(99))));
}

#[test]
fn a_prefix_covers_the_keys_below_it() {
    let prefix = PartitionKey::from_canonical("[\"a\"]").unwrap();
    let KeyBounds { from: Some(from), to: Some(to) } = bounds(&prefix, &multi()) else { panic!("no bounds") };
    assert_eq!(to_hex(Some(&to)), "3A5381E1114EB8D3FCC90795045B49B7FF");
    for below in ["[\"a\",\"b\"]", "[\"a\",null]", "[\"a\",{}]"] {
        let key = effective_key(&PartitionKey::from_canonical(below).unwrap(), &multi());
        assert!(from < key && key < to, "{below}");
    }
    let other = effective_key(&PartitionKey::from_canonical("[\"b\",\"a\"]").unwrap(), &multi());
    assert!(other < from || other > to);
    let whole = bounds(&PartitionKey::from_canonical("[\"a\",\"b\"]").unwrap(), &multi());
    assert_eq!(whole.to.unwrap().len(), 33);
}

#[test]
fn ranges_are_cut_where_the_service_cuts_them() {
    let cuts = |definition: &PartitionKeyDefinition, ranges| -> Vec<String> {
        split(definition, ranges).iter().map(|(from, _)| to_hex(Some(from))).collect()
    };
    assert_eq!(cuts(&v2_definition(), 1), [""]);
    assert_eq!(cuts(&v2_definition(), 2), ["", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"]);
    let fifth = cuts(&multi(), 5);
    assert_eq!(fifth[1], "0CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC");
    assert_eq!(fifth[4], "33333333333333333333333333333332");
    assert_eq!(cuts(&v1_definition(), 2), ["", "05C1DFFFFFFFFC"]);
    let fifth = cuts(&v1_definition(), 5);
    assert_eq!(fifth[1..], ["05C1C9CD673398", "05C1D9CD673398", "05C1E399CD6732", "05C1E9CD673398"]);
    assert_eq!(split(&definition(r#"{"paths":["/a"],"kind":"Range"}"#), 5), [(Vec::new(), None)]);
    for (request_units, ranges) in
        [(0, 1), (400, 1), (6000, 1), (6001, 2), (11_000, 2), (12_000, 2), (25_100, 5), (30_000, 5)]
    {
        assert_eq!(ranges_for_throughput(request_units), ranges, "{request_units}");
    }
}

#[test]
fn bounds_are_read_without_zeros_at_their_end() {
    assert_eq!(lower_bound(""), Some(Vec::new()));
    assert_eq!(lower_bound("1f0A00000000"), Some(vec![0x1f, 0x0a]));
    assert_eq!(upper_bound("FF"), Some(None));
    assert_eq!(upper_bound("FFFFFFFF"), Some(None));
    assert_eq!(upper_bound("1FFF"), Some(Some(vec![0x1f, 0xff])));
    assert_eq!((lower_bound("1"), lower_bound("xx"), upper_bound("0g")), (None, None, None));
}

fn component() -> impl Strategy<Value = KeyComponent> {
    prop_oneof![
        Just(KeyComponent::Undefined),
        Just(KeyComponent::Null),
        any::<bool>().prop_map(KeyComponent::Bool),
        prop::num::f64::NORMAL.prop_map(KeyComponent::Number),
        ".{0,120}".prop_map(KeyComponent::String),
    ]
}

proptest! {
    #[test]
    fn numbers_keep_their_order(a in prop::num::f64::NORMAL | prop::num::f64::ZERO, b in prop::num::f64::NORMAL) {
        let bytes = |value| { let mut out = Vec::new(); ordered_number(value, &mut out); out };
        prop_assert_eq!(a.partial_cmp(&b), bytes(a).partial_cmp(&bytes(b)));
    }

    #[test]
    fn every_key_lies_in_exactly_one_range(parts in prop::collection::vec(component(), 1..=2), ranges in 1_u32..40) {
        let kinds = [(v1_definition(), 1), (v2_definition(), 1), (multi(), parts.len())];
        for (definition, used) in kinds {
            let key = effective_key(&PartitionKey(parts[..used].to_vec()), &definition);
            let cuts = split(&definition, ranges);
            let holds = |(from, to): &&(Vec<u8>, Option<Vec<u8>>)| *from <= key && to.as_ref().is_none_or(|to| key < *to);
            prop_assert_eq!(cuts.iter().filter(holds).count(), 1);
            prop_assert!(cuts.windows(2).all(|pair| pair[0].1.as_ref() == Some(&pair[1].0)));
        }
    }

    #[test]
    fn a_key_reads_back_from_its_text(parts in prop::collection::vec(component(), 0..=3)) {
        let key = PartitionKey(parts);
        let read = PartitionKey::from_canonical(&key.canonical()).unwrap();
        prop_assert_eq!(&read, &key);
        prop_assert_eq!(effective_key(&read, &multi()), effective_key(&key, &multi()));
    }
}
