//! From a path to something that runs: bytecode that another instance of this version made, or the text, compiled here and
//! then given to the others.

use rquickjs::{Ctx, Exception, Function, Module, Result, WriteOptions};

use super::describe;
use super::package::Kind;
use super::paths::absolute;
use crate::errors::syntax;
use crate::raw;
use crate::state::State;

/// What kind of script a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    CommonJs,
    Module,
}

/// A script, ready to run.
pub(crate) enum Compiled<'js> {
    /// The function that Node wraps around it.
    CommonJs(Function<'js>),
    Module(Module<'js>),
}

/// In front of a CommonJS script, whose own lines keep their numbers.
const WRAPPER: &str = "(function (exports, require, module, __filename, __dirname) {\n\n";
/// The number of the wrapper's first line; QuickJS takes 0 for 1.
const WRAPPER_LINE: i32 = -1;
/// Behind it; a script may end with a comment.
const WRAPPER_END: &str = "\n})";

/// Leads the bytecode that the host keeps.
const COMMONJS_MARK: u8 = b'c';
const MODULE_MARK: u8 = b'm';

/// Compiles the script at a path.
pub(crate) fn compile<'js>(ctx: &Ctx<'js>, state: &State, path: &str) -> Result<Compiled<'js>> {
    if let Some(bytecode) = state.host.bytecode(path)
        && let Some(compiled) = read(ctx, state, path, &bytecode)?
    {
        return Ok(compiled);
    }
    let source = match state.host.script(path) {
        Ok(Some(source)) => source,
        Ok(None) => {
            let message = format!("Cannot find module '{}': the file is gone.", absolute(path));
            return Err(Exception::throw_message(ctx, &message));
        }
        Err(error) => return Err(syntax::throw(ctx, state, error)),
    };
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let result = match form(state, path) {
        Some(Form::CommonJs) => compile_commonjs(ctx, state, path, text),
        Some(Form::Module) => compile_module(ctx, state, path, text),
        None => match compile_commonjs(ctx, state, path, text) {
            Err(rquickjs::Error::Exception) if may_be_module(text) => {
                let error = ctx.catch();
                match compile_module(ctx, state, path, text) {
                    Err(rquickjs::Error::Exception) if !has_module_statement(text) => Err(ctx.throw(error)),
                    result => result,
                }
            }
            result => result,
        },
    };
    match result {
        Err(rquickjs::Error::Exception) => Err(syntax::explain(ctx, state, path, text)),
        result => result,
    }
}

fn read<'js>(ctx: &Ctx<'js>, state: &State, path: &str, bytecode: &[u8]) -> Result<Option<Compiled<'js>>> {
    match bytecode.split_first() {
        Some((&COMMONJS_MARK, bytes)) => {
            raw::function(ctx, raw::read(ctx, bytes)?).map(|function| Some(Compiled::CommonJs(function)))
        }
        Some((&MODULE_MARK, bytes)) => {
            let module = raw::read_module(ctx, bytes)?;
            describe(ctx, state, &module, path)?;
            Ok(Some(Compiled::Module(module)))
        }
        _ => Ok(None),
    }
}

fn compile_commonjs<'js>(ctx: &Ctx<'js>, state: &State, path: &str, text: &str) -> Result<Compiled<'js>> {
    let mut wrapped = String::with_capacity(WRAPPER.len() + text.len() + WRAPPER_END.len());
    wrapped.push_str(WRAPPER);
    match text.strip_prefix("#!") {
        Some(rest) => {
            wrapped.push_str("//");
            wrapped.push_str(rest);
        }
        None => wrapped.push_str(text),
    }
    wrapped.push_str(WRAPPER_END);
    let compiled = raw::compile(ctx, &absolute(path), &wrapped, WRAPPER_LINE)?;
    keep(state, path, COMMONJS_MARK, &raw::write(ctx, &compiled)?);
    raw::function(ctx, compiled).map(Compiled::CommonJs)
}

fn compile_module<'js>(ctx: &Ctx<'js>, state: &State, path: &str, text: &str) -> Result<Compiled<'js>> {
    let module = Module::declare(ctx.clone(), absolute(path), text)?;
    keep(state, path, MODULE_MARK, &module.write(WriteOptions::default())?);
    describe(ctx, state, &module, path)?;
    Ok(Compiled::Module(module))
}

fn keep(state: &State, path: &str, mark: u8, bytecode: &[u8]) {
    let mut marked = Vec::with_capacity(bytecode.len() + 1);
    marked.push(mark);
    marked.extend_from_slice(bytecode);
    state.host.keep_bytecode(path, &marked);
}

/// What the extension and the nearest package.json say; `None` when the text has to tell.
fn form(state: &State, path: &str) -> Option<Form> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "cjs" => Some(Form::CommonJs),
        // TypeScript is written with `import` and `export` also where the compiler makes CommonJS of it: the text tells.
        "cts" => None,
        "mjs" | "mts" => Some(Form::Module),
        _ => match state.modules.packages.of(&*state.host, path)?.kind? {
            Kind::CommonJs if extension == "ts" => None,
            Kind::CommonJs => Some(Form::CommonJs),
            Kind::Module => Some(Form::Module),
        },
    }
}

/// Whether a text that is no CommonJS script may be an ES module.
fn may_be_module(text: &str) -> bool {
    ["import", "export", "await"].iter().any(|word| text.contains(word))
}

/// Whether a line starts with what only an ES module has.
fn has_module_statement(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        ["import", "export"]
            .iter()
            .any(|word| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '{', '*', '"', '\'', '\t'])))
    })
}
