//! Links: a path of a request, or of a permission, and the resource that it means (reference: Cosmos DB, sections 1.1, 1.2
//! and 2.1).
//!
//! Ids in a path are names, or all of them are RIDs. A name may look like a RID, so whoever resolves a link tries the names
//! first and [`Link::rid`] after it.

mod kind;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

pub use kind::ResourceKind;

use super::{DocumentError, Rid};

/// Most ids of a path: database, container, item, attachment.
const DEEPEST: usize = 4;

/// A path with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// What it leads to; of a feed, what is in it.
    pub kind: ResourceKind,
    /// Whether it leads to all children of that kind and not to one.
    pub feed: bool,
    /// The path without slashes around it, as it is on the wire.
    raw: &'a str,
    ids: [Cow<'a, str>; DEEPEST],
    depth: usize,
    /// What the second id is: a container, a user, a client encryption key.
    second: Option<ResourceKind>,
}

impl<'a> Link<'a> {
    /// Reads a path, with or without slashes around it.
    ///
    /// # Errors
    /// 404 for a path that no resource has, 400 for one that is not UTF-8 once decoded.
    pub fn parse(path: &'a str) -> Result<Self, DocumentError> {
        let raw = path.trim_matches('/');
        let mut link = Self {
            kind: ResourceKind::Account,
            feed: false,
            raw,
            ids: std::array::from_fn(|_| Cow::Borrowed("")),
            depth: 0,
            second: None,
        };
        let mut parent = None;
        let mut segments = raw.split('/').filter(|segment| !segment.is_empty());
        while let Some(segment) = segments.next() {
            if segment.eq_ignore_ascii_case("operations") && parent == Some(ResourceKind::Container) {
                let known = segments.next().is_some_and(|name| name.eq_ignore_ascii_case("partitionkeydelete"));
                if !known || segments.next().is_some() {
                    return Err(unknown(path));
                }
                link.kind = ResourceKind::PartitionKeyDelete;
                link.feed = true;
                return Ok(link);
            }
            let kind = ResourceKind::below(parent, segment).ok_or_else(|| unknown(path))?;
            link.kind = kind;
            link.feed = true;
            let Some(id) = segments.next() else { break };
            link.ids[link.depth] = percent_decode_str(id)
                .decode_utf8()
                .map_err(|_| DocumentError::bad_request("The path of the request is not UTF-8."))?;
            link.feed = false;
            link.depth += 1;
            if link.depth == 2 {
                link.second = Some(kind);
            }
            parent = Some(kind);
        }
        Ok(link)
    }

    /// The ids on the way, decoded, from the database down.
    pub fn ids(&self) -> &[Cow<'a, str>] {
        &self.ids[..self.depth]
    }

    /// The id of the database, offer or media that it begins with.
    pub fn first(&self) -> Option<&str> {
        self.ids().first().map(AsRef::as_ref)
    }

    /// The id of the database that it leads to or into.
    pub fn database(&self) -> Option<&str> {
        self.first().filter(|_| !matches!(self.kind, ResourceKind::Offer | ResourceKind::Media))
    }

    /// The id of the container that it leads to or into.
    pub fn container(&self) -> Option<&str> {
        self.second_of(ResourceKind::Container)
    }

    /// The id of the user that it leads to or into.
    pub fn user(&self) -> Option<&str> {
        self.second_of(ResourceKind::User)
    }

    /// The id of the item, script, range, conflict or permission that it leads to or into.
    pub fn child(&self) -> Option<&str> {
        self.ids().get(2).map(AsRef::as_ref)
    }

    /// The last id: that of the resource, or of a feed's parent.
    pub fn id(&self) -> Option<&str> {
        self.ids().last().map(AsRef::as_ref)
    }

    /// The RID that it ends with, if all of its ids are RIDs of the right length, each below the one before it: of the resource,
    /// or of a feed's parent. It may still be a name that looks like one.
    pub fn rid(&self) -> Option<Rid> {
        let mut last: Option<Rid> = None;
        for (at, id) in self.ids().iter().enumerate() {
            let rid: Rid = id.parse().ok()?;
            let expected = match (at, self.kind) {
                (0, ResourceKind::Offer) => 3,
                (0, ResourceKind::Media) => 20,
                (0, _) => 4,
                (1, _) => 8,
                (2, _) => 16,
                _ => 20,
            };
            let below = last.is_none_or(|parent| rid.as_bytes().starts_with(parent.as_bytes()));
            if rid.as_bytes().len() != expected || !below {
                return None;
            }
            last = Some(rid);
        }
        last
    }

    /// The type that is signed; empty for the account.
    pub fn signed_type(&self) -> &'static str {
        self.kind.segment()
    }

    /// The links that may have been signed, the likeliest first: the decoded path of the resource, or of a feed's parent; the
    /// same as it is on the wire; and the last RID in lower case.
    pub fn signed_links(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let raw = self.raw_resource();
        let named = match raw.contains('%') {
            true => percent_decode_str(raw).decode_utf8_lossy(),
            false => Cow::Borrowed(raw),
        };
        let alone = matches!(self.kind, ResourceKind::Offer | ResourceKind::Media) && self.depth == 1;
        let rid = (alone || self.rid().is_some()).then(|| self.id().map(|id| Cow::Owned(id.to_ascii_lowercase())));
        let (before, after) = if alone { (rid.flatten(), None) } else { (None, rid.flatten()) };
        let wire = (raw != named).then_some(Cow::Borrowed(raw));
        [before, Some(named), wire, after].into_iter().flatten()
    }

    /// The path of the resource, or of a feed's parent, as it is on the wire.
    fn raw_resource(&self) -> &'a str {
        let drop = match self.kind {
            ResourceKind::PartitionKeyDelete => 2,
            _ => usize::from(self.feed),
        };
        let mut raw = self.raw;
        for _ in 0..drop {
            raw = raw.rfind('/').map_or("", |at| &raw[..at]);
        }
        raw
    }

    fn second_of(&self, kind: ResourceKind) -> Option<&str> {
        self.ids.get(1).map(AsRef::as_ref).filter(|_| self.second == Some(kind))
    }
}

fn unknown(path: &str) -> DocumentError {
    let shown: String = path.chars().take(200).collect();
    DocumentError::new(http::StatusCode::NOT_FOUND, format!("No resource has the path '{shown}'."))
}
