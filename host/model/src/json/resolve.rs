//! `%NAME%` in the members of a list's objects, replaced by app settings before anything is read.

use super::value::{Kind, Origin, Value};
use super::{Document, FileError};
use crate::expression::{referenced_settings, resolve_settings};
use crate::settings::Settings;

impl Document<'_> {
    /// Replaces `%NAME%` in every text that is a member of an object in the array `list`, except in members whose key `skip`
    /// tells, and marks such a text, so that no message repeats it. A name that no setting has is an error at the text.
    pub(crate) fn resolve(
        mut self,
        list: &str,
        skip: impl Fn(&str) -> bool,
        settings: &Settings,
    ) -> Result<Self, FileError> {
        let Kind::Object(root) = &mut self.root.kind else { return Ok(self) };
        let lists = root.iter_mut().filter(|(key, _)| key.eq_ignore_ascii_case(list));
        let mut failure = None;
        for (_, value) in lists {
            let Kind::Array(elements) = &mut value.kind else { continue };
            for (i, element) in elements.iter_mut().enumerate() {
                let Kind::Object(members) = &mut element.kind else { continue };
                for (key, Value { origin, kind }) in members.iter_mut().filter(|(key, _)| !skip(key)) {
                    let Kind::Text(text) = kind else { continue };
                    match resolve_settings(text, settings) {
                        Ok(resolved) => {
                            let mut names: Vec<String> = referenced_settings(text).map(str::to_owned).collect();
                            names.dedup();
                            if let (Origin::Offset(offset), false) = (&origin, names.is_empty()) {
                                *origin = Origin::Resolved { offset: *offset, names };
                            }
                            *text = resolved;
                        }
                        Err(error) if failure.is_none() => {
                            failure = Some((origin.clone(), format!("{list}[{i}].{key} can't be resolved: {error}")));
                        }
                        Err(_) => {}
                    }
                }
            }
        }
        match failure {
            None => Ok(self),
            Some((origin, reason)) => Err(FileError { place: self.place(&origin), reason }),
        }
    }
}
