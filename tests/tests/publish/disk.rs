//! A full disk: told as such, harmless to what runs, over as soon as there is space again.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use hearth_tests::{Callers, Hearth, eventually, kill};
use http::Method;

use crate::{V1_SAYS, V2_SAYS, latest, says, spooled, v1, v2, zipdeploy};

/// A small file system in memory, gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// None, with the reason printed, where this user may not mount.
    fn mount(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={mebibytes}m,mode=0700");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(folder)),
            Ok(output) => skipped(&String::from_utf8_lossy(&output.stderr)),
            Err(error) => skipped(&error.to_string()),
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all space that is left.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = std::fs::File::create(&path).unwrap();
        let block = [1; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whatever still has a file open there keeps it until it ends.
        let _gone = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

fn skipped(reason: &str) -> Option<SmallDisk> {
    println!("skipped: a file system in memory can't be mounted (needs root): {reason}");
    None
}

#[test]
fn a_publish_that_does_not_fit_fails_and_the_old_version_serves_on() {
    let Some(disk) = SmallDisk::mount(24) else { return };
    let data = disk.path().join("data");
    let hearth = Hearth::with().data(&data).start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let callers = Callers::begin(1, &hearth.app("site").call(Method::GET, "/api/hello"));

    let ballast = disk.fill();
    let answer = zipdeploy(&hearth, "site", v2().bytes()).expect(507);
    assert!(answer.text().contains("No space is left for "), "{}", answer.text());
    assert!(answer.text().contains("free space"), "{}", answer.text());
    assert_eq!(spooled(&hearth), 0);
    callers.go_on(20);
    for seen in callers.end() {
        assert_eq!(seen.text().as_deref(), Some(V1_SAYS), "{:?}", seen.answer);
    }
    // Reading needs no space, and neither does a worker that starts again.
    assert_eq!(hearth.show("site")["state"], "running");
    kill(hearth.worker());
    assert_eq!(says(&hearth, "site"), V1_SAYS);

    std::fs::remove_file(ballast).unwrap();
    let published = eventually("a publish after space returned", || {
        let answer = zipdeploy(&hearth, "site", v2().bytes());
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(published.json()["status"], 4);
    assert_eq!(says(&hearth, "site"), V2_SAYS);
    assert_eq!(latest(&hearth, "site")["status"], 4);
    drop(hearth);
}

#[test]
fn space_that_ends_in_the_middle_of_an_upload_is_given_back() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let hearth = Hearth::with().data(&disk.path().join("data")).start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    // Larger than the disk; nothing of it can be compressed away.
    let mut noise = 1_u64;
    let large: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.to_be_bytes()[0]
    })
    .take(20 << 20)
    .collect();
    let answer = zipdeploy(&hearth, "site", v2().file("data.bin", large).bytes()).expect(507);
    assert!(answer.text().contains("No space is left for the upload"), "{}", answer.text());
    assert_eq!(spooled(&hearth), 0);
    zipdeploy(&hearth, "site", v2().bytes()).expect(200);
    assert_eq!(says(&hearth, "site"), V2_SAYS);
    drop(hearth);
}

#[test]
fn a_start_on_a_full_disk_is_told_and_succeeds_once_there_is_space() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let data = disk.path().join("data");
    let start = || Hearth::with().data(&data);
    let hearth = start().start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    assert_eq!(hearth.stop().code(), Some(0));
    let ballast = disk.fill();
    let Err(error) = start().try_start() else { panic!("it started") };
    // 78 would keep a service manager from trying again.
    assert_eq!(error.code, Some(1), "{}", error.log);
    assert!(
        error.log.contains("o space is left for the") && error.log.contains("free space on its file system"),
        "{}",
        error.log
    );
    std::fs::remove_file(ballast).unwrap();
    assert_eq!(says(&start().start(), "site"), V1_SAYS);
}

#[test]
fn a_read_only_data_directory_is_told_before_anything_starts() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let data = disk.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).unwrap();
    drop(Hearth::with().data(&data).start());
    let remount = Command::new("mount").args(["-o", "remount,ro"]).arg(disk.path()).status().unwrap();
    assert!(remount.success());
    let Err(error) = Hearth::with().data(&data).try_start() else { panic!("it started") };
    assert_eq!(error.code, Some(78), "{}", error.log);
    let path = data.display().to_string();
    assert!(error.log.contains(&path) && error.log.to_lowercase().contains("read-only file system"), "{}", error.log);
    assert!(error.log.contains("choose another with --data"), "{}", error.log);
}
