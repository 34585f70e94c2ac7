//! The only unsafe code: calls of QuickJS that rquickjs has no safe form of, each wrapped so that its caller can do
//! nothing wrong, except that [`read`] has to be given bytecode made by [`write()`] of this very build.

#![expect(unsafe_code, reason = "QuickJS is C; what its safe wrapper lacks is called here and nowhere else")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::unnecessary_cast,
    reason = "QuickJS's size_t has another Rust type on each platform"
)]

use std::ffi::CString;
use std::mem::MaybeUninit;

use rquickjs::{Ctx, Error, Function, Module, Result, TypedArray, Value, qjs};

/// The size of QuickJS's heap, in bytes.
pub(crate) fn heap_bytes(ctx: &Ctx<'_>) -> usize {
    let mut usage = MaybeUninit::<qjs::JSMemoryUsage>::zeroed();
    // SAFETY: the runtime lives as long as `ctx`; the call fills the structure, which is plain numbers.
    let usage = unsafe {
        qjs::JS_ComputeMemoryUsage(qjs::JS_GetRuntime(ctx.as_raw().as_ptr()), usage.as_mut_ptr());
        usage.assume_init()
    };
    usize::try_from(usage.malloc_size).unwrap_or(0)
}

/// Lets QuickJS look for garbage cycles only when its heap has grown to `bytes`, unless it waits for more already.
pub(crate) fn raise_gc_threshold(ctx: &Ctx<'_>, bytes: usize) {
    // SAFETY: the runtime lives as long as `ctx`; both calls only touch a number.
    unsafe {
        let runtime = qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
        if (qjs::JS_GetGCThreshold(runtime) as usize) < bytes {
            qjs::JS_SetGCThreshold(runtime, bytes as _);
        }
    }
}

/// Compiles `text` (an expression) as a script whose first line has the number `line`, and does not run it.
pub(crate) fn compile<'js>(ctx: &Ctx<'js>, name: &str, text: &str, line: i32) -> Result<Value<'js>> {
    let name = CString::new(name)?;
    let length = text.len();
    let text = CString::new(text)?;
    let flags = qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY;
    let mut options = qjs::JSEvalOptions {
        version: qjs::JS_EVAL_OPTIONS_VERSION as _,
        eval_flags: flags as _,
        filename: name.as_ptr(),
        line_num: line,
    };
    // SAFETY: both texts end with a zero and outlive the call; the value returned is owned by us.
    unsafe {
        let value = qjs::JS_Eval2(ctx.as_raw().as_ptr(), text.as_ptr(), length as _, &raw mut options);
        owned(ctx, value)
    }
}

/// Runs what [`compile`] or [`read`] returned.
pub(crate) fn run<'js>(ctx: &Ctx<'js>, compiled: Value<'js>) -> Result<Value<'js>> {
    // SAFETY: the call takes over the value that is given up here; the value returned is owned by us.
    unsafe {
        let value = qjs::JS_EvalFunction(ctx.as_raw().as_ptr(), give_up(compiled));
        owned(ctx, value)
    }
}

/// Bytecode of what [`compile`] returned.
pub(crate) fn write(ctx: &Ctx<'_>, compiled: &Value<'_>) -> Result<Vec<u8>> {
    write_with(ctx, compiled, qjs::JS_WRITE_OBJ_BYTECODE as i32)
}

/// Like [`write()`]; functions don't know their texts.
pub(crate) fn write_without_source(ctx: &Ctx<'_>, compiled: &Value<'_>) -> Result<Vec<u8>> {
    write_with(ctx, compiled, (qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE) as i32)
}

fn write_with(ctx: &Ctx<'_>, compiled: &Value<'_>, flags: i32) -> Result<Vec<u8>> {
    let mut length = 0;
    // SAFETY: the value lives during the call; the buffer returned is copied and then freed as QuickJS asks.
    unsafe {
        let raw = ctx.as_raw().as_ptr();
        let buffer = qjs::JS_WriteObject(raw, &raw mut length, compiled.as_raw(), flags);
        if buffer.is_null() {
            return Err(Error::Exception);
        }
        let bytes = std::slice::from_raw_parts(buffer, length as usize).to_vec();
        qjs::js_free(raw, buffer.cast());
        Ok(bytes)
    }
}

/// The opposite of [`write()`]. QuickJS trusts what it reads: the bytes have to be this engine's own.
pub(crate) fn read<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<Value<'js>> {
    // SAFETY: the host keeps bytecode under the engine's and the app's digest with a MAC, so it is our own.
    unsafe {
        let flags = qjs::JS_READ_OBJ_BYTECODE as i32;
        let value = qjs::JS_ReadObject(ctx.as_raw().as_ptr(), bytes.as_ptr(), bytes.len() as _, flags);
        owned(ctx, value)
    }
}

/// The opposite of `Module::write`, with the same trust as [`read`]; for the module loader only, whose caller goes on to
/// load what the module imports.
pub(crate) fn read_module<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<Module<'js>> {
    // SAFETY: as in `read`; the form that is kept with the bytes says that it is a module.
    unsafe { Module::load(ctx.clone(), bytes) }
}

/// Does something with the bytes of an array. `with` must not run JavaScript, and has no way to without a `Ctx`.
pub(crate) fn with_bytes<R>(array: &TypedArray<'_, u8>, with: impl FnOnce(&[u8]) -> R) -> R {
    // SAFETY: no JavaScript runs while the slice lives.
    with(unsafe { array.as_bytes() }.unwrap_or_default())
}

/// Lets `fill` write the bytes of an array.
pub(crate) fn with_bytes_mut(array: &TypedArray<'_, u8>, fill: impl FnOnce(&mut [u8])) {
    if let Some(mut bytes) = array.as_raw() {
        // SAFETY: no JavaScript runs while the slice lives, and nothing else in Rust holds one of the same array.
        fill(unsafe { bytes.as_mut() });
    }
}

/// Calls `with` with the string as QuickJS writes it: UTF-8, except that a lone surrogate takes three bytes.
pub(crate) fn with_string_bytes<R>(text: &rquickjs::String<'_>, with: impl FnOnce(&[u8]) -> R) -> R {
    let ctx = text.ctx().as_raw().as_ptr();
    let mut length = MaybeUninit::uninit();
    // SAFETY: the bytes live until they are freed after the call.
    unsafe {
        let bytes = qjs::JS_ToCStringLen(ctx, length.as_mut_ptr(), text.as_raw());
        if bytes.is_null() {
            return with(&[]);
        }
        let result = with(std::slice::from_raw_parts(bytes.cast(), length.assume_init() as usize));
        qjs::JS_FreeCString(ctx, bytes);
        result
    }
}

/// A string of UTF-16 units.
pub(crate) fn string_from_utf16<'js>(ctx: &Ctx<'js>, units: &[u16]) -> Result<Value<'js>> {
    // SAFETY: the units live during the call, which copies them.
    unsafe { owned(ctx, qjs::JS_NewStringUTF16(ctx.as_raw().as_ptr(), units.as_ptr(), units.len() as _)) }
}

/// The name of the class that QuickJS keeps for an object, whatever its prototype says.
pub(crate) fn class_name(value: &Value<'_>) -> Option<String> {
    let ctx = value.ctx().as_raw().as_ptr();
    // SAFETY: the value lives; the atom is freed; the C string is copied and freed.
    unsafe {
        if qjs::JS_IsProxy(value.as_raw()) {
            return Some("Proxy".to_owned());
        }
        let class = qjs::JS_GetClassID(value.as_raw());
        let atom = qjs::JS_GetClassName(qjs::JS_GetRuntime(ctx), class);
        if atom == 0 {
            return None;
        }
        let text = qjs::JS_AtomToCStringLen(ctx, std::ptr::null_mut(), atom);
        qjs::JS_FreeAtom(ctx, atom);
        if text.is_null() {
            return None;
        }
        let name = std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned();
        qjs::JS_FreeCString(ctx, text);
        Some(name)
    }
}

/// The function that a compiled function expression yields.
pub(crate) fn function<'js>(ctx: &Ctx<'js>, compiled: Value<'js>) -> Result<Function<'js>> {
    let value = run(ctx, compiled)?;
    value.into_function().ok_or(Error::Unknown)
}

/// Takes over a value that QuickJS returned.
unsafe fn owned<'js>(ctx: &Ctx<'js>, value: qjs::JSValue) -> Result<Value<'js>> {
    // SAFETY: by contract the value is owned by the caller and belongs to the context.
    let value = unsafe { Value::from_raw(ctx.clone(), value) };
    if value.is_exception() { Err(Error::Exception) } else { Ok(value) }
}

/// Gives a value up without freeing it.
fn give_up(value: Value<'_>) -> qjs::JSValue {
    let raw = value.as_raw();
    // SAFETY: one reference more, which the receiver takes; ours is dropped with `value`.
    unsafe { qjs::JS_DupValue(value.ctx().as_raw().as_ptr(), raw) };
    raw
}

/// Takes memory of QuickJS's allocator and gives it back.
pub(crate) fn allocate_and_free(ctx: &Ctx<'_>, bytes: usize) {
    let ctx = ctx.as_raw().as_ptr();
    // SAFETY: what is freed was allocated a line above, or is null, which may be freed.
    unsafe { qjs::js_free(ctx, qjs::js_malloc(ctx, bytes as _)) };
}

/// What a settled promise was fulfilled or rejected with; does not count as handling a rejection.
pub(crate) fn promise_result<'js>(promise: &rquickjs::Promise<'js>) -> Value<'js> {
    let ctx = promise.ctx();
    // SAFETY: the promise lives; the value returned is owned by us.
    unsafe { Value::from_raw(ctx.clone(), qjs::JS_PromiseResult(ctx.as_raw().as_ptr(), promise.as_raw())) }
}
