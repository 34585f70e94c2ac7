//! Several requests under way at once, with everything of one partition key in one lane, where one request follows the other.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use hearth_state::documents::ItemKey;
use serde::Deserialize;
use tokio::task::JoinHandle;

use super::batch::Line;
use crate::client::{Call, Documents};
use crate::command::documents::target::ContainerName;
use crate::exit::Failure;

/// Most operations of a request (reference: Cosmos DB, section 7.1).
const MAX_OPERATIONS: usize = 100;
/// A request is sent when it has so many bytes.
const FULL_BYTES: usize = 512 * 1024;
/// No line is added by which a request of several would have more than this; the store takes 2 MiB.
const MOST_BYTES: usize = 3 << 19;
/// Requests under way for each range.
const LANES: usize = 8;
/// Times that operations are sent again which the store put off.
const TURNS: u32 = 20;

/// See the module's documentation.
pub(super) struct Lanes {
    sender: Arc<Sender>,
    lanes: Vec<Lane>,
    ranges: Vec<String>,
    written: u64,
    refused: Vec<(u64, String)>,
}

/// What is gathered, and what is under way.
#[derive(Default)]
struct Lane {
    lines: Vec<Line>,
    items: HashSet<ItemKey>,
    bytes: usize,
    under_way: Option<JoinHandle<Result<Outcome, Failure>>>,
}

/// What became of a request.
#[derive(Debug, Default)]
struct Outcome {
    written: u64,
    refused: Vec<(u64, String)>,
}

impl Lanes {
    pub(super) fn new(
        store: Arc<Documents>,
        container: ContainerName,
        operation: &'static str,
        ranges: Vec<String>,
    ) -> Self {
        let lanes = (0..ranges.len() * LANES).map(|_| Lane::default()).collect();
        let sender = Arc::new(Sender { store, container, operation });
        Self { sender, lanes, ranges, written: 0, refused: Vec::new() }
    }

    /// Items that are in the container.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Lines that were refused since the last time.
    pub(super) fn take_refused(&mut self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.refused)
    }

    /// Takes a line on; waits while its lane has enough to do.
    pub(super) async fn add(&mut self, line: Line) -> Result<(), Failure> {
        let place = line.range * LANES + usize::from(line.spread) % LANES;
        let Some(lane) = self.lanes.get_mut(place) else { return Ok(()) };
        // Operations of one request are independent of each other.
        if lane.items.contains(&line.key) || (lane.bytes > 0 && lane.bytes + line.size() > MOST_BYTES) {
            self.send(place).await?;
        }
        let Some(lane) = self.lanes.get_mut(place) else { return Ok(()) };
        lane.items.insert(line.key);
        lane.bytes += line.size();
        lane.lines.push(line);
        if lane.lines.len() >= MAX_OPERATIONS || lane.bytes >= FULL_BYTES {
            self.send(place).await?;
        }
        Ok(())
    }

    /// Sends what is left and waits for all of it.
    pub(super) async fn finish(&mut self) -> Result<(), Failure> {
        for place in 0..self.lanes.len() {
            self.send(place).await?;
        }
        for place in 0..self.lanes.len() {
            self.settle(place).await?;
        }
        Ok(())
    }

    async fn send(&mut self, place: usize) -> Result<(), Failure> {
        self.settle(place).await?;
        let (Some(lane), Some(range)) = (self.lanes.get_mut(place), self.ranges.get(place / LANES)) else {
            return Ok(());
        };
        let lines = std::mem::take(&mut lane.lines);
        lane.items.clear();
        lane.bytes = 0;
        if !lines.is_empty() {
            let (sender, range) = (self.sender.clone(), range.clone());
            lane.under_way = Some(tokio::spawn(async move { sender.send(&range, lines).await }));
        }
        Ok(())
    }

    async fn settle(&mut self, place: usize) -> Result<(), Failure> {
        let Some(under_way) = self.lanes.get_mut(place).and_then(|lane| lane.under_way.take()) else { return Ok(()) };
        let outcome = under_way.await.map_err(Failure::general)??;
        self.written += outcome.written;
        self.refused.extend(outcome.refused);
        Ok(())
    }
}

/// What lanes have in common.
struct Sender {
    store: Arc<Documents>,
    container: ContainerName,
    operation: &'static str,
}

/// What became of an operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperationResult {
    status_code: u16,
    #[serde(default)]
    sub_status_code: u32,
    #[serde(default)]
    retry_after_milliseconds: Option<u64>,
    #[serde(default)]
    message: Option<String>,
}

impl Sender {
    async fn send(&self, range: &str, mut lines: Vec<Line>) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        for turn in 1..=TURNS {
            let results = self.once(range, &lines).await?;
            let (mut again, mut pause) = (Vec::new(), 0);
            for (line, result) in lines.into_iter().zip(results) {
                match result.status_code {
                    200 | 201 => outcome.written += 1,
                    429 | 449 if turn < TURNS => {
                        pause = pause.max(result.retry_after_milliseconds.unwrap_or(100));
                        again.push(line);
                    }
                    _ => outcome.refused.push((line.number, reason(&result))),
                }
            }
            if again.is_empty() {
                break;
            }
            lines = again;
            tokio::time::sleep(std::time::Duration::from_millis(pause.min(5_000))).await;
        }
        Ok(outcome)
    }

    async fn once(&self, range: &str, lines: &[Line]) -> Result<Vec<OperationResult>, Failure> {
        let mut body = String::with_capacity(lines.iter().map(Line::size).sum());
        for (place, line) in lines.iter().enumerate() {
            body.push(if place == 0 { '[' } else { ',' });
            line.write(self.operation, &mut body);
        }
        body.push(']');
        let mut call = Call::create("docs", &self.container.link(), Bytes::from(body))
            .header("x-ms-cosmos-is-batch-request", "True")
            .header("x-ms-cosmos-batch-atomic", "False")
            .header("x-ms-cosmos-batch-continue-on-error", "True")
            .header("x-ms-documentdb-partitionkeyrangeid", range)
            .header("prefer", "return=minimal");
        if self.operation == "Upsert" {
            call = call.repeatable();
        }
        let answer = self.store.send(&call).await?;
        // One line that is too large for the store is its own affair.
        if let ([_], 413) = (lines, answer.status.as_u16()) {
            return Ok(vec![OperationResult {
                status_code: 413,
                sub_status_code: 0,
                retry_after_milliseconds: None,
                message: None,
            }]);
        }
        self.store.accept(&answer)?;
        let results: Vec<OperationResult> = serde_json::from_slice(&answer.body).map_err(|error| {
            Failure::general(format_args!("the answer of the document store is not understood: {error}"))
        })?;
        if results.len() != lines.len() {
            return Err(Failure::general("the document store answered another number of operations than it was asked"));
        }
        Ok(results)
    }
}

/// Why an operation was refused, in one line.
fn reason(result: &OperationResult) -> String {
    let what = match result.status_code {
        400 if result.sub_status_code == 1001 => "its partition key is not the one of its container",
        400 => "the store takes no such item",
        403 => "the account may not hold or write it",
        409 if result.sub_status_code == 3301 => "a value that must be unique is taken",
        409 => "an item with its id and partition key is there already",
        413 => "it is larger than 2 MiB",
        429 => "the container's budget was exhausted too long",
        _ => "it was refused",
    };
    match result.message.as_deref().and_then(|message| message.lines().next()) {
        Some(message) => format!("{} {message}", result.status_code),
        None => format!("{} {what}", result.status_code),
    }
}
