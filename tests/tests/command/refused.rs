//! What `hearth up` refuses: at once, with exit code 78, the reason and the way out, and without harm to anything.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use hearth_state::{Database, OpenOptions, StateUrl};
use hearth_tests::{Hearth, NotStarted, Start, sample};

#[track_caller]
fn refused(start: Start) -> String {
    let Err(NotStarted { code, log }) = start.try_start() else { panic!("it started") };
    assert_eq!(code, Some(78), "{log}");
    let errors: Vec<&str> = log.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{log}");
    errors[0].to_owned()
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for (flag, start) in [
        ("--management-listen", Hearth::with().management_listen(address)),
        ("--http-listen", Hearth::with().http_listen(address)),
    ] {
        let text = refused(start);
        assert!(text.contains(&format!("{flag} {address}: the port is in use by another program")), "{text}");
    }
}

#[test]
fn a_data_directory_of_another_hearth_up() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let hearth = Hearth::with().data(&data).start();
    hearth.publish("site", &sample("hello-http"));
    let text = refused(Hearth::with().data(&data));
    let owner = format!("'{}' is in use by another 'hearth up' (process {})", data.display(), hearth.pid());
    assert!(text.contains(&owner) && text.contains("stop that one, or choose another with --data"), "{text}");
    // The first one did not notice.
    assert_eq!(hearth.app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
    assert_eq!(hearth.stop().code(), Some(0));
    assert_eq!(Hearth::with().data(&data).start().app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
}

#[tokio::test]
async fn a_state_database_that_needs_a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let file = data.join("state.db");
    // A database of this version, to which the next but one has been.
    Database::open(&StateUrl::sqlite(&file), OpenOptions::default()).await.unwrap().close().await;
    newer_step(&file).await;
    let before = std::fs::read(&file).unwrap();
    let text = tokio::task::spawn_blocking(move || refused(Hearth::with().data(&data))).await.unwrap();
    assert!(text.contains("was upgraded by a newer Hearth: run hearth 99.1.0 or later (this is "), "{text}");
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text}");
    assert!(std::fs::read(&file).unwrap() == before, "nothing was changed");
}

async fn newer_step(file: &std::path::Path) {
    use sqlx::Connection;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap();
    let statement = "INSERT INTO schema_versions (version, oldest_binary, applied_by, applied) VALUES (1000, '99.1.0', '99.2.0', 0)";
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn a_data_directory_that_can_not_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("file"), "").unwrap();
    let text = refused(Hearth::with().data(&path("file")));
    assert!(
        text.contains(&format!("'{}'", path("file").display())) && text.contains("it is not a directory"),
        "{text}"
    );

    // A key that others can read is no secret any more.
    let data = path("open-key");
    drop(Hearth::with().data(&data).start());
    std::fs::set_permissions(data.join("installation.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let text = refused(Hearth::with().data(&data));
    assert!(text.contains("installation.key"), "{text}");

    // Host state without the key it was sealed with.
    let data = path("other-key");
    drop(Hearth::with().data(&data).start());
    std::fs::remove_file(data.join("installation.key")).unwrap();
    let text = refused(Hearth::with().data(&data));
    assert!(text.contains("key"), "{text}");
}
