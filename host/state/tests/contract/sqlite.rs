//! What only SQLite has: files that cannot be used, disks that are full.

use std::path::Path;
use std::process::Command;

use hearth_state::{COLLECT_GRACE, Database, OpenOptions, StateError, StateUrl};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::fixture::{Fixture, app, digest};

async fn refusal(path: &Path) -> StateError {
    Database::open(&StateUrl::sqlite(path), OpenOptions::default()).await.unwrap_err()
}

async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).create_if_missing(true)).await.unwrap()
}

#[tokio::test]
async fn files_that_are_no_state_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "these are notes, not a database; ".repeat(50)).unwrap();
    let other = directory.path().join("other.db");
    let mut connection = raw(&other).await;
    sqlx::query("CREATE TABLE things (id INTEGER)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    for (path, expected) in [
        (text.as_path(), "is not a SQLite database: name another"),
        (&other, "is a SQLite database of another program: name another file"),
        (directory.path(), "is a directory: name a file in it"),
        (&directory.path().join("none/state.db"), "does not exist: create it"),
        (Path::new("/proc/hearth-state.db"), "hearth-state.db"),
    ] {
        let error = refusal(path).await;
        assert!(matches!(error, StateError::Configuration(_)), "{error:?}");
        let shown = error.to_string();
        let named = path.parent().unwrap().display().to_string();
        assert!(shown.contains(expected) && shown.contains(&named), "{shown}");
    }
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("these are notes"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_place_that_may_not_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const DIRECTORY: &str = "HEARTH_TEST_READ_ONLY";
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        for name in ["new.db", "there.db"] {
            let error = refusal(&Path::new(&directory).join(name)).await.to_string();
            assert!(error.contains("may not be written by this user: give the user that runs hearth"), "{error}");
        }
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let set = |mode| std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::write(directory.path().join("there.db"), "").unwrap();
    set(0o555);
    let this = "sqlite::a_place_that_may_not_be_written_is_refused";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([this, "--exact"]).env(DIRECTORY, directory.path());
    // Root may write everywhere, so the question is asked as nobody.
    let root = rustix::process::geteuid().is_root();
    if root {
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    match command.output() {
        Ok(output) => {
            let shown = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
        }
        Err(error) => crate::skipped("read-only directory", &format!("the test cannot run as another user: {error}")),
    }
    set(0o755);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::sqlite();
    let database = fixture.open().await;
    database.apps().create(&app("shop"), b"").await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{}{suffix}", fixture.path().display());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_new_database_at_once() {
    let fixture = Fixture::sqlite();
    let opened: Vec<_> = (0..8)
        .map(|index| {
            let (url, options) = (fixture.url(), fixture.options());
            tokio::spawn(async move {
                let database = Database::open(&url, options).await.unwrap();
                assert!(database.apps().create(&app(&format!("app-{index}")), b"").await.unwrap());
                database.close().await;
            })
        })
        .collect();
    for one in opened {
        one.await.unwrap();
    }
    assert_eq!(fixture.open().await.apps().list().await.unwrap().len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_at_its_limit_says_full_and_goes_on_when_there_is_space() {
    let fixture = Fixture::sqlite();
    let options = OpenOptions { max_file_bytes: Some(2 << 20), ..fixture.options() };
    let database = Database::open(&fixture.url(), options).await.unwrap();
    database.apps().create(&app("shop"), b"").await.unwrap();
    let large = vec![1; 4 << 20];
    let error = database.packages().put(&digest(&large), 4 << 20, large.as_slice()).await.unwrap_err();
    assert!(matches!(error, StateError::Full(_)) && error.is_transient(), "{error:?}");
    assert_eq!(database.apps().list().await.unwrap().len(), 1, "reads go on");
    fixture.clock.advance(COLLECT_GRACE * 2);
    database.packages().collect_unreferenced().await.unwrap();
    let small = vec![2; 1 << 20];
    database.packages().put(&digest(&small), 1 << 20, small.as_slice()).await.unwrap();
}

/// A small file system, unmounted with this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "hearth-test"])
            .arg(directory.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).output().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_says_full_and_writes_go_on_when_space_returns() {
    let Some(disk) = SmallDisk::mount() else {
        return crate::skipped("full disk", "a small file system cannot be mounted without root");
    };
    let path = disk.0.path().join("state.db");
    let database = Database::open(&StateUrl::sqlite(&path), OpenOptions::default()).await.unwrap();
    database.apps().create(&app("before"), b"").await.unwrap();
    let filler = disk.0.path().join("filler");
    let full = std::fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);

    let mut refused = 0;
    for index in 0..200 {
        match database.apps().create(&app(&format!("during-{index}")), &[1; 20_000]).await {
            Ok(_) => {}
            Err(StateError::Full(text)) => {
                assert!(text.contains("state.db"), "{text}");
                refused += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(refused > 0);
    let known = database.apps().list().await.unwrap().len();
    std::fs::remove_file(&filler).unwrap();
    assert!(database.apps().create(&app("after"), b"").await.unwrap());
    database.close().await;
    let again = Database::open(&StateUrl::sqlite(&path), OpenOptions::default()).await.unwrap();
    assert_eq!(again.apps().list().await.unwrap().len(), known + 1, "what was acknowledged is there");
    again.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_database_has_done_what_was_queued() {
    let fixture = Fixture::sqlite();
    let database = fixture.open().await;
    let tasks: Vec<_> = (0..100)
        .map(|index| {
            let apps = database.apps();
            tokio::spawn(async move { apps.create(&app(&format!("app-{index}")), b"").await })
        })
        .collect();
    let late = database.apps();
    database.close().await;
    let mut created = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(new) => created += usize::from(new),
            Err(error) => assert!(matches!(error, StateError::Unavailable(_)), "{error}"),
        }
    }
    assert!(matches!(late.create(&app("late"), b"").await, Err(StateError::Unavailable(_))));
    assert!(matches!(late.list().await, Err(StateError::Unavailable(_))));
    assert_eq!(fixture.open().await.apps().list().await.unwrap().len(), created);
}
