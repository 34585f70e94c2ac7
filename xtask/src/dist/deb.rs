//! The Debian package: binary, unit, user, configuration, documents. Made by dpkg-deb from a folder tree; the scripts and
//! files it is made of lie in deploy/.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::{Release, Staged};
use crate::process::{find, read, run};
use crate::workspace::Workspace;

/// Where each staged file is installed, with its mode.
const FILES: [(&str, &str, u32); 11] = [
    ("hearth", "usr/bin/hearth", 0o755),
    ("hearth.service", "lib/systemd/system/hearth.service", 0o644),
    ("hearth-management.service", "lib/systemd/system/hearth-management.service", 0o644),
    ("hearth-worker.service", "lib/systemd/system/hearth-worker.service", 0o644),
    ("hearth.sysusers", "usr/lib/sysusers.d/hearth.conf", 0o644),
    ("hearth.tmpfiles", "usr/lib/tmpfiles.d/hearth.conf", 0o644),
    ("hearth.toml", "etc/hearth/hearth.toml", 0o644),
    ("README.md", "usr/share/doc/hearth/README.md", 0o644),
    ("CHANGELOG.md", "usr/share/doc/hearth/CHANGELOG.md", 0o644),
    ("THIRD-PARTY-NOTICES", "usr/share/doc/hearth/THIRD-PARTY-NOTICES", 0o644),
    ("hearth.cdx.json", "usr/share/doc/hearth/hearth.cdx.json", 0o644),
];
/// Files of deploy/debian that go into the control archive, with their mode.
const CONTROL: [(&str, u32); 4] = [("conffiles", 0o644), ("postinst", 0o755), ("prerm", 0o755), ("postrm", 0o755)];

/// A folder of documents with what is below it.
fn install_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            install_folder(&path, &to.join(name))?;
        } else {
            install(&path, &to.join(name), 0o644)?;
        }
    }
    Ok(())
}

/// Makes the package in `output` and returns its file name.
pub(crate) fn package(
    workspace: &Workspace,
    staged: &Staged,
    output: &Path,
    release: &Release,
) -> anyhow::Result<String> {
    let arch = architecture(&release.arch)?;
    let version = debian_version(&release.version);
    let deploy = workspace.root().join("deploy/debian");
    let tree = tempfile::tempdir_in(output)?;
    let root = tree.path();
    for (from, to, mode) in FILES {
        install(&staged.path(from), &root.join(to), mode)?;
    }
    install_folder(&staged.path("docs"), &root.join("usr/share/doc/hearth/docs"))?;
    install(&deploy.join("copyright"), &root.join("usr/share/doc/hearth/copyright"), 0o644)?;
    for (name, mode) in CONTROL {
        install(&deploy.join(name), &root.join("DEBIAN").join(name), mode)?;
    }
    let binary = fs::read(staged.path("hearth"))?;
    let control = control(&version, &arch, installed_kib(root)?, newest_glibc(&binary));
    fs::write(root.join("DEBIAN/control"), control)?;
    same_modes(root)?;

    let name = format!("hearth_{version}_{arch}.deb");
    let mut build = Command::new("dpkg-deb");
    build.args(["--root-owner-group", "-Zxz", "--build"]).arg(root).arg(output.join(&name));
    run(build.env("SOURCE_DATE_EPOCH", release.epoch.to_string()))?;
    Ok(name)
}

fn install(from: &Path, to: &Path, mode: u32) -> anyhow::Result<()> {
    let folder = to.parent().context("an installed file lies in a folder")?;
    fs::create_dir_all(folder)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// Folders are made under the umask of whoever packs; in the package they are 0755.
fn same_modes(folder: &Path) -> anyhow::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            same_modes(&entry.path())?;
        }
    }
    Ok(())
}

/// Size of the installed files in KiB, each rounded up, as dpkg counts.
fn installed_kib(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sum += installed_kib(&entry.path())?;
        } else {
            sum += entry.metadata()?.len().div_ceil(1024);
        }
    }
    Ok(sum)
}

fn control(version: &str, arch: &str, installed_kib: u64, glibc: Option<(u32, u32)>) -> String {
    let libc = glibc.map_or("libc6".to_owned(), |(major, minor)| format!("libc6 (>= {major}.{minor})"));
    format!(
        "Package: hearth\n\
         Version: {version}\n\
         Architecture: {arch}\n\
         Maintainer: The Hearth maintainers <maintainers@hearth.invalid>\n\
         Installed-Size: {installed_kib}\n\
         Depends: {libc}, libgcc-s1, systemd | systemd-standalone-sysusers | adduser\n\
         Recommends: ca-certificates\n\
         Section: web\n\
         Priority: optional\n\
         Homepage: {}\n\
         Description: Azure Functions model on your own machines\n \
         Hearth runs function apps as sandboxed WebAssembly: a management role that takes\n \
         published packages, and worker processes that run them. One binary, one database.\n",
        env!("CARGO_PKG_REPOSITORY")
    )
}

/// A pre-release sorts before its release in Debian only with a tilde.
fn debian_version(version: &str) -> String {
    version.replacen('-', "~", 1)
}

fn architecture(arch: &str) -> anyhow::Result<String> {
    match arch {
        "x86_64" => Ok("amd64".to_owned()),
        "aarch64" => Ok("arm64".to_owned()),
        _ if find("dpkg").is_some() => Ok(read(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned()),
        _ => bail!("Debian's name for the architecture {arch} is not known here"),
    }
}

/// The newest version of glibc whose symbols the binary asks for (`GLIBC_2.34`).
fn newest_glibc(binary: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    binary
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK)
        .filter_map(|(at, _)| {
            let rest = &binary[at + MARK.len()..];
            let text = rest.split(|byte| *byte == 0).next().and_then(|text| std::str::from_utf8(text).ok())?;
            let mut numbers = text.split('.').map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_file_has_every_field_and_a_foldable_description() {
        let control = control("0.1.0", "amd64", 20_000, Some((2, 34)));
        assert!(control.contains("\nDepends: libc6 (>= 2.34), libgcc-s1,"), "{control}");
        for field in ["Package", "Version", "Architecture", "Maintainer", "Installed-Size", "Section", "Description"] {
            assert!(control.lines().any(|line| line.starts_with(&format!("{field}: "))), "{field} in {control}");
        }
        assert!(control.lines().all(|line| line.starts_with(' ') || line.contains(": ")), "{control}");
        assert!(control.ends_with('\n'));
    }

    #[test]
    fn the_newest_symbol_version_is_found() {
        assert_eq!(newest_glibc(b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_PRIVATE\0"), Some((2, 34)));
        assert_eq!(newest_glibc(b"static"), None);
    }

    #[test]
    fn pre_releases_sort_before_their_release() {
        assert_eq!(debian_version("0.2.0-rc.1"), "0.2.0~rc.1");
        assert_eq!(debian_version("0.2.0"), "0.2.0");
    }
}
