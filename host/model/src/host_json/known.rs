//! The keys of host.json that Hearth knows but does not act upon yet: their types and ranges are checked all the same, so
//! that a misspelt value is found at publishing and not when the key begins to count.

use crate::json::{FileError, Node, shortened};

enum Kind {
    Flag,
    Text,
    Object,
    Texts,
    Integer(i64, i64),
    /// A duration between two bounds in seconds.
    Span(i64, i64),
    OneOf(&'static [&'static str]),
}

use Kind::{Flag, Integer, Object, OneOf, Span, Text, Texts};

const NEVER: i64 = 100_000 * 24 * 60 * 60;

const KNOWN: &[(&[&str], Kind)] = &[
    (&["sendCanceledInvocationsToWorker"], Flag),
    (&["telemetryMode"], OneOf(&["ApplicationInsights", "OpenTelemetry"])),
    (&["watchDirectories"], Texts),
    (&["watchFiles"], Texts),
    (&["extensionBundle", "id"], Text),
    (&["extensionBundle", "version"], Text),
    (&["customHandler"], Object),
    (&["singleton", "lockPeriod"], Span(15, 60)),
    (&["singleton", "listenerLockPeriod"], Span(15, 60)),
    (&["singleton", "listenerLockRecoveryPollingInterval"], Span(15, NEVER)),
    (&["aggregator", "batchSize"], Integer(1, 10_000)),
    (&["aggregator", "flushTimeout"], Span(1, 300)),
    (&["healthMonitor", "enabled"], Flag),
    (&["healthMonitor", "healthCheckInterval"], Span(1, NEVER)),
    (&["healthMonitor", "healthCheckWindow"], Span(1, NEVER)),
    (&["healthMonitor", "healthCheckThreshold"], Integer(1, 10_000)),
    (&["concurrency", "dynamicConcurrencyEnabled"], Flag),
    (&["concurrency", "snapshotPersistenceEnabled"], Flag),
    (&["concurrency", "maximumFunctionConcurrency"], Integer(1, 1_000_000)),
    (&["logging", "fileLoggingMode"], OneOf(&["never", "always", "debugOnly"])),
    (&["logging", "console", "isEnabled"], Flag),
    (&["extensions", "http", "dynamicThrottlesEnabled"], Flag),
    (&["extensions", "http", "enableChunkedRequestBinding"], Flag),
    (&["extensions", "http", "hsts", "isEnabled"], Flag),
    (&["extensions", "http", "hsts", "includeSubDomains"], Flag),
    (&["extensions", "http", "hsts", "preload"], Flag),
    (&["extensions", "http", "hsts", "excludedHosts"], Texts),
    (&["extensions", "queues", "batchSize"], Integer(1, 32)),
    (&["extensions", "queues", "newBatchThreshold"], Integer(0, 1_000_000)),
    (&["extensions", "queues", "maxDequeueCount"], Integer(1, 1_000_000)),
    (&["extensions", "queues", "visibilityTimeout"], Span(0, 7 * 24 * 60 * 60)),
    (&["extensions", "queues", "messageEncoding"], OneOf(&["base64", "none"])),
];

pub(super) fn check(root: &Node<'_>) -> Result<(), FileError> {
    for (path, kind) in KNOWN {
        if let Some(node) = root.at(path)? {
            check_one(&node, kind)?;
        }
    }
    Ok(())
}

fn check_one(node: &Node<'_>, kind: &Kind) -> Result<(), FileError> {
    match kind {
        Flag => node.boolean().map(drop),
        Text => node.string().map(drop),
        Object => node.expect_object(),
        Texts => node.elements()?.iter().try_for_each(|element| element.string().map(drop)),
        Integer(least, greatest) => node.integer(*least, *greatest).map(drop),
        OneOf(values) => {
            let text = node.string()?;
            if values.iter().any(|value| value.eq_ignore_ascii_case(text)) {
                return Ok(());
            }
            Err(node.error(format_args!("must be one of {}, not \"{}\"", values.join(", "), shortened(text))))
        }
        Span(least, greatest) => {
            let text = node.string()?;
            match crate::time_span::parse_micros(text) {
                Some(micros) if (least * 1_000_000..=greatest * 1_000_000).contains(&micros) => Ok(()),
                Some(_) if *greatest == NEVER => Err(node.error(format_args!("must be at least {least} s"))),
                Some(_) => Err(node.error(format_args!("must be from {least} s to {greatest} s, not \"{text}\""))),
                None => {
                    Err(node.error(format_args!("must be a time such as \"00:00:30\", not \"{}\"", shortened(text))))
                }
            }
        }
    }
}
