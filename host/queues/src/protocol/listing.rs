//! A page of queues in XML (REST reference: List Queues).

use super::error::{ErrorCode, ProtocolError};
use super::xml::{self, Writer};

/// A queue of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedQueue {
    /// Its name.
    pub name: String,
    /// Its metadata where it was asked for, else none.
    pub metadata: Option<Vec<(String, String)>>,
}

/// A page of queues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueListing {
    /// The queues, by name.
    pub queues: Vec<ListedQueue>,
    /// Where the next page begins; none on the last.
    pub next_marker: Option<String>,
}

impl QueueListing {
    /// The answer to a listing of an account at `endpoint` with these parameters.
    pub fn to_xml(&self, endpoint: &str, prefix: &str, marker: &str, max_results: Option<u32>) -> String {
        let mut writer = Writer::document();
        writer.open_with("EnumerationResults", &[("ServiceEndpoint", endpoint)]);
        writer.text("Prefix", prefix);
        if !marker.is_empty() {
            writer.text("Marker", marker);
        }
        if let Some(most) = max_results {
            writer.text("MaxResults", &most.to_string());
        }
        writer.open("Queues");
        for queue in &self.queues {
            writer.open("Queue");
            writer.text("Name", &queue.name);
            if let Some(metadata) = &queue.metadata {
                writer.open("Metadata");
                for (name, value) in metadata {
                    writer.text(name, value);
                }
                writer.close("Metadata");
            }
            writer.close("Queue");
        }
        writer.close("Queues");
        match &self.next_marker {
            Some(marker) => writer.text("NextMarker", marker),
            None => writer.empty("NextMarker"),
        }
        writer.close("EnumerationResults");
        writer.finish()
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidXmlDocument`] for what is no listing.
    pub fn read(body: &[u8]) -> Result<Self, ProtocolError> {
        let wrong = |text: String| ProtocolError::new(ErrorCode::InvalidXmlDocument, text);
        let root = xml::read(body).map_err(wrong)?;
        let queues = root.child("Queues").ok_or_else(|| wrong("it lists no queues".to_owned()))?;
        let queue = |element: &xml::Element| {
            let name = element.text_of("Name").ok_or_else(|| wrong("a queue without a name".to_owned()))?.to_owned();
            let pairs =
                |all: &xml::Element| all.children.iter().map(|pair| (pair.name.clone(), pair.text.clone())).collect();
            Ok(ListedQueue { name, metadata: element.child("Metadata").map(pairs) })
        };
        let queues = queues.all("Queue").map(queue).collect::<Result<_, ProtocolError>>()?;
        let next_marker = root.text_of("NextMarker").filter(|marker| !marker.is_empty()).map(str::to_owned);
        Ok(Self { queues, next_marker })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_both_ways() {
        let metadata = Some(vec![("a".to_owned(), "1 < 2".to_owned())]);
        let page = QueueListing {
            queues: vec![
                ListedQueue { name: "orders".to_owned(), metadata },
                ListedQueue { name: "orders-poison".to_owned(), metadata: None },
            ],
            next_marker: Some("orders-x".to_owned()),
        };
        let body = page.to_xml("http://127.0.0.1:10001/shop", "ord", "", Some(2));
        assert!(body.contains("ServiceEndpoint=\"http://127.0.0.1:10001/shop\"><Prefix>ord</Prefix>"), "{body}");
        assert_eq!(QueueListing::read(body.as_bytes()).unwrap(), page);
        let last = QueueListing::default();
        assert_eq!(QueueListing::read(last.to_xml("e", "", "m", None).as_bytes()).unwrap(), last);
        assert!(QueueListing::read(b"<Error/>").is_err());
    }
}
