//! The systemd units in deploy/, as systemd itself reads them.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "what is skipped is shown")]

use std::path::Path;
use std::process::Command;

use hearth_tests::binary;

const UNITS: [&str; 3] = ["hearth.service", "hearth-management.service", "hearth-worker.service"];

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("skipped: systemd-analyze is not installed");
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/systemd");
    let folder = tempfile::tempdir().unwrap();
    for unit in UNITS {
        let text = std::fs::read_to_string(source.join(unit)).unwrap();
        assert!(text.contains("ExecStart=/usr/bin/hearth "), "{unit}");
        // The program is not installed here; systemd looks whether it is there.
        let text = text.replace("/usr/bin/hearth ", &format!("{} ", binary().display()));
        std::fs::write(folder.path().join(unit), text).unwrap();
    }
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).args(UNITS.map(|unit| folder.path().join(unit)));
    let output = verify.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("hearth"), "{said}");
}
