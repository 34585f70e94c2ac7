//! Loading the app's scripts: CommonJS by `library/internal/loader.js` with the natives here, ES modules by QuickJS with
//! [`Loader`].

mod json;
mod package;
pub(crate) mod paths;
mod resolve;
mod script;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rquickjs::loader::{ImportAttributes, Loader as QuickJsLoader, Resolver as QuickJsResolver};
use rquickjs::{Array, Ctx, Error, Exception, Function, Module, Object, Persistent, Result, Value};

use self::package::Packages;
use self::paths::{absolute, folder, relative};
use self::resolve::Resolver;
pub(crate) use self::resolve::Target;
use self::script::Form;
use crate::state::State;

/// Names of library modules among module names.
const BUILTIN: &str = "builtin:";

/// What loading has to remember.
#[derive(Default)]
pub(crate) struct ModuleState {
    packages: Packages,
    /// What the scripts that were compiled so far turned out to be.
    forms: RefCell<BTreeMap<String, Form>>,
    /// Scripts that were compiled to find out their form, until they are needed.
    compiled: RefCell<BTreeMap<String, Persistent<Function<'static>>>>,
    imports: Cell<u32>,
}

/// What `specifier` means in the file at `from`.
pub(crate) fn resolve<'js>(ctx: &Ctx<'js>, state: &State, specifier: &str, from: &str, import: bool) -> Result<Target> {
    let resolver = Resolver {
        host: &*state.host,
        packages: &state.modules.packages,
        builtin: &|id| state.library.borrow().has(id),
    };
    resolver.resolve(specifier, from, import).map_err(|not_found| {
        match Exception::from_message(ctx.clone(), &not_found.message) {
            Ok(error) => match error.as_object().set("code", not_found.code) {
                Ok(()) => error.throw(),
                Err(failure) => failure,
            },
            Err(failure) => failure,
        }
    })
}

/// The function of a CommonJS script; `None` when the script is an ES module.
pub(crate) fn commonjs<'js>(ctx: &Ctx<'js>, state: &State, path: &str) -> Result<Option<Function<'js>>> {
    if let Some(compiled) = state.modules.compiled.borrow_mut().remove(path) {
        return compiled.restore(ctx).map(Some);
    }
    if state.modules.forms.borrow().get(path) == Some(&Form::Module) {
        return Ok(None);
    }
    match script::compile(ctx, state, path)? {
        script::Compiled::CommonJs(function) => {
            state.modules.forms.borrow_mut().insert(path.to_owned(), Form::CommonJs);
            Ok(Some(function))
        }
        script::Compiled::Module(_) => {
            state.modules.forms.borrow_mut().insert(path.to_owned(), Form::Module);
            Ok(None)
        }
    }
}

/// Runs an ES module and what it imports: the promise of its end, and its namespace.
pub(crate) fn import<'js>(ctx: &Ctx<'js>, state: &State, path: &str) -> Result<Array<'js>> {
    let number = state.modules.imports.get();
    state.modules.imports.set(number + 1);
    // QuickJS knows its modules by name; only importing one finds what was loaded before.
    let specifier = serde_json::Value::String(absolute(path)).to_string();
    let text = format!("import * as namespace from {specifier}; export {{ namespace }};");
    let module = Module::declare(ctx.clone(), format!("node:internal/import-{number}"), text)?;
    let (module, promise) = module.eval()?;
    let result = Array::new(ctx.clone())?;
    result.set(0, promise)?;
    result.set(1, module.namespace()?.get::<_, Value<'js>>("namespace")?)?;
    Ok(result)
}

/// Finds and loads ES modules for QuickJS.
pub(crate) struct Loader {
    state: Rc<State>,
}

impl Loader {
    pub(crate) fn new(state: Rc<State>) -> Self {
        Self { state }
    }
}

impl QuickJsResolver for Loader {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        let from = relative(base).unwrap_or_default().to_owned();
        Ok(match resolve(ctx, &self.state, name, &from, true)? {
            Target::File(path) => absolute(&path),
            Target::Builtin(id) => format!("{BUILTIN}{id}"),
        })
    }
}

impl QuickJsLoader for Loader {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js>> {
        let state = self.state.clone();
        if let Some(id) = name.strip_prefix(BUILTIN) {
            let exports = state.hook(ctx, "requireBuiltin")?.call((id,))?;
            return synthetic(ctx, name, exports, true);
        }
        let path = relative(name).ok_or_else(|| Error::new_loading(name))?.to_owned();
        if path.ends_with(".json") {
            let exports = state.hook(ctx, "requireFile")?.call((path,))?;
            return synthetic(ctx, name, exports, false);
        }
        if state.modules.forms.borrow().get(&path) != Some(&Form::CommonJs) {
            match script::compile(ctx, &state, &path)? {
                script::Compiled::Module(module) => {
                    state.modules.forms.borrow_mut().insert(path, Form::Module);
                    return Ok(module);
                }
                script::Compiled::CommonJs(function) => {
                    state.modules.forms.borrow_mut().insert(path.clone(), Form::CommonJs);
                    state.modules.compiled.borrow_mut().insert(path.clone(), Persistent::save(ctx, function));
                }
            }
        }
        let exports = state.hook(ctx, "requireFile")?.call((path,))?;
        synthetic(ctx, name, exports, true)
    }
}

/// A module whose default export is `exports`, and whose named ones are its members.
fn synthetic<'js>(ctx: &Ctx<'js>, name: &str, exports: Value<'js>, named: bool) -> Result<Module<'js>> {
    let mut text = String::from("const exports = import.meta.exports;\nexport default exports;\n");
    if named && let Some(object) = exports.as_object() {
        for (number, key) in object.keys::<String>().filter_map(std::result::Result::ok).enumerate() {
            if key != "default" {
                let key = serde_json::Value::String(key);
                text.push_str(&format!("const e{number} = exports[{key}];\nexport {{ e{number} as {key} }};\n"));
            }
        }
    }
    let module = Module::declare(ctx.clone(), name, text)?;
    module.meta()?.set("exports", exports)?;
    Ok(module)
}

/// Gives a module its `import.meta`.
fn describe<'js>(ctx: &Ctx<'js>, state: &State, module: &Module<'js>, path: &str) -> Result<()> {
    let meta: Object<'js> = module.meta()?;
    meta.set("dirname", absolute(folder(path)))?;
    meta.set("filename", absolute(path))?;
    meta.set("url", file_url(path))?;
    state.hook(ctx, "describeModule")?.call((meta, path))
}

/// The `file:` URL of a path of the package.
pub(crate) fn file_url(path: &str) -> String {
    url::Url::parse("file:///").map_or_else(
        |_| String::new(),
        |mut url| {
            url.set_path(&absolute(path).replace('%', "%25"));
            url.into()
        },
    )
}

/// The path of a `file:` URL, given without `file://`.
fn url_path(rest: &str) -> String {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}
