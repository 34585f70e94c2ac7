//! `binding('http')`: outgoing requests. Each call gives a promise that the event loop settles.

use std::rc::Rc;

use rquickjs::{Ctx, Exception, Function, Object, Persistent, Promise, Result, TypedArray, Value};

use crate::host::{Exchange, HttpError, HttpEvent, HttpRequest};
use crate::raw;
use crate::state::{Settle, State};

pub(super) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let own = state.clone();
    object.set("send", Function::new(ctx.clone(), move |ctx, request| send(&ctx, &own, &request))?)?;
    let own = state.clone();
    object.set("read", Function::new(ctx.clone(), move |ctx, exchange| read(&ctx, &own, exchange))?)?;
    let own = state.clone();
    object.set("cancel", Function::new(ctx.clone(), move |exchange| cancel(&own, exchange))?)?;
    Ok(object)
}

fn send<'js>(ctx: &Ctx<'js>, state: &State, request: &Object<'js>) -> Result<Promise<'js>> {
    let headers: Vec<Vec<String>> = request.get("headers")?;
    let body: Option<TypedArray<'js, u8>> = request.get("body")?;
    let request = HttpRequest {
        method: request.get("method")?,
        url: request.get("url")?,
        headers: headers.into_iter().filter_map(|pair| <[String; 2]>::try_from(pair).ok()).map(Into::into).collect(),
        body: body.map(|body| raw::with_bytes(&body, <[u8]>::to_vec)),
    };
    let (promise, resolve, reject) = ctx.promise()?;
    match state.host.http_send(request) {
        Ok(exchange) => keep(ctx, state, exchange, resolve, reject),
        Err(failure) => reject.call::<_, ()>((error(ctx, &failure)?,))?,
    }
    Ok(promise)
}

fn read<'js>(ctx: &Ctx<'js>, state: &State, exchange: Exchange) -> Result<Promise<'js>> {
    let (promise, resolve, reject) = ctx.promise()?;
    keep(ctx, state, exchange, resolve, reject);
    state.host.http_read(exchange);
    Ok(promise)
}

fn cancel(state: &State, exchange: Exchange) {
    state.exchanges.borrow_mut().remove(&exchange);
    state.host.http_cancel(exchange);
}

fn keep<'js>(ctx: &Ctx<'js>, state: &State, exchange: Exchange, resolve: Function<'js>, reject: Function<'js>) {
    let settle = Settle { resolve: Persistent::save(ctx, resolve), reject: Persistent::save(ctx, reject) };
    state.exchanges.borrow_mut().insert(exchange, settle);
}

/// Settles the promise that waits for this event.
pub(crate) fn deliver(ctx: &Ctx<'_>, state: &State, exchange: Exchange, event: HttpEvent) -> Result<()> {
    let Some(settle) = state.exchanges.borrow_mut().remove(&exchange) else { return Ok(()) };
    let resolve = settle.resolve.restore(ctx)?;
    match event {
        HttpEvent::Response { status, headers } => {
            let response = Object::new(ctx.clone())?;
            response.set("status", status)?;
            response.set("headers", headers.into_iter().map(|(name, value)| vec![name, value]).collect::<Vec<_>>())?;
            response.set("body", exchange)?;
            resolve.call((response,))
        }
        HttpEvent::Chunk(bytes) => resolve.call((TypedArray::new(ctx.clone(), bytes)?,)),
        HttpEvent::End => resolve.call((Value::new_null(ctx.clone()),)),
        HttpEvent::Failed(failure) => settle.reject.restore(ctx)?.call((error(ctx, &failure)?,)),
    }
}

fn error<'js>(ctx: &Ctx<'js>, failure: &HttpError) -> Result<Exception<'js>> {
    let error = Exception::from_message(ctx.clone(), &failure.message)?;
    error.as_object().set("code", failure.code)?;
    Ok(error)
}
