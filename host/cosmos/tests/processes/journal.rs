//! What processes wrote down, and what follows from it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use hearth_model::clock::Timestamp;

/// The files that processes write.
pub(crate) struct Journals {
    directory: tempfile::TempDir,
    /// When processes were killed.
    ended: Mutex<BTreeMap<String, Timestamp>>,
}

#[derive(Clone, Debug)]
struct Line {
    at: Timestamp,
    process: String,
    what: String,
}

impl Journals {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), ended: Mutex::default() }
    }

    pub(crate) fn path(&self, process: &str) -> PathBuf {
        self.directory.path().join(process)
    }

    pub(crate) fn ended(&self, process: &str, at: Timestamp) {
        self.ended.lock().unwrap().insert(process.to_owned(), at);
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for entry in std::fs::read_dir(self.directory.path()).unwrap() {
            let entry = entry.unwrap();
            let process = entry.file_name().into_string().unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            // One that is being written is read next time.
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            lines.extend(whole.lines().map(|line| {
                let (at, what) = line.split_once(' ').unwrap();
                let at = Timestamp::from_micros(at.parse().unwrap());
                Line { at, process: process.clone(), what: what.to_owned() }
            }));
        }
        let ended = self.ended.lock().unwrap();
        let ended = ended.iter().map(|(process, at)| (at, process.clone(), "killed".to_owned()));
        lines.extend(ended.map(|(at, process, what)| Line { at: *at, process, what }));
        // Stable: what a process wrote stays in its order.
        lines.sort_by_key(|line| line.at);
        lines
    }

    /// What follows from all lines so far.
    pub(crate) fn read(&self) -> History {
        let mut history = History::default();
        for line in self.lines() {
            history.add(&line);
        }
        history
    }

    /// The last lines, for people.
    pub(crate) fn shown(&self) -> String {
        let lines = self.lines();
        let last = lines.iter().filter(|line| !line.what.starts_with("handled"));
        let shown = |line: &Line| format!("{} {} {}\n", line.at, line.process, line.what);
        let mut last = last.map(shown).collect::<Vec<_>>();
        last.drain(..last.len().saturating_sub(200));
        last.concat()
    }
}

/// What happened.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// How many of the first changes of each key were handled.
    keys: BTreeMap<u64, u64>,
    deliveries: u64,
    /// By token, who has it since when.
    owners: BTreeMap<String, BTreeMap<String, Timestamp>>,
    longest_overlap: Duration,
    faults: Vec<String>,
}

impl History {
    fn add(&mut self, line: &Line) {
        let Line { at, process, what } = line;
        let mut words = what.split(' ');
        match (words.next().unwrap(), words.next()) {
            ("handled", Some(_)) => words.for_each(|item| self.handled(line, item)),
            ("acquired", Some(token)) => {
                if self.owners.entry(token.to_owned()).or_default().insert(process.clone(), *at).is_some() {
                    self.faults.push(format!("{at}: {process} acquired {token} twice"));
                }
            }
            ("released", Some(token)) => self.released(line, Some(token)),
            ("killed", None) => self.released(line, None),
            ("failed", Some(_)) => {}
            _ => panic!("{line:?}"),
        }
    }

    fn handled(&mut self, line: &Line, item: &str) {
        let (key, sequence) = item.split_once('-').unwrap();
        let (key, sequence) = (key.parse::<u64>().unwrap(), sequence.parse::<u64>().unwrap());
        self.deliveries += 1;
        let next = self.keys.entry(key).or_default();
        if sequence > *next {
            self.faults.push(format!("{}: {} handled {item} before {key}-{next}", line.at, line.process));
        }
        *next = (sequence + 1).max(*next);
    }

    fn released(&mut self, line: &Line, token: Option<&str>) {
        for (_, owners) in self.owners.iter_mut().filter(|(of, _)| token.is_none_or(|token| token == of.as_str())) {
            let Some(since) = owners.remove(&line.process) else { continue };
            for other in owners.values() {
                self.longest_overlap = line.at.since(since.max(*other)).max(self.longest_overlap);
            }
        }
    }

    /// How many leases each of these has.
    pub(crate) fn shares(&self, processes: &[&str]) -> Vec<usize> {
        let has = |process: &str| self.owners.values().filter(|owners| owners.contains_key(process)).count();
        processes.iter().map(|process| has(process)).collect()
    }

    /// How many changes were handled.
    pub(crate) fn handled_changes(&self) -> u64 {
        self.keys.values().sum()
    }

    pub(crate) fn deliveries(&self) -> u64 {
        self.deliveries
    }

    pub(crate) fn longest_overlap(&self) -> Duration {
        self.longest_overlap
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.clone()
    }
}
