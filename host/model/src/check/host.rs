//! What of host.json has no effect here, and why.

use super::report::Finding;
use crate::host_json;
use crate::json::Document;
use crate::package::{PackageError, PackageFiles};

/// Path of a key, and what is said about it.
const WITHOUT_EFFECT: &[(&[&str], &str)] = &[
    (&["extensionBundle"], "bindings are built in, so nothing is downloaded; it may stay for other tools"),
    (&["aggregator"], "metrics are not aggregated for Azure"),
    (&["concurrency"], "concurrency is not adapted; the limits are those of the worker and extensions.http"),
    (&["extensions", "http", "dynamicThrottlesEnabled"], "requests are limited by maxOutstandingRequests alone"),
    (&["extensions", "http", "enableChunkedRequestBinding"], "chunked bodies are always read"),
    (&["extensions", "blobs"], "there is no blob binding in this version"),
    (&["extensions", "cosmosDB", "connectionMode"], "accounts elsewhere are always asked in gateway mode"),
    (&["extensions", "cosmosDB", "protocol"], "accounts elsewhere are always asked in gateway mode"),
    (&["extensions", "cosmosDB", "userAgentSuffix"], "requests name Hearth alone"),
    (&["extensions", "cosmosDB", "leaseOptions"], "each trigger has its own leaseContainerPrefix"),
    (&["extensions", "durableTask"], "there are no Durable Functions in this version"),
    (&["extensions", "eventHubs"], "there is no Event Hubs binding in this version"),
    (&["extensions", "serviceBus"], "there is no Service Bus binding in this version"),
    (&["extensions", "signalR"], "there is no SignalR binding in this version"),
    (&["healthMonitor"], "the supervisor watches the workers itself"),
    (&["httpWorker"], "no executable of the package is run"),
    (&["logging", "applicationInsights"], "nothing is sent to Application Insights"),
    (&["logging", "fileLoggingMode"], "logs go to the worker's log and to who watches the app"),
    (&["managedDependency"], "it is of PowerShell, which does not run here"),
    (&["singleton"], "there are no listener locks in this version"),
    (&["telemetryMode"], "no telemetry is sent"),
    (&["watchDirectories"], "a package never changes; publish again"),
    (&["watchFiles"], "a package never changes; publish again"),
];

/// A note for each key that is there and does nothing.
pub(super) fn findings<P: PackageFiles + ?Sized>(package: &mut P) -> Result<Vec<Finding>, PackageError> {
    let file = package.files().keys().find(|path| path.eq_ignore_ascii_case(host_json::FILE_NAME)).cloned();
    let Some(file) = file else { return Ok(Vec::new()) };
    let bytes = package.read(&file)?;
    // What is wrong with the file has been told as the reason why the package is refused.
    let Ok(document) = Document::parse(&file, &bytes) else { return Ok(Vec::new()) };
    let root = document.root();
    let there = |path: &[&str]| root.at(path).is_ok_and(|node| node.is_some());
    Ok(WITHOUT_EFFECT
        .iter()
        .filter(|(path, _)| there(path))
        .map(|(path, why)| Finding::note(format!("host.json: \"{}\" has no effect: {why}", path.join("."))))
        .collect())
}
