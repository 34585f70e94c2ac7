//! All keys of host.json. Those that Hearth does not act upon yet are checked here all the same, so that a misspelt value is
//! found at publishing and not when the key begins to count.

use crate::json::{FileError, Node};
use crate::time_span::{self, UNBOUNDED};

pub(super) enum Kind {
    /// Whatever it holds; also for what is read elsewhere.
    Any,
    Flag,
    Text,
    Object,
    Texts,
    Integer(i64, i64),
    Number(f64, f64),
    /// A duration between two bounds in milliseconds.
    Span(i64, i64),
    /// A duration of at least one millisecond, or -1 ms for no limit.
    SpanOrInfinite,
    OneOf(&'static [&'static str]),
}

use Kind::{Any, Flag, Integer, Number, Object, OneOf, Span, SpanOrInfinite, Text, Texts};

const MANY: i64 = i32::MAX as i64;

/// All keys, by path.
pub(super) const KNOWN: &[(&str, Kind)] = &[
    // Read into `HostJson`, which checks them.
    ("version", Any),
    ("functionTimeout", Any),
    ("functions", Any),
    ("retry", Any),
    ("logging.logLevel", Any),
    ("extensions.http.routePrefix", Any),
    ("extensions.http.maxConcurrentRequests", Any),
    ("extensions.http.maxOutstandingRequests", Any),
    ("extensions.http.customHeaders", Any),
    ("extensions.http.hsts", Any),
    ("extensions.queues.batchSize", Any),
    ("extensions.queues.maxDequeueCount", Any),
    ("extensions.queues.maxPollingInterval", Any),
    ("extensions.queues.messageEncoding", Any),
    ("extensions.queues.newBatchThreshold", Any),
    ("extensions.queues.visibilityTimeout", Any),
    ("extensionBundle.id", Any),
    ("extensionBundle.version", Any),
    ("wasm.instanceReuse", Any),
    ("wasm.memoryLimitMiB", Any),
    ("placement.idleUnload", Any),
    ("placement.labels", Any),
    ("placement.maxWorkers", Any),
    ("placement.minWorkers", Any),
    ("placement.spread", Any),
    ("placement.targetConcurrency", Any),
    ("placement.targetLatency", Any),
    // Checked only.
    ("aggregator.batchSize", Integer(1, 10_000)),
    ("aggregator.flushTimeout", Span(1, 300_000)),
    ("concurrency.cpuThreshold", Number(0.0, 1.0)),
    ("concurrency.dynamicConcurrencyEnabled", Flag),
    ("concurrency.maximumFunctionConcurrency", Integer(1, MANY)),
    ("concurrency.memoryThreshold", Number(0.0, 1.0)),
    ("concurrency.snapshotPersistenceEnabled", Flag),
    ("concurrency.totalAvailableMemoryBytes", Integer(-1, i64::MAX)),
    ("customHandler", Object),
    ("customHandler.description", Object),
    ("customHandler.description.arguments", Texts),
    ("customHandler.description.defaultExecutablePath", Text),
    ("customHandler.description.defaultWorkerPath", Text),
    ("customHandler.description.workingDirectory", Text),
    ("customHandler.enableForwardingHttpRequest", Flag),
    ("customHandler.enableProxyingHttpRequest", Flag),
    ("extensionBundle", Object),
    ("extensions.cosmosDB.connectionMode", OneOf(&["Gateway", "Direct"])),
    ("extensions.cosmosDB.leaseOptions.leasePrefix", Text),
    ("extensions.cosmosDB.protocol", OneOf(&["Https", "Tcp"])),
    ("extensions.cosmosDB.userAgentSuffix", Text),
    ("extensions.http.dynamicThrottlesEnabled", Flag),
    ("extensions.http.enableChunkedRequestBinding", Flag),
    ("healthMonitor.counterThreshold", Number(0.0, 1.0)),
    ("healthMonitor.enabled", Flag),
    ("healthMonitor.healthCheckInterval", Span(1000, UNBOUNDED)),
    ("healthMonitor.healthCheckThreshold", Integer(1, MANY)),
    ("healthMonitor.healthCheckWindow", Span(1000, UNBOUNDED)),
    ("httpWorker", Object),
    ("httpWorker.description", Object),
    ("httpWorker.description.arguments", Texts),
    ("httpWorker.description.defaultExecutablePath", Text),
    ("httpWorker.description.defaultWorkerPath", Text),
    ("logging.applicationInsights.enableDependencyTracking", Flag),
    ("logging.applicationInsights.enableLiveMetrics", Flag),
    ("logging.applicationInsights.enablePerformanceCountersCollection", Flag),
    ("logging.applicationInsights.samplingSettings.evaluationInterval", Span(1, UNBOUNDED)),
    ("logging.applicationInsights.samplingSettings.excludedTypes", Text),
    ("logging.applicationInsights.samplingSettings.includedTypes", Text),
    ("logging.applicationInsights.samplingSettings.initialSamplingPercentage", Number(0.0, 100.0)),
    ("logging.applicationInsights.samplingSettings.isEnabled", Flag),
    ("logging.applicationInsights.samplingSettings.maxSamplingPercentage", Number(0.0, 100.0)),
    ("logging.applicationInsights.samplingSettings.maxTelemetryItemsPerSecond", Number(0.0, 1e9)),
    ("logging.applicationInsights.samplingSettings.minSamplingPercentage", Number(0.0, 100.0)),
    ("logging.applicationInsights.samplingSettings.movingAverageRatio", Number(0.0, 1.0)),
    ("logging.applicationInsights.samplingSettings.samplingPercentageDecreaseTimeout", Span(0, UNBOUNDED)),
    ("logging.applicationInsights.samplingSettings.samplingPercentageIncreaseTimeout", Span(0, UNBOUNDED)),
    ("logging.console.isEnabled", Flag),
    ("logging.fileLoggingMode", OneOf(&["never", "always", "debugOnly"])),
    ("managedDependency.enabled", Flag),
    ("sendCanceledInvocationsToWorker", Flag),
    ("singleton.listenerLockPeriod", Span(15_000, 60_000)),
    ("singleton.listenerLockRecoveryPollingInterval", Span(15_000, UNBOUNDED)),
    ("singleton.lockAcquisitionPollingInterval", Span(500, UNBOUNDED)),
    ("singleton.lockAcquisitionTimeout", SpanOrInfinite),
    ("singleton.lockPeriod", Span(15_000, 60_000)),
    ("telemetryMode", OneOf(&["ApplicationInsights", "OpenTelemetry"])),
    ("watchDirectories", Texts),
    ("watchFiles", Texts),
    // Of extensions whose settings are not known here, and of libraries behind the original's logging.
    ("extensions.blobs", Any),
    ("extensions.durableTask", Any),
    ("extensions.eventHubs", Any),
    ("extensions.kafka", Any),
    ("extensions.rabbitMQ", Any),
    ("extensions.sendGrid", Any),
    ("extensions.serviceBus", Any),
    ("extensions.signalR", Any),
    ("extensions.warmup", Any),
    ("logging.applicationInsights", Any),
    ("logging.console", Any),
];

/// Checks every key that nothing else reads.
pub(super) fn check(root: &Node<'_>) -> Result<(), FileError> {
    for (path, kind) in KNOWN {
        let path: Vec<&str> = path.split('.').collect();
        if let Some(node) = root.at(&path)? {
            check_one(&node, kind)?;
        }
    }
    Ok(())
}

/// Whether a key, or one above it, is known.
pub(super) fn is_known(keys: &[&str]) -> bool {
    KNOWN.iter().any(|(path, kind)| {
        let mut known = path.split('.');
        let deeper = !matches!(kind, Object);
        keys.iter().all(|key| known.next().map_or(deeper, |known| known.eq_ignore_ascii_case(key)))
            && known.next().is_none()
    })
}

fn check_one(node: &Node<'_>, kind: &Kind) -> Result<(), FileError> {
    match kind {
        Any => Ok(()),
        Flag => node.boolean().map(drop),
        Text => node.string().map(drop),
        Object => node.expect_object(),
        Texts => node.elements()?.iter().try_for_each(|element| element.string().map(drop)),
        Integer(least, greatest) => node.integer(*least, *greatest).map(drop),
        Number(least, greatest) => node.number(*least, *greatest).map(drop),
        OneOf(words) => node.one_of(words).map(drop),
        Span(least, greatest) => time_span::read(node, *least, *greatest).map(drop),
        SpanOrInfinite => match node.string().ok().and_then(time_span::parse_micros) {
            Some(-1000) => Ok(()),
            _ => time_span::read(node, 1, UNBOUNDED).map(drop),
        },
    }
}
