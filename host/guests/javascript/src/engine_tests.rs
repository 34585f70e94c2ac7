//! The engine over a package of texts.

use std::rc::Rc;

use crate::testing::FakeHost;
use crate::{Engine, InvocationError, Library};

struct App {
    engine: Engine,
    host: Rc<FakeHost>,
}

fn app(files: &[(&str, &str)]) -> App {
    let host = FakeHost::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    start(Rc::new(host))
}

fn start(host: Rc<FakeHost>) -> App {
    App { engine: Engine::new(Library::embedded(), host.clone()).unwrap(), host }
}

impl App {
    /// Loads a script that leaves its result in `globalThis.result`.
    fn run(&self, path: &str) -> Result<String, InvocationError> {
        self.engine.load(path)?;
        self.engine.evaluate("test", "JSON.stringify(globalThis.result)")
    }

    fn eval(&self, text: &str) -> Result<String, InvocationError> {
        self.engine.evaluate("test", text)
    }
}

fn result(files: &[(&str, &str)]) -> String {
    match app(files).run(files[0].0) {
        Ok(result) => result,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn commonjs_modules_are_what_node_makes_of_them() {
    let text = "
        const a = require('./a');
        globalThis.result = [a.name, a.b.seen, require('./data').x, typeof require('./a.js'), require('./a') === a,
            __filename, __dirname, module.exports === exports, this === exports, require.resolve('./a'),
            Object.keys(require.cache).length, require.main === module, module.children.length];";
    let files = [
        ("f/index.js", text),
        ("f/a.js", "exports.name = 'a'; exports.b = require('./b'); exports.late = true;"),
        ("f/b.js", "const a = require('./a'); exports.seen = Object.keys(a);"),
        ("f/data.json", "\u{feff}{\"x\": 1}"),
    ];
    let expected = r#"["a",["name"],1,"object",true,"/home/site/wwwroot/f/index.js","/home/site/wwwroot/f",true,true,"/home/site/wwwroot/f/a.js",4,true,2]"#;
    assert_eq!(result(&files), expected);
}

#[test]
fn es_modules_import_modules_commonjs_json_and_built_in_ones() {
    let text = "
        import def, { named, 'other-name' as other } from './c.cjs';
        import * as all from './m.mjs';
        import data from './data.json' with { type: 'json' };
        import { cycle } from './cycle.mjs';
        export const own = 1;
        const late = await import('./late.mjs');
        globalThis.result = [def.named, named, other, all.value, all.default, data.x, cycle(), late.value,
            import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve('./late.mjs')];";
    let files = [
        ("main.mjs", text),
        ("c.cjs", "exports.named = 1; exports['other-name'] = 2;"),
        ("m.mjs", "export const value = await Promise.resolve(3); export default 'd';"),
        ("data.json", "{\"x\": 4}"),
        ("cycle.mjs", "import { own } from './main.mjs'; export const cycle = () => own;"),
        ("late.mjs", "export const value = 5;"),
    ];
    let expected = r#"[1,1,2,3,"d",4,1,5,"file:///home/site/wwwroot/main.mjs","/home/site/wwwroot/main.mjs","/home/site/wwwroot","file:///home/site/wwwroot/late.mjs"]"#;
    assert_eq!(result(&files), expected);
}

#[test]
fn the_form_of_a_script_comes_of_its_package_its_extension_or_its_text() {
    let text = "
        globalThis.result = [require('./by-text').x, require('./p/by-type').x, require('./q.mjs').default,
            require('./r.cjs').x, await1()];
        function await1() { return typeof require; }";
    let files = [
        ("index.js", text),
        ("by-text.js", "import './r.cjs'; export const x = typeof require;"),
        ("p/package.json", r#"{"type": "module"}"#),
        ("p/by-type.js", "export const x = 2;"),
        ("q.mjs", "export default 3;"),
        ("r.cjs", "#!/usr/bin/env node\nexports.x = 4; // no line end"),
    ];
    assert_eq!(result(&files), r#"["undefined",2,3,4,"function"]"#);
}

#[test]
fn a_module_that_awaits_at_its_top_level_can_be_imported_but_not_required() {
    let text = "
        let code;
        try { require('./slow.mjs') } catch (error) { code = error.code }
        globalThis.result = [code];
        import('./other.mjs').then((m) => { globalThis.result.push(m.x); });";
    let app = app(&[
        ("index.js", text),
        ("slow.mjs", "export const x = await new Promise((r) => setTimeout(r, 10));"),
        ("other.mjs", "export const x = await new Promise((r) => setTimeout(() => r(7), 10));"),
    ]);
    assert_eq!(app.run("index.js").unwrap(), r#"["ERR_REQUIRE_ASYNC_MODULE"]"#);
    app.eval("new Promise((resolve) => setTimeout(resolve, 20))").unwrap();
    assert_eq!(app.eval("JSON.stringify(result)").unwrap(), r#"["ERR_REQUIRE_ASYNC_MODULE",7]"#);
}

#[test]
fn callbacks_run_in_node_s_order() {
    let text = "
        const order = globalThis.result = [];
        const { nextTick } = globalThis.process;
        setImmediate(() => order.push('immediate'));
        setTimeout((x) => { order.push(x); nextTick(() => order.push('tick in timer')); }, 1, 'timer 1');
        setTimeout(() => order.push('timer 2'), 1);
        const never = setTimeout(() => order.push('never'), 5);
        clearTimeout(Number(never));
        let times = 0;
        const interval = setInterval(() => { order.push('interval'); if (++times === 2) clearInterval(interval); }, 10);
        nextTick(() => { order.push('tick'); Promise.resolve().then(() => order.push('microtask of tick')); });
        nextTick(() => order.push('tick 2'));
        Promise.resolve().then(() => { order.push('microtask'); nextTick(() => order.push('tick of microtask')); });
        queueMicrotask(() => order.push('microtask 2'));
        order.push('script');
        module.exports = new Promise((resolve) => setTimeout(resolve, 50));";
    let app = app(&[("index.js", text)]);
    app.engine.load("index.js").unwrap();
    let order = app.eval("new Promise((resolve) => setTimeout(() => resolve(result.join()), 60))").unwrap();
    let expected = "script,tick,tick 2,microtask,microtask 2,microtask of tick,tick of microtask,immediate,timer 1,\
                    tick in timer,timer 2,interval,interval";
    let others = expected.replace("immediate,timer 1,tick in timer,timer 2", "timer 1,tick in timer,timer 2,immediate");
    assert!(order == expected || order == others, "{order}");
}

#[test]
fn what_never_ends_fails_at_once() {
    let error = app(&[]).eval("new Promise(() => {})").unwrap_err();
    assert!(error.message.starts_with("Error: the function never ends"), "{}", error.message);
}

#[test]
fn a_rejection_that_nobody_handles_is_a_failure_and_one_handled_in_time_is_none() {
    let app = app(&[]);
    let text = "(async () => { Promise.reject(new TypeError('lost')); await null; return 'x' })()";
    assert_eq!(app.eval(text).unwrap_err().message, "TypeError: lost");
    let text =
        "(async () => { const p = Promise.reject(new Error('x')); try { await p } catch { return 'caught' } })()";
    assert_eq!(app.eval(text).unwrap(), "caught");
    let text = "setTimeout(() => { throw new RangeError('in a timer') }, 1); new Promise((r) => setTimeout(r, 5))";
    assert_eq!(app.eval(text).unwrap_err().message, "RangeError: in a timer");
    assert_eq!(app.eval("'it goes on'").unwrap(), "it goes on");
}

#[test]
fn errors_keep_their_message_their_causes_and_the_app_s_frames() {
    let files = [
        (
            "index.js",
            "const { thrower } = require('./lib/thrower');\nexports.run = function run() {\n  thrower();\n};\nexports.run();",
        ),
        (
            "lib/thrower.js",
            "exports.thrower = function thrower() {\n  const cause = new Error('why', { cause: 'text' });\n  throw new TypeError('a: $OutOfProcData$:{}', { cause });\n};",
        ),
    ];
    let error = app(&files).run("index.js").unwrap_err();
    assert_eq!(error.message, "TypeError: a: $OutOfProcData$:{}");
    assert_eq!(error.causes, ["Error: why", "text"]);
    assert_eq!(
        error.stack_trace,
        "    at thrower (lib/thrower.js:3:13)\n    at run (index.js:3:3)\n    at index.js:5:9"
    );
    for (text, message) in [
        ("throw 'text'", "text"),
        ("throw { a: 1 }", "{\"a\":1}"),
        ("throw undefined", "undefined"),
        ("class E extends Error { name = 'Own' } throw new E('m')", "Own: m"),
    ] {
        assert_eq!(app(&[]).eval(text).unwrap_err().message, message);
    }
    let error = app(&[]).eval("Promise.any([Promise.reject(new Error('1')), Promise.reject(2)])").unwrap_err();
    assert_eq!(error.causes, ["Error: 1", "2"]);
}

#[test]
fn stacks_look_like_v8_s() {
    let app = app(&[]);
    let stack = app.eval("function f() { return new Error('m') } f().stack").unwrap();
    assert!(stack.starts_with("Error: m\n    at f (test:1:"), "{stack}");
    let text = "const o = { toString() { return 'x' } }; (function g() { Error.captureStackTrace(o) })(); o.stack";
    let stack = app.eval(text).unwrap();
    assert!(stack.starts_with("Error\n    at g (test:1:"), "{stack}");
    let text = "Error.prepareStackTrace = (e, s) => s; const s = (function h() { return new Error('m').stack })();
        Error.prepareStackTrace = undefined; String([s[0].getFunctionName(), s[0].getLineNumber(), s[0].isEval()])";
    assert_eq!(app.eval(text).unwrap(), "h,1,false");
}

#[test]
fn a_script_that_can_t_be_read_is_shown_with_its_place() {
    let app = app(&[("index.js", "exports.x = require('./broken');"), ("broken.js", "let a = 1;\nlet b = ;\nlet c;")]);
    let error = app.run("index.js").unwrap_err();
    assert!(error.message.starts_with("SyntaxError: "), "{}", error.message);
    assert!(error.stack_trace.starts_with("    at broken.js:2:9\n"), "{}", error.stack_trace);
    assert!(error.stack_trace.contains("> 2 | let b = ;\n    |         ^\n  3 | let c;"), "{}", error.stack_trace);
}

#[test]
fn source_maps_lead_to_the_author_s_lines() {
    // Line 2 of the script comes of line 10, column 5 of src/orders.ts.
    let map = r#"{"version":3,"sources":["../src/orders.ts"],"names":[],"mappings":";AASI"}"#;
    let files = [
        ("dist/index.js", "// made\nthrow new Error('m');\n//# sourceMappingURL=index.js.map"),
        ("dist/index.js.map", map),
    ];
    let error = app(&files).run("dist/index.js").unwrap_err();
    assert_eq!(error.stack_trace, "    at src/orders.ts:10:5");
}

#[test]
fn bytecode_of_one_instance_serves_the_others() {
    let files = [
        ("index.js", "globalThis.result = [require('./m.mjs').x, (function f() { return f.toString() })()];"),
        ("m.mjs", "import { y } from './n.mjs'; export const x = y;"),
        ("n.mjs", "export const y = 1;"),
    ];
    let first = app(&files);
    let expected = r#"[1,"function f() { return f.toString() }"]"#;
    assert_eq!(first.run("index.js").unwrap(), expected);
    let read = first.host.scripts_read.get();
    assert_eq!(read, 3);
    let second = start(first.host.clone());
    assert_eq!(second.run("index.js").unwrap(), expected);
    assert_eq!(first.host.scripts_read.get(), read, "nothing was compiled again");
    let error = second.eval("require('x')").unwrap_err();
    assert!(error.message.contains("require"), "{}", error.message);
}

#[test]
fn instances_share_neither_randomness_nor_clock() {
    let numbers = |seed: u8| {
        let app = app(&[]);
        app.host.seed.set(seed);
        app.eval("String([Math.random(), Math.random()])").unwrap()
    };
    assert_eq!(numbers(1), numbers(1));
    assert_ne!(numbers(1), numbers(2));
    let app = app(&[]);
    app.eval("const r = Math.random(); if (!(r >= 0 && r < 1)) throw r; 'x'").unwrap();
}

#[test]
fn endless_recursion_can_be_caught() {
    let app = app(&[]);
    let text = "let depth = 0; (function f() { depth++; f() }).call ? 0 : 0;
        function f() { depth++; f() } let name; try { f() } catch (error) { name = error.name } `${name} ${depth > 900}`";
    assert_eq!(app.eval(text).unwrap(), "RangeError true");
    assert_eq!(app.eval("JSON.parse('[1]').length + eval('1') + new Function('return 1')() + ''").unwrap(), "3");
}
