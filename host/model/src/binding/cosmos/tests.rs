use std::time::Duration;

use super::*;
use crate::binding::read::read_supported;
use crate::binding::{InputBinding, OutputBinding, ReadBindings, Trigger};
use crate::clock::{Clock, ManualClock, Timestamp};
use crate::expression::{BindingData, Environment};
use crate::ids::FunctionName;
use crate::json::Document;
use crate::settings::Settings;

const SUPPORTED: [&str; 6] = ["httpTrigger", "http", "timerTrigger", "queueTrigger", "cosmosDBTrigger", "cosmosDB"];

/// What is read of a function of these bindings, and the warnings.
fn read(bindings: &str, settings: &Settings) -> Result<(ReadBindings, Vec<String>), String> {
    let text = format!("{{\"bindings\": [{bindings}]}}");
    let document = Document::parse("F/function.json", text.as_bytes()).map_err(|e| e.to_string())?;
    let document = document.resolve("bindings", crate::binding::is_verbatim, settings).map_err(|e| e.to_string())?;
    let mut warnings = Vec::new();
    let name = FunctionName::parse("F").unwrap();
    let read = read_supported(&document.root(), &name, settings, &mut warnings, &SUPPORTED);
    read.map(|read| (read, warnings)).map_err(|e| e.to_string())
}

fn trigger(more: &str) -> Result<CosmosTrigger, String> {
    let (read, warnings) =
        read(&format!(r#"{{"type": "cosmosDBtrigger", "name": "documents", {more}}}"#), &Settings::new())?;
    assert!(warnings.is_empty(), "{warnings:?}");
    match read.trigger {
        Trigger::Cosmos(trigger) => Ok(trigger),
        other => panic!("{other:?}"),
    }
}

const HTTP: &str = r#"{"type": "httpTrigger", "name": "req", "route": "orders/{id}"}"#;
const TIMER: &str = r#"{"type": "timerTrigger", "name": "t", "schedule": "0 * * * * *"}"#;
const PLACE: &str = r#""databaseName": "shop", "containerName": "orders""#;

#[test]
fn a_trigger_with_its_defaults() {
    let found = trigger(PLACE).unwrap();
    let expected = CosmosTrigger {
        binding_name: "documents".to_owned(),
        connection: None,
        database: "shop".to_owned(),
        container: "orders".to_owned(),
        lease_connection: None,
        lease_database: "shop".to_owned(),
        lease_container: "leases".to_owned(),
        lease_prefix: String::new(),
        creates_lease_container: false,
        lease_throughput: None,
        feed_poll_delay: Duration::from_secs(5),
        lease_acquire_interval: Duration::from_secs(13),
        lease_expiration_interval: Duration::from_secs(60),
        lease_renew_interval: Duration::from_secs(17),
        max_items: None,
        start: ChangeFeedStart::Now,
        mode: ChangeFeedMode::LatestVersion,
        dead_letter_container: None,
        checkpoints_on_failure: false,
        lease_store: FeedLeaseStore::Container,
    };
    assert_eq!(found, expected);
    // 0 stands for the default.
    let zeros = r#""feedPollDelay": 0, "leaseAcquireInterval": 0, "leaseExpirationInterval": 0, "leaseRenewInterval": 0,
        "maxItemsPerInvocation": 0, "leasesContainerThroughput": 0, "connection": "", "leaseContainerName": "", "startFromTime": """#;
    assert_eq!(trigger(&format!("{PLACE}, {zeros}")).unwrap(), expected);
}

#[test]
fn a_trigger_with_everything_by_both_names() {
    let newer = r#""connection": "Shop", "databaseName": "shop", "containerName": "orders", "leaseConnection": "Leases",
        "leaseDatabaseName": "ops", "leaseContainerName": "feeds", "createLeaseContainerIfNotExists": true,
        "leasesContainerThroughput": 400, "leaseContainerPrefix": "view""#;
    let older = r#""connectionStringSetting": "Shop", "databaseName": "shop", "collectionName": "orders",
        "leaseConnectionStringSetting": "Leases", "leaseDatabaseName": "ops", "leaseCollectionName": "feeds",
        "createLeaseCollectionIfNotExists": true, "leasesCollectionThroughput": 400, "leaseCollectionPrefix": "view""#;
    let both = r#""feedPollDelay": 250, "leaseAcquireInterval": 1000, "leaseExpirationInterval": 9000, "leaseRenewInterval": 3000,
        "maxItemsPerInvocation": 10, "startFromTime": "2026-01-31T12:00:00Z", "preferredLocations": "West Europe",
        "deadLetterContainerName": "failed", "leaseStore": "HOST""#;
    let found = trigger(&format!("{newer}, {both}")).unwrap();
    assert_eq!(found, trigger(&format!("{older}, {both}")).unwrap());
    assert_eq!((found.connection.as_deref(), found.lease_connection.as_deref()), (Some("Shop"), Some("Leases")));
    assert_eq!((found.lease_database.as_str(), found.lease_container.as_str()), ("ops", "feeds"));
    assert_eq!((found.lease_prefix.as_str(), found.lease_throughput), ("view", Some(400)));
    assert!(found.creates_lease_container && !found.checkpoints_on_failure);
    assert_eq!((found.feed_poll_delay, found.max_items), (Duration::from_millis(250), Some(10)));
    assert_eq!(found.lease_renew_interval, Duration::from_secs(3));
    let moment = Timestamp::from_micros(1_769_860_800_000_000);
    assert_eq!(found.start, ChangeFeedStart::Time(moment));
    assert_eq!((found.dead_letter_container.as_deref(), found.lease_store), (Some("failed"), FeedLeaseStore::Host));
    let found =
        trigger(&format!(r#"{PLACE}, "connection": "Shop", "startFromBeginning": true, "checkpointOnFailure": true"#));
    let found = found.unwrap();
    assert_eq!((found.lease_connection.as_deref(), found.start), (Some("Shop"), ChangeFeedStart::Beginning));
    assert!(found.checkpoints_on_failure);
    for mode in ["changeFeedMode", "mode"] {
        let found =
            trigger(&format!(r#"{PLACE}, "{mode}": "allVersionsAndDeletes", "startFromBeginning": false"#)).unwrap();
        assert_eq!((found.mode, found.start), (ChangeFeedMode::AllVersionsAndDeletes, ChangeFeedStart::Now));
    }
}

#[test]
fn a_trigger_that_cannot_run_says_why() {
    for (more, expected) in [
        (r#""databaseName": "shop""#, "has no \"containerName\""),
        (r#""databaseName": "shop", "containerName": "a/b""#, "containerName must be 1 to 255 characters without /"),
        (r#""databaseName": "{x}", "containerName": "a""#, "databaseName must be one name, not \"{x}\""),
        (
            r#""databaseName": "shop", "containerName": "Leases""#,
            "bindings[0] has the monitored container as its lease container; give leaseContainerName another name",
        ),
        (
            r#""databaseName": "shop", "containerName": "a", "leaseDatabaseName": "SHOP", "leaseContainerName": "A", "leaseConnection": "cosmosdb""#,
            "has the monitored container as its lease container",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "leaseRenewInterval": 60000"#,
            "has a leaseRenewInterval of 60000 ms and a leaseExpirationInterval of 60000 ms; leases must be renewed",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "changeFeedMode": "some""#,
            "changeFeedMode must be one of LatestVersion, AllVersionsAndDeletes, not \"some\"",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "mode": "AllVersionsAndDeletes", "startFromBeginning": true"#,
            "startFromBeginning can't stand beside changeFeedMode AllVersionsAndDeletes",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "changeFeedMode": "AllVersionsAndDeletes", "startFromTime": "2026-01-31T12:00:00Z""#,
            "startFromTime can't stand beside changeFeedMode AllVersionsAndDeletes",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "leaseStore": "redis""#,
            "leaseStore must be one of container, host",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "deadLetterContainerName": "c""#,
            "deadLetterContainerName is the monitored container",
        ),
        (
            r#""databaseName": "d", "containerName": "c", "deadLetterContainerName": "e", "checkpointOnFailure": true"#,
            "has deadLetterContainerName and checkpointOnFailure; one keeps what failed",
        ),
    ] {
        let error = trigger(more).unwrap_err();
        assert!(error.contains(expected), "{more} gave {error}");
    }
    // Leases in host state need no container of their own.
    trigger(r#""databaseName": "shop", "containerName": "leases", "leaseStore": "host""#).unwrap();
}

fn input(more: &str, settings: &Settings) -> Result<CosmosInput, String> {
    let binding = format!(r#"{{"type": "cosmosDB", "name": "order", "direction": "in", {more}}}"#);
    let (mut read, _) = read(&format!("{HTTP}, {binding}"), settings)?;
    match (read.inputs.pop(), read.inputs.len()) {
        (Some(InputBinding::Cosmos(input)), 0) => Ok(input),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_input_finds_one_document_or_a_list() {
    let settings: Settings = [("Db", "shop")].into_iter().collect();
    let found = input(
        r#""databaseName": "%Db%", "collectionName": "orders-{Query.region}", "id": "{id}", "partitionKey": "p-{id}""#,
        &settings,
    );
    let found = found.unwrap();
    assert_eq!((found.binding_name.as_str(), found.connection), ("order", None));
    assert_eq!((found.database.text(), found.container.text()), ("shop", "orders-{Query.region}"));
    let CosmosRead::Document { id, partition_key } = found.read else { panic!("{:?}", found.read) };
    assert_eq!((id.text(), partition_key.unwrap().text()), ("{id}", "p-{id}"));
    let found =
        input(&format!(r#"{PLACE}, "connectionStringSetting": "Shop", "partitionKey": """#), &settings).unwrap();
    assert_eq!((found.connection.as_deref(), found.read), (Some("Shop"), CosmosRead::All { partition_key: None }));
}

#[test]
fn expressions_of_a_query_become_parameters() {
    let query = "SELECT c.id AS a, {{'b': 1}} AS o FROM c WHERE c.x = {id} AND c.y = {Query.to-day:N2} AND c.z = {id} AND c.w = @id_2 \
        AND c.v = {i_d} AND c.u = {i.d}";
    let query = query.replace('"', "\\\"");
    let found = input(&format!(r#"{PLACE}, "sqlQuery": "{query}""#), &Settings::new()).unwrap();
    let CosmosRead::Query { sql, parameters, .. } = found.read else { panic!("{:?}", found.read) };
    assert_eq!(
        sql,
        "SELECT c.id AS a, {'b': 1} AS o FROM c WHERE c.x = @id_3 AND c.y = @Query_to_day_N2 AND c.z = @id_3 AND c.w = @id_2 \
         AND c.v = @i_d AND c.u = @i_d_2"
    );
    let named: Vec<(&str, &str)> = parameters.iter().map(|p| (p.name.as_str(), p.value.text())).collect();
    assert_eq!(
        named,
        [("@id_3", "{id}"), ("@Query_to_day_N2", "{Query.to-day:N2}"), ("@i_d", "{i_d}"), ("@i_d_2", "{i.d}")]
    );
}

#[test]
fn values_of_parameters_keep_their_types() {
    let clock = ManualClock::new(Timestamp::from_micros(0));
    let new_guid = uuid::Uuid::nil;
    let environment = Environment { function: "F", clock: &clock as &dyn Clock, new_guid: &new_guid };
    let mut data = BindingData::new();
    data.merge_payload(&serde_json::json!({ "n": 7, "o": { "b": true }, "t": "x", "none": null }));
    let value = |text: &str| Template::parse(text).unwrap().value(&data, environment).map_err(|e| e.to_string());
    assert_eq!(value("{n}").unwrap(), 7);
    assert_eq!(value("{o.b}").unwrap(), true);
    assert_eq!(value("{t}").unwrap(), "x");
    assert_eq!(value("{none}").unwrap(), serde_json::Value::Null);
    assert_eq!(value("{n}{n}").unwrap(), "77");
    assert_eq!(value("{n:000}").unwrap(), "007");
    assert_eq!(value("{sys.methodname}").unwrap(), "F");
    assert!(value("{missing}").unwrap_err().contains("the trigger gave no value named 'missing'"));
    assert!(value("{o.c}").unwrap_err().contains("has no property 'c'"));
}

#[test]
fn an_output_with_its_container() {
    let binding = format!(
        r#"{{"type": "cosmosDB", "name": "$return", "direction": "out", {PLACE}, "createIfNotExists": true,
            "partitionKey": "/customer", "collectionThroughput": 400}}"#
    );
    let plain =
        format!(r#"{{"type": "CosmosDB", "name": "copy", "direction": "out", {PLACE}, "createIfNotExists": true}}"#);
    let (read, warnings) = read(&format!("{TIMER}, {binding}, {plain}"), &Settings::new()).unwrap();
    let [OutputBinding::Cosmos(first), OutputBinding::Cosmos(last)] = read.outputs.as_slice() else {
        panic!("{:?}", read.outputs)
    };
    assert_eq!((first.binding_name.as_str(), first.partition_key.as_deref()), ("$return", Some("/customer")));
    assert!(first.creates_container && last.creates_container && last.partition_key.is_none());
    assert_eq!((first.throughput, last.throughput), (Some(400), None));
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].contains("bindings[2] createIfNotExists makes no container without a partitionKey"),
        "{warnings:?}"
    );
}

#[test]
fn inputs_and_outputs_that_no_event_puts_right_are_refused() {
    let settings: Settings = [("Open", "{secret")].into_iter().collect();
    for (trigger, more, expected) in [
        (
            HTTP,
            format!(r#""direction": "out", {PLACE}, "partitionKey": "customer""#),
            "must be the path of the partition key such as",
        ),
        (HTTP, format!(r#"{PLACE}, "id": "{{id""#), "id is refused: '{id', character 1: this '{' has no '}'"),
        (HTTP, format!(r#"{PLACE}, "sqlQuery": "%Open%""#), "in the value of the setting Open a brace has no partner"),
        (HTTP, format!(r#"{PLACE}, "id": "1", "sqlQuery": "2""#), "sqlQuery can't stand beside id"),
        (TIMER, format!(r#"{PLACE}, "id": "{{id}}""#), "the trigger gives no value named 'id'; it gives TimerTrigger"),
        (
            &format!(r#"{{"type": "cosmosDBTrigger", "name": "documents", {PLACE}}}"#),
            format!(r#"{PLACE}, "id": "{{id}}""#),
            "the trigger gives no value named 'id'; it gives none of its own",
        ),
        (HTTP, r#""databaseName": "a?b", "containerName": "c""#.to_owned(), "databaseName must be 1 to 255 characters"),
        (
            HTTP,
            r#""databaseName": "a", "containerName": "{id}/x""#.to_owned(),
            "containerName must be 1 to 255 characters",
        ),
    ] {
        let binding = format!(r#"{{"type": "cosmosDB", "name": "doc", {more}}}"#);
        let error = read(&format!("{trigger}, {binding}"), &settings).map(drop).unwrap_err();
        assert!(error.contains(expected), "{more} gave {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
