//! A change of the installation key: everything sealed moves to the new key, whatever happens on the way.

use std::path::Path;
use std::sync::Arc;

use hearth_model::ids::FunctionName;
use hearth_state::faults::FaultPoint;
use hearth_state::{Database, Keyring, SettingsChange, StateError, rotate, sealed};

use crate::faults::Recorder;
use crate::fixture::{Fixture, app, write_private};
use crate::processes::{child, kind};

crate::on_every_engine!(
    everything_moves_to_the_new_key,
    two_keys_that_the_operator_gave_are_taken_over,
    a_value_that_no_key_opens_stops_it_until_it_is_set_again,
    without_a_key_file_nothing_is_made,
    a_failure_at_any_point_loses_nothing,
    kill_9_at_any_point_loses_nothing,
);

/// More settings than are sealed anew in one go.
const SETTINGS: usize = 60;

/// A closed database with every kind of sealed value.
async fn prepared(fixture: Fixture) -> Fixture {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    for name in ["shop", "mail"] {
        let name = app(name);
        let credential = keyring.seal(&sealed::publish_credential(&name), format!("publish {name}").as_bytes());
        database.apps().create(&name, &credential).await.unwrap();
        database.app_keys().ensure(&keyring, &name).await.unwrap();
    }
    let function = FunctionName::parse("Orders").unwrap();
    database.app_keys().ensure_function(&keyring, &app("shop"), &function).await.unwrap();
    database.app_keys().delete(&app("mail"), &hearth_model::keys::KeyScope::Host, "default").await.unwrap();
    let settings = (0..SETTINGS).map(|n| (format!("N{n}"), format!("value {n}")));
    database.app_settings().change(&keyring, &app("shop"), &SettingsChange::set(settings)).await.unwrap();
    assert!(database.queue_accounts().create(&keyring, "archive").await.unwrap());
    assert!(database.document_accounts().create(&keyring, "archive").await.unwrap());
    for name in ["admin-key", "join-token"] {
        let sealed = keyring.seal(&sealed::installation(name), name.as_bytes());
        database.installation().get_or_create(name, || sealed).await.unwrap();
    }
    database.close().await;
    fixture
}

/// Every secret in plain text, as the key file opens it.
async fn secrets(database: &Database, key_file: &Path) -> Result<Vec<String>, StateError> {
    let keyring = Keyring::load_or_create(key_file).unwrap();
    let mut plain = Vec::new();
    for app in database.apps().list().await? {
        plain.push(keyring.open(&sealed::publish_credential(&app.name), &app.publish_credential)?);
        for (name, value) in database.app_settings().list(&keyring, &app.name).await? {
            plain.push(format!("{name}={value}").into_bytes());
        }
        for (scope, key) in database.app_keys().list(&keyring, &app.name).await?.iter() {
            plain.push(format!("{scope}/{}={}", key.name, key.value).into_bytes());
        }
    }
    for (name, _) in database.queue_accounts().list().await? {
        let account = database.queue_accounts().get(&keyring, &name).await?.unwrap();
        plain.extend(account.keys.iter().map(|key| format!("{name}={key:?}").into_bytes()));
    }
    for (name, _) in database.document_accounts().list().await? {
        let account = database.document_accounts().get(&keyring, &name).await?.unwrap();
        plain.extend(account.keys.iter().map(|key| format!("documents {name}={key:?}").into_bytes()));
    }
    for name in ["admin-key", "join-token"] {
        let stored = database.installation().get_or_create(name, || unreachable!("it is there")).await?;
        plain.push(keyring.open(&sealed::installation(name), &stored)?);
    }
    Ok(plain.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect())
}

fn held(fixture: &Fixture) -> usize {
    std::fs::read(fixture.key_file()).unwrap().len() / 32
}

async fn everything_moves_to_the_new_key(fixture: Fixture) {
    let fixture = prepared(fixture).await;
    let (database, old_file) = (fixture.open().await, fixture.key_file().with_file_name("old"));
    write_private(&old_file, &std::fs::read(fixture.key_file()).unwrap());
    let before = secrets(&database, &fixture.key_file()).await.unwrap();
    assert_eq!(before.len(), 2 + SETTINGS + 4 + 2 + 4 + 2);
    let revision = database.configuration().revision().await.unwrap();

    let rotation = rotate(&database, &fixture.key_file()).await.unwrap();
    assert_eq!((rotation.resumed, rotation.sealed), (false, before.len() as u64));
    assert_eq!(held(&fixture), 1);
    assert_ne!(std::fs::read(fixture.key_file()).unwrap(), std::fs::read(&old_file).unwrap());
    assert_eq!(secrets(&database, &fixture.key_file()).await.unwrap(), before);
    let refused = secrets(&database, &old_file).await.unwrap_err();
    assert!(refused.to_string().contains("the key file does not hold the key"), "{refused}");
    assert_eq!(database.configuration().revision().await.unwrap(), revision, "nobody has to load anything again");
    let names = std::fs::read_dir(fixture.path().parent().unwrap()).unwrap();
    let left: Vec<_> = names
        .map(|name| name.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("rotation"))
        .collect();
    assert_eq!(left, Vec::<std::ffi::OsString>::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(fixture.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(rotate(&database, &fixture.key_file()).await.unwrap().sealed, before.len() as u64, "and again");
    assert_eq!(secrets(&database, &fixture.key_file()).await.unwrap(), before);
}

async fn two_keys_that_the_operator_gave_are_taken_over(fixture: Fixture) {
    let fixture = prepared(fixture).await;
    let database = fixture.open().await;
    let before = secrets(&database, &fixture.key_file()).await.unwrap();
    write_private(&fixture.key_file(), &[[9; 32], [7; 32]].concat());
    assert_eq!(secrets(&database, &fixture.key_file()).await.unwrap(), before);
    assert!(rotate(&database, &fixture.key_file()).await.unwrap().resumed);
    assert_eq!(std::fs::read(fixture.key_file()).unwrap(), [9; 32]);
    assert_eq!(secrets(&database, &fixture.key_file()).await.unwrap(), before);
}

async fn a_value_that_no_key_opens_stops_it_until_it_is_set_again(fixture: Fixture) {
    let fixture = prepared(fixture).await;
    let database = fixture.open().await;
    database.apps().create(&app("odd"), b"").await.unwrap();
    let foreign = fixture.key_file().with_file_name("foreign");
    write_private(&foreign, &[8; 32]);
    let change = SettingsChange::set([("Lost".to_owned(), "x".to_owned()), ("Lost2".to_owned(), "x".to_owned())]);
    database.app_settings().change(&Keyring::load_or_create(&foreign).unwrap(), &app("odd"), &change).await.unwrap();
    let refused = rotate(&database, &fixture.key_file()).await.unwrap_err();
    assert!(matches!(&refused, StateError::Corrupt(text) if text.contains("app setting odd/lost")), "{refused}");
    assert_eq!(held(&fixture), 2);
    let keyring = fixture.keyring();
    let unread = database.app_settings().list(&keyring, &app("odd")).await.unwrap_err();
    assert!(
        matches!(&unread, StateError::Corrupt(text) if text.contains("the setting 'Lost' of app 'odd'")),
        "{unread}"
    );
    let sizes = database.app_settings().sizes(&keyring, &app("odd")).await.unwrap();
    assert_eq!(sizes.sizes, [("Lost".to_owned(), 0), ("Lost2".to_owned(), 0)]);
    let mut repair = SettingsChange::set([("LOST".to_owned(), "found".to_owned())]);
    repair.unset.push("lost2".to_owned());
    database.app_settings().change(&keyring, &app("odd"), &repair).await.unwrap();
    assert!(rotate(&database, &fixture.key_file()).await.unwrap().resumed);
    let now = database.app_settings().list(&fixture.keyring(), &app("odd")).await.unwrap();
    assert_eq!((now, held(&fixture)), (vec![("LOST".to_owned(), "found".to_owned())], 1));
}

async fn without_a_key_file_nothing_is_made(fixture: Fixture) {
    let fixture = prepared(fixture).await;
    let none = fixture.key_file().with_file_name("none");
    let refused = rotate(&fixture.open().await, &none).await.unwrap_err();
    assert!(matches!(&refused, StateError::Configuration(text) if text.contains("none")), "{refused}");
    assert!(!none.exists());
}

/// The points that a rotation passes, and what it must keep.
async fn observe(template: &Fixture) -> (Vec<FaultPoint>, Vec<String>) {
    let fixture = template.copy().await;
    let recorder = Arc::new(Recorder::default());
    let database = fixture.open_with(Arc::clone(&recorder) as _).await;
    let before = secrets(&database, &fixture.key_file()).await.unwrap();
    rotate(&database, &fixture.key_file()).await.unwrap();
    let points = recorder.seen.lock().unwrap().clone();
    let files = points.iter().filter(|point| matches!(point, FaultPoint::BeforeFile(_) | FaultPoint::AfterFile(_)));
    assert_eq!(files.count(), 8);
    (points, before)
}

/// Whatever had happened, the key file opens everything, and another call ends with one key.
async fn check(fixture: &Fixture, before: &[String], place: &str) {
    let database = fixture.open().await;
    assert_eq!(secrets(&database, &fixture.key_file()).await.unwrap(), before, "{place}");
    rotate(&database, &fixture.key_file()).await.unwrap();
    assert_eq!(
        (secrets(&database, &fixture.key_file()).await.unwrap().as_slice(), held(fixture)),
        (before, 1),
        "{place}"
    );
    database.close().await;
}

async fn a_failure_at_any_point_loses_nothing(fixture: Fixture) {
    let template = prepared(fixture).await;
    let (points, before) = observe(&template).await;
    for (index, point) in points.iter().enumerate() {
        let fixture = template.copy().await;
        let recorder = Arc::new(Recorder { fail_at: Some(index), ..Recorder::default() });
        let database = fixture.open_with(recorder).await;
        rotate(&database, &fixture.key_file()).await.unwrap_err();
        database.close().await;
        check(&fixture, &before, &format!("failed at {point:?}")).await;
    }
}

async fn kill_9_at_any_point_loses_nothing(fixture: Fixture) {
    if !cfg!(debug_assertions) {
        return crate::skipped("death at every point", "HEARTH_FAULT works in debug builds only");
    }
    let template = prepared(fixture).await;
    let (points, before) = observe(&template).await;
    for (index, point) in points.iter().enumerate() {
        let occurrence = points[..=index].iter().filter(|other| kind(**other) == kind(*point)).count();
        let fixture = template.copy().await;
        let mut dying = child("rotate", &fixture)
            .env("HEARTH_FAULT", format!("abort:{}:{occurrence}", kind(*point)))
            .spawn()
            .unwrap();
        assert!(!dying.wait().unwrap().success(), "dies at {point:?}");
        check(&fixture, &before, &format!("killed at {point:?}")).await;
    }
}
