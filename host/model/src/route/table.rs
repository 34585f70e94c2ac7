//! The table of an app's routes.

use std::collections::HashMap;

use http::Method;

use super::path::{Path, decode, fingerprint, same};
use super::precedence::{covers, may_overlap, ranks};
use super::template::{RouteTemplate, Segment};

/// Two functions want the same route for the same method.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the route {template} is already taken for {}", methods_text(.methods))]
pub struct Conflict {
    /// The template of the later one, as [`RouteTemplate::told`] names it.
    pub template: String,
    /// The methods both have; empty for all.
    pub methods: Vec<Method>,
}

fn methods_text(methods: &[Method]) -> String {
    if methods.is_empty() {
        return "all methods".to_owned();
    }
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

/// Most pairs that [`RouteTable::reordered`] and [`RouteTable::shadowed`] tell of.
pub const MAX_REORDERED: usize = 50;

/// Finds the value whose route matches a path.
#[derive(Clone, Debug)]
pub struct RouteTable<T> {
    prefix: Vec<String>,
    /// Best first; among equals in the order of insertion.
    routes: Vec<Route<T>>,
    /// By lower-case text: when the routes with that text were inserted.
    texts: HashMap<String, Vec<usize>>,
}

#[derive(Clone, Debug)]
struct Route<T> {
    /// Fingerprint of the first segment if that is literal: rules most routes out by comparing one number.
    first: Option<u64>,
    ranks: Vec<u8>,
    template: RouteTemplate,
    methods: Vec<Method>,
    /// Fewest segments a path may have, and the most.
    least: usize,
    most: usize,
    inserted: usize,
    value: T,
}

/// A found route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch<'a, T> {
    /// What was inserted with the route.
    pub value: &'a T,
    /// Parameters by name, decoded, in the template's order; an absent optional one is left out.
    pub params: Vec<(String, String)>,
}

impl<T> RouteTable<T> {
    /// An empty table; `prefix` (literal text, may be empty) precedes every route.
    pub fn new(prefix: &str) -> Self {
        let prefix = prefix.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { prefix, routes: Vec::new(), texts: HashMap::new() }
    }

    /// Adds a route; no methods means all. Refused if an earlier route has the same text (ignoring case) and one of the
    /// methods; other overlaps are decided by precedence.
    pub fn insert(&mut self, template: RouteTemplate, methods: Vec<Method>, value: T) -> Result<(), Conflict> {
        if let Some(other) = self.position_of_conflict(&template, &methods) {
            let methods = common(&self.routes[other].methods, &methods).unwrap_or_default();
            return Err(Conflict { template: template.told(), methods });
        }
        let required = template.segments.iter().rposition(|segment| match segment {
            Segment::Literal(_) | Segment::Mixed { .. } => true,
            Segment::Parameter(parameter) => !parameter.may_be_absent(),
            Segment::CatchAll(parameter) => !parameter.constraints.is_empty() && parameter.default.is_none(),
        });
        let most = match template.segments.last() {
            Some(Segment::CatchAll(_)) => usize::MAX,
            _ => template.segments.len(),
        };
        let first = match template.segments.first() {
            Some(Segment::Literal(text)) => Some(fingerprint(text)),
            _ => None,
        };
        let route = Route {
            first,
            ranks: ranks(&template.segments),
            least: required.map_or(0, |last| last + 1),
            most,
            template,
            methods,
            inserted: self.routes.len(),
            value,
        };
        self.texts.entry(folded(&route.template)).or_default().push(route.inserted);
        let at = self.routes.partition_point(|other| other.ranks <= route.ranks);
        self.routes.insert(at, route);
        Ok(())
    }

    /// The value of the route that would make [`RouteTable::insert`] fail.
    pub fn conflicting(&self, template: &RouteTemplate, methods: &[Method]) -> Option<&T> {
        self.position_of_conflict(template, methods).map(|at| &self.routes[at].value)
    }

    fn position_of_conflict(&self, template: &RouteTemplate, methods: &[Method]) -> Option<usize> {
        let same = self.texts.get(&folded(template))?;
        self.routes.iter().position(|route| same.contains(&route.inserted) && common(&route.methods, methods).is_some())
    }

    /// Pairs of overlapping routes of which the one inserted later is tried first because it is more exact: with routes
    /// inserted by name, these are the cases in which the original would have called the other. (winner, other) At most
    /// [`MAX_REORDERED`], because there may be as many as the square of the routes.
    pub fn reordered(&self) -> Vec<(&T, &T)> {
        // The earliest insertion among the routes from each on; behind it nothing needs to be looked at.
        let mut earliest = vec![usize::MAX; self.routes.len() + 1];
        for (at, route) in self.routes.iter().enumerate().rev() {
            earliest[at] = route.inserted.min(earliest[at + 1]);
        }
        let overlap = |winner: &Route<T>, other: &Route<T>| {
            other.inserted < winner.inserted
                && common(&winner.methods, &other.methods).is_some()
                && may_overlap(&winner.template.segments, &other.template.segments)
        };
        let winners = self.routes.iter().enumerate().filter(|(at, winner)| earliest[at + 1] < winner.inserted);
        winners
            .flat_map(|(at, winner)| {
                let others = self.routes[at + 1..].iter().filter(move |other| overlap(winner, other));
                others.map(|other| (&winner.value, &other.value))
            })
            .take(MAX_REORDERED)
            .collect()
    }

    /// Routes that can never be found, each with the one that is always tried before it and matches all of its paths and
    /// methods. (winner, other) At most [`MAX_REORDERED`].
    pub fn shadowed(&self) -> Vec<(&T, &T)> {
        let hides = |winner: &Route<T>, other: &Route<T>| {
            (winner.first.is_none() || winner.first == other.first)
                && (winner.methods.is_empty()
                    || (!other.methods.is_empty()
                        && other.methods.iter().all(|method| winner.methods.contains(method))))
                && covers(&winner.template.segments, &other.template.segments)
        };
        // A route without parameters matches one path, for which no other was let in.
        let mut winners: Vec<&Route<T>> = Vec::new();
        self.routes
            .iter()
            .filter_map(|other| {
                let winner = winners.iter().find(|winner| hides(winner, other)).copied();
                if other.template.parameters().next().is_some() {
                    winners.push(other);
                }
                winner.map(|winner| (&winner.value, &other.value))
            })
            .take(MAX_REORDERED)
            .collect()
    }

    /// The best match for a method and a path, which is given as received: percent-encoded, without query. `HEAD` is not
    /// derived from `GET`. A route that has not the method does not match, nor does one whose constraint fails; the next
    /// is tried then.
    pub fn find(&self, method: &Method, path: &str) -> Option<RouteMatch<'_, T>> {
        let mut path = path;
        for part in &self.prefix {
            let trimmed = path.strip_prefix('/').unwrap_or(path);
            let (first, _) = trimmed.split_once('/').unwrap_or((trimmed, ""));
            if !same(part, first) {
                return None;
            }
            path = &trimmed[first.len()..];
        }
        let path = Path::split(path);
        let route = self.routes.iter().find(|route| {
            route.first.is_none_or(|first| path.may_start_with(first))
                && (route.least..=route.most).contains(&path.count)
                && (route.methods.is_empty() || route.methods.contains(method))
                && route.matches(&path)
        })?;
        Some(RouteMatch { value: &route.value, params: route.params(&path) })
    }
}

impl<T> Route<T> {
    fn matches(&self, path: &Path<'_>) -> bool {
        self.template.segments.iter().enumerate().all(|(index, segment)| match (segment, path.segment(index)) {
            (Segment::CatchAll(parameter), Some(_)) => {
                parameter.constraints.is_empty() || parameter.accepts(&decode(path.rest(index)))
            }
            // `least` has seen to it that what is missing may be.
            (_, None) => true,
            (_, Some("")) => false,
            (Segment::Literal(text), Some(received)) => path.is(text, received),
            (Segment::Parameter(parameter), Some(received)) => {
                parameter.constraints.is_empty() || parameter.accepts(&decode(received))
            }
            (Segment::Mixed { before, parameter, behind }, Some(received)) => {
                inner(&decode(received), before, behind).is_some_and(|value| parameter.accepts(value))
            }
        })
    }

    fn params(&self, path: &Path<'_>) -> Vec<(String, String)> {
        let value = |index: usize, segment: &Segment| -> Option<(String, String)> {
            let parameter = segment.parameter()?;
            let value = match (segment, path.segment(index)) {
                (_, None) => parameter.default.clone()?,
                (Segment::CatchAll(_), Some(_)) => decode(path.rest(index)).into_owned(),
                (Segment::Mixed { before, behind, .. }, Some(received)) => {
                    inner(&decode(received), before, behind)?.to_owned()
                }
                (_, Some(received)) => decode(received).into_owned(),
            };
            Some((parameter.name.clone(), value))
        };
        self.template.segments.iter().enumerate().filter_map(|(index, segment)| value(index, segment)).collect()
    }
}

/// What stands between two literals (compared without regard to ASCII case); not empty.
fn inner<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(before.len())?;
    let (value, end) = rest.split_at_checked(rest.len().checked_sub(behind.len())?)?;
    (start.eq_ignore_ascii_case(before) && end.eq_ignore_ascii_case(behind) && !value.is_empty()).then_some(value)
}

/// The text by which routes are compared.
fn folded(template: &RouteTemplate) -> String {
    template.to_string().to_lowercase()
}

/// The methods of both, where no methods stand for all; `None` if there is none.
fn common(a: &[Method], b: &[Method]) -> Option<Vec<Method>> {
    match (a, b) {
        ([], methods) | (methods, []) => Some(methods.to_vec()),
        (a, b) => {
            let both: Vec<Method> = a.iter().filter(|method| b.contains(method)).cloned().collect();
            (!both.is_empty()).then_some(both)
        }
    }
}
