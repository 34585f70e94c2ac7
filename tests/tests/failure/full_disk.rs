//! The disk of the data directory is full: who hears of it, what goes on, and what happens when there is space again.

use std::path::Path;
use std::process::Command;

use hearth_tests::{Callers, Hearth, eventually, sample, test_guest};
use http::Method;

/// A small file system, unmounted with this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=96m", "hearth-test"]).arg(folder.path()).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    /// Takes all the space there is; what holds it.
    fn fill(&self) -> std::path::PathBuf {
        let filler = self.0.path().join("filler");
        let full = std::fs::write(&filler, vec![0; 96 << 20]).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).output().ok();
    }
}

#[test]
fn a_full_disk_is_told_calls_go_on_and_changes_are_taken_again_when_there_is_space() {
    let Some(disk) = SmallDisk::mount() else {
        return println!("skipped: full disk: a small file system cannot be mounted without root");
    };
    let data = disk.0.path().join("data");
    let hearth = Hearth::with().workers(2).data(&data).start();
    hearth.publish("plain", &test_guest("faults-http"));
    let calls = Callers::begin(2, &hearth.app("plain").call(Method::GET, "/api/hello"));
    let filler = disk.fill();
    let set = |value: &str| hearth.run(["settings", "set", &format!("VALUE={value}"), "--app", "plain"]);
    // The last pages of the log may still take some.
    let large = "x".repeat(4000);
    let told = eventually("a change to be refused", || {
        let output = set(&large);
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    });
    assert!(told.contains("space") || told.contains("full"), "{told}");
    let refused = hearth.try_publish("late", &sample("hello-http"));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && (told.contains("space") || told.contains("full")), "{told}");
    calls.go_on(200);

    std::fs::remove_file(filler).unwrap();
    eventually("a change to be taken", || set("after").status.success().then_some(()));
    eventually("an app to be published", || {
        hearth.try_publish("late", &sample("hello-http")).status.success().then_some(())
    });
    assert_eq!(hearth.app("late").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
    for seen in calls.end() {
        assert_eq!(seen.text().as_deref(), Some("hello"), "{:?}", seen.answer);
    }
    assert!(spool_is_empty(&data), "uploads are left in the spool");
    assert!(hearth.stop().success());
}

fn spool_is_empty(data: &Path) -> bool {
    std::fs::read_dir(data.join("spool")).map_or(0, Iterator::count) == 0
}
