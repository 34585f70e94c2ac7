//! `cargo xtask dist`: what comes out is complete, adds up, and runs.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hearth_tests::{binary, client};
use sha2::{Digest, Sha256};

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// The only file in `folder` that ends like this.
fn only(folder: &Path, end: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.to_str().unwrap().ends_with(end)).collect();
    assert!(found.len() <= 1, "{found:?}");
    found.pop()
}

/// What is installed says its version and accepts the configuration it comes with.
fn works(hearth: &Path, configuration: &Path) {
    let home = tempfile::tempdir().unwrap();
    let mut command = client(home.path());
    let program = Command::new(hearth);
    let installed = |arguments: &[&str], command: &Command| {
        let mut installed = Command::new(program.get_program());
        installed.args(arguments).env_clear().current_dir(home.path());
        for (name, value) in command.get_envs() {
            value.map(|value| installed.env(name, value));
        }
        run(&mut installed)
    };
    let version = String::from_utf8(run(command.arg("--version")).stdout).unwrap();
    assert_eq!(String::from_utf8(installed(&["--version"], &command).stdout).unwrap(), version);
    installed(&["config", "check", "--config", configuration.to_str().unwrap()], &command);
}

#[test]
fn a_tarball_and_a_package_with_checksums() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("dist");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut dist = Command::new(cargo);
    dist.args(["run", "--quiet", "--locked", "-p", "xtask", "--", "dist", "--binary"])
        .arg(binary())
        .arg("--output")
        .arg(&output);
    // The least compression: the binary of the tests is large, and its size is not what is tested.
    run(dist.current_dir(root).env("DPKG_DEB_COMPRESSOR_LEVEL", "0"));

    let sums = std::fs::read_to_string(output.join("SHA256SUMS")).unwrap();
    let mut summed: Vec<&str> = Vec::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(hex(&Sha256::digest(std::fs::read(output.join(name)).unwrap())), sum, "{name}");
        summed.push(name);
    }
    let mut present: Vec<String> =
        std::fs::read_dir(&output).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    present.retain(|name| name != "SHA256SUMS");
    present.sort();
    summed.sort_unstable();
    assert_eq!(summed, present, "every artefact has its checksum, and nothing else lies there");

    let tarball = only(&output, ".tar.gz").unwrap();
    let base = tarball.file_name().unwrap().to_str().unwrap().trim_end_matches(".tar.gz").to_owned();
    let listed = lines(&run(Command::new("tar").arg("tzf").arg(&tarball)));
    let (documents, listed): (Vec<String>, Vec<String>) =
        listed.into_iter().partition(|name| name.starts_with(&format!("{base}/docs/")));
    assert!(documents.contains(&format!("{base}/docs/operations.md")), "{documents:?}");
    let mut expected: Vec<String> = [
        "",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "THIRD-PARTY-NOTICES",
        "hearth",
        "hearth.cdx.json",
        "hearth-management.service",
        "hearth-worker.service",
        "hearth.service",
        "hearth.sysusers",
        "hearth.tmpfiles",
        "hearth.toml",
    ]
    .iter()
    .map(|name| format!("{base}/{name}"))
    .collect();
    expected.sort();
    assert_eq!(listed, expected);
    run(Command::new("tar").arg("xzf").arg(&tarball).arg("-C").arg(folder.path()));
    let unpacked = folder.path().join(&base);
    works(&unpacked.join("hearth"), &unpacked.join("hearth.toml"));

    let sbom: serde_json::Value =
        serde_json::from_slice(&std::fs::read(only(&output, ".cdx.json").unwrap()).unwrap()).unwrap();
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    let names: Vec<&str> =
        sbom["components"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"wasmtime") && names.contains(&"sqlx"), "{names:?}");
    let notices = std::fs::read_to_string(output.join("THIRD-PARTY-NOTICES")).unwrap();
    assert!(notices.contains("wasmtime") && notices.contains("Apache License"));

    let Some(package) = only(&output, ".deb") else {
        println!("skipped: dpkg-deb is not installed, so there is no .deb to look at");
        return;
    };
    let installed = folder.path().join("installed");
    run(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&installed));
    works(&installed.join("usr/bin/hearth"), &installed.join("etc/hearth/hearth.toml"));
    for file in [
        "lib/systemd/system/hearth.service",
        "lib/systemd/system/hearth-management.service",
        "lib/systemd/system/hearth-worker.service",
        "usr/share/doc/hearth/copyright",
        "usr/share/doc/hearth/docs/operations.md",
        "usr/lib/sysusers.d/hearth.conf",
    ] {
        assert!(installed.join(file).is_file(), "{file}");
    }
    let field = |name: &str| lines(&run(Command::new("dpkg-deb").arg("-f").arg(&package).arg(name))).join("\n");
    assert_eq!(field("Package"), "hearth");
    assert!(field("Version").starts_with(env!("CARGO_PKG_VERSION")), "{}", field("Version"));
    assert!(field("Depends").contains("libc6"), "{}", field("Depends"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
