//! `hearth publish DIR`: what of a directory becomes the package.

use std::fs;

use hearth_tests::{Hearth, Zip, sample};
use http::Method;

use crate::{stderr, stdout};

#[test]
fn a_directory_is_published_without_what_is_ignored() {
    let hearth = Hearth::start();
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    let write = |name: &str, content: &[u8]| {
        let path = app.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("app.wasm", &fs::read(sample("hello-rust").join("app.wasm")).unwrap());
    write("host.json", br#"{"version": "2.0"}"#);
    write("data/kept.txt", b"kept");
    write(".funcignore", b"*.log\n/target/\n");
    for ignored in ["a.log", "deep/b.log", "target/x.bin", "local.settings.json", ".git/config", ".vscode/x.json"] {
        write(ignored, b"ignored");
    }
    let output = hearth.run(["publish", app.to_str().unwrap(), "--app", "site", "--message", "only this & that"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("(3 files) to 'site'"), "{}", stderr(&output));
    let port = hearth.http_address().port();
    assert!(
        stdout(&output).contains(&format!("Functions in site:\n    greet - [httpTrigger]\n        Invoke url: http://site.localhost:{port}/api/hello/{{name}}\n")),
        "{}",
        stdout(&output)
    );
    let log = hearth.manage(Method::GET, "/apps/site/api/deployments/latest/log").send().expect(200).text();
    assert!(log.contains("Package accepted: 3 files"), "{log}");
    assert_eq!(hearth.show("site")["deployments"][0]["message"], "only this & that");
    assert_eq!(hearth.app("site").get("/api/hello?name=Ada").expect(200).text(), "Hello, Ada!\n");

    // A zip that holds such a file all the same: it is left out, and said.
    let zip = Zip::folder(&sample("hello-rust")).file("local.settings.json", "{}");
    let output = hearth.try_publish_zip("site", &zip);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning: 'local.settings.json' was left out"), "{}", stderr(&output));
}

#[test]
fn what_can_not_be_published_ends_with_1_and_one_reason() {
    let hearth = Hearth::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let absent = format!("{path}/absent");
    let python = folder.path().join("python.zip");
    Zip::app().file("function_app.py", "").file("requirements.txt", "").write(&python);
    let publish = |source: &str| hearth.run(["publish", source, "--app", "site"]);
    for (source, text) in [
        (path.as_str(), "has no host.json: name the directory of a function app"),
        (absent.as_str(), "can't be read: No such file or directory"),
        (
            python.to_str().unwrap(),
            "this is a Python package, which is not run here. Hearth runs JavaScript and TypeScript as they are, and WebAssembly components",
        ),
    ] {
        let output = publish(source);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).starts_with("error: ") && stderr(&output).contains(text), "{}", stderr(&output));
        assert!(stdout(&output).is_empty());
    }
    // Nothing was even begun.
    assert_eq!(hearth.json(&["apps", "list"])["apps"], serde_json::json!([]));
    let output = hearth.run(["publish", &path]);
    assert_eq!(output.status.code(), Some(78), "{}", stderr(&output));
    assert!(stderr(&output).contains("--app, HEARTH_APP, or 'app' in hearth.toml"), "{}", stderr(&output));
}
