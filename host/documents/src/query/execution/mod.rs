//! One page of the answer to a query: items go in, one after the other, until the page is full or there are no more; rows and a
//! continuation come out. What is kept is bounded: a page of rows, or the best rows of a page where they are ordered.
//!
//! ```text
//! loop { for each item after execution.start(): feed; if Flow::Full: break 'both }   then   if execution.end() == Next::Done: break
//! execution.answer()
//! ```

mod sorted;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Query;
use super::aggregate::Tally;
use super::code::Row;
use super::continuation::{Continuation, Position, bound};
use super::effort;
use super::rows::{MOST_ROWS_OF_AN_ITEM, Stop};
use super::value::{Type, Value};
use crate::protocol::DocumentError;
use sorted::Sorting;

/// Most different rows that DISTINCT can tell apart in one query.
const MOST_DISTINCT_ROWS: usize = 1_000_000;

/// Longest row that is answered, in bytes: a page of nothing else.
const LONGEST_ROW: usize = 4 * 1024 * 1024 - 1024;

/// Whether an execution wants more items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// The next one, please.
    More,
    /// The page is complete.
    Full,
}

/// What comes after the last item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// The answer.
    Done,
    /// All items once more, from [`Execution::start`].
    Again,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Rows as JSON, with commas between them.
    pub rows: String,
    /// How many.
    pub count: usize,
    /// What to go on with; none on the last page.
    pub continuation: Option<String>,
}

/// A query at work on one page.
#[derive(Debug)]
pub struct Execution {
    query: Arc<Query>,
    bound: String,
    most_rows: usize,
    most_bytes: usize,
    /// The page so far.
    rows: String,
    count: usize,
    /// Rows to skip before the next one, and rows that are still wanted.
    skip: u64,
    take: Option<u64>,
    /// The last item that was seen; with rows, one of which only so many were delivered.
    position: Option<Position>,
    rows_of_item: u64,
    /// The same where a page before has ended.
    resumed: Option<(Position, u64)>,
    kind: Kind,
    ended: bool,
    full: bool,
    refused: Option<DocumentError>,
}

#[derive(Debug)]
enum Kind {
    Stream,
    Distinct(HashSet<[u8; 16]>),
    Sorted(Sorting),
    Aggregate(Vec<Tally>),
}

impl Execution {
    /// A page of at most so many rows (at least one) and about so many bytes. The scope names what items are given: the container
    /// and the part of it that was asked for; a continuation is only good for the same one.
    ///
    /// # Errors
    ///
    /// 400 for a continuation that is malformed or belongs to something else.
    pub fn new(
        query: Arc<Query>,
        scope: &str,
        continuation: Option<&str>,
        most_rows: usize,
        most_bytes: usize,
    ) -> Result<Self, DocumentError> {
        let bound = bound(query.fingerprint, scope);
        let resumed = continuation.map(|text| Continuation::read(text, &bound)).transpose()?;
        let program = &query.program;
        let (skip, take) = match &resumed {
            Some(resumed) => (resumed.skip, resumed.take),
            None => (program.skip, program.take),
        };
        let kind = if !program.aggregates.is_empty() {
            Kind::Aggregate(program.aggregates.iter().map(|aggregate| Tally::new(aggregate.kind)).collect())
        } else if let Some((_, descending)) = &program.order {
            Kind::Sorted(Sorting::new(*descending, resumed.as_ref(), skip))
        } else if program.distinct {
            Kind::Distinct(HashSet::new())
        } else {
            Kind::Stream
        };
        Ok(Self {
            bound,
            most_rows: most_rows.max(1),
            most_bytes,
            rows: String::new(),
            count: 0,
            skip,
            take,
            position: resumed.as_ref().map(|resumed| resumed.position),
            rows_of_item: resumed.as_ref().map_or(0, |resumed| resumed.rows),
            resumed: resumed.map(|resumed| (resumed.position, resumed.rows)),
            kind,
            ended: false,
            full: false,
            refused: None,
            query,
        })
    }

    /// After which place items have to be given; none for from the beginning.
    pub fn start(&self) -> Option<Position> {
        match (&self.kind, self.resumed) {
            (Kind::Stream, Some((position, 0))) => Some(position),
            // An item that was delivered in part comes once more.
            (Kind::Stream, Some((position, _))) => {
                Some(Position { range: position.range, number: position.number.saturating_sub(1) })
            }
            _ => None,
        }
    }

    /// Whether the page may be ended before all items were seen, to go on with a continuation.
    pub fn can_pause(&self) -> bool {
        matches!(self.kind, Kind::Stream)
    }

    /// Takes the next item, in the order of positions.
    pub fn feed(&mut self, at: Position, item: &str) -> Flow {
        if self.full || self.refused.is_some() || self.query.needs_no_items() || self.take == Some(0) {
            return Flow::Full;
        }
        let query = Arc::clone(&self.query);
        let mut index = 0;
        let walked = query.each_row(item, &mut |row| {
            index += 1;
            self.row(&query, at, index, row)
        });
        match walked {
            ControlFlow::Continue(()) => {
                if matches!(self.kind, Kind::Stream | Kind::Distinct(_)) {
                    self.position = Some(at);
                    self.rows_of_item = 0;
                }
                Flow::More
            }
            ControlFlow::Break(Stop::Enough) => Flow::Full,
            ControlFlow::Break(Stop::TooMany) => {
                let message =
                    format!("JOIN makes more than {MOST_ROWS_OF_AN_ITEM} rows of one item; filter or join less.");
                self.refused = Some(DocumentError::bad_request(message));
                Flow::Full
            }
            ControlFlow::Break(Stop::TooMuch) => {
                self.refused = Some(too_much());
                Flow::Full
            }
        }
    }

    fn row<'a>(&mut self, query: &'a Query, at: Position, index: u64, row: Row<'_, 'a>) -> ControlFlow<Stop> {
        let done = match self.resumed {
            Some((position, rows)) => at < position || at == position && (rows == 0 || index <= rows),
            None => false,
        };
        match &mut self.kind {
            Kind::Aggregate(tallies) => {
                for (tally, aggregate) in tallies.iter_mut().zip(&query.program.aggregates) {
                    tally.add(aggregate.argument.eval(row));
                }
                return ControlFlow::Continue(());
            }
            Kind::Sorted(sorting) => {
                let most = self.take.map_or(self.most_rows, |take| {
                    usize::try_from(take).map_or(self.most_rows, |take| take.min(self.most_rows))
                });
                sorting.row(query, at, index, row, most, self.most_bytes);
                if sorting.too_long {
                    self.refused = Some(too_long());
                    return ControlFlow::Break(Stop::Enough);
                }
                return ControlFlow::Continue(());
            }
            Kind::Stream if done => return ControlFlow::Continue(()),
            Kind::Stream | Kind::Distinct(_) => {}
        }
        let before = self.rows.len();
        if self.count > 0 {
            self.rows.push(',');
        }
        let begin = self.rows.len();
        if !query.write(row, &mut self.rows) {
            self.rows.truncate(before);
            return ControlFlow::Continue(());
        }
        if self.rows.len() - begin > LONGEST_ROW {
            self.rows.truncate(before);
            self.refused = Some(too_long());
            return ControlFlow::Break(Stop::Enough);
        }
        if let Kind::Distinct(seen) = &mut self.kind {
            let digest = digest(&Value::read(&self.rows[begin..]));
            if seen.contains(&digest) || done {
                seen.insert(digest);
                self.rows.truncate(before);
                return ControlFlow::Continue(());
            }
            if seen.len() >= MOST_DISTINCT_ROWS {
                let message = format!("DISTINCT can tell at most {MOST_DISTINCT_ROWS} different rows apart.");
                self.refused = Some(DocumentError::bad_request(message));
                return ControlFlow::Break(Stop::Enough);
            }
            seen.insert(digest);
        }
        if self.skip > 0 {
            self.skip -= 1;
            self.rows.truncate(before);
        } else if self.take == Some(0) {
            self.ended = true;
            self.rows.truncate(before);
            return ControlFlow::Break(Stop::Enough);
        } else if self.count >= self.most_rows || self.count > 0 && self.rows.len() > self.most_bytes {
            self.full = true;
            self.rows.truncate(before);
            if index > 1 {
                self.position = Some(at);
                self.rows_of_item = index - 1;
            }
            return ControlFlow::Break(Stop::Enough);
        } else {
            self.count += 1;
            self.take = self.take.map(|take| take - 1);
        }
        ControlFlow::Continue(())
    }

    /// Says that there are no more items.
    pub fn end(&mut self) -> Next {
        if self.full || self.ended || self.refused.is_some() {
            return Next::Done;
        }
        if let Kind::Sorted(sorting) = &mut self.kind
            && sorting.skips()
        {
            return if sorting.skipped() { Next::Again } else { self.finished() };
        }
        if let Kind::Aggregate(tallies) = &self.kind {
            let aggregates: Vec<Value<'static>> = tallies.iter().map(Tally::value).collect();
            let query = Arc::clone(&self.query);
            self.only_row(&query, Row { slots: &[], aggregates: &aggregates });
        } else if self.query.needs_no_items() {
            let query = Arc::clone(&self.query);
            let row = Row { slots: &[], aggregates: &[] };
            if query.program.filter.as_ref().is_none_or(|filter| filter.truth(row) == Some(true)) {
                self.only_row(&query, row);
            }
        }
        self.finished()
    }

    fn finished(&mut self) -> Next {
        self.ended = true;
        Next::Done
    }

    fn only_row(&mut self, query: &Query, row: Row<'_, '_>) {
        let _account = effort::begin();
        if self.skip == 0 && self.take != Some(0) && query.write(row, &mut self.rows) {
            self.count = 1;
        }
        if effort::is_spent() {
            self.refused = Some(too_much());
        } else if self.rows.len() > LONGEST_ROW {
            self.refused = Some(too_long());
        }
    }

    /// The page.
    ///
    /// # Errors
    ///
    /// 400 where an item has too many rows or costs too much, a row is too long, or DISTINCT has too many to tell apart.
    pub fn answer(mut self) -> Result<Answer, DocumentError> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        if let Kind::Sorted(sorting) = &mut self.kind {
            let page = sorting.page(self.most_rows, self.most_bytes, self.take);
            let take = self.take.map(|take| take - page.count as u64);
            let continuation = page.last.filter(|_| page.more && take != Some(0)).map(|last| Continuation {
                bound: self.bound,
                position: last.position,
                rows: last.index,
                skip: 0,
                take,
                key: Some(last.key),
                cut: last.cut,
            });
            let continuation = continuation.map(|continuation| continuation.text());
            return Ok(Answer { rows: page.rows, count: page.count, continuation });
        }
        let more = self.full || !self.ended;
        let continuation = (more && self.take != Some(0)).then(|| {
            Continuation {
                bound: self.bound,
                position: self.position.unwrap_or(Position { range: i64::MIN, number: i64::MIN }),
                rows: self.rows_of_item,
                skip: self.skip,
                take: self.take,
                key: None,
                cut: None,
            }
            .text()
        });
        Ok(Answer { rows: self.rows, count: self.count, continuation })
    }
}

fn too_much() -> DocumentError {
    DocumentError::bad_request(
        "The query looks through or makes more of one item than one may: ask for less of large items, or in several queries.",
    )
}

fn too_long() -> DocumentError {
    DocumentError::bad_request("The query makes a row that is longer than a page of an answer may be, which is 4 MB.")
}

/// What equal rows have in common, whatever the order of their properties and the spelling of their numbers.
fn digest(value: &Value<'_>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash_value(value, &mut hash);
    let hash = hash.finalize();
    std::array::from_fn(|index| hash[index])
}

fn hash_value(value: &Value<'_>, hash: &mut Sha256) {
    let kind = value.kind();
    hash.update([kind as u8]);
    match (kind, value) {
        (_, Value::Bool(bool)) => hash.update([u8::from(*bool)]),
        (_, Value::Number(number, _)) => hash.update((number + 0.0).to_le_bytes()),
        (_, Value::Text(text)) => {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        (Type::Array, _) => {
            let elements = value.elements();
            hash.update((elements.len() as u64).to_le_bytes());
            for element in &elements {
                hash_value(element, hash);
            }
        }
        (Type::Object, _) => {
            let mut members = value.members();
            members.sort_by(|(one, _), (two, _)| one.cmp(two));
            hash.update((members.len() as u64).to_le_bytes());
            for (name, value) in members {
                hash_value(&Value::Text(name), hash);
                hash_value(&value, hash);
            }
        }
        _ => {}
    }
}
