//! Whatever bytes arrive, the parsers answer: seeded random input for all of them, bounded so that it runs with every test.

use std::io::Cursor;

use crate::binding::FunctionDefinition;
use crate::host_json::HostJson;
use crate::index::index;
use crate::package::tests::zip_of;
use crate::package::{Package, PackageLimits};
use crate::route::{RouteTable, RouteTemplate};
use crate::settings::Settings;

/// A small generator (xorshift64*), the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    /// Pieces of a vocabulary in any order, and now and then a byte of any value.
    fn text(&mut self, vocabulary: &[&str], pieces: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(pieces + 1) {
            match self.below(12) {
                0 => bytes.push(u8::try_from(self.below(256)).unwrap()),
                _ => bytes.extend_from_slice(vocabulary[self.below(vocabulary.len())].as_bytes()),
            }
        }
        bytes
    }

    /// A few bytes of the original changed, removed, or repeated.
    fn damaged(&mut self, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                break;
            }
            let at = self.below(bytes.len());
            match self.below(4) {
                0 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at),
                _ => {
                    let part = bytes[at..(at + 9).min(bytes.len())].to_vec();
                    bytes.splice(at..at, part);
                }
            }
        }
        bytes
    }
}

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\"version\"",
    "\"2.0\"",
    "null",
    "true",
    "-1",
    "1e999",
    "99999999999999999999",
    "\"functionTimeout\"",
    "\"00:00:05\"",
    "\"bindings\"",
    "\"type\"",
    "\"httpTrigger\"",
    "\"name\"",
    "\"req\"",
    "\"route\"",
    "\"{a:int}\"",
    "//",
    "/*",
    "*/",
    "\n",
    "\\u00",
    "\u{fc}",
    "\"extensions\"",
    "\"http\"",
    "\"logging\"",
    "\"logLevel\"",
    "'",
];

#[test]
fn json_files() {
    let host = br#"{"version": "2.0", "functionTimeout": "00:05:00", "logging": {"logLevel": {"default": "Debug"}},
        "extensions": {"http": {"routePrefix": "x", "customHeaders": {"a": "b"}}}, "wasm": {"instanceReuse": 5}}"#;
    let trigger = br#"{"type": "httpTrigger", "name": "req", "route": "a/{b:int?}", "methods": ["get"]}"#;
    let mut random = Random(1);
    for round in 0..4000 {
        let bytes = if round % 2 == 0 { random.text(JSON, 20) } else { random.damaged(host) };
        if let Err(error) = HostJson::parse(&bytes, &Settings::new()) {
            let lines = bytes.iter().filter(|b| **b == b'\n').count() + 1;
            assert!(error.line >= 1 && error.column >= 1 && error.line as usize <= lines + bytes.len(), "{error}");
        }
        let bytes = if round % 2 == 0 { random.text(JSON, 20) } else { random.damaged(trigger) };
        let binding = String::from_utf8_lossy(&bytes).into_owned();
        drop(FunctionDefinition::from_metadata("F", "f.wasm", None, &[binding], &Settings::new()));
    }
}

#[test]
fn routes_and_paths() {
    let vocabulary = [
        "/",
        "{",
        "}",
        "{{",
        "}}",
        "{a}",
        "{b:int}",
        "{c?}",
        "{d=5}",
        "{*e}",
        "*",
        "?",
        ":",
        "=",
        "(",
        ")",
        "regex(",
        "a+",
        "[",
        "length(2)",
        ":alpha",
        "x",
        "%41",
        "%2F",
        "%",
        "\u{fc}",
        "api",
        "items",
        ".",
        "~",
    ];
    let mut random = Random(2);
    let mut table = RouteTable::new("api");
    for _ in 0..4000 {
        let text = String::from_utf8_lossy(&random.text(&vocabulary, 8)).into_owned();
        if let Ok(template) = RouteTemplate::parse(&text) {
            let again = RouteTemplate::parse(&template.to_string()).unwrap();
            assert_eq!(again, template);
            drop(table.insert(template, Vec::new(), ()));
        }
    }
    for _ in 0..1000 {
        let path = String::from_utf8_lossy(&random.text(&vocabulary, 10)).into_owned();
        drop(table.find(&http::Method::GET, &format!("/api/{path}")));
        drop(table.find(&http::Method::GET, &path));
    }
    table.reordered();
}

#[test]
fn zips() {
    let good = zip_of(&[
        ("host.json", b"{\"version\": \"2.0\"}"),
        ("F/function.json", br#"{"bindings": [{"type": "httpTrigger", "name": "req"}]}"#),
        ("F/f.wasm", &[0; 300]),
    ]);
    let limits = PackageLimits { max_file_bytes: 1 << 20, ..PackageLimits::default() };
    let mut random = Random(3);
    let (mut opened, mut indexed) = (0, 0);
    for _ in 0..3000 {
        let bytes = random.damaged(&good);
        if let Ok(mut package) = Package::open(Cursor::new(bytes), &limits) {
            opened += 1;
            drop(package.verify());
            indexed += u32::from(index(&mut package, &Settings::new()).is_ok());
        }
    }
    assert!(opened > 0 && indexed > 0, "{opened} opened, {indexed} indexed");
}
