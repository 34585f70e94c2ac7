//! What the library gets from Rust by `binding(name)`: plain functions on plain data.

mod app;
mod crypto;
mod host;
pub(crate) mod http;
mod loader;
mod package;
pub(crate) mod text;
mod url;
mod util;

use std::rc::Rc;

use rquickjs::{Ctx, Exception, Function, Object, Result};

use crate::state::State;

/// The natives with this name.
pub(crate) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>, name: &str) -> Result<Object<'js>> {
    match name {
        "app" => app::binding(ctx, state),
        "crypto" => crypto::binding(ctx),
        "errors" => crate::errors::binding(ctx, state),
        "host" => host::binding(ctx, state),
        "http" => http::binding(ctx, state),
        "loader" => loader::binding(ctx, state),
        "loop" => event_loop(ctx, state),
        "package" => package::binding(ctx, state),
        "random" => random(ctx, state),
        "text" => text::binding(ctx),
        "url" => url::binding(ctx),
        "util" => util::binding(ctx),
        _ => Err(Exception::throw_message(ctx, &format!("there are no natives named '{name}'"))),
    }
}

/// `binding('loop')`: tells the event loop that `runTicks` has something to do.
fn event_loop<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let own = state.clone();
    object.set("tickWaits", Function::new(ctx.clone(), move || own.ticks.set(true))?)?;
    Ok(object)
}

/// `binding('random')`: what `Math.random` is.
fn random<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let own = state.clone();
    let next = Function::new(ctx.clone(), move || own.random.next())?.with_name("random")?;
    object.set("next", next)?;
    Ok(object)
}
