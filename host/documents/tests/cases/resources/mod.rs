//! Databases, containers, offers, ranges, scripts and what else is no item (reference: sections 1.2, 3 and 4).

mod containers;
mod databases;
mod offers;
mod scripts;

const QUERY: (&str, &str) = ("x-ms-documentdb-isquery", "True");
const V2: &str = r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#;
