//! Lists of resources and queries over them, a page at a time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_state::documents::StoredResource;

use super::{DocumentService, DocumentsError, Way, needed_kind};
use crate::protocol::links::{Link, ResourceKind};
use crate::protocol::{DocumentError, Rid, limits};

/// Most resources that one query looks at.
const QUERIED: u32 = 100_000;

/// A page of resources.
#[derive(Clone, Debug)]
pub struct ResourcePage {
    /// The RID of what they are in; empty at the top.
    pub parent: String,
    /// Each as a JSON text.
    pub items: Vec<String>,
    /// What the next page begins with; none after the last.
    pub continuation: Option<String>,
}

impl DocumentService {
    /// A page of the feed that a link leads to, in the order of names.
    ///
    /// # Errors
    /// 400 for a continuation that is none, 404 with sub-status 1003 when something on the way does not exist; those of host state.
    pub async fn list_resources(
        &self,
        account: &str,
        feed: &Link<'_>,
        max_items: Option<u32>,
        continuation: Option<&str>,
    ) -> Result<ResourcePage, DocumentsError> {
        let after = continuation.filter(|text| !text.is_empty()).map(read).transpose()?;
        let limit = max_items.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS);
        let way = self.way(account, feed).await?;
        if feed.kind == ResourceKind::Conflict {
            return Ok(ResourcePage { parent: parent(&way), items: Vec::new(), continuation: None });
        }
        let mut stored = self.stored(account, feed, &way, after.as_deref().unwrap_or(""), limit + 1).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = stored.len() > most;
        stored.truncate(most);
        let continuation = stored.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(&last.name));
        let items = self.rendered(account, feed, &way, &stored).await?;
        Ok(ResourcePage { parent: parent(&way), items, continuation })
    }

    /// All of the feed that a link leads to, for a query; its parent's RID comes first.
    ///
    /// # Errors
    /// As lists.
    pub async fn all_resources(&self, account: &str, feed: &Link<'_>) -> Result<(String, Vec<String>), DocumentsError> {
        let way = self.way(account, feed).await?;
        if feed.kind == ResourceKind::Conflict {
            return Ok((parent(&way), Vec::new()));
        }
        let stored = self.stored(account, feed, &way, "", QUERIED).await?;
        Ok((parent(&way), self.rendered(account, feed, &way, &stored).await?))
    }

    async fn stored(
        &self,
        account: &str,
        feed: &Link<'_>,
        way: &Way,
        after: &str,
        limit: u32,
    ) -> Result<Vec<StoredResource>, DocumentsError> {
        let kind = needed_kind(feed.kind)?;
        Ok(self.0.database.document_resources().list(account, kind, way.rid(), after, limit).await?)
    }

    async fn rendered(
        &self,
        account: &str,
        feed: &Link<'_>,
        way: &Way,
        stored: &[StoredResource],
    ) -> Result<Vec<String>, DocumentsError> {
        let mut items = Vec::with_capacity(stored.len());
        for stored in stored {
            items.push(self.details(account, feed.kind, way.path(), stored, None).await?.json);
        }
        Ok(items)
    }
}

fn parent(way: &Way) -> String {
    Rid::from_hex(way.rid()).map(|rid| rid.to_string()).unwrap_or_default()
}

/// The name after which a page begins.
fn read(text: &str) -> Result<String, DocumentError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            DocumentError::bad_request(
                "The continuation in x-ms-continuation is not one of this request: send the one of the page before, or none.",
            )
        })
}
