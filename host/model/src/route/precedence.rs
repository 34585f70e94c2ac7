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
