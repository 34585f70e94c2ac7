//! `binding('package')`: the app's files, read only. Paths are relative to the package's root.

use std::rc::Rc;

use rquickjs::{Ctx, Function, Object, Result, TypedArray};

use crate::host::EntryKind;
use crate::state::State;

pub(super) fn binding<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let host = state.host.clone();
    let stat = move |path: String| match host.stat(&path) {
        None => 0,
        Some(EntryKind::File) => 1,
        Some(EntryKind::Directory) => 2,
    };
    object.set("stat", Function::new(ctx.clone(), stat)?)?;
    let host = state.host.clone();
    object.set("names", Function::new(ctx.clone(), move |path: String| host.names(&path))?)?;
    let host = state.host.clone();
    let read =
        move |ctx: Ctx<'js>, path: String| host.read(&path).map(|bytes| TypedArray::<u8>::new(ctx, bytes)).transpose();
    object.set("read", Function::new(ctx.clone(), read)?)?;
    Ok(object)
}
