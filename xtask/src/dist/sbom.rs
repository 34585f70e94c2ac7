//! The bill of materials: CycloneDX 1.5 as JSON. Serial number and time follow from the content and the release, so two
//! builds of one commit give the same file.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Release;
use super::archive::utc;
use super::crates::{Crate, Origin};

/// The document for the binary made of `crates`.
///
/// # Errors
/// When `hearth` is not among them.
pub(crate) fn document(crates: &[Crate], release: &Release) -> anyhow::Result<String> {
    let hearth = crates.iter().find(|one| one.name == "hearth").context("the crates do not hold hearth itself")?;
    let others: Vec<_> = crates.iter().filter(|one| one.name != "hearth").collect();
    let components: Vec<_> = others.iter().map(|one| component(one, "library")).collect();
    // What no crate names as a dependency (the standard library, bundled C) belongs to the binary itself.
    let bundled = others.iter().filter(|one| one.origin == Origin::Bundled).map(|one| one.id());
    let own: BTreeSet<String> = hearth.needs.iter().cloned().chain(bundled).collect();
    let mut dependencies = vec![json!({ "ref": hearth.id(), "dependsOn": own })];
    dependencies.extend(others.iter().map(|one| json!({ "ref": one.id(), "dependsOn": one.needs })));
    let content = json!({ "components": components, "dependencies": dependencies });
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": serial(&format!("{}{}{content}", release.version, release.arch)),
        "version": 1,
        "metadata": {
            "timestamp": utc(release.epoch)?,
            "tools": { "components": [{ "type": "application", "name": "cargo xtask dist", "version": release.version }] },
            "component": component(hearth, "application"),
        },
        "components": content["components"],
        "dependencies": content["dependencies"],
    });
    Ok(format!("{document:#}\n"))
}

fn component(one: &Crate, kind: &str) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("type", kind.into());
    set("bom-ref", one.id().into());
    set("name", one.name.clone().into());
    set("version", one.version.clone().into());
    if let Some(description) = &one.description {
        set("description", description.clone().into());
    }
    if let Some(sha256) = &one.sha256 {
        set("hashes", json!([{ "alg": "SHA-256", "content": sha256 }]));
    }
    if let Some(licence) = &one.licence {
        set("licenses", json!([{ "expression": licence }]));
    }
    // A package URL names a place to look it up, which the crates of this workspace do not have.
    match one.origin {
        Origin::Registry => set("purl", format!("pkg:cargo/{}", purl(one)).into()),
        Origin::Bundled => set("purl", format!("pkg:generic/{}", purl(one)).into()),
        Origin::Workspace => None,
    };
    if let Some(repository) = &one.repository {
        set("externalReferences", json!([{ "type": "vcs", "url": repository }]));
    }
    Value::Object(fields)
}

/// In a package URL a `+` of the version is escaped.
fn purl(one: &Crate) -> String {
    one.id().replace('+', "%2B")
}

/// A version 8 UUID (free content) from the SHA-256 of the content.
fn serial(content: &str) -> String {
    let mut hex = hex::encode(&Sha256::digest(content)[..16]);
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "a");
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{release, shipped};
    use super::*;

    fn crates() -> Vec<Crate> {
        vec![
            shipped("bytes", "1.10.0", "MIT", &[]),
            Crate {
                origin: Origin::Workspace,
                sha256: None,
                ..shipped("hearth", "0.1.0", "Apache-2.0", &["wasip2@2.0.1+wasi"])
            },
            Crate { origin: Origin::Bundled, sha256: None, ..shipped("sqlite", "3.50.2", "blessing", &[]) },
            shipped("wasip2", "2.0.1+wasi", "MIT OR Apache-2.0", &["bytes@1.10.0"]),
        ]
    }

    #[test]
    fn the_document_has_the_shape_of_cyclonedx() {
        let document: Value = serde_json::from_str(&document(&crates(), &release()).unwrap()).unwrap();
        assert_eq!((&document["bomFormat"], &document["specVersion"]), (&json!("CycloneDX"), &json!("1.5")));
        assert_eq!(document["metadata"]["component"]["type"], "application");
        assert_eq!(document["metadata"]["timestamp"], "2026-09-21T14:13:20Z");
        let serial = document["serialNumber"].as_str().unwrap();
        assert_eq!((serial.len(), &serial[..9], &serial[23..24]), (45, "urn:uuid:", "8"));
        assert_eq!(document["components"].as_array().unwrap().len(), 3);
        assert_eq!(document["components"][2]["purl"], "pkg:cargo/wasip2@2.0.1%2Bwasi");
        assert_eq!(document["components"][0]["hashes"][0]["alg"], "SHA-256");
        assert_eq!(document["components"][0]["licenses"][0]["expression"], "MIT");
    }

    #[test]
    fn every_relation_points_at_a_component() {
        let document: Value = serde_json::from_str(&document(&crates(), &release()).unwrap()).unwrap();
        let mut known: BTreeSet<_> =
            document["components"].as_array().unwrap().iter().map(|c| c["bom-ref"].clone().to_string()).collect();
        known.insert(document["metadata"]["component"]["bom-ref"].to_string());
        for relation in document["dependencies"].as_array().unwrap() {
            assert!(known.contains(&relation["ref"].to_string()), "{relation}");
            assert!(
                relation["dependsOn"].as_array().unwrap().iter().all(|one| known.contains(&one.to_string())),
                "{relation}"
            );
        }
        assert_eq!(document["dependencies"][0]["dependsOn"], json!(["sqlite@3.50.2", "wasip2@2.0.1+wasi"]));
    }

    #[test]
    fn the_same_content_gives_the_same_file_and_other_content_another_serial() {
        let text = document(&crates(), &release()).unwrap();
        assert_eq!(text, document(&crates(), &release()).unwrap());
        assert_ne!(serial("a"), serial("b"));
    }
}
