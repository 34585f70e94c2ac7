//! What the host asks of an engine: the app's functions, and to run one of them.

use rquickjs::{Array, Ctx, Object, Result, String as JsString, Value};

use crate::data::{Invocation, Outcome};
use crate::engine::Engine;
use crate::errors::{self, InvocationError};
use crate::event_loop::Failure;
use crate::host::ScriptError;
use crate::natives::text::lossy;

/// What loading all scripts of an app has shown.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Functions declared in code.
    pub functions: Vec<Function>,
    /// Functions that can't run, with what is wrong.
    pub problems: Vec<(String, ScriptError)>,
    /// Things worth a look.
    pub warnings: Vec<String>,
}

/// A function declared in code.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What `invoke` calls it.
    pub entry_point: String,
    /// Each entry is one element of function.json's `bindings`, as JSON text.
    pub bindings: Vec<String>,
    /// `retry` of a function.json, as JSON text.
    pub retry: Option<String>,
}

impl Engine {
    /// Loads every script that holds functions.
    ///
    /// # Errors
    /// When nothing can run.
    pub fn index(&self) -> std::result::Result<Index, ScriptError> {
        self.with(|ctx| {
            let promise = self.state.hook(ctx, "index").and_then(|index| index.call(()));
            let value = self.settled(ctx, promise).map_err(|failure| match failure {
                Ok(thrown) => errors::script_error(ctx, &self.state, &thrown),
                Err(error) => ScriptError { message: error.message, ..Default::default() },
            })?;
            self.read_index(ctx, &value).map_err(|error| ScriptError {
                message: format!("Error: the functions can't be listed: {error}"),
                ..Default::default()
            })
        })
    }

    /// Runs a function.
    ///
    /// # Errors
    /// What it throws, or that it never ends.
    pub fn invoke(&self, invocation: Invocation) -> std::result::Result<Outcome, InvocationError> {
        self.with(|ctx| {
            let promise = self.state.hook(ctx, "invoke").and_then(|invoke| invoke.call((invocation.into_js(ctx)?,)));
            let value = self.finish(ctx, promise);
            self.rest(ctx);
            let value = value?;
            Outcome::from_js(&value).map_err(|error| {
                let _ = ctx.catch();
                InvocationError {
                    message: format!("Error: the function's result can't be sent: {error}"),
                    ..Default::default()
                }
            })
        })
    }

    /// Waits for a promise: its value, what was thrown, or that it never settles.
    fn settled<'js>(
        &self,
        ctx: &Ctx<'js>,
        promise: Result<Value<'js>>,
    ) -> std::result::Result<Value<'js>, std::result::Result<Value<'js>, InvocationError>> {
        match promise {
            Ok(value) => match value.as_promise() {
                Some(promise) => self.settle(ctx, promise).map_err(|failure| match failure {
                    Failure::Thrown(thrown) => Ok(thrown),
                    Failure::Stuck => Err(Self::stuck()),
                }),
                None => Ok(value),
            },
            Err(rquickjs::Error::Exception) => Err(Ok(ctx.catch())),
            Err(error) => Err(Err(InvocationError { message: format!("Error: {error}"), ..Default::default() })),
        }
    }

    fn read_index<'js>(&self, ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Index> {
        let missing = rquickjs::Error::new_from_js("value", "an index");
        let object = value.as_object().ok_or(missing)?;
        let functions: Array<'js> = object.get("functions")?;
        let functions = functions.iter::<Object<'js>>().map(|function| {
            let function = function?;
            Ok(Function {
                name: text(&function, "name")?,
                entry_point: text(&function, "entryPoint")?,
                bindings: texts(&function, "bindings")?,
                retry: function.get::<_, Option<JsString<'js>>>("retry")?.map(|text| lossy(&text)),
            })
        });
        let problems: Array<'js> = object.get("problems")?;
        let problems = problems.iter::<Object<'js>>().map(|problem| {
            let problem = problem?;
            let thrown: Value<'js> = problem.get("error")?;
            Ok((text(&problem, "function")?, errors::script_error(ctx, &self.state, &thrown)))
        });
        Ok(Index {
            functions: functions.collect::<Result<_>>()?,
            problems: problems.collect::<Result<_>>()?,
            warnings: texts(object, "warnings")?,
        })
    }
}

fn text(object: &Object<'_>, name: &str) -> Result<String> {
    object.get::<_, JsString<'_>>(name).map(|text| lossy(&text))
}

fn texts(object: &Object<'_>, name: &str) -> Result<Vec<String>> {
    let list: Array<'_> = object.get(name)?;
    list.iter::<JsString<'_>>().map(|text| text.map(|text| lossy(&text))).collect()
}
