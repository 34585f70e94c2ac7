//! What the operating system must be asked directly: file systems, permissions. The only module with Unix-only calls.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// The network file system that a directory is on, if it is on one. Locks and shared memory, on which SQLite relies,
/// do not work across such.
#[cfg(target_os = "linux")]
pub(crate) fn network_file_system(directory: &Path) -> io::Result<Option<String>> {
    const FUSE: u64 = 0x6573_5546;
    let stat = rustix::fs::statfs(directory)?;
    let magic = stat.f_type as u64 & 0xffff_ffff;
    if magic != FUSE {
        return Ok(network_magic(magic).map(str::to_owned));
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    Ok(fuse_type(&mounts, &directory.canonicalize()?).filter(|kind| is_network_fuse(kind)))
}

/// Other systems: not checked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn network_file_system(_directory: &Path) -> io::Result<Option<String>> {
    Ok(None)
}

/// Names by the kernel's `linux/magic.h`. 9p is absent: containers and virtual machines use it for local disks.
#[cfg(target_os = "linux")]
fn network_magic(magic: u64) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "NFS",
        0x517b => "SMB",
        0xff53_4d42 => "CIFS",
        0xfe53_4d42 => "SMB",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x00c3_6400 => "Ceph",
        0x7375_7245 => "Coda",
        0x564c => "NCP",
        0x0116_1970 => "GFS2",
        0x7461_636f => "OCFS2",
        0x0bd0_0bd0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        _ => return None,
    })
}

#[cfg(target_os = "linux")]
fn is_network_fuse(kind: &str) -> bool {
    ["sshfs", "s3fs", "rclone", "gluster", "ceph", "davfs", "gcsfuse", "blobfuse", "smb", "nfs", "moosefs", "curlftpfs"]
        .iter()
        .any(|name| kind.contains(name))
}

/// Type of the innermost mount that holds the path, from the text of `/proc/self/mountinfo`.
#[cfg(target_os = "linux")]
fn fuse_type(mounts: &str, path: &Path) -> Option<String> {
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        path.starts_with(&point).then(|| (point.len(), right.split(' ').next().unwrap_or("").to_owned()))
    };
    mounts.lines().filter_map(mount).max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// Fails unless this process may write the file, or create files in the directory.
#[cfg(unix)]
pub(crate) fn check_writable(path: &Path) -> io::Result<()> {
    use rustix::fs::Access;
    let wanted = if path.is_dir() { Access::WRITE_OK | Access::EXEC_OK } else { Access::WRITE_OK | Access::READ_OK };
    Ok(rustix::fs::access(path, wanted)?)
}

/// Other systems find out when they write.
#[cfg(not(unix))]
pub(crate) fn check_writable(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Bytes that this process may still write on the path's file system; None where that cannot be asked.
#[cfg(unix)]
pub(crate) fn free_bytes(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Not asked on other systems.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_path: &Path) -> Option<u64> {
    None
}

/// Has the kernel ask a silent peer whether it is there, so that one that vanished is noticed within two minutes.
#[cfg(unix)]
pub(crate) fn keep_alive(stream: &tokio::net::TcpStream) {
    use rustix::net::sockopt;
    let idle = std::time::Duration::from_secs(30);
    // Only a help: requests have time-outs of their own.
    sockopt::set_socket_keepalive(stream, true).and_then(|()| sockopt::set_tcp_keepidle(stream, idle)).ok();
}

/// Other systems: by the time-outs alone.
#[cfg(not(unix))]
pub(crate) fn keep_alive(_stream: &tokio::net::TcpStream) {}

/// Creates a new file that only its owner can read; fails if it exists.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether nobody but the file's owner can read or write it. Always true where permissions are not Unix modes.
pub(crate) fn is_private(file: &File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    let private = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 == 0;
    #[cfg(not(unix))]
    let private = metadata.is_file();
    Ok(private)
}

/// Gives a new file the owner of the one it is to replace.
pub(crate) fn keep_owner(old: &Path, new: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (old, now) = (std::fs::metadata(old)?, new.metadata()?);
        if (old.uid(), old.gid()) != (now.uid(), now.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (old, new);
    Ok(())
}

/// Makes the names in a directory survive loss of power.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_from_local_ones() {
        for (magic, name) in [(0x6969, Some("NFS")), (0xff53_4d42, Some("CIFS")), (0x0bd0_0bd0, Some("Lustre"))] {
            assert_eq!(network_magic(magic), name);
        }
        // ext4, xfs, btrfs, tmpfs, overlay, zfs, 9p
        for magic in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1, 0x0102_1997] {
            assert_eq!(network_magic(magic), None);
        }
        assert_eq!(network_file_system(Path::new("/proc")).unwrap(), None);
    }

    #[test]
    fn fuse_is_judged_by_the_innermost_mount() {
        let mounts = "21 1 8:1 / / rw - ext4 /dev/sda rw\n\
                      30 21 0:50 / /mnt/far rw,nosuid - fuse.sshfs me@host: rw\n\
                      31 30 0:51 / /mnt/far/near\\040disk rw - fuse.ntfs-3g /dev/sdb rw\n";
        assert_eq!(fuse_type(mounts, Path::new("/mnt/far/data")).unwrap(), "fuse.sshfs");
        assert_eq!(fuse_type(mounts, Path::new("/mnt/far/near disk/data")).unwrap(), "fuse.ntfs-3g");
        assert_eq!(fuse_type(mounts, Path::new("/mnt/farther")).unwrap(), "ext4");
        assert!(is_network_fuse("fuse.sshfs") && is_network_fuse("fuse.glusterfs") && !is_network_fuse("fuse.ntfs-3g"));
    }
}
