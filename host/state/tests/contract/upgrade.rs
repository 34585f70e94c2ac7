//! Databases of earlier versions, with data, and an earlier version that goes on writing to an upgraded one.

use hearth_state::{AppMode, SettingsChange};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use crate::fixture::{Fixture, app};

/// What Hearth 0.1.0 made, with two apps.
const FIRST: &str = concat!(
    "PRAGMA application_id = 1213355080;",
    "CREATE TABLE schema_versions (version INTEGER NOT NULL PRIMARY KEY, oldest_binary TEXT NOT NULL, ",
    "applied_by TEXT NOT NULL, applied INTEGER NOT NULL) STRICT;",
    "INSERT INTO schema_versions VALUES (1, '0.1.0', '0.1.0', 0);",
    include_str!("../../src/migrations/0001_initial.sqlite.sql"),
    "INSERT INTO apps VALUES ('shop', 5, x'01', '', 3), ('mail', 6, x'02', '', 0);",
    "INSERT INTO retired_apps VALUES ('gone', 7);",
    "INSERT INTO host_names VALUES ('shop.example', 'shop');",
);

async fn raw(fixture: &Fixture, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(fixture.path()).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute(sqlx::raw_sql(sql)).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_0_1_0_is_upgraded_with_its_data() {
    let fixture = Fixture::sqlite();
    raw(&fixture, FIRST).await;
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    assert_eq!(database.installation().schema_version().await.unwrap(), 4);
    let apps = database.apps().list().await.unwrap();
    assert_eq!(apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>(), ["mail", "shop"]);
    assert_eq!((apps[1].generation, apps[1].host_names.as_slice()), (3, ["shop.example".to_owned()].as_slice()));
    let changes = database.configuration().changes(0).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.app.as_str()).collect::<Vec<_>>(), ["mail", "shop"]);
    assert_eq!(database.app_settings().list(&keyring, &app("shop")).await.unwrap(), []);
    assert_eq!(database.app_keys().ensure(&keyring, &app("mail")).await.unwrap().len(), 2);
    database.close().await;
    assert_eq!(fixture.open().await.app_keys().list(&keyring, &app("mail")).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_0_1_0_makes_or_deletes_is_right() {
    let fixture = Fixture::sqlite();
    raw(&fixture, FIRST).await;
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let secret = SettingsChange::set([("SECRET".to_owned(), "x".to_owned())]);
    database.app_settings().change(&keyring, &app("shop"), &secret).await.unwrap();
    database.app_keys().ensure(&keyring, &app("shop")).await.unwrap();
    database.configuration().set_mode(&app("shop"), AppMode::Offline).await.unwrap();
    let seen = database.configuration().revision().await.unwrap();
    database.close().await;

    // The statements of 0.1.0 that make and delete apps.
    raw(&fixture, "DELETE FROM apps WHERE name = 'shop'").await;
    raw(
        &fixture,
        "INSERT INTO apps VALUES ('shop', 9, x'03', '', 4), ('blog', 9, x'04', '', 0) ON CONFLICT DO NOTHING",
    )
    .await;

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
