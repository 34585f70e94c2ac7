use std::collections::BTreeSet;

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::*;
use crate::{OpenOptions, StateUrl};

/// Columns of bytes that are no secrets.
const PLAIN: [&str; 4] =
    ["package_chunks.bytes", "package_host_json.host_json", "workers.credential_hash", "document_media.bytes"];

#[tokio::test]
async fn every_column_of_bytes_is_sealed_anew_or_known_to_be_plain() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    Database::open(&StateUrl::sqlite(&path), OpenOptions::default()).await.unwrap().close().await;
    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path)).await.unwrap();
    let query = "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
                 WHERE t.type = 'table' AND c.type = 'BLOB'";
    let found: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap();
    let known: BTreeSet<&str> = COLUMNS.iter().map(|column| column.name).chain(PLAIN).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
}
