//! A line of the file as an operation of a bulk request, and which partition key range it belongs to.

use hearth_documents::protocol::epk;
use hearth_documents::protocol::json::{self, Object};
use hearth_documents::protocol::partition_key::PartitionKeyDefinition;
use hearth_state::documents::ItemKey;
use serde::Deserialize;

/// A partition key range as the store tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Range {
    pub(super) id: String,
    pub(super) min_inclusive: String,
    pub(super) max_exclusive: String,
}

/// How a container divides its items.
#[derive(Debug)]
pub(super) struct Layout {
    definition: PartitionKeyDefinition,
    ranges: Vec<Range>,
}

impl Layout {
    pub(super) fn new(definition: PartitionKeyDefinition, ranges: Vec<Range>) -> Self {
        Self { definition, ranges }
    }

    /// Ids of the ranges.
    pub(super) fn ranges(&self) -> Vec<String> {
        self.ranges.iter().map(|range| range.id.clone()).collect()
    }

    /// The place of the range that has this effective partition key, as hexadecimal digits.
    fn range_of(&self, key: &str) -> Option<usize> {
        self.ranges.iter().position(|range| range.min_inclusive.as_str() <= key && key < range.max_exclusive.as_str())
    }
}

/// A line that can become an item.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    /// Place of its range in the layout.
    pub(super) range: usize,
    /// Lines of one partition key have the same.
    pub(super) spread: u8,
    /// Which item it is.
    pub(super) key: ItemKey,
    /// Its partition key as JSON.
    partition_key: String,
    body: String,
}

impl Line {
    /// Reads a line; the error says what is wrong with it.
    pub(super) fn read(number: u64, text: &[u8], layout: &Layout) -> Result<Self, String> {
        let text = json::utf8(text).map_err(|error| error.to_string())?.trim();
        let item = Object::parse(text).map_err(|error| error.to_string())?;
        let id = item.get("id").and_then(json::string).ok_or("it has no id that is a text")?;
        let key = layout.definition.key_of(&item).map_err(|error| error.to_string())?;
        let effective = epk::effective_key(&key, &layout.definition);
        let hex = epk::to_hex(Some(&effective));
        let range = layout.range_of(&hex).ok_or("no partition key range of the container has its key")?;
        Ok(Self {
            number,
            range,
            spread: effective.last().copied().unwrap_or_default(),
            key: key.item_key(&id),
            partition_key: key.canonical(),
            body: text.to_owned(),
        })
    }

    /// Bytes that it takes in a request, about.
    pub(super) fn size(&self) -> usize {
        self.body.len() + self.partition_key.len() + 80
    }

    /// As an operation of a bulk request.
    pub(super) fn write(&self, operation: &str, out: &mut String) {
        out.push_str(r#"{"operationType":""#);
        out.push_str(operation);
        out.push_str(r#"","partitionKey":"#);
        json::write_string(out, &self.partition_key);
        out.push_str(r#","resourceBody":"#);
        out.push_str(&self.body);
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        let definition = PartitionKeyDefinition::parse(r#"{"paths":["/pk"],"kind":"Hash","version":2}"#).unwrap();
        let range = |id: &str, from: &str, to: &str| Range {
            id: id.to_owned(),
            min_inclusive: from.to_owned(),
            max_exclusive: to.to_owned(),
        };
        Layout::new(definition, vec![range("0", "", "20"), range("1", "20", "FF")])
    }

    #[test]
    fn a_line_goes_to_the_range_of_its_key_as_it_is() {
        let layout = layout();
        // 3A53… and 1193… (reference: Cosmos DB, section 14).
        let line = Line::read(7, b"{\"id\":\"1\", \"pk\":\"a\", \"n\":1.50}\r\n", &layout).unwrap();
        assert_eq!((line.number, line.range), (7, 1));
        let mut text = String::new();
        line.write("Upsert", &mut text);
        let expected =
            r#"{"operationType":"Upsert","partitionKey":"[\"a\"]","resourceBody":{"id":"1", "pk":"a", "n":1.50}}"#;
        assert_eq!(text, expected);
        assert_eq!(
            Line::read(8, b"{\"id\":\"1\"}", &layout).unwrap().range,
            0,
            "a key that is not there has a place too"
        );
    }

    #[test]
    fn a_line_that_is_no_item_says_why() {
        for wrong in [&b"not json"[..], b"[1]", b"{\"pk\":1}", b"{\"id\":7}", b"\xff"] {
            assert!(Line::read(1, wrong, &layout()).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
