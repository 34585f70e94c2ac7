//! `binding('host')`: the log, clocks, the environment and randomness.

use std::rc::Rc;

use rquickjs::{Ctx, Function, Object, Result, TypedArray};

use super::text::lossy;
use crate::host::Level;
use crate::raw;
use crate::state::State;

pub(super) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let host = state.host.clone();
    let log = move |level: u8, text: rquickjs::String<'js>| host.log(Level::from_number(level), &lossy(&text));
    object.set("log", Function::new(ctx.clone(), log)?)?;
    let host = state.host.clone();
    object.set("now", Function::new(ctx.clone(), move || host.wall_clock())?)?;
    let host = state.host.clone();
    object.set("monotonic", Function::new(ctx.clone(), move || host.monotonic_clock())?)?;
    let host = state.host.clone();
    let environment = move || host.environment().into_iter().map(|(k, v)| vec![k, v]).collect::<Vec<_>>();
    object.set("environment", Function::new(ctx.clone(), environment)?)?;
    let host = state.host.clone();
    let fill = move |array: TypedArray<'js, u8>| raw::with_bytes_mut(&array, |bytes| host.random(bytes));
    object.set("randomFill", Function::new(ctx.clone(), fill)?)?;
    Ok(object)
}
