//! Where settings come from, and how scripts find what was started.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hearth_tests::{Call, Hearth, client, sample};
use http::Method;
use serde_json::Value;

use crate::{run, stderr, stdout};

/// Value and origin of a setting in the output of `config check --output json`.
fn setting<'a>(checked: &'a Value, name: &str) -> (&'a str, &'a str) {
    let found = checked["settings"].as_array().unwrap().iter().find(|setting| setting["name"] == name).expect(name);
    (found["value"].as_str().unwrap_or_default(), found["origin"].as_str().unwrap())
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    std::fs::write(&file, "domain = \"file.test\"\nworkers = 2\nworker-lease = 30\n").unwrap();
    let output = client(folder.path())
        .args(["config", "check", "--output", "json", "--domain", "flag.test", "--config"])
        .arg(&file)
        .env("HEARTH_DOMAIN", "environment.test")
        .env("HEARTH_WORKERS", "3")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let checked: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(setting(&checked, "domain"), ("flag.test", "flag"));
    assert_eq!(setting(&checked, "workers"), ("3", "environment HEARTH_WORKERS"));
    let origin = format!("file {}:3", file.display());
    assert_eq!(setting(&checked, "worker-lease"), ("30", origin.as_str()));
    assert_eq!(setting(&checked, "http-listen"), ("127.0.0.1:7071", "default"));

    // What runs goes by the same order.
    let start =
        |hearth: hearth_tests::Start| hearth.flag("--config", &file).env("HEARTH_DOMAIN", "environment.test").start();
    for (hearth, domain) in [
        (start(Hearth::with()), "environment.test"),
        (start(Hearth::with().flag("--domain", "flag.test")), "flag.test"),
    ] {
        hearth.publish("site", &sample("hello-http"));
        let url = hearth.show("site")["url"].as_str().unwrap().to_owned();
        assert_eq!(url, format!("http://site.{domain}:{}", hearth.http_address().port()));
        let hello = |host: &str| Call::new(hearth.http_address(), Method::GET, "/api/hello").host(host).send();
        assert_eq!(hello(&format!("site.{domain}")).expect(200).text(), "Hello, WASI!\n");
    }
}

#[test]
fn the_configuration_that_is_shipped_is_accepted() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/hearth.toml");
    let shipped = file.to_str().unwrap();
    let output = run(&["config", "check", "--config", shipped]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("/var/lib/hearth"), "{}", stdout(&output));

    // What it offers in comments is accepted too.
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(offered) if offered.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')) => offered,
        _ => line,
    });
    let offered: Vec<&str> = lines.collect();
    assert!(offered.contains(&"workers = 1"), "{offered:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.toml");
    std::fs::write(&file, offered.join("\n")).unwrap();
    let output = run(&["config", "check", "--config", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn a_wrong_value_is_told_by_its_name_before_a_port_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for (name, variable, value) in [
        ("workers", "HEARTH_WORKERS", "0"),
        ("worker-lease", "HEARTH_WORKER_LEASE", "soon"),
        ("egress-allow", "HEARTH_EGRESS_ALLOW", "everywhere"),
        ("domain", "HEARTH_DOMAIN", "not a domain"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = match value.parse::<u32>() {
            Ok(number) => format!("{name} = {number}\n"),
            Err(_) if name == "egress-allow" => format!("{name} = [\"{value}\"]\n"),
            Err(_) => format!("{name} = \"{value}\"\n"),
        };
        std::fs::write(folder.path().join("hearth.toml"), text).unwrap();
        // If it came as far as the port, it would complain of that.
        let up = ["up", "--data", "data", "--management-listen", &address.to_string()];
        let by_file = client(folder.path()).args(up).output().unwrap();
        std::fs::remove_file(folder.path().join("hearth.toml")).unwrap();
        let by_variable = client(folder.path()).args(up).env(variable, value).output().unwrap();
        for (output, place) in [(by_file, "hearth.toml:1: "), (by_variable, variable)] {
            let text = stderr(&output);
            assert_eq!(output.status.code(), Some(78), "{text}");
            assert!(text.starts_with(&format!("error: {place}")), "{text}");
            assert!(text.contains(name) || text.contains(variable), "{text}");
            assert_eq!(text.lines().count(), 1, "{text}");
        }
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn the_ready_file_is_one_object_that_only_its_owner_reads() {
    let folder = tempfile::tempdir().unwrap();
    let hearth = Hearth::with().data(&folder.path().join("data")).start();
    let told = hearth.ready().as_object().unwrap();
    for name in ["adminKey", "http", "management"] {
        assert!(told[name].is_string(), "{name} of {told:?}");
    }
    assert_eq!(told["pid"], hearth.pid());
    for name in ["http", "management"] {
        let url = told[name].as_str().unwrap();
        assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
    }
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&hearth.ready_file()), 0o600);
    for name in ["profile.json", "installation.key", "state.db"] {
        assert_eq!(mode(&hearth.data().join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(hearth.data()), 0o700);
}

#[test]
fn a_data_directory_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    // With a space, beyond ASCII and with what means something in URLs, and too long for the sockets that usually lie in it.
    let names = [
        "data of mine".to_owned(),
        "d\u{e4}ta %20 ?x=1#y".to_owned(),
        format!("{}/{}", "a".repeat(90), "b".repeat(90)),
    ];
    for name in names {
        let data = folder.path().join(&name);
        let hearth = Hearth::with().data(&data).start();
        hearth.publish("site", &sample("hello-http"));
        assert_eq!(hearth.app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n", "{name}");
        assert!(data.join("state.db").is_file());
        // A client command finds it by its directory alone.
        let output =
            client(folder.path()).args(["apps", "list", "--output", "json", "--data"]).arg(&data).output().unwrap();
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_eq!(hearth.stop().code(), Some(0), "{name}");
    }
}
