//! Bodies of lists: `{"_rid":…,"Documents":[…],"_count":n}`.

use std::fmt::Write as _;

/// A list that is being written.
#[derive(Debug)]
pub(super) struct ListBody {
    text: String,
    count: usize,
}

impl ListBody {
    /// A list of children of the resource with this RID; `room` is about how many bytes they have.
    pub(super) fn new(parent: &str, plural: &str, room: usize) -> Self {
        let mut text = String::with_capacity(room + 96);
        text.extend(["{\"_rid\":\"", parent, "\",\"", plural, "\":["]);
        Self { text, count: 0 }
    }

    /// A list of rows that are written already, with commas between them.
    pub(super) fn of_rows(parent: &str, plural: &str, rows: &str, count: usize) -> (String, i64) {
        let mut list = Self::new(parent, plural, rows.len());
        list.text.push_str(rows);
        list.count = count;
        list.finish()
    }

    /// Adds one that writes itself.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut String)) {
        if self.count > 0 {
            self.text.push(',');
        }
        write(&mut self.text);
        self.count += 1;
    }

    /// The list, and how many are in it.
    pub(super) fn finish(mut self) -> (String, i64) {
        // Writing to a text does not fail.
        let _ = write!(self.text, "],\"_count\":{}}}", self.count);
        (self.text, i64::try_from(self.count).unwrap_or(i64::MAX))
    }
}

/// A list of texts.
pub(super) fn of(parent: &str, plural: &str, items: &[String]) -> (String, i64) {
    let mut list = ListBody::new(parent, plural, items.iter().map(|item| item.len() + 1).sum());
    for item in items {
        list.add(|text| text.push_str(item));
    }
    list.finish()
}
