//! `cosmosDBTrigger`: a function that is given the changes of a container (reference: Cosmos DB, section 9).

use std::time::Duration;

use super::{TRIGGER, check_cosmos_name, connection, count, flag, property, text};
use crate::clock::Timestamp;
use crate::json::{FileError, Node};

/// A `cosmosDBTrigger`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosmosTrigger {
    /// Name of the trigger binding.
    pub binding_name: String,
    /// Name of the connection to the monitored container; `None` for the default one.
    pub connection: Option<String>,
    /// Database of the monitored container.
    pub database: String,
    /// The monitored container.
    pub container: String,
    /// Name of the connection to the lease container: [`CosmosTrigger::connection`] where none of its own is given.
    pub lease_connection: Option<String>,
    /// Database of the lease container; the monitored one where none is given.
    pub lease_database: String,
    /// The lease container, `leases` by default. It is never the monitored one.
    pub lease_container: String,
    /// Name of the deployment unit, with which the leases' ids begin; empty by default. Functions on one container that share the
    /// lease container and this share the feed.
    pub lease_prefix: String,
    /// Whether the lease container is made where it is missing.
    pub creates_lease_container: bool,
    /// Throughput of a lease container that is made; `None` for the service's default.
    pub lease_throughput: Option<u32>,
    /// How long a range that had nothing new is left alone, 5 s by default.
    pub feed_poll_delay: Duration,
    /// How often leases are shared out anew, 13 s by default.
    pub lease_acquire_interval: Duration,
    /// After how long a lease that nobody renewed is free, 60 s by default.
    pub lease_expiration_interval: Duration,
    /// How often an owner renews its leases, 17 s by default and shorter than the expiration.
    pub lease_renew_interval: Duration,
    /// Most items of one batch, as far as no transaction is cut; `None` for the service's page.
    pub max_items: Option<u32>,
    /// Where a range is begun that has no lease yet.
    pub start: ChangeFeedStart,
    /// Which changes there are.
    pub mode: ChangeFeedMode,
    /// Container in the monitored database that gets the items of a batch which the function did not get done; with `None` such a batch
    /// stays. An extension of Hearth's.
    pub dead_letter_container: Option<String>,
    /// Whether a batch counts as done although the function failed, as the original has it. An extension of Hearth's.
    pub checkpoints_on_failure: bool,
    /// Where leases are kept. An extension of Hearth's.
    pub lease_store: FeedLeaseStore,
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangeFeedStart {
    /// With what changes from now on.
    #[default]
    Now,
    /// With the oldest change there is.
    Beginning,
    /// With the first change at or after a moment.
    Time(Timestamp),
}

/// Which changes a function is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangeFeedMode {
    /// The latest version of each document that was created or changed; no deletes.
    #[default]
    LatestVersion,
    /// Every version of every document, and deletes.
    AllVersionsAndDeletes,
}

/// Who keeps the leases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedLeaseStore {
    /// The lease container, which other hosts read too.
    #[default]
    Container,
    /// Host state: no lease container is needed, and outputs to embedded services are committed with the checkpoint.
    Host,
}

/// Reads a checked binding.
pub(in crate::binding) fn read(node: &Node<'_>, name: &str) -> Result<CosmosTrigger, FileError> {
    let monitored = connection(node, TRIGGER, "connection")?;
    let database = name_of(node, "databaseName", None)?;
    let container = name_of(node, "containerName", None)?;
    let trigger = CosmosTrigger {
        binding_name: name.to_owned(),
        lease_connection: connection(node, TRIGGER, "leaseConnection")?.or_else(|| monitored.clone()),
        lease_database: name_of(node, "leaseDatabaseName", Some(&database))?,
        lease_container: name_of(node, "leaseContainerName", Some("leases"))?,
        lease_prefix: text(node, TRIGGER, "leaseContainerPrefix")?
            .map_or_else(String::new, |(_, text)| text.to_owned()),
        creates_lease_container: flag(node, TRIGGER, "createLeaseContainerIfNotExists")?,
        lease_throughput: count(node, TRIGGER, "leasesContainerThroughput")?,
        feed_poll_delay: interval(node, "feedPollDelay", 5_000)?,
        lease_acquire_interval: interval(node, "leaseAcquireInterval", 13_000)?,
        lease_expiration_interval: interval(node, "leaseExpirationInterval", 60_000)?,
        lease_renew_interval: interval(node, "leaseRenewInterval", 17_000)?,
        max_items: count(node, TRIGGER, "maxItemsPerInvocation")?,
        start: start(node)?,
        mode: mode(node)?,
        dead_letter_container: dead_letter(node, &container)?,
        checkpoints_on_failure: flag(node, TRIGGER, "checkpointOnFailure")?,
        lease_store: lease_store(node)?,
        connection: monitored,
        database,
        container,
    };
    check(node, &trigger)?;
    Ok(trigger)
}

/// Rules between properties, which also hold for a binding that does not run.
pub(in crate::binding) fn check(node: &Node<'_>, trigger: &CosmosTrigger) -> Result<(), FileError> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let is_same_connection = same(
        trigger.connection.as_deref().unwrap_or("CosmosDB"),
        trigger.lease_connection.as_deref().unwrap_or("CosmosDB"),
    );
    if trigger.lease_store == FeedLeaseStore::Container
        && is_same_connection
        && same(&trigger.database, &trigger.lease_database)
        && same(&trigger.container, &trigger.lease_container)
    {
        return Err(node.error(
            "has the monitored container as its lease container; give leaseContainerName another name, or set leaseStore to host",
        ));
    }
    if trigger.lease_renew_interval >= trigger.lease_expiration_interval {
        return Err(node.error(format_args!(
            "has a leaseRenewInterval of {} ms and a leaseExpirationInterval of {} ms; leases must be renewed before they expire",
            trigger.lease_renew_interval.as_millis(),
            trigger.lease_expiration_interval.as_millis(),
        )));
    }
    if trigger.dead_letter_container.is_some() && trigger.checkpoints_on_failure {
        return Err(node.error(
            "has deadLetterContainerName and checkpointOnFailure; one keeps what failed, the other skips it: take one out",
        ));
    }
    Ok(())
}

fn name_of(node: &Node<'_>, property: &str, default: Option<&str>) -> Result<String, FileError> {
    match (text(node, TRIGGER, property)?, default) {
        (Some((value, text)), _) => {
            checked(&value, text)?;
            Ok(text.to_owned())
        }
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(node.error(format_args!("has no \"{property}\""))),
    }
}

/// The containers that a trigger reads have one name for all times.
fn checked(value: &Node<'_>, text: &str) -> Result<(), FileError> {
    if text.contains(['{', '}']) {
        return Err(value.error(format_args!(
            "must be one name, not {}: a trigger's {{expr}} has nothing to take a value from; use %SETTING%",
            value.shown(text)
        )));
    }
    check_cosmos_name(text).map_err(|rule| value.error(format_args!("{rule}, not {}", value.shown(text))))
}

fn interval(node: &Node<'_>, property: &str, default_ms: u32) -> Result<Duration, FileError> {
    Ok(Duration::from_millis(u64::from(count(node, TRIGGER, property)?.unwrap_or(default_ms))))
}

fn dead_letter(node: &Node<'_>, monitored: &str) -> Result<Option<String>, FileError> {
    let Some((value, text)) = text(node, TRIGGER, "deadLetterContainerName")? else { return Ok(None) };
    checked(&value, text)?;
    if text == monitored {
        return Err(
            value.error("is the monitored container, which would be given its own failures again; name another")
        );
    }
    Ok(Some(text.to_owned()))
}

fn mode(node: &Node<'_>) -> Result<ChangeFeedMode, FileError> {
    let Some(value) = property(node, TRIGGER, "changeFeedMode")? else { return Ok(ChangeFeedMode::LatestVersion) };
    if value.one_of(super::known::FEED_MODES)? == "LatestVersion" {
        return Ok(ChangeFeedMode::LatestVersion);
    }
    for option in ["startFromBeginning", "startFromTime"] {
        let given = match node.get(option)? {
            Some(flag) if option == "startFromBeginning" => flag.boolean()?.then_some(flag),
            Some(time) => (!time.string()?.is_empty()).then_some(time),
            None => None,
        };
        if let Some(given) = given {
            return Err(given.error(
                "can't stand beside changeFeedMode AllVersionsAndDeletes, which begins with what changes from now on",
            ));
        }
    }
    Ok(ChangeFeedMode::AllVersionsAndDeletes)
}

fn lease_store(node: &Node<'_>) -> Result<FeedLeaseStore, FileError> {
    let Some(value) = node.get("leaseStore")? else { return Ok(FeedLeaseStore::Container) };
    Ok(match value.one_of(super::known::LEASE_STORES)? {
        "host" => FeedLeaseStore::Host,
        _ => FeedLeaseStore::Container,
    })
}

fn start(node: &Node<'_>) -> Result<ChangeFeedStart, FileError> {
    let from_beginning = flag(node, TRIGGER, "startFromBeginning")?;
    let Some((time, text)) = text(node, TRIGGER, "startFromTime")? else {
        return Ok(if from_beginning { ChangeFeedStart::Beginning } else { ChangeFeedStart::Now });
    };
    let Ok(moment) = text.parse::<jiff::Timestamp>() else {
        return Err(time
            .error(format_args!("must be a time in UTC such as \"2026-01-31T12:00:00Z\", not {}", time.shown(text))));
    };
    if from_beginning {
        return Err(time.error("can't stand beside startFromBeginning"));
    }
    Ok(ChangeFeedStart::Time(Timestamp::from_micros(moment.as_microsecond())))
}
