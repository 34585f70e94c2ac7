//! The tarball and the checksums. GNU tar and gzip do the packing, told to leave out everything that differs between two
//! runs: order, owner, time, and gzip's own header.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::Release;
use crate::process::{read, run};

/// Name of the file with the checksums, in the form that `sha256sum --check` reads.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";

/// Packs the files of `folder` under the name `base` inside the archive.
pub(crate) fn tarball(folder: &Path, base: &str, file: &Path, release: &Release) -> anyhow::Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"]);
    tar.args([&format!("--mtime=@{}", release.epoch), "--mode=u+rwX,go+rX,go-w", "--use-compress-program=gzip -n -9"]);
    tar.arg(format!("--transform=s,^\\.,{base},")).arg("--file").arg(file).arg("--directory").arg(folder).arg(".");
    run(&mut tar)
}

/// Writes the checksums of the files, sorted by name.
pub(crate) fn checksums(folder: &Path, names: &mut [String]) -> anyhow::Result<()> {
    names.sort();
    let mut text = String::new();
    for name in names {
        let path = folder.join(&*name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text += &format!("{}  {name}\n", hex::encode(Sha256::digest(&bytes)));
    }
    fs::write(folder.join(CHECKSUMS), text).with_context(|| format!("cannot write {CHECKSUMS}"))
}

/// The time in the form of RFC 3339, by coreutils.
pub(crate) fn utc(epoch: u64) -> anyhow::Result<String> {
    let text = read(Command::new("date").args(["--utc", "--date", &format!("@{epoch}"), "+%Y-%m-%dT%H:%M:%SZ"]))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::release;
    use super::*;

    #[test]
    fn two_archives_of_the_same_files_are_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let pack = |name: &str, umask: &str| {
            let stage = folder.path().join(name);
            let script = format!(
                "umask {umask} && mkdir {0} && echo x > {0}/hearth && chmod +x {0}/hearth && echo y > {0}/LICENSE",
                stage.display()
            );
            run(Command::new("sh").args(["-c", &script])).unwrap();
            let file = folder.path().join(format!("{name}.tar.gz"));
            tarball(&stage, "hearth-0.1.0-x86_64-linux", &file, &release()).unwrap();
            file
        };
        let (first, second) = (pack("first", "022"), pack("second", "077"));
        assert_eq!(fs::read(&first).unwrap(), fs::read(second).unwrap());
        let list = read(Command::new("tar").arg("-tf").arg(first)).unwrap();
        let expected =
            ["hearth-0.1.0-x86_64-linux/", "hearth-0.1.0-x86_64-linux/LICENSE", "hearth-0.1.0-x86_64-linux/hearth"];
        assert_eq!(list.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn checksums_are_accepted_by_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.deb", "a.tar.gz"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        checksums(folder.path(), &mut ["b.deb".to_owned(), "a.tar.gz".to_owned()]).unwrap();
        let answer = read(Command::new("sha256sum").args(["--check", CHECKSUMS]).current_dir(folder.path())).unwrap();
        assert_eq!(answer, "a.tar.gz: OK\nb.deb: OK\n");
    }
}
