//! The calls in the samples' READMEs, unmodified but for the port, made with curl: they answer what the README says.
#![cfg(unix)]

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

#[test]
fn every_call_of_a_readme_gives_the_answer_beside_it() {
    let curl = curl();
    let hearth = Hearth::start();
    let port = hearth.http_address().port();
    let mut samples: Vec<String> = std::fs::read_dir(samples_source())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| samples_source().join(name).join("Cargo.toml").is_file())
        .collect();
    samples.sort();
    assert!(samples.len() >= 2, "{samples:?}");
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
