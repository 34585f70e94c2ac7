//! `hearth documents import`: lines of JSON become items, many in one request.
//!
//! Lines with one partition key are written in their order, so that of two with one id the later one stays. Each refused line is told by its
//! number; the first one ends the import, unless it is to go on.

mod batch;
mod lanes;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use hearth_documents::protocol::partition_key::PartitionKeyDefinition;
use serde::Deserialize;

use super::StoreSettings;
use super::target::ContainerName;
use crate::client::{Call, Documents};
use crate::exit::{Failure, Kind};
use crate::output;
use batch::{Layout, Line, Range};
use lanes::Lanes;

/// A longer line is no item that the store takes.
const LONGEST_LINE: u64 = 4 << 20;
/// Refused lines that are told one by one.
const TOLD: u64 = 100;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The container
    #[arg(value_name = "DATABASE/CONTAINER")]
    container: ContainerName,
    /// File with one item in each line; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What becomes of an item whose id is there already
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Existing::Replace)]
    existing: Existing,
    /// Go on after lines that are refused
    #[arg(long)]
    keep_going: bool,
    /// Line to begin with, to go on with a file
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from_line: u64,
    /// Make database and container where they are missing, with this partition key, such as /customer
    #[arg(long, value_name = "PATH")]
    create: Option<String>,
    #[command(flatten)]
    store: StoreSettings,
}

/// What becomes of an item whose id is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Existing {
    /// It is replaced
    Replace,
    /// The line is refused
    Refuse,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { container, file, existing, keep_going, from_line, create, store } = arguments;
    let mut input = open(&file)?;
    let store = store.open().await?;
    if let Some(path) = create {
        make(&store, &container, &path).await?;
    }
    let layout = layout(&store, &container).await?;
    let operation = if existing == Existing::Replace { "Upsert" } else { "Create" };
    let mut lanes = Lanes::new(Arc::new(store), container.clone(), operation, layout.ranges());
    let mut refused = Refused { count: 0, first: None };
    let (mut number, mut text) = (0, Vec::new());
    loop {
        text.clear();
        let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
        let read = read.map_err(|error| Failure::general(format_args!("{} can't be read: {error}", name(&file))))?;
        if read == 0 {
            break;
        }
        number += 1;
        if text.len() as u64 == LONGEST_LINE && !text.ends_with(b"\n") {
            skip_line(&mut input).map_err(Failure::general)?;
            if number >= from_line {
                refused.tell(number, &format!("the line is longer than {} MiB", LONGEST_LINE >> 20));
            }
        } else if number >= from_line && !text.trim_ascii().is_empty() {
            match Line::read(number, &text, &layout) {
                Ok(line) => lanes.add(line).await?,
                Err(why) => refused.tell(number, &why),
            }
        }
        for (number, why) in lanes.take_refused() {
            refused.tell(number, &why);
        }
        if refused.count > 0 && !keep_going {
            break;
        }
        output::progress(&format!("{} items, line {number}", lanes.written()));
    }
    lanes.finish().await?;
    for (number, why) in lanes.take_refused() {
        refused.tell(number, &why);
    }
    output::progress("");
    summary(&container, lanes.written(), &refused, keep_going)
}

fn summary(container: &ContainerName, written: u64, refused: &Refused, keep_going: bool) -> Result<(), Failure> {
    let done = format!("{written} items are in {container}");
    match refused.first {
        None => {
            output::note(&format!("{done}."));
            Ok(())
        }
        Some(_) if keep_going => Err(Failure::general(format_args!("{done}; {} lines were refused", refused.count))),
        Some(first) => Err(Failure::general(format_args!(
            "{done}; line {first} was refused, and what comes after it is not imported or only in part. Mend it and go on with \
             --from-line {first}, or leave out what is refused with --keep-going"
        ))),
    }
}

/// Lines that did not become items.
struct Refused {
    count: u64,
    first: Option<u64>,
}

impl Refused {
    fn tell(&mut self, line: u64, why: &str) {
        self.count += 1;
        self.first = Some(self.first.map_or(line, |first| first.min(line)));
        match self.count {
            ..=TOLD => {
                output::progress("");
                output::note(&format!("line {line}: {why}"));
            }
            count if count == TOLD + 1 => output::note("More lines were refused; they are counted only."),
            _ => {}
        }
    }
}

fn name(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { format!("'{}'", file.display()) }
}

fn open(file: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let opened = std::fs::File::open(file)
        .map_err(|error| Failure::general(format_args!("{} can't be read: {error}", name(file))))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let (length, done) = (end.map_or(buffer.len(), |end| end + 1), end.is_some() || buffer.is_empty());
        input.consume(length);
        if done {
            return Ok(());
        }
    }
}

/// Makes what is missing; what is there stays as it is.
async fn make(store: &Documents, container: &ContainerName, path: &str) -> Result<(), Failure> {
    let database = serde_json::json!({ "id": container.database }).to_string();
    let collection = serde_json::json!({
        "id": container.container,
        "partitionKey": { "paths": [path], "kind": "Hash", "version": 2 },
    });
    let parent = ["dbs", container.database.as_str()];
    for call in [Call::create("dbs", &[], database), Call::create("colls", &parent, collection.to_string())] {
        let answer = store.send(&call).await?;
        if answer.status.as_u16() != 409 {
            store.accept(&answer)?;
        }
    }
    Ok(())
}

/// How the container divides its items.
async fn layout(store: &Documents, container: &ContainerName) -> Result<Layout, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Definition {
        partition_key: Option<serde_json::Value>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Ranges {
        partition_key_ranges: Vec<Range>,
    }
    let not_understood =
        |error: &dyn std::fmt::Display| Failure::general(format_args!("the container is not understood: {error}"));
    let answer = store.send(&Call::read("colls", &container.link())).await?;
    if answer.status.as_u16() == 404 {
        return Err(Failure::new(
            Kind::Failure,
            format_args!("there is no container {container}; --create PATH makes it, with that partition key"),
        ));
    }
    store.accept(&answer)?;
    let definition: Definition = serde_json::from_slice(&answer.body).map_err(|error| not_understood(&error))?;
    let definition = match definition.partition_key {
        Some(definition) => {
            PartitionKeyDefinition::parse(&definition.to_string()).map_err(|error| not_understood(&error))?
        }
        None => PartitionKeyDefinition::none(),
    };
    let answer = store.done(&Call::list("pkranges", &container.link())).await?;
    let ranges: Ranges = serde_json::from_slice(&answer.body).map_err(|error| not_understood(&error))?;
    Ok(Layout::new(definition, ranges.partition_key_ranges))
}
