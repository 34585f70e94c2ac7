//! `binding('loader')`: finding, compiling and importing scripts.

use std::rc::Rc;

use rquickjs::{Array, Ctx, Function, Object, Result, Value};

use crate::modules::paths::{ROOT, relative};
use crate::modules::{self, file_url};
use crate::raw;
use crate::state::State;

pub(super) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("root", ROOT)?;
    let own = state.clone();
    object.set(
        "resolve",
        Function::new(ctx.clone(), move |ctx, specifier: String, from: String, import| {
            resolve(&ctx, &own, &specifier, &from, import)
        })?,
    )?;
    let own = state.clone();
    let compile = move |ctx: Ctx<'js>, path: String| modules::commonjs(&ctx, &own, &path);
    object.set("compile", Function::new(ctx.clone(), compile)?)?;
    let own = state.clone();
    let import = move |ctx: Ctx<'js>, path: String| modules::import(&ctx, &own, &path);
    object.set("import", Function::new(ctx.clone(), import)?)?;
    object.set("fileUrl", Function::new(ctx.clone(), |path: String| file_url(&path))?)?;
    object.set("relative", Function::new(ctx.clone(), |path: String| relative(&path).map(str::to_owned))?)?;
    object.set("script", Function::new(ctx.clone(), script)?)?;
    let own = state.clone();
    object.set("text", Function::new(ctx.clone(), move |path: String| text(&own, &path))?)?;
    Ok(object)
}

/// Runs a script in the scope that all scripts share. What it imports is looked for beside the file `name`.
fn script<'js>(ctx: Ctx<'js>, text: String, name: String) -> Result<Value<'js>> {
    raw::compile(&ctx, &name, &text, 1).and_then(|compiled| raw::run(&ctx, compiled))
}

/// `['file', path]` or `['builtin', id]`.
fn resolve<'js>(ctx: &Ctx<'js>, state: &State, specifier: &str, from: &str, import: bool) -> Result<Array<'js>> {
    let (kind, id) = match modules::resolve(ctx, state, specifier, from, import)? {
        modules::Target::File(path) => ("file", path),
        modules::Target::Builtin(id) => ("builtin", id),
    };
    let result = Array::new(ctx.clone())?;
    result.set(0, kind)?;
    result.set(1, id)?;
    Ok(result)
}

/// A file as text, for JSON.
fn text(state: &State, path: &str) -> Option<String> {
    let bytes = state.host.read(path)?;
    let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Some(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}
