//! What people read of an error: their own files and lines, nothing of ours.

pub(crate) mod source_maps;
mod stack;
pub(crate) mod syntax;

use std::rc::Rc;

use rquickjs::{Ctx, Function, Object, Result, Value};

use crate::host::ScriptError;
use crate::natives::text::lossy;
use crate::state::State;

/// Why an invocation failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvocationError {
    /// `Name: message`, as the thrower wrote it.
    pub message: String,
    /// Causes, outermost first.
    pub causes: Vec<String>,
    /// One frame on each line.
    pub stack_trace: String,
}

/// `binding('errors')`: how the text of a stack is made.
pub(crate) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let own = state.clone();
    let format = move |head: rquickjs::String<'js>, frames: rquickjs::String<'js>| {
        stack::format(&own, &lossy(&head), &lossy(&frames))
    };
    object.set("format", Function::new(ctx.clone(), format)?)?;
    Ok(object)
}

/// What the host gets to know of something that was thrown.
pub(crate) fn report<'js>(ctx: &Ctx<'js>, state: &State, thrown: &Value<'js>) -> InvocationError {
    let described: Result<(rquickjs::String<'js>, Vec<rquickjs::String<'js>>, rquickjs::String<'js>)> = (|| {
        let parts: rquickjs::Array<'js> = state.hook(ctx, "describe")?.call((thrown.clone(),))?;
        Ok((parts.get(0)?, parts.get(1)?, parts.get(2)?))
    })();
    let Ok((message, causes, frames)) = described else {
        // Not even describing it works: the stack or the memory is used up.
        let _ = ctx.catch();
        return InvocationError { message: "an error that can't be described".to_owned(), ..Default::default() };
    };
    let mut stack_trace = stack::for_people(&lossy(&frames));
    if let Some(details) = state.script_error(ctx, thrown) {
        stack_trace = syntax::place(&details);
    }
    InvocationError { message: lossy(&message), causes: causes.iter().map(lossy).collect(), stack_trace }
}

/// Like [`report`], with the place apart.
pub(crate) fn script_error<'js>(ctx: &Ctx<'js>, state: &State, thrown: &Value<'js>) -> ScriptError {
    if let Some(details) = state.script_error(ctx, thrown) {
        return details;
    }
    let report = report(ctx, state, thrown);
    let place = stack::first_place(&report.stack_trace);
    let (file, line, column) = place.map_or((None, 0, 0), |(file, line, column)| (Some(file), line, column));
    let text = file.as_deref().and_then(|file| state.host.read(file));
    let frame = text.map(|text| syntax::frame(&String::from_utf8_lossy(&text), line, column)).unwrap_or_default();
    let mut message = report.message;
    for cause in report.causes {
        message.push_str("\ncaused by: ");
        message.push_str(&cause);
    }
    ScriptError { message, stack_trace: report.stack_trace, file, line, column, frame }
}
