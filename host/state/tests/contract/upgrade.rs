//! Databases of every earlier version, with data, and versions that do not belong together.

use hearth_model::control::Standing;
use hearth_model::keys::KeyScope;
use hearth_state::{AppMode, Database, QueuePlace, SettingsChange, StateError};
use sha2::Digest as _;

use crate::fixture::{Engine, Fixture, app, deployment, digest, worker};

crate::on_every_engine!(
    a_database_of_every_earlier_version_is_upgraded_with_its_data,
    a_schema_that_needs_a_newer_binary_is_refused_and_an_additive_one_is_not,
);

/// The text of every step for SQLite and for SQL Server, in order.
pub(crate) fn steps() -> Vec<(String, String)> {
    let folder = folder();
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter_map(|name| Some(name.strip_suffix(".sqlite.sql")?.to_owned())).collect();
    names.sort();
    let text = |name: String| std::fs::read_to_string(folder.join(name)).unwrap();
    names.iter().map(|name| (text(format!("{name}.sqlite.sql")), text(format!("{name}.mssql.sql")))).collect()
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations")
}

/// SHA-256 of the steps that were released, which never change again: what is to be otherwise is another step.
const RELEASED: &[(&str, &str)] = &[
    ("0001_initial.sqlite.sql", "75955e9656e34f366a7130bcb9d45fc23a1566afe5f72af876a31423d942687e"),
    ("0002_configuration.sqlite.sql", "8b2e08bdfb3c57ae583604c9b0a6a0a3b9d2d93b56962ff39d17a4d773053009"),
];

/// What each version keeps in the tables that it added.
const DATA: &[&str] = &[
    "INSERT INTO $.apps VALUES ('shop', 5, ~01~, '0197c1f2-7a4b-7c3d-9e2f-000000000001', 3), ('mail', 6, ~02~, '', 0);
     INSERT INTO $.retired_apps VALUES ('gone', 7);
     INSERT INTO $.host_names VALUES ('shop.example', 'shop');
     INSERT INTO $.deployments VALUES ('0197c1f2-7a4b-7c3d-9e2f-000000000001', 'shop', 'DIGEST', 7, 4, 'done', 'ann', '',
     'test', 'first', '', 8, 9, 10, 1, '[]'), ('0197c1f2-7a4b-7c3d-9e2f-000000000002', 'mail', 'DIGEST', 7, 1, '', 'ann',
     '', 'test', 'first', 'half', 8, 9, NULL, 0, '');
     INSERT INTO $.deployment_logs VALUES ('0197c1f2-7a4b-7c3d-9e2f-000000000001', 1, 9, 2, 'line');
     INSERT INTO $.packages VALUES ('DIGEST', 7, 'upload', 8, 8);
     INSERT INTO $.package_chunks (upload, seq, bytes) VALUES ('upload', 0, ~7061636b616765~);
     INSERT INTO $.workers VALUES ('w1', 4, '0.1.0', 'http://a', 'http://b', 9, '{}', 11, ~HASH~, 12, 13, 14, 0);
     INSERT INTO $.assignments VALUES ('shop', 'w1', '0197c1f2-7a4b-7c3d-9e2f-000000000001', 3);
     INSERT INTO $.installation VALUES ('token', ~0506~);
     INSERT INTO $.leases VALUES ('scheduler', 'a', 41, 15)",
    "UPDATE $.configuration SET revision = 8;
     UPDATE $.app_configuration SET revision = 8, settings_revision = 7, keys_revision = 6, mode = 2 WHERE app = 'shop';
     INSERT INTO $.app_settings VALUES ('shop', 'a', 'A', ~SETTING~);
     INSERT INTO $.app_keys VALUES ('shop', 'host', 'partner', 'Partner', ~KEY~)",
    "UPDATE $.worker_members SET node = 'machine', standing = 1, reason = 'new disk' WHERE name = 'w1'",
    "INSERT INTO $.package_host_json VALUES ('DIGEST', ~7b7d~);
     INSERT INTO $.app_decisions VALUES ('shop', 16, 'placed', 'w1', 'it is free')",
    "SELECT 1",
    "INSERT INTO $.timers VALUES ('shop', 'tick', 'hourly', 17, 18, 19, 0, '');
     INSERT INTO $.timer_occurrences VALUES ('shop', 'tick', 17, 0, 2, 1, '', 0, 17, 18, 0, '')",
    "INSERT INTO $.queue_accounts VALUES ('shop', 'shop', 20, '');
     INSERT INTO $.queues VALUES ('shop', 'orders', 4711, '', '', 21);
     INSERT INTO $.queue_messages (queue, id, receipt, enqueued, visible, expires, dequeued, body)
     VALUES (4711, '0197c1f2-7a4b-7c3d-9e2f-000000000001', 5, 22, 23, 9223372036854775807, 1, 'kept')",
    "INSERT INTO $.document_accounts VALUES ('shop', 'shop', 24, '');
     INSERT INTO $.document_ranges VALUES (4711, 0, 'shop', '', 'FF', 25, 0, 26, '', 1, 4, 0, 0, 27);
     INSERT INTO $.document_items (container, key_high, key_low, range_id, number, version, epk, written, expires, size, \
     indexed, id, partition_key, body)
     VALUES (4711, 28, 29, 0, 30, 31, 'AB', 32, 9223372036854, 4, 1, 'one', '[]', 'kept')",
    "INSERT INTO $.feed_leases VALUES ('shop', 'unit..0', 33, 'a', '34', 35, '{}')",
];

/// Makes the database as a version left it.
async fn make(fixture: &Fixture, version: usize) {
    let keyring = fixture.keyring();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let setting = hex(&keyring.seal("app setting shop/a", b"kept"));
    let key = hex(&keyring.seal("app key shop/host/partner", b"a key that is kept"));
    fixture.make_room().await;
    let table = match fixture.engine() {
        Engine::Sqlite => {
            fixture.raw("PRAGMA application_id = 1213355080").await;
            "CREATE TABLE schema_versions (version INTEGER NOT NULL PRIMARY KEY, oldest_binary TEXT NOT NULL, \
             applied_by TEXT NOT NULL, applied INTEGER NOT NULL) STRICT"
        }
        Engine::SqlServer => {
            "CREATE TABLE $.schema_versions (version bigint NOT NULL, oldest_binary nvarchar(100) NOT NULL, applied_by \
             nvarchar(100) NOT NULL, applied bigint NOT NULL, CONSTRAINT pk_schema_versions PRIMARY KEY CLUSTERED (version))"
        }
    };
    fixture.raw(table).await;
    for (index, (sqlite, mssql)) in steps().iter().enumerate().take(version) {
        fixture.raw(if fixture.engine() == Engine::Sqlite { sqlite } else { mssql }).await;
        fixture.raw(&format!("INSERT INTO $.schema_versions VALUES ({}, '0.1.0', '0.1.0', 0)", index + 1)).await;
        let data = DATA
            .get(index)
            .copied()
            .unwrap_or("")
            .replace("DIGEST", digest(b"package").as_str())
            .replace("HASH", &hex(&[7; 32]));
        fixture.raw(&data.replace("SETTING", &setting).replace("KEY", &key)).await;
    }
}

async fn a_database_of_every_earlier_version_is_upgraded_with_its_data(fixture: Fixture) {
    for version in 1..=steps().len() {
        let fixture = Fixture::on(fixture.engine());
        make(&fixture, version).await;
        let database = fixture.open().await;
        check(&fixture, &database, version).await;
        let seen = database.configuration().revision().await.unwrap();
        database.close().await;
        let (database, keyring) = (fixture.open().await, fixture.keyring());
        let set = SettingsChange::set([("B".to_owned(), "new".to_owned())]);
        assert!(database.app_settings().change(&keyring, &app("mail"), &set).await.unwrap() > seen);
        assert_eq!(database.app_keys().ensure(&keyring, &app("mail")).await.unwrap().len(), 2);
        database.close().await;
    }
}

/// What a version had kept, and what the later ones begin with.
async fn check(fixture: &Fixture, database: &Database, version: usize) {
    let (shop, keyring) = (app("shop"), fixture.keyring());
    assert_eq!(database.installation().schema_version().await.unwrap() as usize, steps().len());
    let apps = database.apps().list().await.unwrap();
    assert_eq!(apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>(), ["mail", "shop"]);
    assert_eq!((apps[1].generation, apps[1].host_names.as_slice()), (3, ["shop.example".to_owned()].as_slice()));
    assert_eq!(
        (apps[1].active.as_ref(), apps[1].publish_credential.as_slice()),
        (Some(&deployment(1)), [1].as_slice())
    );
    let done = database.deployments().get(&deployment(1)).await.unwrap().unwrap();
    assert_eq!((done.status_text.as_str(), done.complete, done.functions_json.as_deref()), ("done", true, Some("[]")));
    assert_eq!(database.deployments().logs(&deployment(1)).await.unwrap()[0].message, "line");
    assert_eq!(database.deployments().fail_interrupted().await.unwrap(), [deployment(2)]);
    let mut package = Vec::new();
    assert!(database.packages().fetch(&digest(b"package"), &mut package).await.unwrap());
    assert_eq!(package, b"package");
    let w1 = database.workers().get(&worker("w1")).await.unwrap().unwrap();
    assert_eq!((w1.epoch, w1.capacity, w1.credential_hash, w1.missing), (4, 9, [7; 32], false));
    let assigned = [(shop.clone(), worker("w1"), deployment(1), 3)];
    assert_eq!(database.assignments().list().await.unwrap(), assigned);
    assert_eq!(database.installation().get_or_create("token", Vec::new).await.unwrap(), [5, 6]);
    let lease = database.leases().acquire("scheduler", "b", std::time::Duration::from_secs(1)).await.unwrap().unwrap();
    assert_eq!(lease.epoch, 42);
    let changes = database.configuration().changes(0).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.app.as_str()).collect::<Vec<_>>(), ["mail", "shop"]);

    let with = version >= 2;
    let settings = database.app_settings().snapshot(&keyring, &shop).await.unwrap();
    let kept = with.then(|| ("A".to_owned(), "kept".to_owned()));
    assert_eq!((settings.revision, settings.values), (if with { 7 } else { 1 }, kept.into_iter().collect()));
    let keys = database.app_keys().list(&keyring, &shop).await.unwrap();
    let key = keys.get(&KeyScope::Host, "partner").map(|key| key.value.clone());
    assert_eq!(key, with.then(|| "a key that is kept".to_owned()));
    let revision = database.configuration().get(&shop).await.unwrap().unwrap();
    assert_eq!(revision.mode, if with { AppMode::Offline } else { AppMode::Running });
    let member = database.members().get(&worker("w1")).await.unwrap().unwrap();
    let standing = if version >= 3 { Standing::Cordoned } else { Standing::InService };
    assert_eq!((member.standing, member.joined), (standing, false));

    let host_json = database.scheduling().host_json(&digest(b"package")).await.unwrap();
    assert_eq!(host_json, (version >= 4).then(|| b"{}".to_vec()));
    assert_eq!(database.scheduling().decisions().await.unwrap().len(), usize::from(version >= 4));

    let timers = database.timers().statuses(&shop).await.unwrap();
    assert_eq!(
        timers.iter().map(|timer| timer.function.as_str()).collect::<Vec<_>>(),
        vec!["tick"; usize::from(version >= 6)]
    );

    let message = database.queues().peek(QueuePlace::new("shop", "orders"), 1).await.unwrap();
    let text = message.map(|messages| messages[0].text.clone());
    assert_eq!(text.as_deref(), (version >= 7).then_some("kept"));

    let ranges = database.documents().ranges(4711).await.unwrap();
    assert_eq!(ranges.iter().map(|range| range.lsn).collect::<Vec<_>>(), vec![25; usize::from(version >= 8)]);

    let leases = database.feed_leases().list(&shop, "unit..").await.unwrap();
    assert_eq!(leases.iter().map(|lease| lease.version).collect::<Vec<_>>(), vec![33; usize::from(version >= 9)]);
    let item = database.documents().find_by_number(4711, 30).await.unwrap();
    assert_eq!(item.map(|(_, item)| item.body.to_string()), (version >= 8).then(|| "kept".to_owned()));

    // The generation of the app that was deleted goes on.
    assert!(database.apps().create(&app("gone"), b"").await.unwrap());
    assert_eq!(database.apps().get(&app("gone")).await.unwrap().unwrap().generation, 7);
    assert!(database.apps().delete(&app("gone")).await.unwrap());
}

async fn a_schema_that_needs_a_newer_binary_is_refused_and_an_additive_one_is_not(fixture: Fixture) {
    fixture.open().await.close().await;
    let add = |version: u32, oldest: &str| {
        format!("INSERT INTO $.schema_versions VALUES ({version}, '{oldest}', '9.9.9', 0)")
    };
    fixture.raw(&add(1001, "0.1.0")).await;
    let database = fixture.open().await;
    assert_eq!(database.installation().schema_version().await.unwrap(), 1001);
    database.close().await;
    fixture.raw(&add(1002, "9.0.0")).await;
    let error = Database::open(&fixture.url(), fixture.options()).await.unwrap_err();
    assert!(matches!(error, StateError::Incompatible(_)), "{error:?}");
    assert!(error.to_string().contains("run hearth 9.0.0 or later (this is "), "{error}");
}

#[test]
fn a_released_step_never_changes() {
    for (name, released) in RELEASED {
        let digest = digest_of(&std::fs::read(folder().join(name)).unwrap());
        assert_eq!(&digest, released, "{name} was released: leave it as it was and add another step");
    }
}

fn digest_of(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

// A 0.1.0 uses no SQL Server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_0_1_0_makes_or_deletes_is_right() {
    let fixture = Fixture::sqlite();
    make(&fixture, 1).await;
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let secret = SettingsChange::set([("SECRET".to_owned(), "x".to_owned())]);
    database.app_settings().change(&keyring, &app("shop"), &secret).await.unwrap();
    database.app_keys().ensure(&keyring, &app("shop")).await.unwrap();
    database.configuration().set_mode(&app("shop"), AppMode::Offline).await.unwrap();
    let seen = database.configuration().revision().await.unwrap();
    database.close().await;

    // The statements of 0.1.0 that make and delete apps.
    fixture.raw("DELETE FROM $.apps WHERE name = 'shop'").await;
    let again = "INSERT INTO $.apps VALUES ('shop', 9, ~03~, '', 4), ('blog', 9, ~04~, '', 0) ON CONFLICT DO NOTHING";
    fixture.raw(again).await;

    let database = fixture.open().await;
    let changes = database.configuration().changes(seen).await.unwrap();
    assert_eq!(
        changes.iter().map(|change| (change.app.as_str(), change.deleted)).collect::<Vec<_>>(),
        [("blog", false), ("shop", false)]
    );
    assert_eq!(database.app_settings().list(&keyring, &app("shop")).await.unwrap(), []);
    assert!(database.app_keys().list(&keyring, &app("shop")).await.unwrap().is_empty());
    assert_eq!(database.configuration().get(&app("shop")).await.unwrap().unwrap().mode, AppMode::Running);
}
