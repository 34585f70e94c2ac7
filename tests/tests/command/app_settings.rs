//! `hearth settings`, `hearth keys` and `hearth rotate-key` against a running installation.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};

use hearth_tests::{Hearth, client, sample};
use serde_json::json;

use crate::{stderr, stdout};

#[track_caller]
fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn settings_go_in_and_out_without_standing_on_the_command_line() {
    let hearth = Hearth::start();
    let output = hearth.run(["settings", "set", "A=1", "--app", "site"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("hearth apps create site"), "{}", stderr(&output));
    done(hearth.run(["settings", "set", "A=1", "B=x=y", "--app", "site", "--create"]));

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut set = client(folder.path())
        .args(["settings", "set", "PASSWORD=@-", "--app", "site"])
        .env("HEARTH_MANAGEMENT", hearth.management())
        .env("HEARTH_KEY", hearth.admin_key())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    set.stdin.take().unwrap().write_all(b"open sesame\n").unwrap();
    assert!(set.wait().unwrap().success());
    let shown = done(hearth.run(["settings", "list", "--app", "site"]));
    assert!(shown.contains("PASSWORD  *****") && !shown.contains("sesame"), "{shown}");
    let listed = hearth.json(&["settings", "list", "--app", "site", "--show-values"]);
    let expected = json!([
        {"name": "A", "value": "1"}, {"name": "B", "value": "x=y"}, {"name": "PASSWORD", "value": "open sesame"}
    ]);
    assert_eq!(listed["settings"], expected);

    for format in ["local", "azure"] {
        let file = path(format);
        let file = file.to_str().unwrap();
        done(hearth.run(["settings", "export", file, "--format", format, "--app", "site"]));
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        done(hearth.run(["settings", "set", "LATER=1", "--app", "site"]));
        done(hearth.run(["settings", "import", file, "--replace", "--app", "site"]));
        assert_eq!(hearth.json(&["settings", "list", "--app", "site", "-a"])["settings"], expected, "{format}");
        let again = hearth.run(["settings", "export", file, "--app", "site"]);
        assert_eq!(again.status.code(), Some(1), "a file that is there stays");
    }
    done(hearth.run(["settings", "unset", "a", "PASSWORD", "--app", "site"]));
    let left = hearth.json(&["settings", "list", "--app", "site"]);
    assert_eq!(left["settings"], json!([{"name": "B"}]));
}

#[test]
fn a_changed_setting_is_in_force_when_the_command_returns() {
    let hearth = Hearth::start();
    hearth.publish("site", &sample("hello-http"));
    let set = hearth.json(&["settings", "set", "GREETING=salve", "--app", "site"]);
    let worker = hearth.show("site")["workers"][0].clone();
    assert_eq!(worker["settings"], set["revision"], "{worker}");
    done(hearth.run(["settings", "set", "AzureWebJobs.hello.Disabled=true", "--app", "site"]));
    let shown = hearth.show("site");
    let hello = shown["functionList"].as_array().unwrap().iter().find(|one| one["name"] == "hello").unwrap();
    assert_eq!(hello["disabled"], true, "{hello}");
}

#[test]
fn keys_are_shown_renewed_set_and_deleted() {
    let hearth = Hearth::start();
    hearth.publish("site", &sample("hello-http"));
    let show = |arguments: &[&str]| done(hearth.run([&["keys", "show", "--app", "site"], arguments].concat()));
    let first = show(&[]);
    assert_eq!(first.trim().len(), 56, "{first}");
    done(hearth.run(["keys", "renew", "--app", "site"]));
    assert_ne!(show(&[]), first);
    done(hearth.run(["keys", "renew", "partner", "--function", "Hello", "--app", "site"]));
    done(hearth.run(["keys", "set", "hook", "--system", "--value", "sesame", "--app", "site"]));
    done(hearth.run(["keys", "set", "--master", "--value", "open sesame", "--app", "site"]));
    assert_eq!(show(&["--master"]), "open sesame\n");
    let listed = done(hearth.run(["keys", "list", "--app", "site"]));
    for line in ["master          _master  *****", "system          hook     *****", "function hello  partner  *****"] {
        assert!(listed.contains(line), "{listed}");
    }
    done(hearth.run(["keys", "delete", "hook", "--system", "--app", "site"]));
    let output = hearth.run(["keys", "show", "hook", "--system", "--app", "site"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("has no key 'hook'"), "{}", stderr(&output));
}

#[test]
fn the_installation_key_is_changed_only_while_nothing_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let hearth = Hearth::with().data(&data).start();
    hearth.publish("site", &sample("hello-http"));
    done(hearth.run(["settings", "set", "A=1", "--app", "site"]));
    let key = |hearth: &Hearth| done(hearth.run(["keys", "show", "--app", "site"]));
    let (host_key, admin_key) = (key(&hearth), hearth.admin_key().to_owned());
    let rotate = || client(folder.path()).args(["rotate-key", "--data"]).arg(&data).output().unwrap();
    let refused = rotate();
    assert_eq!(refused.status.code(), Some(78));
    assert!(stderr(&refused).contains(&format!("process {}", hearth.pid())), "{}", stderr(&refused));
    assert_eq!(hearth.stop().code(), Some(0));

    let before = std::fs::read(data.join("installation.key")).unwrap();
    let told = done(rotate());
    assert!(told.contains("holds a new key"), "{told}");
    assert_ne!(std::fs::read(data.join("installation.key")).unwrap(), before);
    let hearth = Hearth::with().data(&data).start();
    assert_eq!((key(&hearth), hearth.admin_key()), (host_key, admin_key.as_str()), "what was sealed is the same");
    assert_eq!(hearth.json(&["settings", "list", "--app", "site", "-a"])["settings"][0]["value"], "1");
    assert_eq!(hearth.app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
}
