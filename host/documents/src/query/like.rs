//! LIKE: `%` for any text, `_` for one character, `[abc]`, `[a-c]` and `[^a]` for one of a set (reference 5.3).

use super::effort;

/// Bytes that could be looked through in the time of one step.
const STEP: usize = 8;

/// A pattern, ready to be compared.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    AnyText,
    AnyOne,
    Exactly(char),
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// Reads a pattern; a bracket without its partner means itself.
    pub(super) fn new(text: &str, escape: Option<char>) -> Self {
        let mut parts = Vec::new();
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            if Some(next) == escape {
                parts.push(Part::Exactly(rest.next().unwrap_or(next)));
                continue;
            }
            parts.push(match next {
                '%' if matches!(parts.last(), Some(Part::AnyText)) => continue,
                '%' => Part::AnyText,
                '_' => Part::AnyOne,
                '[' => match set(rest.as_str()) {
                    Some((set, after)) => {
                        rest = after.chars();
                        set
                    }
                    None => Part::Exactly('['),
                },
                other => Part::Exactly(other),
            });
        }
        Self(parts)
    }

    /// Whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let parts = &self.0;
        let (mut part, mut rest) = (0, text.chars());
        // Where to go on when what follows the last `%` does not fit: one character later.
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            // A set is looked through, and each character may be the beginning of what follows a `%`.
            let cost = match parts.get(part) {
                Some(Part::Set { ranges, .. }) => ranges.len() + 1,
                _ => 1,
            };
            if !effort::look(cost * STEP) {
                return false;
            }
            match parts.get(part) {
                Some(Part::AnyText) => {
                    part += 1;
                    again = Some((part, rest.clone()));
                    continue;
                }
                None if rest.as_str().is_empty() => return true,
                Some(wanted) => {
                    let mut ahead = rest.clone();
                    if ahead.next().is_some_and(|next| wanted.fits(next)) {
                        part += 1;
                        rest = ahead;
                        continue;
                    }
                }
                None => {}
            }
            let Some((from, mut later)) = again.take() else { return false };
            if later.next().is_none() {
                return false;
            }
            part = from;
            rest = later.clone();
            again = Some((from, later));
        }
    }
}

impl Part {
    fn fits(&self, next: char) -> bool {
        match self {
            Self::AnyText => false,
            Self::AnyOne => true,
            Self::Exactly(wanted) => *wanted == next,
            Self::Set { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&next)) != *negated
            }
        }
    }
}

/// A set from behind its bracket to its closing one, and what follows.
fn set(text: &str) -> Option<(Part, &str)> {
    let (inner, after) = text.split_once(']')?;
    let (negated, inner) = inner.strip_prefix('^').map_or((false, inner), |inner| (true, inner));
    let characters: Vec<char> = inner.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(low) = characters.get(at) {
        match (characters.get(at + 1), characters.get(at + 2)) {
            (Some('-'), Some(high)) => {
                ranges.push((*low, *high));
                at += 3;
            }
            _ => {
                ranges.push((*low, *low));
                at += 1;
            }
        }
    }
    (!ranges.is_empty()).then_some((Part::Set { negated, ranges }, after))
}
