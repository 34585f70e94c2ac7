//! `binding('util')`: what a value is, beyond what JavaScript can find out.

use rquickjs::promise::PromiseState;
use rquickjs::{Array, Ctx, Function, Object, Result, Value};

use crate::raw;

pub(super) fn binding<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("promiseState", Function::new(ctx.clone(), promise_state)?)?;
    object.set("classOf", Function::new(ctx.clone(), |value: Value<'js>| raw::class_name(&value))?)?;
    Ok(object)
}

fn promise_state<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Array<'js>> {
    let state = Array::new(ctx.clone())?;
    let Some(promise) = value.as_promise() else {
        return Err(rquickjs::Exception::throw_type(&ctx, "not a promise"));
    };
    match promise.state() {
        PromiseState::Pending => state.set(0, "pending")?,
        PromiseState::Resolved => {
            state.set(0, "fulfilled")?;
            state.set(1, raw::promise_result(promise))?;
        }
        PromiseState::Rejected => {
            state.set(0, "rejected")?;
            state.set(1, raw::promise_result(promise))?;
        }
    }
    Ok(state)
}
