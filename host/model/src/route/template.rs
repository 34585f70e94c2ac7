//! Reading route templates.

use std::fmt;

use super::constraint::Constraint;

/// Most segments a template may have.
pub(super) const MAX_SEGMENTS: usize = 60;

/// A route template such as `products/{category:alpha}/{id:int?}`. Two are equal when their text is.
#[derive(Clone, Debug)]
pub struct RouteTemplate {
    text: String,
    /// What stands for the text in messages, when it came from settings.
    secret: Option<String>,
    pub(super) segments: Vec<Segment>,
}

impl PartialEq for RouteTemplate {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RouteTemplate {}

/// What stands between two slashes.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Literal(String),
    Parameter(Parameter),
    /// A parameter with literal text before or behind it.
    Mixed {
        before: String,
        parameter: Parameter,
        behind: String,
    },
    /// The rest of the path; always last.
    CatchAll(Parameter),
}

#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) constraints: Vec<Constraint>,
    pub(super) default: Option<String>,
    pub(super) optional: bool,
}

impl Parameter {
    pub(super) fn accepts(&self, value: &str) -> bool {
        self.constraints.iter().all(|constraint| constraint.accepts(value))
    }

    /// Whether the route matches without a value for it.
    pub(super) fn may_be_absent(&self) -> bool {
        self.optional || self.default.is_some()
    }
}

impl Segment {
    pub(super) fn parameter(&self) -> Option<&Parameter> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(parameter) | Self::CatchAll(parameter) | Self::Mixed { parameter, .. } => Some(parameter),
        }
    }
}

/// Why a text is not a route template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the route '{template}' is not valid: {reason}")]
pub struct RouteError {
    /// The text.
    pub template: String,
    /// What is wrong with it.
    pub reason: String,
}

impl RouteTemplate {
    /// Reads a template. Slashes at its ends are left out. Routes that start with `admin` or `runtime` are refused, as
    /// the original does: those paths are the host's own.
    pub fn parse(text: &str) -> Result<Self, RouteError> {
        let trimmed = text.trim_matches('/');
        let error = |reason: String| RouteError {
            template: text.chars().take(200).collect(),
            reason: reason.chars().take(300).collect(),
        };
        for reserved in ["admin", "runtime"] {
            if trimmed.get(..reserved.len()).is_some_and(|start| start.eq_ignore_ascii_case(reserved)) {
                return Err(error(format!("routes that start with '{reserved}' are reserved for the host")));
            }
        }
        let segments = parse_segments(trimmed).map_err(error)?;
        Ok(Self { text: trimmed.to_owned(), secret: None, segments })
    }

    /// The same, with what stands for its text in messages when that came from settings.
    pub(crate) fn with_secret(self, secret: Option<String>) -> Self {
        Self { secret, ..self }
    }

    /// How messages name it: its text in quotes, or which settings it came from.
    pub fn told(&self) -> String {
        match &self.secret {
            Some(secret) => format!("({secret})"),
            None => format!("'{}'", self.text),
        }
    }

    /// Names of its parameters, in their order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(Segment::parameter).map(|parameter| parameter.name.as_str())
    }
}

impl fmt::Display for RouteTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

enum Part {
    Literal(String),
    Parameter(String),
}

fn parse_segments(text: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    if text.is_empty() {
        return Ok(segments);
    }
    for parts in split(text)? {
        if matches!(segments.last(), Some(Segment::CatchAll(_))) {
            return Err("a catch-all parameter must be the last part of the route".to_owned());
        }
        segments.push(segment(parts)?);
    }
    if segments.len() > MAX_SEGMENTS {
        return Err(format!("it has more than {MAX_SEGMENTS} segments"));
    }
    let mut names: Vec<&str> = Vec::new();
    for parameter in segments.iter().filter_map(Segment::parameter) {
        if names.iter().any(|name| name.eq_ignore_ascii_case(&parameter.name)) {
            return Err(format!("the parameter '{}' occurs twice", parameter.name));
        }
        names.push(&parameter.name);
    }
    Ok(segments)
}

/// Splits at slashes outside braces, and segments into literals and parameters. `{{` and `}}` stand for single braces.
fn split(text: &str) -> Result<Vec<Vec<Part>>, String> {
    let mut segments: Vec<Vec<Part>> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let mut current = String::new();
    let mut in_parameter = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let doubled = matches!(c, '{' | '}') && chars.peek() == Some(&c);
        match c {
            _ if doubled => {
                chars.next();
                current.push(c);
            }
            '{' if in_parameter => return Err("a '{' inside a parameter must be written '{{'".to_owned()),
            '{' => {
                if !current.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut current)));
                }
                in_parameter = true;
            }
            '}' if in_parameter => {
                parts.push(Part::Parameter(std::mem::take(&mut current)));
                in_parameter = false;
            }
            '}' => return Err("a '}' has no '{' before it; a literal brace is written '}}'".to_owned()),
            '?' if !in_parameter => return Err("'?' is not allowed in literal text".to_owned()),
            '/' if !in_parameter => {
                if !current.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut current)));
                }
                if parts.is_empty() {
                    return Err("two slashes follow each other".to_owned());
                }
                segments.push(std::mem::take(&mut parts));
            }
            c if c.is_control() => return Err("it holds a control character".to_owned()),
            c => current.push(c),
        }
    }
    if in_parameter {
        return Err("a '{' is not closed".to_owned());
    }
    if !current.is_empty() {
        parts.push(Part::Literal(current));
    }
    segments.push(parts);
    Ok(segments)
}

fn segment(parts: Vec<Part>) -> Result<Segment, String> {
    let mut before = String::new();
    let mut behind = String::new();
    let mut found: Option<(bool, Parameter)> = None;
    for part in parts {
        match part {
            Part::Literal(text) if found.is_none() => before = text,
            Part::Literal(text) => behind = text,
            Part::Parameter(_) if found.is_some() => {
                return Err("two parameters between slashes are not supported; put a '/' between them".to_owned());
            }
            Part::Parameter(text) => found = Some(parameter(&text)?),
        }
    }
    let Some((catch_all, parameter)) = found else { return Ok(Segment::Literal(before)) };
    let alone = before.is_empty() && behind.is_empty();
    match (alone, catch_all) {
        (true, true) => Ok(Segment::CatchAll(parameter)),
        (true, false) => Ok(Segment::Parameter(parameter)),
        (false, true) => Err("a catch-all parameter must stand alone between slashes".to_owned()),
        (false, false) if parameter.may_be_absent() => {
            Err("an optional parameter or one with a default must stand alone between slashes".to_owned())
        }
        (false, false) => Ok(Segment::Mixed { before, parameter, behind }),
    }
}

/// Reads what stands between braces, with its escapes already resolved; true for a catch-all.
fn parameter(text: &str) -> Result<(bool, Parameter), String> {
    let (catch_all, text) = match text.strip_prefix("**").or_else(|| text.strip_prefix('*')) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (optional, text) = match text.strip_suffix('?') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let name_end = text.find([':', '=']).unwrap_or(text.len());
    let name = &text[..name_end];
    if name.is_empty() || name.contains(|c: char| "/{}?*".contains(c) || c.is_control()) {
        return Err(format!("'{name}' is not a valid parameter name"));
    }
    let (constraints, default) = constraints(&text[name_end..])?;
    if optional && catch_all {
        return Err(format!("the catch-all parameter '{name}' can't be optional; it may be empty anyway"));
    }
    if optional && default.is_some() {
        return Err(format!("the parameter '{name}' is optional and has a default; only one is possible"));
    }
    let parameter = Parameter { name: name.to_owned(), constraints, default, optional };
    match &parameter.default {
        Some(default) if !parameter.accepts(default) => {
            Err(format!("the default '{default}' of the parameter '{name}' breaks its constraint"))
        }
        _ => Ok((catch_all, parameter)),
    }
}

/// Reads `:constraint:constraint(arguments)=default`. A `)` ends the arguments only where `:`, `=` or the end follows, so a
/// pattern may hold parentheses.
fn constraints(text: &str) -> Result<(Vec<Constraint>, Option<String>), String> {
    let mut constraints = Vec::new();
    let mut rest = text;
    while let Some(after) = rest.strip_prefix(':') {
        let end = constraint_end(after)?;
        constraints.push(Constraint::parse(&after[..end])?);
        rest = &after[end..];
    }
    match rest.strip_prefix('=') {
        Some(default) => Ok((constraints, Some(default.to_owned()))),
        None => Ok((constraints, None)),
    }
}

fn constraint_end(text: &str) -> Result<usize, String> {
    let plain = text.find([':', '=', '(']).unwrap_or(text.len());
    if !text[plain..].starts_with('(') {
        return Ok(plain);
    }
    text[plain..]
        .match_indices(')')
        .map(|(at, _)| plain + at + 1)
        .find(|end| matches!(text.as_bytes().get(*end), None | Some(b':' | b'=')))
        .ok_or_else(|| format!("the constraint '{text}' lacks its ')'"))
}
