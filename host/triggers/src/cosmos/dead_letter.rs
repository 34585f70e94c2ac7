//! Where the items of a batch go that a function did not get done: documents of a container beside the monitored one.
//!
//! Ids follow from the batch, so that writing it again after a crash makes nothing twice. A batch of many large items becomes several
//! documents, since a document has its bound too.

use hearth_cosmos::processor::{Batch, ChangeItem};
use serde_json::json;

use super::account::AccountError;
use super::{CosmosAccount, LeaseContainer};

/// Bytes of items in one document; a document has at most two MiB with all that is around them.
const ITEM_BYTES: usize = 1_800_000;

/// What is known of a batch beside its items.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeadBatch<'a> {
    /// The app.
    pub(super) app: &'a str,
    /// The function that failed.
    pub(super) function: &'a str,
    /// The monitored database.
    pub(super) database: &'a str,
    /// The monitored container.
    pub(super) container: &'a str,
    /// RID of the monitored container.
    pub(super) container_rid: &'a str,
    /// What the lease is on.
    pub(super) lease_token: &'a str,
    /// The position after the batch.
    pub(super) continuation: &'a str,
    /// How often the function was called for it.
    pub(super) attempts: u32,
    /// Why it failed last.
    pub(super) error: &'a str,
    /// When that was, in RFC 3339.
    pub(super) time: &'a str,
}

/// Writes a batch into a container of the monitored database, which is made with the key path `/id` where it is missing. The error
/// is public text.
pub(super) async fn write(
    account: &CosmosAccount,
    container: &str,
    dead: &DeadBatch<'_>,
    batch: &Batch,
) -> Result<(), String> {
    write_items(account, container, dead, &batch.items).await
}

/// The same, of items.
///
/// # Errors
/// Public text: what could not be written where.
pub(super) async fn write_items(
    account: &CosmosAccount,
    container: &str,
    dead: &DeadBatch<'_>,
    items: &[ChangeItem],
) -> Result<(), String> {
    let failed = |error: AccountError| {
        format!(
            "the batch could not be written to the dead-letter container '{container}' of database '{}': {error}",
            dead.database
        )
    };
    for (part, items) in parts(items).into_iter().enumerate() {
        let id = id_of(dead, part);
        let body = document(&id, dead, items);
        match account.upsert(dead.database, container, &id, &body).await {
            Err(AccountError::NotFound) => {
                let new = LeaseContainer { database: dead.database, container, throughput: None };
                account.make_container(&new).await.map_err(failed)?;
                account.upsert(dead.database, container, &id, &body).await.map_err(failed)?;
            }
            written => written.map_err(failed)?,
        }
    }
    Ok(())
}

/// The items, in order, by the document that they go into.
fn parts(items: &[ChangeItem]) -> Vec<&[ChangeItem]> {
    let (mut parts, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, item) in items.iter().enumerate() {
        let more = item.as_str().len() + 1;
        if at > start && bytes + more > ITEM_BYTES {
            parts.push(&items[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += more;
    }
    parts.push(&items[start..]);
    parts
}

fn document(id: &str, dead: &DeadBatch<'_>, items: &[ChangeItem]) -> String {
    let about = json!({
        "id": id,
        "app": dead.app,
        "function": dead.function,
        "databaseName": dead.database,
        "containerName": dead.container,
        "leaseToken": dead.lease_token,
        "continuation": dead.continuation,
        "attempts": dead.attempts,
        "error": dead.error,
        "time": dead.time,
    });
    let mut text = about.to_string();
    text.pop();
    text.push_str(",\"items\":");
    text.push_str(&super::event::array(items));
    text.push('}');
    text
}

/// Of what an id may be made of.
fn id_of(dead: &DeadBatch<'_>, part: usize) -> String {
    let DeadBatch { app, function, container_rid, lease_token, continuation, .. } = dead;
    let kept = |text: &str| -> String {
        let kept = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '+' | '.'));
        kept.take(60).collect()
    };
    let [app, function, rid, token, at] =
        [app, function, container_rid, lease_token, continuation].map(|text| kept(text));
    format!("{app}.{function}.{rid}.{token}.{at}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAD: DeadBatch<'static> = DeadBatch {
        app: "shop",
        function: "Project",
        database: "db",
        container: "orders",
        container_rid: "AbC-AJk=",
        lease_token: "0",
        continuation: "\"17\"",
        attempts: 3,
        error: "it \"failed\"",
        time: "2026-01-02T03:04:05Z",
    };

    #[test]
    fn a_batch_is_told_whole() {
        let items = ["{\"id\":\"a\"}", "{\"id\":\"b\"}"].map(|text| ChangeItem::from(text.to_owned()));
        let text = document("x", &DEAD, &items);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((read["function"].as_str(), read["error"].as_str()), (Some("Project"), Some("it \"failed\"")));
        assert_eq!(read["items"], json!([{ "id": "a" }, { "id": "b" }]));
    }

    #[test]
    fn the_same_batch_has_the_same_ids() {
        assert_eq!(id_of(&DEAD, 0), "shop.Project.AbC-AJk=.0.17.0");
        let elsewhere = DeadBatch { continuation: "a/b?c#\\d", ..DEAD };
        assert_eq!(id_of(&elsewhere, 1), "shop.Project.AbC-AJk=.0.abcd.1");
    }

    #[test]
    fn large_items_go_into_several_documents() {
        let item = |bytes: usize| ChangeItem::from("x".repeat(bytes));
        let sizes = |items: &[ChangeItem]| parts(items).iter().map(|part| part.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&[item(10), item(10)]), [2]);
        assert_eq!(sizes(&[item(1_000_000), item(700_000), item(900_000), item(10)]), [2, 2]);
        assert_eq!(sizes(&[item(2_000_000), item(10)]), [1, 1], "one that is too large goes alone");
    }
}
