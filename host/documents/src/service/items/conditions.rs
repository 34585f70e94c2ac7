//! `If-Match` and `If-None-Match` of single items.

use hearth_state::documents::{Expected, ItemVersion};

use crate::protocol::{DocumentError, etag};

/// What `If-Match` or `If-None-Match` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// `*`: any version.
    Any,
    /// One version.
    Version(ItemVersion),
    /// A text that is no etag of this store: no version.
    Unknown,
}

impl Named {
    fn read(header: &str) -> Self {
        match header.trim() {
            "*" => Self::Any,
            other => etag::read(other).map_or(Self::Unknown, Self::Version),
        }
    }

    fn names(self, version: ItemVersion) -> bool {
        match self {
            Self::Any => true,
            Self::Version(named) => named == version,
            Self::Unknown => false,
        }
    }

    fn expected(self) -> Expected {
        match self {
            Self::Any => Expected::Present,
            Self::Version(version) => Expected::Version(version),
            // No item is in this version.
            Self::Unknown => Expected::Version(ItemVersion(-1)),
        }
    }
}

/// What a request says about the item as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::service) struct Conditions {
    if_match: Option<Named>,
    if_none_match: Option<Named>,
}

/// What is done with an item under conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Verb {
    Create,
    Upsert,
    /// A replacement, a deletion or a patch.
    Change,
}

impl Conditions {
    pub(in crate::service) fn new(if_match: Option<&str>, if_none_match: Option<&str>) -> Self {
        Self { if_match: if_match.map(Named::read), if_none_match: if_none_match.map(Named::read) }
    }

    /// Whether `If-None-Match` names this version: the caller has it.
    pub(in crate::service) fn has(&self, version: ItemVersion) -> bool {
        self.if_none_match.is_some_and(|condition| condition.names(version))
    }

    /// Whether it must not be there: `If-None-Match: *`. Another etag in that header says nothing about writes.
    fn only_absent(&self) -> bool {
        self.if_none_match == Some(Named::Any)
    }

    /// What must be true of the item.
    pub(in crate::service) fn expected(&self, verb: Verb) -> Expected {
        match (verb, self.if_match) {
            (Verb::Create, _) => Expected::Absent,
            (_, Some(condition)) => condition.expected(),
            (Verb::Upsert, None) if self.only_absent() => Expected::Absent,
            (Verb::Upsert, None) => Expected::Anything,
            (Verb::Change, None) => Expected::Present,
        }
    }

    /// Whether an item in this version, or none, is as it must be.
    ///
    /// # Errors
    /// 404, 409 or 412, as it stands.
    pub(in crate::service) fn check(&self, verb: Verb, found: Option<ItemVersion>) -> Result<(), DocumentError> {
        match (verb, found) {
            (Verb::Change, None) => Err(DocumentError::not_found()),
            (Verb::Upsert, None) if self.if_match.is_some() => Err(DocumentError::precondition_failed()),
            (_, None) => Ok(()),
            (_, Some(_)) if self.only_absent() => Err(DocumentError::precondition_failed()),
            (Verb::Create, Some(_)) => Err(DocumentError::conflict()),
            (_, Some(version)) => match self.if_match {
                Some(condition) if !condition.names(version) => Err(DocumentError::precondition_failed()),
                _ => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_decide_as_the_service_does() {
        let (known, other) = (etag::text(7), etag::text(8));
        let found = Some(ItemVersion(7));
        let status = |if_match: Option<&str>, if_none_match: Option<&str>, verb, found| {
            Conditions::new(if_match, if_none_match).check(verb, found).map_err(|error| error.status.as_u16())
        };
        assert_eq!(status(None, None, Verb::Create, found), Err(409));
        assert_eq!(status(None, Some("*"), Verb::Create, found), Err(412));
        assert_eq!(status(None, None, Verb::Create, None), Ok(()));
        assert_eq!(status(None, None, Verb::Upsert, found), Ok(()));
        assert_eq!(status(Some(&known), None, Verb::Upsert, None), Err(412));
        assert_eq!(status(None, Some("*"), Verb::Upsert, found), Err(412));
        assert_eq!(status(Some(&known), None, Verb::Change, None), Err(404));
        assert_eq!(status(Some(&known), None, Verb::Change, found), Ok(()));
        assert_eq!(status(Some(&other), None, Verb::Change, found), Err(412));
        assert_eq!(status(Some("\"of another store\""), None, Verb::Change, found), Err(412));
        assert_eq!(status(Some("*"), None, Verb::Change, found), Ok(()));
        assert_eq!(status(None, Some(&known), Verb::Change, found), Ok(()), "says nothing about writes");
        assert!(Conditions::new(None, Some(&known)).has(ItemVersion(7)));
        assert!(!Conditions::new(None, Some(&other)).has(ItemVersion(7)));
    }
}
