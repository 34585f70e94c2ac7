//! `hearth documents ls`.

use clap::Args;
use serde_json::Value;

use super::StoreSettings;
use crate::client::{Call, Documents};
use crate::command::listing::OutputSettings;
use crate::exit::{Failure, Kind};
use crate::output::{self, Format};

/// Asked for at a time.
const PAGE: usize = 1000;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// What is listed: a database's containers or a container's items [default: the databases]
    #[arg(value_name = "DATABASE[/CONTAINER]")]
    place: Option<String>,
    /// Items that are shown at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
    #[command(flatten)]
    store: StoreSettings,
    #[command(flatten)]
    output: OutputSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { place, limit, store, output } = arguments;
    let parts: Vec<&str> = place.as_deref().map(|place| place.split('/').collect()).unwrap_or_default();
    if parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
        return Err(Failure::new(Kind::Usage, "what is listed is named as DATABASE or DATABASE/CONTAINER"));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let store = store.open().await?;
    match parts.as_slice() {
        [] => {
            let (databases, _) = all(&store, Call::list("dbs", &[]), "Databases", usize::MAX).await?;
            shown(output, "databases", &databases, |rows| {
                output::table(
                    ["DATABASE", "CHANGED"],
                    &rows.iter().map(|row| [id(row), changed(row)]).collect::<Vec<_>>(),
                )
            })
        }
        [database] => {
            let call = Call::list("colls", &["dbs", database]);
            let (containers, _) = all(&store, call, "DocumentCollections", usize::MAX).await?;
            shown(output, "containers", &containers, |rows| {
                let row = |row: &Value| [id(row), paths(row), time_to_live(row), changed(row)];
                let rows: Vec<_> = rows.iter().map(row).collect();
                output::table(["CONTAINER", "PARTITION KEY", "TIME TO LIVE", "CHANGED"], &rows)
            })
        }
        [database, container, ..] => {
            let link = ["dbs", database, "colls", container];
            let definition = store.done(&Call::read("colls", &link)).await?;
            let definition: Value = serde_json::from_slice(&definition.body).map_err(not_understood)?;
            let (items, more) = all(&store, Call::list("docs", &link), "Documents", limit).await?;
            shown(output, "items", &items, |rows| {
                let row = |row: &Value| [id(row), key(row, &definition), changed(row)];
                let rows: Vec<_> = rows.iter().map(row).collect();
                output::table(["ITEM", "PARTITION KEY", "CHANGED"], &rows)
            })?;
            if more {
                output::note(&format!("There are more items; --limit {} shows more.", limit.saturating_mul(10)));
            }
            Ok(())
        }
    }
}

/// The pages of a list together, at most so many, and whether there are more.
async fn all(store: &Documents, mut call: Call, member: &str, limit: usize) -> Result<(Vec<Value>, bool), Failure> {
    let mut found = Vec::new();
    call = call.header("x-ms-max-item-count", PAGE.min(limit));
    let mut after: Option<String> = None;
    loop {
        let answer = store.done(&call.after(after.as_deref())).await?;
        let mut body: Value = serde_json::from_slice(&answer.body).map_err(not_understood)?;
        if let Some(Value::Array(page)) = body.get_mut(member).map(Value::take) {
            found.extend(page);
        }
        after = answer.header("x-ms-continuation").map(str::to_owned);
        if after.is_none() || found.len() >= limit {
            let more = after.is_some() || found.len() > limit;
            found.truncate(limit);
            return Ok((found, more));
        }
    }
}

fn not_understood(error: serde_json::Error) -> Failure {
    Failure::general(format_args!("the answer of the document store is not understood: {error}"))
}

fn shown(
    output: OutputSettings,
    name: &str,
    rows: &[Value],
    text: impl FnOnce(&[Value]) -> String,
) -> Result<(), Failure> {
    match output.output {
        Format::Json => output::json(&serde_json::json!({ name: rows })),
        Format::Text => {
            output::line(&text(rows));
            Ok(())
        }
    }
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap_or_default().to_owned()
}

fn changed(row: &Value) -> String {
    let at = row["_ts"].as_i64().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn paths(container: &Value) -> String {
    let paths = container["partitionKey"]["paths"].as_array();
    paths.map(|paths| paths.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn time_to_live(container: &Value) -> String {
    match container["defaultTtl"].as_i64() {
        None => "-".to_owned(),
        Some(-1) => "as items say".to_owned(),
        Some(seconds) => format!("{seconds} s"),
    }
}

/// The values at the paths of the partition key.
fn key(item: &Value, container: &Value) -> String {
    let paths = container["partitionKey"]["paths"].as_array().map(Vec::as_slice).unwrap_or_default();
    let value = |path: &Value| {
        let mut names = path.as_str().unwrap_or_default().split('/').skip(1).map(|name| name.trim_matches('"'));
        let found = names.try_fold(item, |value, name| value.get(name));
        found.map_or_else(|| "{}".to_owned(), Value::to_string)
    };
    paths.iter().map(value).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_are_shown_with_the_values_of_their_partition_key() {
        let container = json!({ "partitionKey": { "paths": ["/tenant", "/user/\"the name\""] } });
        let item = json!({ "id": "1", "tenant": 7, "user": { "the name": "Ada" }, "_ts": 1_700_000_000 });
        assert_eq!(key(&item, &container), "7, \"Ada\"");
        assert_eq!(key(&json!({ "tenant": null }), &container), "null, {}");
        assert_eq!(changed(&item), "2023-11-14T22:13:20Z");
        assert_eq!(time_to_live(&json!({ "defaultTtl": -1 })), "as items say");
    }
}
