//! The export of the component.

use crate::{Problem, strip};

#[expect(unsafe_code, clippy::same_length_and_capacity, reason = "written by wit-bindgen")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "typescript-stripper" });

    export!(Component);
    use super::Component;
}

use bindings::exports::hearth::functions::typescript::{Guest, ScriptError, Source};

struct Component;

impl Guest for Component {
    fn strip(path: String, text: String) -> Result<Source, ScriptError> {
        match strip(&path, &text) {
            Ok(script) => Ok(Source { text: script.text, source_map: Some(script.source_map) }),
            Err(Problem { message, line, column, frame }) => {
                Err(ScriptError { message, stack_trace: String::new(), file: Some(path), line, column, frame })
            }
        }
    }
}
