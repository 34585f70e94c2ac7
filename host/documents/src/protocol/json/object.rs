//! An object's properties in order, each as it is written.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{JsonError, Scanner};

/// Properties up to which a name is looked for from end to end.
const FEW: usize = 24;

/// One property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property<'a> {
    /// Its name, unescaped.
    pub name: Cow<'a, str>,
    /// Name, colon and value as they are written.
    pub whole: &'a str,
    /// Its value as it is written.
    pub value: &'a str,
}

/// An object. Of several properties with one name the last counts, and the others are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    text: &'a str,
    properties: Vec<Property<'a>>,
    as_written: bool,
}

impl<'a> Object<'a> {
    /// Reads a text that is one object, and checks all of it.
    ///
    /// # Errors
    /// [`JsonError`] for what is not JSON, not an object, nested more than 128 deep, or holds a number beyond a double.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        let mut scanner = Scanner::new(text);
        if scanner.peek() != Some(b'{') {
            return Err(scanner.error("an object should be here"));
        }
        let begin = scanner.position();
        scanner.open()?;
        let (mut properties, mut first) = (Vec::with_capacity(16), true);
        while scanner.next(&mut first, b'}')? {
            let raw = scanner.string()?;
            let from = scanner.position() - raw.len();
            scanner.take(b':', "a colon is missing after a property's name")?;
            let value = scanner.value()?;
            let Some(name) = super::string(raw) else { return Err(scanner.error("this name cannot be read")) };
            properties.push(Property { name, whole: &text[from..scanner.position()], value });
        }
        let end = scanner.position();
        scanner.end()?;
        let as_written = !drop_earlier(&mut properties);
        Ok(Self { text: &text[begin..end], properties, as_written })
    }

    /// Its properties, in order.
    pub fn properties(&self) -> &[Property<'a>] {
        &self.properties
    }

    /// The value of a property as it is written.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.properties.iter().find(|property| property.name == name).map(|property| property.value)
    }

    /// Adds a property behind the others; it must not be there yet.
    pub fn push(&mut self, property: Property<'a>) {
        self.properties.push(property);
        self.as_written = false;
    }

    /// Leaves out the properties of which a function says so.
    pub fn remove(&mut self, mut unwanted: impl FnMut(&str) -> bool) {
        let before = self.properties.len();
        self.properties.retain(|property| !unwanted(&property.name));
        self.as_written &= self.properties.len() == before;
    }

    /// Its text: as it was written, without what was left out.
    pub fn text(&self) -> Cow<'a, str> {
        if self.as_written {
            return Cow::Borrowed(self.text);
        }
        let mut text = String::with_capacity(self.text.len());
        text.push('{');
        for property in &self.properties {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(property.whole);
        }
        text.push('}');
        Cow::Owned(text)
    }
}

/// Drops properties whose name comes again later; whether there were any.
fn drop_earlier(properties: &mut Vec<Property<'_>>) -> bool {
    let mut keep = vec![true; properties.len()];
    if properties.len() <= FEW {
        for at in 0..properties.len() {
            keep[at] = !properties[at + 1..].iter().any(|later| later.name == properties[at].name);
        }
    } else {
        let mut last: HashMap<&str, usize> = HashMap::with_capacity(properties.len());
        for (at, property) in properties.iter().enumerate() {
            if let Some(earlier) = last.insert(&property.name, at) {
                keep[earlier] = false;
            }
        }
    }
    let dropped = keep.contains(&false);
    if dropped {
        let mut keep = keep.into_iter();
        properties.retain(|_| keep.next().unwrap_or(true));
    }
    dropped
}
