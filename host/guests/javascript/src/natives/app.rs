//! `binding('app')`: the functions that have a function.json, and the files that declare functions in code.

use std::rc::Rc;

use rquickjs::{Ctx, Function, Null, Object, Result, Value};

use crate::host::Definition;
use crate::state::State;

pub(super) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let host = state.host.clone();
    let definitions = move |ctx: Ctx<'js>| {
        host.definitions().into_iter().map(|definition| convert(&ctx, definition)).collect::<Result<Vec<_>>>()
    };
    object.set("definitions", Function::new(ctx.clone(), definitions)?)?;
    let host = state.host.clone();
    let one = move |ctx: Ctx<'js>, name: String| match host.definition(&name) {
        Some(definition) => convert(&ctx, definition).map(Object::into_value),
        None => Ok(Value::new_null(ctx)),
    };
    object.set("definition", Function::new(ctx.clone(), one)?)?;
    let host = state.host.clone();
    object.set("entryFiles", Function::new(ctx.clone(), move || host.entry_files())?)?;
    let host = state.host.clone();
    object.set("retire", Function::new(ctx.clone(), move || host.retire())?)?;
    Ok(object)
}

fn convert<'js>(ctx: &Ctx<'js>, definition: Definition) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("name", definition.name)?;
    object.set("directory", definition.directory)?;
    object.set("scriptFile", definition.script_file)?;
    match definition.entry_point {
        Some(entry_point) => object.set("entryPoint", entry_point)?,
        None => object.set("entryPoint", Null)?,
    }
    object.set("bindings", definition.bindings)?;
    Ok(object)
}
