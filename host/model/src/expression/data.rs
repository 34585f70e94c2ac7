//! What a trigger hands to the expressions of its function's bindings.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::json::shortened;

#[cfg(test)]
mod tests;

/// A value of binding data.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, number, boolean, null, or an object whose properties are reached by dots.
    Json(Json),
    /// A moment, for example when a message was put into its queue.
    Time(Timestamp),
    /// A GUID.
    Guid(Uuid),
}

impl<T: Into<Json>> From<T> for Value {
    fn from(value: T) -> Self {
        Self::Json(value.into())
    }
}

/// The values of one invocation by name, ignoring case; of two equal names the later counts. What a trigger gives of
/// itself comes first, then [`BindingData::merge_payload`].
#[derive(Clone, Debug, Default)]
pub struct BindingData {
    /// By lower-case name: the name as given, and the value.
    values: BTreeMap<String, (String, Value)>,
}

/// What of an HTTP request becomes binding data.
#[derive(Clone, Debug, Default)]
pub struct HttpParts<'a> {
    /// The body, if it is JSON.
    pub body: Option<&'a Json>,
    /// Query parameters, decoded, in their order.
    pub query: &'a [(String, String)],
    /// Headers in their order.
    pub headers: &'a [(String, String)],
    /// Parameters of the route; an optional one that is absent has no value.
    pub route: &'a [(String, Option<String>)],
}

impl BindingData {
    /// Without any value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value; it takes the place of one of the same name.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_lowercase(), (name.to_owned(), value.into()));
    }

    /// The top-level properties of a JSON object that are not arrays, over what is there; another payload gives nothing.
    pub fn merge_payload(&mut self, payload: &Json) {
        let Json::Object(properties) = payload else { return };
        for (name, value) in properties.iter().filter(|(_, value)| !value.is_array()) {
            self.insert(name, value.clone());
        }
    }

    /// Of an HTTP request: `Query` and `Headers`, then the body's properties, the query, and the route, where the later
    /// wins. Values given several times are joined with `,`.
    pub fn of_http(parts: &HttpParts<'_>) -> Self {
        let mut data = Self::new();
        let query = joined(parts.query);
        data.insert("Query", Json::Object(query.clone()));
        data.insert("Headers", Json::Object(joined(parts.headers)));
        if let Some(body) = parts.body {
            data.merge_payload(body);
        }
        for (name, value) in query {
            data.insert(&name, value);
        }
        for (name, value) in parts.route {
            data.insert(name, Json::from(value.clone()));
        }
        data
    }

    /// The value of a name, ignoring case.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(&name.to_lowercase()).map(|(_, value)| value)
    }

    /// The names for an error message: what an expression may ask for.
    pub(super) fn names(&self) -> String {
        const SHOWN: usize = 20;
        if self.values.is_empty() {
            return "none".to_owned();
        }
        let shown: Vec<String> = self.values.values().take(SHOWN).map(|(name, _)| shortened(name)).collect();
        let more = self.values.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", shown.join(", "))
    }
}

fn joined(pairs: &[(String, String)]) -> serde_json::Map<String, Json> {
    let mut values: Vec<(&str, String)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (name, value) in pairs {
        match places.get(&name.to_lowercase()) {
            Some(&place) => {
                let text = &mut values[place].1;
                text.push(',');
                text.push_str(value);
            }
            None => {
                places.insert(name.to_lowercase(), values.len());
                values.push((name, value.clone()));
            }
        }
    }
    values.into_iter().map(|(name, value)| (name.to_owned(), Json::from(value))).collect()
}

/// A property of an object: that of the exact name, else one whose name differs by case.
pub(super) fn member<'a>(value: &'a Json, name: &str) -> Option<&'a Json> {
    let properties = value.as_object()?;
    properties.get(name).or_else(|| {
        let folded = name.to_lowercase();
        properties.iter().find(|(other, _)| other.to_lowercase() == folded).map(|(_, value)| value)
    })
}
