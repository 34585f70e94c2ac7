//! Values of a file with where each was read.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

/// Where a value was read.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// At a byte of the file.
    Offset(usize),
    /// At a byte of the file, as a text in which these settings were put.
    Resolved { offset: usize, names: Vec<String> },
    /// In the app setting of this name.
    Setting(String),
}

impl Origin {
    /// What stands for a text in messages when it holds the value of a setting, which may be a secret; `None` if it is as
    /// the file has it.
    pub(super) fn secret(&self) -> Option<String> {
        // No name that `check_name` lets through is longer.
        let named = |name: &String| format!("{name:.256}");
        match self {
            Self::Offset(_) => None,
            Self::Setting(name) => Some(format!("the value of the setting {}", named(name))),
            Self::Resolved { names, .. } => match names.as_slice() {
                [name] => Some(format!("the value of the setting {}", named(name))),
                several => {
                    let more = if several.len() > MAX_NAMES { " and more" } else { "" };
                    let names: Vec<String> = several.iter().take(MAX_NAMES).map(named).collect();
                    Some(format!("the values of the settings {}{more}", names.join(", ")))
                }
            },
        }
    }
}

/// Most settings that a message names of those in one text.
const MAX_NAMES: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) origin: Origin,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Flag(bool),
    /// As written.
    Number(String),
    Text(String),
    Array(Vec<Value>),
    /// Keys as written, in their order, equal ones too.
    Object(Vec<(String, Value)>),
}

impl Value {
    pub(super) fn from_ast(value: &ast::Value<'_>) -> Self {
        let kind = match value {
            ast::Value::NullKeyword(_) => Kind::Null,
            ast::Value::BooleanLit(flag) => Kind::Flag(flag.value),
            ast::Value::NumberLit(number) => Kind::Number(number.value.to_owned()),
            ast::Value::StringLit(text) => Kind::Text(text.value.to_string()),
            ast::Value::Array(array) => Kind::Array(array.elements.iter().map(Self::from_ast).collect()),
            ast::Value::Object(object) => {
                let member = |p: &ast::ObjectProp<'_>| (p.name.as_str().to_owned(), Self::from_ast(&p.value));
                Kind::Object(object.properties.iter().map(member).collect())
            }
        };
        Self { origin: Origin::Offset(value.range().start), kind }
    }

    /// The value without positions. Of keys that are spelt the same the last counts.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Flag(flag) => (*flag).into(),
            Kind::Number(number) => {
                serde_json::from_str(number).unwrap_or_else(|_| serde_json::Value::String(number.clone()))
            }
            Kind::Text(text) => text.as_str().into(),
            Kind::Array(elements) => elements.iter().map(Self::to_json).collect(),
            Kind::Object(members) => {
                let members = members.iter().map(|(key, value)| (key.clone(), value.to_json()));
                serde_json::Value::Object(members.collect())
            }
        }
    }
}
