//! XML bodies: a reader that takes no more than the service's bodies need, and a writer.
//!
//! Bodies come from anybody who may sign, so the reader knows no document types and no entities but the five of XML and
//! character references, and bounds depth and the number of elements. What is read is at most as long as the body.

mod read;

pub(crate) use read::{Element, read};

/// Writes a document.
#[derive(Debug)]
pub(crate) struct Writer(String);

impl Writer {
    /// With the XML declaration.
    pub(crate) fn document() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned())
    }

    pub(crate) fn open(&mut self, name: &str) {
        self.open_with(name, &[]);
    }

    pub(crate) fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.escaped(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element that holds nothing.
    pub(crate) fn empty(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push_str(" />");
    }

    /// An element that holds text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        self.escaped(text);
        self.close(name);
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        // A carriage return stands as itself: the npm client would show a character reference as it is written.
        while let Some(at) = rest.find(['<', '>', '&', '"']) {
            self.0.push_str(&rest[..at]);
            self.0.push_str(match rest.as_bytes()[at] {
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'&' => "&amp;",
                _ => "&quot;",
            });
            rest = &rest[at + 1..];
        }
        self.0.push_str(rest);
    }
}
