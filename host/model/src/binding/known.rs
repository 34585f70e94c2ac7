//! The binding types of Azure Functions with their properties. All are checked, those too that do not run here yet, so that
//! what is wrong is found before the type begins to count. Unknown properties are passed over.

use super::Direction;
use crate::json::{FileError, Node};

/// What a property must hold.
pub(super) enum Kind {
    Text,
    /// A text that must be there and not be empty.
    Required,
    Flag,
    Integer(i64, i64),
    OneOf(&'static [&'static str]),
}

use Kind::{Flag, Integer, OneOf, Required, Text};

/// A binding type.
pub(super) struct BindingType {
    /// Its usual spelling.
    pub(super) name: &'static str,
    /// Ways of the data it has.
    pub(super) directions: &'static [Direction],
    /// Properties beside `type`, `name`, `direction`, `dataType`, `cardinality` and `connection`. Of a pair the first is the
    /// name of the extension's version 4 and the second that of version 3, or another that is known for it.
    pub(super) properties: &'static [(&'static str, Option<&'static str>, Kind)],
}

const IN: &[Direction] = &[Direction::In];
const OUT: &[Direction] = &[Direction::Out];
const IN_OUT: &[Direction] = &[Direction::In, Direction::Out];
const ANY: &[Direction] = &[Direction::In, Direction::Out, Direction::InOut];
/// Modes of a change feed.
pub(super) const FEED_MODES: &[&str] = &["LatestVersion", "AllVersionsAndDeletes"];
/// Where leases of a change feed may be.
pub(super) const LEASE_STORES: &[&str] = &["container", "host"];

/// Greatest number of a count.
pub(super) const MANY: i64 = i32::MAX as i64;

type Property = (&'static str, Option<&'static str>, Kind);

const fn one(name: &'static str, kind: Kind) -> Property {
    (name, None, kind)
}

const fn renamed(name: &'static str, old: &'static str, kind: Kind) -> Property {
    (name, Some(old), kind)
}

macro_rules! types {
    ($($name:literal $directions:ident [$($property:expr),* $(,)?])*) => {
        /// All binding types, by name.
        pub(super) const TYPES: &[BindingType] =
            &[$(BindingType { name: $name, directions: $directions, properties: &[$($property),*] }),*];
    };
}

types! {
    "activityTrigger" IN [one("activity", Text)]
    "blob" ANY [one("path", Required)]
    "blobTrigger" IN [one("path", Required), one("source", OneOf(&["EventGrid", "LogsAndContainerScan"]))]
    "cosmosDB" IN_OUT [
        renamed("connection", "connectionStringSetting", Text),
        one("databaseName", Required),
        renamed("containerName", "collectionName", Required),
        one("id", Text),
        one("partitionKey", Text),
        one("sqlQuery", Text),
        one("preferredLocations", Text),
        one("createIfNotExists", Flag),
        renamed("containerThroughput", "collectionThroughput", Integer(0, MANY)),
    ]
    "cosmosDBTrigger" IN [
        renamed("connection", "connectionStringSetting", Text),
        one("databaseName", Required),
        renamed("containerName", "collectionName", Required),
        renamed("leaseConnection", "leaseConnectionStringSetting", Text),
        one("leaseDatabaseName", Text),
        renamed("leaseContainerName", "leaseCollectionName", Text),
        renamed("leaseContainerPrefix", "leaseCollectionPrefix", Text),
        renamed("createLeaseContainerIfNotExists", "createLeaseCollectionIfNotExists", Flag),
        renamed("leasesContainerThroughput", "leasesCollectionThroughput", Integer(0, MANY)),
        one("feedPollDelay", Integer(0, MANY)),
        one("leaseAcquireInterval", Integer(0, MANY)),
        one("leaseExpirationInterval", Integer(0, MANY)),
        one("leaseRenewInterval", Integer(0, MANY)),
        one("maxItemsPerInvocation", Integer(0, MANY)),
        one("startFromBeginning", Flag),
        one("startFromTime", Text),
        renamed("changeFeedMode", "mode", OneOf(FEED_MODES)),
        one("preferredLocations", Text),
        one("deadLetterContainerName", Text),
        one("checkpointOnFailure", Flag),
        one("leaseStore", OneOf(LEASE_STORES)),
    ]
    "daprPublish" OUT []
    "daprServiceInvocationTrigger" IN []
    "daprState" IN_OUT []
    "daprTopicTrigger" IN []
    "documentDB" IN_OUT []
    "durableClient" IN [one("taskHub", Text), one("connectionName", Text)]
    "entityTrigger" IN [one("entityName", Text)]
    "eventGrid" OUT [one("topicEndpointUri", Text), one("topicKeySetting", Text)]
    "eventGridTrigger" IN []
    "eventHub" OUT [one("eventHubName", Text), one("path", Text)]
    "eventHubTrigger" IN [one("eventHubName", Text), one("path", Text), one("consumerGroup", Text)]
    "http" OUT []
    "httpTrigger" IN [one("webHookType", Text)]
    "kafka" OUT [one("topic", Required), one("brokerList", Required)]
    "kafkaTrigger" IN [one("topic", Required), one("brokerList", Required), one("consumerGroup", Text)]
    "mcpToolTrigger" IN [one("toolName", Required), one("description", Text)]
    "mySql" IN_OUT [one("commandText", Required), one("connectionStringSetting", Text)]
    "mySqlTrigger" IN [one("tableName", Required), one("connectionStringSetting", Text)]
    "notificationHub" OUT []
    "orchestrationClient" IN [one("taskHub", Text), one("connectionName", Text)]
    "orchestrationTrigger" IN [one("orchestration", Text)]
    "queue" OUT [one("queueName", Required)]
    "queueTrigger" IN [one("queueName", Required)]
    "rabbitMQ" OUT [one("queueName", Required), one("connectionStringSetting", Text)]
    "rabbitMQTrigger" IN [one("queueName", Required), one("connectionStringSetting", Text)]
    "redisPubSubTrigger" IN [one("channel", Required)]
    "sendGrid" OUT [one("apiKey", Text), one("from", Text), one("to", Text), one("subject", Text), one("text", Text)]
    "serviceBus" OUT [one("queueName", Text), one("topicName", Text)]
    "serviceBusTrigger" IN [
        one("queueName", Text),
        one("topicName", Text),
        one("subscriptionName", Text),
        one("isSessionsEnabled", Flag),
        one("autoComplete", Flag),
    ]
    "signalR" OUT [one("hubName", Required), one("connectionStringSetting", Text)]
    "signalRConnectionInfo" IN [one("hubName", Required), one("userId", Text), one("connectionStringSetting", Text)]
    "signalRTrigger" IN [one("hubName", Required), one("category", Required), one("event", Required)]
    "sql" IN_OUT [one("commandText", Required), one("connectionStringSetting", Text)]
    "sqlTrigger" IN [one("tableName", Required), one("connectionStringSetting", Text)]
    "table" IN_OUT [
        one("tableName", Required),
        one("partitionKey", Text),
        one("rowKey", Text),
        one("filter", Text),
        one("take", Integer(1, MANY)),
    ]
    "timerTrigger" IN [one("schedule", Required), one("runOnStartup", Flag), one("useMonitor", Flag)]
    "twilioSms" OUT [one("accountSidSetting", Text), one("authTokenSetting", Text), one("to", Text), one("from", Text)]
    "warmupTrigger" IN []
    "webPubSub" OUT [one("hub", Text)]
    "webPubSubConnection" IN [one("hub", Text), one("userId", Text)]
    "webPubSubTrigger" IN [one("hub", Text), one("eventName", Text), one("eventType", Text)]
}

/// The name that a property had in the extension's version 3.
pub(super) fn former(binding_type: &str, property: &str) -> Option<&'static str> {
    let known = TYPES.iter().find(|known| known.name == binding_type)?;
    known.properties.iter().find(|(name, ..)| *name == property)?.1
}

/// Checks the properties of a binding.
pub(super) fn check(node: &Node<'_>, known: &BindingType, warnings: &mut Vec<String>) -> Result<(), FileError> {
    for (name, old, kind) in known.properties {
        let current = node.get(name)?;
        let former = old.map_or(Ok(None), |old| node.get(old))?;
        if let (Some(_), Some(former), Some(old)) = (&current, &former, old) {
            warnings.push(
                former.error(format_args!("has no effect beside {name}, its newer name; take {old} out")).to_string(),
            );
        }
        match current.or(former) {
            Some(value) => check_one(&value, kind)?,
            None if matches!(kind, Required) => return Err(node.error(format_args!("has no \"{name}\""))),
            None => {}
        }
    }
    if let Some(connection) = node.get("connection")? {
        connection.string()?;
    }
    Ok(())
}

fn check_one(value: &Node<'_>, kind: &Kind) -> Result<(), FileError> {
    match kind {
        Text => value.string().map(drop),
        Required if value.string()?.trim().is_empty() => Err(value.error("is empty")),
        Required => Ok(()),
        Flag => value.boolean().map(drop),
        Integer(least, greatest) => value.integer(*least, *greatest).map(drop),
        OneOf(words) => value.one_of(words).map(drop),
    }
}
