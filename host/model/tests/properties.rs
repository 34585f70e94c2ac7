//! What holds for every value, not only for those of the examples: expressions, formats, routes, settings, host.json.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::expression::{BindingData, Environment, Template, Value, resolve_settings};
use hearth_model::host_json::HostJson;
use hearth_model::route::{RouteTable, RouteTemplate};
use hearth_model::settings::Settings;
use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

fn evaluate(template: &str, value: impl Into<Value>) -> String {
    let mut data = BindingData::new();
    data.insert("v", value);
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let environment = Environment { function: "F", clock: &clock, new_guid: &|| Uuid::nil() };
    Template::parse(template).unwrap().evaluate(&data, environment).unwrap()
}

/// A segment that nothing in a template or path reads as something else.
fn word() -> impl Strategy<Value = String> {
    "[b-qs-z][a-z0-9_-]{0,8}"
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn doubled_braces_stand_for_themselves(text in ".{0,60}") {
        let doubled = text.replace('{', "{{").replace('}', "}}");
        prop_assert_eq!(evaluate(&doubled, 0), text);
    }

    #[test]
    fn a_text_is_put_in_as_it_is(before in "[^{}]{0,9}", value in ".{0,40}", behind in "[^{}]{0,9}") {
        let template = format!("{before}{{V}}{behind}");
        prop_assert_eq!(evaluate(&template, value.clone()), format!("{before}{value}{behind}"));
    }

    #[test]
    fn settings_are_put_in_by_name_alone(values in vec(("[^%]{0,12}", ".{0,12}"), 0..6)) {
        let settings: Settings = values.iter().enumerate().map(|(i, (_, value))| (format!("S_{i}"), value)).collect();
        let text: String = values.iter().enumerate().map(|(i, (plain, _))| format!("{plain}%s_{i}%")).collect();
        let expected: String = values.iter().map(|(plain, value)| format!("{plain}{value}")).collect();
        prop_assert_eq!(resolve_settings(&text, &settings).unwrap(), expected);
    }

    #[test]
    fn setting_names_ignore_case_and_the_kind_of_separator(parts in vec("[A-Za-z0-9]{1,6}", 1..5), value in ".{0,20}") {
        let settings: Settings = [(parts.join("__"), value.clone())].into_iter().collect();
        prop_assert_eq!(settings.get(&parts.join(":").to_uppercase()), Some(value.as_str()));
    }

    #[test]
    fn whole_numbers_lose_nothing(number in any::<i64>()) {
        prop_assert_eq!(evaluate("{v}", number), number.to_string());
        prop_assert_eq!(evaluate("{v:D}", number), number.to_string());
        prop_assert_eq!(evaluate("{v:N0}", number).replace(',', ""), number.to_string());
        prop_assert_eq!(evaluate("{v:#,##0}", number), evaluate("{v:N0}", number));
        prop_assert_eq!(i64::from_str_radix(&evaluate("{v:B64}", number)[1..], 2).unwrap(), number & i64::MAX);
        let hex = evaluate("{v:X}", number);
        prop_assert_eq!(u64::from_str_radix(&hex, 16).unwrap().cast_signed(), number);
    }

    #[test]
    fn doubles_are_read_back_as_the_same(number in any::<f64>().prop_filter("JSON has no others", |n| n.is_finite())) {
        for format in ["{v}", "{v:R}", "{v:G}", "{v:E16}"] {
            prop_assert_eq!(evaluate(format, number).parse::<f64>().unwrap(), number, "{}", format);
        }
    }

    #[test]
    fn rounding_is_to_the_nearest(number in -1e9..1e9_f64, places in 0..6_u32) {
        let rounded: f64 = evaluate(&format!("{{v:F{places}}}"), number).parse().unwrap();
        let half = 0.5 / 10_f64.powi(i32::try_from(places).unwrap());
        prop_assert!((rounded - number).abs() <= half + 2.0 * f64::EPSILON * number.abs(), "{} became {}", number, rounded);
    }

    #[test]
    fn moments_and_guids_are_read_back(micros in -62_135_596_800_000_000..253_402_300_000_000_000_i64, guid in any::<u128>()) {
        let at = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse_rfc3339(&evaluate("{v:o}", Value::Time(at))), Some(at));
        prop_assert_eq!(evaluate("{v:yyyy-MM-ddTHH:mm:ss.fffffffK}", Value::Time(at)), evaluate("{v:o}", Value::Time(at)));
        // The same moment as text, as JSON carries it.
        prop_assert_eq!(evaluate("{v:o}", at.rfc3339()), evaluate("{v:o}", Value::Time(at)));
        let guid = Uuid::from_u128(guid);
        for format in ["{v}", "{v:N}", "{v:B}"] {
            prop_assert_eq!(Uuid::parse_str(&evaluate(format, Value::Guid(guid))).unwrap(), guid);
        }
    }

    #[test]
    fn a_route_finds_the_paths_made_from_it(parts in vec((word(), any::<bool>()), 1..8), value in "[^/%\\x00-\\x1f]{1,12}") {
        let template: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(i, (word, literal))| if *literal { word.clone() } else { format!("{{p{i}}}") })
            .collect();
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path: Vec<&str> = parts.iter().map(|(word, literal)| if *literal { word } else { &encoded }.as_str()).collect();
        let mut table = RouteTable::new("api");
        table.insert(RouteTemplate::parse(&template.join("/")).unwrap(), vec![Method::GET], ()).unwrap();
        let found = table.find(&Method::GET, &format!("/API/{}", path.join("/").to_uppercase().replace("%2F", "%2f")));
        let params = found.map(|found| found.params).unwrap_or_default();
        prop_assert_eq!(params.len(), parts.iter().filter(|(_, literal)| !literal).count());
        prop_assert!(params.iter().all(|(_, found)| *found == value), "{:?}", params);
        prop_assert_eq!(table.find(&Method::POST, &format!("/api/{}", path.join("/"))), None);
        prop_assert_eq!(table.find(&Method::GET, &format!("/api/{}/more", path.join("/"))), None);
    }

    #[test]
    fn literal_text_beats_a_parameter_in_any_order(words in vec(word(), 1..5), at in any::<prop::sample::Index>(), first in any::<bool>()) {
        let mut general = words.clone();
        general[at.index(words.len())] = "{any}".to_owned();
        let mut routes = [(words.join("/"), "exact"), (general.join("/"), "general")];
        if first {
            routes.reverse();
        }
        let mut table = RouteTable::new("");
        for (route, value) in &routes {
            table.insert(RouteTemplate::parse(route).unwrap(), Vec::new(), *value).unwrap();
        }
        let found = table.find(&Method::GET, &format!("/{}", words.join("/"))).unwrap();
        prop_assert_eq!(*found.value, "exact");
        prop_assert_eq!(table.reordered().len(), usize::from(first));
        prop_assert!(table.shadowed().is_empty());
    }

    #[test]
    fn unknown_keys_and_the_order_of_keys_change_nothing_in_host_json(
        minutes in 1..60_u32, prefix in word(), unknown in vec(("zz[a-z]{1,8}", any::<i32>()), 0..4), turn in 0..4_usize,
    ) {
        let mut keys = vec![
            "\"version\": \"2.0\"".to_owned(),
            format!("\"FunctionTimeout\": \"00:{minutes:02}:00\""),
            format!("\"extensions\": {{\"http\": {{\"routePrefix\": \"/{prefix}/\"}}}}"),
        ];
        let plain = HostJson::parse(format!("{{{}}}", keys.join(",")).as_bytes(), &Settings::new()).unwrap();
        prop_assert_eq!(&plain.route_prefix, &prefix);
        keys.extend(unknown.iter().map(|(key, value)| format!("\"{key}\": {value} // {key}\n")));
        let turn = turn % keys.len();
        keys.rotate_left(turn);
        let other = HostJson::parse(format!("{{{}}}", keys.join(",")).as_bytes(), &Settings::new()).unwrap();
        prop_assert_eq!(other.function_timeout, plain.function_timeout);
        prop_assert_eq!(other.route_prefix, plain.route_prefix);
        prop_assert_eq!(other.max_concurrent_requests, plain.max_concurrent_requests);
    }
}
