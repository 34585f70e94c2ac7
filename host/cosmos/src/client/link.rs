//! Names of resources: as they are signed, and as they stand in a URL (reference: Cosmos DB, sections 1.1 and 2.1).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the characters that a URL never escapes.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A resource by its names and those of what it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// `dbs/d/colls/c`, as it is signed.
    pub(super) name: String,
    /// The same, escaped.
    pub(super) path: String,
    /// The kind of resource: `colls`. Empty for the account.
    pub(super) kind: &'static str,
}

impl Link {
    /// What is in this one under a kind and an id.
    pub(super) fn child(&self, kind: &'static str, id: &str) -> Self {
        let slash = if self.name.is_empty() { "" } else { "/" };
        Self {
            name: format!("{}{slash}{kind}/{id}", self.name),
            path: format!("{}{slash}{kind}/{}", self.path, utf8_percent_encode(id, ESCAPED)),
            kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_text_are_escaped_in_the_url_alone() {
        let link = Link::default().child("dbs", "Shop").child("colls", "A B+%").child("docs", "ä'\"😀.~");
        assert_eq!(link.name, "dbs/Shop/colls/A B+%/docs/ä'\"😀.~");
        assert_eq!(link.path, "dbs/Shop/colls/A%20B%2B%25/docs/%C3%A4%27%22%F0%9F%98%80.~");
        assert_eq!(link.kind, "docs");
    }
}
