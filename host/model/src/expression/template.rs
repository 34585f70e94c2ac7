//! `{expr}`: reading a template once, and filling it in for each invocation.

use uuid::Uuid;

use super::data::{BindingData, Value, member};
use super::{ExpressionError, MAX_RESULT_BYTES, format};
use crate::clock::Clock;
use crate::json::shortened;

#[cfg(test)]
mod tests;

/// A property with expressions, such as `orders/{id}-{datetime:yyyyMMdd}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Parameter(Parameter),
}

/// One `{…}` of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The names between the dots; at least one.
    path: Vec<String>,
    /// What stands behind the first colon.
    format: Option<String>,
    built_in: Option<BuiltIn>,
    /// Byte of its `{` in the text.
    at: usize,
}

/// Names the original matches by how they begin, whatever follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BuiltIn {
    RandGuid,
    DateTime,
}

impl BuiltIn {
    const ALL: [(&'static str, Self); 2] = [("rand-guid", Self::RandGuid), ("datetime", Self::DateTime)];

    fn of(name: &str) -> Option<Self> {
        let begins = |with: &str| name.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
        Self::ALL.into_iter().find(|(prefix, _)| begins(prefix)).map(|(_, found)| found)
    }
}

/// Where the values of `{datetime}`, `{rand-guid}` and `{sys.…}` come from.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// Name of the function, for `{sys.methodname}`.
    pub function: &'a str,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Gives a new random GUID at each call.
    pub new_guid: &'a dyn Fn() -> Uuid,
}

impl Parameter {
    /// The first name, by which the value is found: `a` of `{a.b:N2}`.
    pub fn name(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// Whether the value is known without an invocation; only the function's own name is.
    pub fn is_known_at_indexing(&self) -> bool {
        self.name().eq_ignore_ascii_case("sys")
            && self.path.get(1).is_some_and(|name| name.eq_ignore_ascii_case("methodname"))
    }

    pub(super) fn error(&self, template: &Template, reason: String) -> ExpressionError {
        ExpressionError::at(&template.text, self.at, reason)
    }

    /// Whether the host gives the value itself where the trigger gives none of that name.
    pub(super) fn is_built_in(&self) -> bool {
        self.built_in.is_some() || self.name().eq_ignore_ascii_case("sys")
    }
}

impl Template {
    /// Reads a text, after its `%NAME%` are resolved. `{{` and `}}` stand for single braces.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']).map(|found| at + found) {
            literal.push_str(&text[at..found]);
            let brace = &text[found..=found];
            if text[found + 1..].starts_with(brace) {
                literal.push_str(brace);
                at = found + 2;
                continue;
            }
            let inner = &text[found + 1..];
            let end = match (brace, inner.find(['{', '}'])) {
                ("{", Some(end)) if inner[end..].starts_with('}') => end,
                ("{", _) => return Err(unbalanced(text, found, "this '{' has no '}'", "{{")),
                _ => return Err(unbalanced(text, found, "this '}' has no '{'", "}}")),
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            let parameter = parameter(&inner[..end], found).map_err(|e| ExpressionError::at(text, found, e))?;
            parts.push(Part::Parameter(parameter));
            at = found + end + 2;
        }
        literal.push_str(&text[at..]);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its `{…}`, in their order.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Parameter(parameter) => Some(parameter),
        })
    }

    /// What stands between its `{…}`, in order, with doubled braces as single ones.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Parameter(_) => None,
        })
    }

    /// The text with something else in place of each `{…}`, which is given as a template of its own: equal ones are equal.
    pub(crate) fn replaced(&self, mut replacement: impl FnMut(Self) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Parameter(parameter) => replacement(Self::of(parameter)),
        };
        self.parts.iter().map(part).collect()
    }

    /// One `{…}` alone.
    fn of(parameter: &Parameter) -> Self {
        let format = parameter.format.as_ref().map_or_else(String::new, |format| format!(":{format}"));
        let text = format!("{{{}{format}}}", parameter.path.join("."));
        Self { text, parts: vec![Part::Parameter(Parameter { at: 0, ..parameter.clone() })] }
    }

    /// The value of one invocation as it is where the template is a single `{…}` without a format whose value is JSON: a number
    /// stays a number, and what is null stays null. Else the text that [`Template::evaluate`] gives.
    pub fn value(
        &self,
        data: &BindingData,
        environment: Environment<'_>,
    ) -> Result<serde_json::Value, ExpressionError> {
        if let [Part::Parameter(parameter)] = self.parts.as_slice()
            && parameter.format.is_none()
            && let Some(given @ Value::Json(_)) = data.get(parameter.name())
        {
            let found = parameter.follow(given).map_err(|reason| parameter.error(self, reason))?;
            if let Value::Json(json) = found {
                return Ok(json);
            }
        }
        self.evaluate(data, environment).map(serde_json::Value::String)
    }

    /// Fills in the values of one invocation.
    pub fn evaluate(&self, data: &BindingData, environment: Environment<'_>) -> Result<String, ExpressionError> {
        let mut result = String::with_capacity(self.text.len());
        for part in &self.parts {
            let (value, at) = match part {
                Part::Literal(text) => (text.clone(), 0),
                Part::Parameter(parameter) => (
                    parameter.evaluate(data, environment).map_err(|reason| parameter.error(self, reason))?,
                    parameter.at,
                ),
            };
            if result.len() + value.len() > MAX_RESULT_BYTES {
                return Err(ExpressionError::too_long(&self.text, at));
            }
            result.push_str(&value);
        }
        Ok(result)
    }
}

fn unbalanced(text: &str, at: usize, what: &str, doubled: &str) -> ExpressionError {
    ExpressionError::at(text, at, format!("{what}; write {{name}}, or {doubled} for the brace itself"))
}

/// Reads what stands between braces.
fn parameter(inner: &str, at: usize) -> Result<Parameter, String> {
    let (name, format) = match inner.split_once(':') {
        Some((name, format)) => (name, Some(format.to_owned())),
        None => (inner, None),
    };
    if name.is_empty() {
        return Err("there is no name between the braces; write {name}, or {{ and }} for braces".to_owned());
    }
    let built_in = BuiltIn::of(name);
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    let valid = |(i, part): (usize, &String)| {
        let begins_well = i > 0 || part.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let dash = i > 0 || built_in.is_some();
        !part.is_empty() && begins_well && part.chars().all(|c| c.is_alphanumeric() || c == '_' || (c == '-' && dash))
    };
    if !path.iter().enumerate().all(valid) {
        return Err(format!(
            "'{}' is not a name: it begins with a letter and goes on with letters, digits and '_', for example {{id}}, {{order.id}} or {{Headers.x-id}}",
            shortened(name)
        ));
    }
    Ok(Parameter { path, format, built_in, at })
}

impl Parameter {
    fn evaluate(&self, data: &BindingData, environment: Environment<'_>) -> Result<String, String> {
        let value = match (data.get(self.name()), self.built_in) {
            (Some(value), _) => self.follow(value)?,
            (None, Some(BuiltIn::RandGuid)) => Value::Guid((environment.new_guid)()),
            (None, Some(BuiltIn::DateTime)) => Value::Time(environment.clock.now()),
            (None, None) if self.is_built_in() => self.system(environment)?,
            (None, None) => {
                return Err(format!(
                    "the trigger gave no value named '{}'; it gave {}",
                    shortened(self.name()),
                    data.names()
                ));
            }
        };
        // The original reads a format only right behind a name of its own: {datetimeX:yyyy} has none.
        let exact = BuiltIn::ALL.iter().any(|(name, _)| name.eq_ignore_ascii_case(self.name()));
        let given = self.built_in.is_none() || exact || data.get(self.name()).is_some();
        let format = self.format.as_deref().filter(|_| given);
        format::apply(&value, format).map_err(|reason| format!("{{{}}} {reason}", shortened(&self.path.join("."))))
    }

    /// The value at the names behind the first.
    fn follow(&self, value: &Value) -> Result<Value, String> {
        let Value::Json(whole) = value else {
            return match self.path.get(1) {
                None => Ok(value.clone()),
                Some(part) => Err(format!("'{}' has no property '{}'", shortened(self.name()), shortened(part))),
            };
        };
        let mut found = whole;
        for (i, part) in self.path.iter().enumerate().skip(1) {
            found = member(found, part).ok_or_else(|| {
                let parent = self.path[..i].join(".");
                format!("'{}' has no property '{}'", shortened(&parent), shortened(part))
            })?;
        }
        Ok(Value::Json(found.clone()))
    }

    fn system(&self, environment: Environment<'_>) -> Result<Value, String> {
        let known = "there are {sys.methodname}, {sys.utcnow} and {sys.randguid}";
        let [_, name] = self.path.as_slice() else {
            return Err(format!("'sys' needs one name behind a dot: {known}"));
        };
        match name.to_ascii_lowercase().as_str() {
            "methodname" => Ok(Value::from(environment.function)),
            "utcnow" => Ok(Value::Time(environment.clock.now())),
            "randguid" => Ok(Value::Guid((environment.new_guid)())),
            _ => Err(format!("'sys' has no property '{}'; {known}", shortened(name))),
        }
    }
}
