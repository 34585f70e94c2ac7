//! The event loop: runs until a promise settles. Its order is Node's: after each callback all of `process.nextTick`,
//! then all microtasks, and again until both are empty; then rejections that nobody handles; then the next timer,
//! immediate or arrived answer. What is still pending when the promise settles goes on in the instance's next
//! invocation.

use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Promise, Value};

use crate::natives::http;
use crate::raw;
use crate::state::State;

/// Why a promise has no value.
pub(crate) enum Failure<'js> {
    /// JavaScript threw or rejected.
    Thrown(Value<'js>),
    /// The promise never settles: there is nothing left that could settle it.
    Stuck,
}

/// Runs the loop until the promise settles. An error that nobody handles ends it, too, and with it the instance: what the
/// function was about to do would go on in the next invocation. Node's process ends there.
pub(crate) fn settle<'js>(ctx: &Ctx<'js>, state: &State, promise: &Promise<'js>) -> Result<Value<'js>, Failure<'js>> {
    let result = run(ctx, state, promise);
    if result.is_err() && !matches!(promise.state(), PromiseState::Rejected) {
        state.host.retire();
    }
    result
}

fn run<'js>(ctx: &Ctx<'js>, state: &State, promise: &Promise<'js>) -> Result<Value<'js>, Failure<'js>> {
    loop {
        let mut failure = drain(ctx, state).err();
        match promise.state() {
            PromiseState::Pending => {}
            PromiseState::Resolved => {
                let unhandled = unhandled(ctx, state, promise);
                return match failure.or(unhandled) {
                    Some(failure) => Err(Failure::Thrown(failure)),
                    None => Ok(raw::promise_result(promise)),
                };
            }
            PromiseState::Rejected => {
                state.rejections.borrow_mut().clear();
                return Err(Failure::Thrown(raw::promise_result(promise)));
            }
        }
        if failure.is_none() {
            failure = unhandled(ctx, state, promise);
        }
        let next = match failure {
            Some(thrown) => return Err(Failure::Thrown(thrown)),
            None => next(ctx, state).map_err(|_| Failure::Thrown(ctx.catch()))?,
        };
        if let Next::Nothing = next {
            return Err(Failure::Stuck);
        }
    }
}

/// Runs ticks and microtasks until there are none. What a tick throws ends it; the rest runs later.
pub(crate) fn drain<'js>(ctx: &Ctx<'js>, state: &State) -> Result<(), Value<'js>> {
    loop {
        if state.ticks.replace(false) {
            let ran = state.hook(ctx, "runTicks").and_then(|run| run.call::<_, ()>(()));
            if ran.is_err() {
                return Err(ctx.catch());
            }
        }
        while ctx.execute_pending_job() {}
        if !state.ticks.get() {
            return Ok(());
        }
    }
}

enum Next {
    Ran,
    Nothing,
}

/// Runs one timer or immediate that is due, or waits for one or for an answer.
fn next(ctx: &Ctx<'_>, state: &State) -> rquickjs::Result<Next> {
    // 0: something ran; above: milliseconds until a timer is due; below: there is none.
    let wait: f64 = state.hook(ctx, "runNext")?.call(())?;
    let is_waiting = !state.exchanges.borrow().is_empty();
    if !is_waiting && wait <= 0.0 {
        return Ok(if wait == 0.0 { Next::Ran } else { Next::Nothing });
    }
    // What ran may go on for ever in the hope of an answer: answers get their turn between.
    for (exchange, event) in state.host.wait((wait >= 0.0).then_some(wait)) {
        http::deliver(ctx, state, exchange, event)?;
    }
    Ok(Next::Ran)
}

/// The first rejection that nobody has handled by now and that the app does not listen for.
fn unhandled<'js>(ctx: &Ctx<'js>, state: &State, awaited: &Promise<'js>) -> Option<Value<'js>> {
    if state.rejections.borrow().is_empty() {
        return None;
    }
    let rejections = std::mem::take(&mut *state.rejections.borrow_mut());
    rejections.into_iter().find_map(|(promise, reason)| {
        let (promise, reason) = (promise.restore(ctx).ok()?, reason.restore(ctx).ok()?);
        if promise == *awaited.as_value() {
            return None;
        }
        let listened: rquickjs::Result<bool> =
            state.hook(ctx, "unhandledRejection").and_then(|hook| hook.call((reason.clone(), promise)));
        match listened {
            Ok(true) => None,
            Ok(false) => Some(reason),
            Err(_) => Some(ctx.catch()),
        }
    })
}
