//! Continuations of lists: the range and the number of the item after which the next page begins. They are of one container,
//! and good for as long as it is there.

use super::Container;
use super::scope::Part;
use crate::protocol::DocumentError;

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Which of the parts.
    pub(super) part: usize,
    /// The number of the item after which it begins; none for the beginning of the part.
    pub(super) after: Option<i64>,
}

impl Position {
    /// Where a continuation says; without one, the beginning.
    ///
    /// # Errors
    /// 400 for a text that is no continuation, or is one of another container or scope.
    pub(super) fn begin(
        container: &Container,
        parts: &[Part<'_>],
        continuation: Option<&str>,
    ) -> Result<Self, DocumentError> {
        let Some(text) = continuation.filter(|text| !text.is_empty()) else { return Ok(Self::default()) };
        let read = || {
            let rest = text.strip_prefix("+RID:~")?.strip_prefix(container.rid.to_string().as_str())?;
            let (range, number) = rest.strip_prefix("#RG:")?.split_once("#NO:")?;
            let (range, number): (i64, i64) = (range.parse().ok()?, number.parse().ok()?);
            let part = parts.iter().position(|part| part.range.id == range)?;
            Some(Self { part, after: (number >= 0).then_some(number) })
        };
        read().ok_or_else(|| {
            DocumentError::bad_request(
                "The continuation in x-ms-continuation is not one of this request: send the one of the page before, or none.",
            )
        })
    }

    /// What the next page begins with.
    pub(super) fn after(container: &Container, part: &Part<'_>, number: Option<i64>) -> String {
        format!("+RID:~{}#RG:{}#NO:{}", container.rid, part.range.id, number.unwrap_or(-1))
    }
}
