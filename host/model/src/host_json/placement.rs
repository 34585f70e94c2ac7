//! `placement`: which workers an app runs on, and on how many. A section of Hearth's own.
//!
//! The scheduler reads it from the host.json it keeps of each package, with the app's settings of the moment put over it, by the
//! same code that workers index the package with.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{FILE_NAME, OVERRIDES, number};
use crate::json::{Document, FileError, Node};
use crate::settings::Settings;
use crate::time_span::{self, UNBOUNDED};

/// Keys of the section.
const KEYS: &[&str] =
    &["labels", "minWorkers", "maxWorkers", "spread", "targetConcurrency", "targetLatency", "idleUnload"];
/// Workers that an app may ask for.
const MOST_WORKERS: u32 = 1000;
/// Labels that an app may ask for.
const MOST_LABELS: usize = 32;
/// Longest name or value of a label in bytes.
const LONGEST_LABEL: usize = 128;

/// The `placement` section of host.json.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// `labels`: labels that a worker must have, each with this value. Default none.
    pub labels: BTreeMap<String, String>,
    /// `minWorkers`: workers that serve the app where there are that many, 1 to 1000; `None` leaves it to the host.
    pub min_workers: Option<u32>,
    /// `maxWorkers`: most workers that serve it however much it is called, 1 to 1000; `None` is as many as there are.
    pub max_workers: Option<u32>,
    /// `spread`: name of a label whose values the app's workers should differ in, for example `zone`.
    pub spread: Option<String>,
    /// `targetConcurrency`: invocations, running and waiting, that one worker is to have of the app before another worker is added, 1
    /// to 100,000; `None` leaves it to the host.
    pub target_concurrency: Option<u32>,
    /// `targetLatency`: mean time to an answer above which another worker is added, from 1 ms; `None` is no such bound.
    pub target_latency: Option<Duration>,
    /// `idleUnload`: how long nobody calls before a worker unloads the app's code.
    pub idle_unload: IdleUnload,
}

/// When the code of an app that nobody calls is unloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdleUnload {
    /// When the worker's own setting says.
    #[default]
    Unset,
    /// After this long without a call; at least a second.
    After(Duration),
    /// Never (`"-1"`).
    Never,
}

impl Placement {
    /// Reads the section of a host.json, with the app settings `AzureFunctionsJobHost__placement__…` put over it. Whatever else is
    /// wrong with the file is not this function's business.
    pub fn parse(host_json: &[u8], settings: &Settings) -> Result<Self, FileError> {
        let document = Document::parse(FILE_NAME, host_json)?.configure(OVERRIDES, settings)?;
        Ok(document.root().get("placement")?.map(|node| read(&node)).transpose()?.unwrap_or_default())
    }

    /// Whether a setting of this name can change what [`Placement::parse`] answers.
    pub fn is_changed_by(setting: &str) -> bool {
        crate::settings::compared(setting).starts_with("azurefunctionsjobhost:placement")
    }

    /// The first label that a worker with these labels lacks, with the value asked for.
    pub fn lacking<'a>(&'a self, labels: &BTreeMap<String, String>) -> Option<(&'a str, &'a str)> {
        let lacks = |(name, value): &(&'a String, &'a String)| labels.get(*name) != Some(*value);
        self.labels.iter().find(lacks).map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

pub(super) fn read(node: &Node<'_>) -> Result<Placement, FileError> {
    let mut placement = Placement {
        min_workers: number(node, "minWorkers", 1, MOST_WORKERS)?,
        max_workers: number(node, "maxWorkers", 1, MOST_WORKERS)?,
        target_concurrency: number(node, "targetConcurrency", 1, 100_000)?,
        ..Placement::default()
    };
    if let (Some(least), Some(most)) = (placement.min_workers, placement.max_workers)
        && least > most
        && let Some(value) = node.get("minWorkers")?
    {
        return Err(value.error(format_args!("must not be greater than maxWorkers, which is {most}, not {least}")));
    }
    if let Some(labels) = node.get("labels")? {
        for (name, value) in labels.entries()? {
            let text = value.scalar_text()?;
            check_label(&value, &name)?;
            check_label(&value, &text)?;
            placement.labels.insert(name, text);
        }
        if placement.labels.len() > MOST_LABELS {
            return Err(labels.error(format_args!("must not have more than {MOST_LABELS} labels")));
        }
    }
    if let Some(spread) = node.get("spread")? {
        let name = spread.string()?.to_owned();
        check_label(&spread, &name)?;
        placement.spread = Some(name);
    }
    if let Some(latency) = node.get("targetLatency")? {
        placement.target_latency = Some(time_span::read(&latency, 1, UNBOUNDED)?);
    }
    if let Some(idle) = node.get("idleUnload")? {
        placement.idle_unload = match idle.scalar_text()?.trim() {
            "-1" => IdleUnload::Never,
            _ => IdleUnload::After(time_span::read(&idle, 1000, UNBOUNDED)?),
        };
    }
    Ok(placement)
}

/// Keys of the section that mean nothing: likely misspelt.
pub(super) fn unknown(node: &Node<'_>) -> Result<Vec<String>, FileError> {
    let known = |key: &str| KEYS.iter().any(|known| known.eq_ignore_ascii_case(key));
    let unknown = node.entries()?.into_iter().map(|(key, _)| key).filter(|key| !known(key));
    Ok(unknown
        .map(|key| format!("host.json: \"placement.{key:.128}\" has no effect; the keys there are {}", KEYS.join(", ")))
        .collect())
}

fn check_label(node: &Node<'_>, text: &str) -> Result<(), FileError> {
    let rule =
        || format!("names and values of labels have 1 to {LONGEST_LABEL} bytes, without '=', ',' or spaces around");
    let fits = !text.is_empty() && text.len() <= LONGEST_LABEL && text.trim() == text;
    if fits && !text.contains([',', '=']) && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(node.error(format_args!("{} is not a label: {}", node.shown(text), rule())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, settings: &[(&str, &str)]) -> Result<Placement, String> {
        let settings: Settings = settings.iter().copied().collect();
        Placement::parse(text.as_bytes(), &settings).map_err(|error| error.to_string())
    }

    const FILE: &str = r#"{
        "version": "2.0",
        "placement": { "labels": { "gpu": true, "zone": "a" }, "minWorkers": 1, "maxWorkers": 4, "spread": "rack",
            "targetConcurrency": 20, "targetLatency": "00:00:00.5", "idleUnload": "00:20:00" }
    }"#;

    #[test]
    fn every_key_is_read() {
        let placement = parse(FILE, &[]).unwrap();
        assert_eq!(placement.labels.iter().collect::<Vec<_>>().len(), 2);
        assert_eq!(placement.labels["gpu"], "true");
        assert_eq!((placement.min_workers, placement.max_workers), (Some(1), Some(4)));
        assert_eq!((placement.spread.as_deref(), placement.target_concurrency), (Some("rack"), Some(20)));
        assert_eq!(placement.target_latency, Some(Duration::from_millis(500)));
        assert_eq!(placement.idle_unload, IdleUnload::After(Duration::from_secs(1200)));
        assert_eq!(parse(r#"{"version":"2.0"}"#, &[]).unwrap(), Placement::default());
    }

    #[test]
    fn settings_count_before_the_file_and_are_named_when_they_are_wrong() {
        let placement = parse(
            FILE,
            &[
                ("AzureFunctionsJobHost__placement__labels__gpu", "false"),
                ("AzureFunctionsJobHost:Placement:maxWorkers", "9"),
                ("AzureFunctionsJobHost__placement__idleUnload", "-1"),
                ("AzureFunctionsJobHost__functionTimeout", "wrong, and no business of placement"),
            ],
        )
        .unwrap();
        assert_eq!((placement.labels["gpu"].as_str(), placement.max_workers), ("false", Some(9)));
        assert_eq!((placement.labels["zone"].as_str(), placement.idle_unload), ("a", IdleUnload::Never));

        let name = "AzureFunctionsJobHost__placement__maxWorkers";
        let error = parse(FILE, &[(name, "many")]).unwrap_err();
        assert!(error.contains(name), "{error}");
        assert!(Placement::is_changed_by(name) && Placement::is_changed_by("azurefunctionsjobhost:PLACEMENT:spread"));
        assert!(!Placement::is_changed_by("AzureFunctionsJobHost__logging__logLevel__default"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (section, said) in [
            (r#"{"minWorkers": 0}"#, "1"),
            (r#"{"minWorkers": 5, "maxWorkers": 2}"#, "maxWorkers, which is 2"),
            (r#"{"labels": {"": "x"}}"#, "label"),
            (r#"{"labels": {"a": "b=c"}}"#, "label"),
            (r#"{"spread": " zone"}"#, "label"),
            (r#"{"targetLatency": "soon"}"#, "time"),
            (r#"{"idleUnload": "00:00:00"}"#, "at least 1 s"),
        ] {
            let error = parse(&format!("{{\"version\": \"2.0\",\n \"placement\": {section}}}"), &[]).unwrap_err();
            assert!(error.contains(said) && error.contains("host.json") && error.contains('2'), "{section}: {error}");
        }
    }

    #[test]
    fn a_worker_is_told_by_the_label_it_lacks() {
        let placement = parse(FILE, &[]).unwrap();
        let labels = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(placement.lacking(&labels(&[("gpu", "true"), ("zone", "a"), ("more", "x")])), None);
        assert_eq!(placement.lacking(&labels(&[("gpu", "true"), ("zone", "b")])), Some(("zone", "a")));
    }
}
