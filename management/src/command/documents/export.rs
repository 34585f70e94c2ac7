//! `hearth documents export`: the items of a container as lines of JSON, in the order of the container.
//!
//! Into a file they come as a whole or not at all: what is there so far is in FILE.part, and FILE.position says up to which page, from which
//! the same command goes on when it was interrupted.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use hearth_documents::protocol::json::{self, Object};
use serde::{Deserialize, Serialize};

use super::StoreSettings;
use super::target::ContainerName;
use crate::client::{Call, Documents};
use crate::exit::Failure;
use crate::output;
use crate::platform;

/// Items asked for at a time; a page is also limited in bytes by the store.
const PAGE: usize = 1000;
/// Properties that the store gives its items, and would give them anew where they are imported.
const OF_THE_STORE: [&str; 6] = ["_rid", "_self", "_etag", "_attachments", "_ts", "_lsn"];

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The container
    #[arg(value_name = "DATABASE/CONTAINER")]
    container: ContainerName,
    /// File for the items; if it was begun before, it is gone on with [default: standard output]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Keep the properties that the store gives items, such as _etag and _ts
    #[arg(long)]
    system_properties: bool,
    #[command(flatten)]
    store: StoreSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { container, file, system_properties, store } = arguments;
    let store = store.open().await?;
    let mut target = match &file {
        Some(file) => Target::file(file, &rid(&store, &container).await?)?,
        None => Target::standard_output(),
    };
    if target.position.items > 0 {
        output::note(&format!("Going on after {} items.", target.position.items));
    }
    loop {
        let mut call = Call::list("docs", &container.link()).header("x-ms-max-item-count", PAGE);
        call = call.after(target.position.after.as_deref());
        let answer = store.done(&call).await?;
        let (lines, items) = lines(&answer.body, system_properties)
            .ok_or_else(|| Failure::general("the answer of the document store is not understood; is it one?"))?;
        let after = answer.header("x-ms-continuation").map(str::to_owned);
        if !target.add(lines.as_bytes(), items, after)? {
            // Whoever reads has enough.
            return Ok(());
        }
        output::progress(&format!("{} items", target.position.items));
        if target.position.after.is_none() {
            break;
        }
    }
    let items = target.finish()?;
    output::progress("");
    match file {
        Some(file) => output::note(&format!("{items} items of {container} are in '{}'.", file.display())),
        None => output::note(&format!("{items} items of {container}.")),
    }
    Ok(())
}

/// Which container it is, beyond its name.
async fn rid(store: &Documents, container: &ContainerName) -> Result<String, Failure> {
    let answer = store.done(&Call::read("colls", &container.link())).await?;
    let body: serde_json::Value = serde_json::from_slice(&answer.body).map_err(Failure::general)?;
    Ok(body["_rid"].as_str().unwrap_or_default().to_owned())
}

/// A page's items as lines, with the text of their numbers as it is, and how many; none when it is no page.
fn lines(page: &[u8], system_properties: bool) -> Option<(String, u64)> {
    let page = Object::parse(json::utf8(page).ok()?).ok()?;
    let items = json::array(page.get("Documents")?).ok()?;
    let mut lines = String::with_capacity(page.text().len());
    let mut count = 0;
    for item in items {
        let mut item = Object::parse(item).ok()?;
        if !system_properties {
            item.remove(|name| OF_THE_STORE.contains(&name));
        }
        // A line of text; in JSON a line end is never more than space.
        lines.extend(item.text().chars().filter(|character| !matches!(character, '\n' | '\r')));
        lines.push('\n');
        count += 1;
    }
    Some((lines, count))
}

/// How far it is.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Position {
    /// The container.
    rid: String,
    /// Of the file, that count.
    bytes: u64,
    items: u64,
    /// Where the next page begins; none at the beginning.
    after: Option<String>,
}

/// Where the lines go.
struct Target {
    file: Option<Unfinished>,
    position: Position,
}

struct Unfinished {
    part: File,
    final_path: PathBuf,
}

impl Unfinished {
    fn part_path(path: &Path) -> PathBuf {
        beside(path, ".part")
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::general(format_args!("'{}' can't be written: {error}", path.display()))
}

impl Target {
    fn standard_output() -> Self {
        Self { file: None, position: Position::default() }
    }

    /// Goes on with a file that was begun for the same container.
    fn file(path: &Path, rid: &str) -> Result<Self, Failure> {
        let part_path = Unfinished::part_path(path);
        let fail = unwritable(&part_path);
        let known = std::fs::read(beside(path, ".position")).ok();
        let known: Option<Position> = known.and_then(|text| serde_json::from_slice(&text).ok());
        let mut part = OpenOptions::new().create(true).truncate(false).write(true).open(&part_path).map_err(&fail)?;
        let length = part.metadata().map_err(&fail)?.len();
        let fresh = || Position { rid: rid.to_owned(), ..Position::default() };
        let position = known.filter(|known| known.rid == rid && known.bytes <= length).unwrap_or_else(fresh);
        part.set_len(position.bytes).map_err(&fail)?;
        part.seek(SeekFrom::End(0)).map_err(&fail)?;
        Ok(Self { file: Some(Unfinished { part, final_path: path.to_owned() }), position })
    }

    /// Adds a page; false when nobody reads any more.
    fn add(&mut self, lines: &[u8], items: u64, after: Option<String>) -> Result<bool, Failure> {
        match &mut self.file {
            None => {
                let mut output = io::stdout().lock();
                match output.write_all(lines).and_then(|()| output.flush()) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
                    Err(error) => return Err(Failure::general(format_args!("the items can't be written: {error}"))),
                }
            }
            Some(file) => file.part.write_all(lines).map_err(unwritable(&file.final_path))?,
        }
        self.position.bytes += lines.len() as u64;
        self.position.items += items;
        self.position.after = after;
        if let Some(file) = &self.file {
            let path = beside(&file.final_path, ".position");
            let text = serde_json::to_vec(&self.position).map_err(Failure::general)?;
            platform::write_private(&path, &text).map_err(unwritable(&path))?;
        }
        Ok(true)
    }

    /// Puts the file in its place; how many items it has.
    fn finish(self) -> Result<u64, Failure> {
        if let Some(Unfinished { part, final_path }) = self.file {
            let fail = unwritable(&final_path);
            part.sync_all().map_err(&fail)?;
            std::fs::rename(Unfinished::part_path(&final_path), &final_path).map_err(&fail)?;
            let _was_there = std::fs::remove_file(beside(&final_path, ".position"));
        }
        Ok(self.position.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_lines_without_what_the_store_added() {
        let page = br#"{"_rid":"x","Documents":[{"id":"1","n":1.50,
            "_ts":5,"_etag":"e","a":"two\nlines"},{"_rid":"r","id":"2"}],"_count":2}"#;
        let (plain, count) = lines(page, false).unwrap();
        assert_eq!(count, 2);
        let rows: Vec<&str> = plain.lines().collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].contains("1.50") && rows[0].contains(r"two\nlines") && !rows[0].contains("_ts"), "{plain}");
        assert_eq!(rows[1], r#"{"id":"2"}"#);
        assert!(lines(page, true).unwrap().0.contains("_ts"));
        assert!(lines(b"<html>", false).is_none());
    }

    #[test]
    fn an_interrupted_file_is_gone_on_with_for_the_same_container_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("items.jsonl");
        let mut first = Target::file(&path, "one").unwrap();
        first.add(b"1\n", 1, Some("a".into())).unwrap();
        // A page of which the position was not written any more.
        first.file.as_mut().unwrap().part.write_all(b"2").unwrap();
        drop(first);
        assert!(!path.exists());
        let mut again = Target::file(&path, "one").unwrap();
        assert_eq!((again.position.items, again.position.after.as_deref()), (1, Some("a")));
        again.add(b"2\n", 1, None).unwrap();
        assert_eq!(again.finish().unwrap(), 2);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut begun = Target::file(&path, "one").unwrap();
        begun.add(b"1\n", 1, Some("a".into())).unwrap();
        drop(begun);
        assert_eq!(Target::file(&path, "other").unwrap().position.items, 0);
    }
}
