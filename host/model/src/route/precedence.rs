//! Which of several matching routes wins: the one that is more exact in the first segment where they differ.

use super::template::{Parameter, Segment};

/// Rank of each segment; compared from the left, the lesser wins, and of two equal beginnings the shorter.
pub(super) fn ranks(segments: &[Segment]) -> Vec<u8> {
    segments.iter().map(rank).collect()
}

fn rank(segment: &Segment) -> u8 {
    let plain = |parameter: &Parameter| parameter.constraints.is_empty();
    match segment {
        Segment::Literal(_) => 0,
        Segment::Mixed { .. } => 1,
        Segment::Parameter(parameter) => 2 + u8::from(plain(parameter)),
        Segment::CatchAll(parameter) => 4 + u8::from(plain(parameter)),
    }
}

/// Whether some path may match both. Constraints of two parameters are not compared with each other.
pub(super) fn may_overlap(a: &[Segment], b: &[Segment]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([], rest) | (rest, []) => rest.iter().all(|segment| match segment {
            Segment::CatchAll(_) => true,
            Segment::Parameter(parameter) => parameter.may_be_absent(),
            _ => false,
        }),
        ([Segment::CatchAll(_), ..], _) | (_, [Segment::CatchAll(_), ..]) => true,
        ([first, a @ ..], [second, b @ ..]) => {
            let together = match (first, second) {
                (Segment::Literal(one), Segment::Literal(other)) => super::path::same(one, other),
                (Segment::Literal(text), Segment::Parameter(parameter))
                | (Segment::Parameter(parameter), Segment::Literal(text)) => parameter.accepts(text),
                _ => true,
            };
            together && may_overlap(a, b)
        }
    }
}

/// Whether every path that matches the second also matches the first. Says no where that would need a comparison of
/// constraints.
pub(super) fn covers(first: &[Segment], second: &[Segment]) -> bool {
    match (first, second) {
        ([Segment::CatchAll(parameter), ..], _) => parameter.constraints.is_empty(),
        ([], rest) => rest.is_empty(),
        (rest, []) => rest.iter().all(|segment| segment.parameter().is_some_and(Parameter::may_be_absent)),
        ([one, first @ ..], [other, second @ ..]) => {
            let covered = match (one, other) {
                (Segment::Literal(one), Segment::Literal(other)) => super::path::same(one, other),
                (Segment::Parameter(parameter), Segment::Literal(text)) => parameter.accepts(text),
                (Segment::Parameter(parameter), Segment::Parameter(other)) => {
                    parameter.constraints.is_empty() && (parameter.may_be_absent() || !other.may_be_absent())
                }
                (Segment::Parameter(parameter), Segment::Mixed { .. }) => parameter.constraints.is_empty(),
                _ => false,
            };
            covered && covers(first, second)
        }
    }
}
