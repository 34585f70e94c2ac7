//! The calls in the samples' READMEs, unmodified but for the port, made with curl: they answer what the README says.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::process::{Command, Stdio};

use hearth_tests::{Hearth, curl, sample, samples_source};

/// A call of a README and its answer.
struct Example {
    call: String,
    answer: String,
}

/// Every `$ ` line of the console blocks with the lines below it.
fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside && language == "console";
        } else if inside && let Some(call) = line.strip_prefix("$ ") {
            examples.push(Example { call: call.to_owned(), answer: String::new() });
        } else if inside && let Some(example) = examples.last_mut() {
            example.answer.push_str(line);
            example.answer.push('\n');
        }
    }
    examples
}

fn samples() -> Vec<String> {
    let mut samples: Vec<String> = std::fs::read_dir(samples_source())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| samples_source().join(name).join("host.json").is_file())
        .collect();
    samples.sort();
    samples
}

#[test]
fn every_call_of_a_readme_gives_the_answer_beside_it() {
    let curl = curl();
    let hearth = Hearth::start();
    let port = hearth.http_address().port();
    let samples = samples();
    assert!(samples.len() >= 5, "{samples:?}");
    for name in &samples {
        hearth.publish(name, &sample(name));
    }
    for name in samples {
        let readme = std::fs::read_to_string(samples_source().join(&name).join("README.md")).unwrap();
        let examples = examples(&readme);
        assert!(!examples.is_empty(), "{name}/README.md shows no call");
        for Example { call, answer } in examples {
            assert!(call.starts_with("curl "), "{name}: {call}");
            let addressed = call.replace("localhost:7071", &format!("localhost:{port}"));
            assert_ne!(call, addressed, "{name}: {call} names no address");
            // The shell takes the README's quotes as a reader's shell does.
            let output = Command::new("sh")
                .args(["-c", &addressed])
                .env("PATH", format!("{}:/usr/bin:/bin", curl.parent().unwrap().display()))
                .env("no_proxy", "*")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let given = String::from_utf8_lossy(&output.stdout);
            // A README ends its blocks with a line; an answer need not end with one.
            assert_eq!(given.trim_end_matches('\n'), answer.trim_end_matches('\n'), "{name}: {call}");
            assert!(output.status.success(), "{name}: {call}");
        }
    }
}

/// What scripts and settings of samples may name, so that they run in Azure Functions as they are.
mod portable {
    use std::path::Path;

    const PACKAGES: [&str; 3] = ["@azure/functions", "@azure/storage-queue", "crypto"];
    const HOST_JSON: [&str; 3] = ["version", "extensionBundle", "extensions"];

    /// Everything that is asked for by `require('…')` or `… from '…'`.
    pub(super) fn imports(script: &str) -> Vec<&str> {
        let after = |opening: &'static str| script.split(opening).skip(1).filter_map(|rest| rest.split('\'').next());
        after("require('").chain(after(" from '")).chain(after("import '")).chain(after("import('")).collect()
    }

    pub(super) fn check(path: &Path) -> usize {
        let text = std::fs::read_to_string(path).unwrap();
        let shown = path.display();
        assert!(!text.to_ascii_lowercase().contains("hearth"), "{shown} names Hearth");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("js" | "ts") => {
                let imports = imports(&text);
                for import in &imports {
                    let known = import.starts_with("./") || import.starts_with("../") || PACKAGES.contains(import);
                    assert!(known, "{shown} imports '{import}'");
                }
                imports.len()
            }
            _ if path.ends_with("host.json") => {
                let host: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
                for key in host.keys() {
                    assert!(HOST_JSON.contains(&key.as_str()), "{shown}: {key}");
                }
                0
            }
            _ => 0,
        }
    }
}

#[test]
fn samples_in_javascript_hold_nothing_that_only_hearth_has() {
    assert_eq!(portable::imports("const a = require('a');\nimport { b } from 'b';"), ["a", "b"]);
    let mut imports = 0;
    let of_scripts = samples().into_iter().filter(|name| samples_source().join(name).join("package.json").is_file());
    let mut folders: Vec<_> = of_scripts.map(|name| samples_source().join(name)).collect();
    assert!(folders.len() >= 3, "{folders:?}");
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            match entry.file_type().unwrap().is_dir() {
                true if path.ends_with("node_modules") => {}
                true => folders.push(path),
                // READMEs speak of Hearth.
                false if path.extension().is_some_and(|extension| extension == "md") => {}
                false => imports += portable::check(&path),
            }
        }
    }
    assert!(imports >= 7, "{imports}");
}
