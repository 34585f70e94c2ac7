//! `extensions.queues`: what holds for all queue triggers and queue outputs of an app (reference: section 4.1).

use std::time::Duration;

use crate::json::{FileError, Node};
use crate::time_span::{self, UNBOUNDED};

/// How the bytes of a message stand in its text, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEncoding {
    /// As base64 (the default).
    Base64,
    /// As they are; they must be UTF-8.
    None,
}

impl MessageEncoding {
    /// The word of host.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::None => "none",
        }
    }
}

/// The settings of `extensions.queues`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuesOptions {
    /// `batchSize`: messages fetched at a time, 1 to 32. Default 16.
    pub batch_size: u32,
    /// `newBatchThreshold` where it is given; see [`QueuesOptions::new_batch_threshold`].
    pub given_threshold: Option<u32>,
    /// `maxPollingInterval` where it is given, at least 100 ms; see [`QueuesOptions::max_polling_interval`].
    pub given_interval: Option<Duration>,
    /// `visibilityTimeout`: how long a message whose function failed is out of sight, up to 7 days. Default none.
    pub visibility_timeout: Duration,
    /// `maxDequeueCount`: attempts before a message counts as poison, at least 1. Default 5.
    pub max_dequeue_count: u32,
    /// `messageEncoding`. Default base64.
    pub encoding: MessageEncoding,
}

impl Default for QueuesOptions {
    fn default() -> Self {
        Self {
            batch_size: 16,
            given_threshold: None,
            given_interval: None,
            visibility_timeout: Duration::ZERO,
            max_dequeue_count: 5,
            encoding: MessageEncoding::Base64,
        }
    }
}

impl QueuesOptions {
    /// `newBatchThreshold`: the next batch is fetched once this many messages or fewer are in work. Without a value in host.json it
    /// is half a batch for each core, as the original has it.
    pub fn new_batch_threshold(&self, cores: u32) -> u32 {
        self.given_threshold.unwrap_or_else(|| (self.batch_size / 2).saturating_mul(cores.max(1)))
    }

    /// `maxPollingInterval`: the longest pause between two looks into an empty queue of a service elsewhere. Without a value in
    /// host.json a minute, under `hearth start` two seconds.
    pub fn max_polling_interval(&self, development: bool) -> Duration {
        self.given_interval.unwrap_or(Duration::from_secs(if development { 2 } else { 60 }))
    }
}

pub(super) fn read(queues: &Node<'_>) -> Result<QueuesOptions, FileError> {
    let many = i32::MAX.unsigned_abs();
    let mut options = QueuesOptions::default();
    if let Some(size) = super::number(queues, "batchSize", 1, 32)? {
        options.batch_size = size;
    }
    options.given_threshold = super::number(queues, "newBatchThreshold", 0, many)?;
    if let Some(interval) = queues.get("maxPollingInterval")? {
        options.given_interval = Some(time_span::read(&interval, 100, UNBOUNDED)?);
    }
    if let Some(timeout) = queues.get("visibilityTimeout")? {
        options.visibility_timeout = time_span::read(&timeout, 0, 7 * 24 * 60 * 60 * 1000)?;
    }
    if let Some(count) = super::number(queues, "maxDequeueCount", 1, many)? {
        options.max_dequeue_count = count;
    }
    if let Some(encoding) = queues.get("messageEncoding")? {
        options.encoding = match encoding.one_of(&["base64", "none"])? {
            "none" => MessageEncoding::None,
            _ => MessageEncoding::Base64,
        };
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_json::HostJson;
    use crate::settings::Settings;

    fn options(queues: &str, settings: &Settings) -> Result<QueuesOptions, String> {
        let text = format!(r#"{{"version": "2.0", "extensions": {{"queues": {queues}}}}}"#);
        HostJson::parse(text.as_bytes(), settings).map(|host| host.queues).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_given_is_as_the_original_has_it() {
        let options = options("{}", &Settings::new()).unwrap();
        assert_eq!(options, QueuesOptions::default());
        assert_eq!((options.batch_size, options.max_dequeue_count, options.encoding.as_str()), (16, 5, "base64"));
        assert_eq!(
            (options.new_batch_threshold(1), options.new_batch_threshold(4), options.new_batch_threshold(0)),
            (8, 32, 8)
        );
        assert_eq!(options.max_polling_interval(false), Duration::from_secs(60));
        assert_eq!(options.max_polling_interval(true), Duration::from_secs(2));
        assert_eq!(options.visibility_timeout, Duration::ZERO);
    }

    #[test]
    fn everything_given_and_settings_put_over_it() {
        let settings: Settings = [("AzureFunctionsJobHost__extensions__queues__batchSize", "1")].into_iter().collect();
        let options = options(
            r#"{"batchSize": 32, "newBatchThreshold": 0, "maxPollingInterval": "00:00:00.1000000", "visibilityTimeout": "00:00:30",
                "maxDequeueCount": 1, "messageEncoding": "None"}"#,
            &settings,
        )
        .unwrap();
        assert_eq!((options.batch_size, options.new_batch_threshold(8), options.max_dequeue_count), (1, 0, 1));
        assert_eq!(options.max_polling_interval(true), Duration::from_millis(100));
        assert_eq!((options.visibility_timeout, options.encoding), (Duration::from_secs(30), MessageEncoding::None));
    }

    #[test]
    fn wrong_values_are_told_with_their_place() {
        for (queues, expected) in [
            (r#"{"batchSize": 33}"#, "extensions.queues.batchSize must be a whole number from 1 to 32, not 33"),
            (r#"{"batchSize": 0}"#, "batchSize must be a whole number from 1 to 32"),
            (r#"{"newBatchThreshold": -1}"#, "newBatchThreshold must be a whole number from 0"),
            (r#"{"maxPollingInterval": "00:00:00.05"}"#, "maxPollingInterval must be at least 100 ms"),
            (r#"{"maxPollingInterval": 2000}"#, "must be a time such as \"00:00:30\", not the number 2000"),
            (r#"{"visibilityTimeout": "8.00:00:00"}"#, "visibilityTimeout must be from 0 s to 604800 s"),
            (r#"{"maxDequeueCount": 0}"#, "maxDequeueCount must be a whole number from 1"),
            (r#"{"messageEncoding": "utf8"}"#, "messageEncoding must be one of base64, none, not \"utf8\""),
        ] {
            let error = options(queues, &Settings::new()).unwrap_err();
            assert!(error.starts_with("host.json:1:") && error.contains(expected), "{queues} gave {error}");
        }
    }
}
