// CommonJS as Node has it, and the way from there into ES modules. Finding and compiling is done in Rust (src/modules).
// Files have two names: scripts see `/home/site/wwwroot/index.js`, the natives know `index.js`.

const natives = binding('loader');
const { root } = natives;

const cache = Object.create(null);
// Specifiers that were resolved before, by the folder that they were resolved in.
const resolved = new Map();

function absolute(path) {
    return path === '' ? root : `${root}/${path}`;
}

function folderOf(path) {
    const at = path.lastIndexOf('/');
    return at < 0 ? '' : path.slice(0, at);
}

function resolve(specifier, from) {
    if (typeof specifier !== 'string') {
        const error = new TypeError(
            `The "id" argument must be of type string. Received ${specifier === null ? 'null' : typeof specifier}`);
        error.code = 'ERR_INVALID_ARG_TYPE';
        throw error;
    }
    const key = `${folderOf(from)}\n${specifier}`;
    let target = resolved.get(key);
    if (target === undefined) {
        target = natives.resolve(specifier, from, false);
        resolved.set(key, target);
    }
    return target;
}

function Module(id, parent) {
    this.id = id;
    this.path = absolute(folderOf(id));
    this.exports = {};
    this.filename = absolute(id);
    this.loaded = false;
    this.children = [];
    this.paths = lookupPaths(folderOf(id));
    Object.defineProperty(this, 'parent', { value: parent, writable: true, enumerable: false, configurable: true });
}

function lookupPaths(folder) {
    const paths = [];
    for (;;) {
        if (folder !== 'node_modules' && !folder.endsWith('/node_modules')) {
            paths.push(absolute(folder === '' ? 'node_modules' : `${folder}/node_modules`));
        }
        if (folder === '') return paths;
        folder = folderOf(folder);
    }
}

Module.prototype.require = function (specifier) {
    return makeRequire(this)(specifier);
};

function makeRequire(parent) {
    const from = natives.relative(parent.filename) ?? '';
    function require(specifier) {
        const [kind, target] = resolve(specifier, from);
        return kind === 'builtin' ? library(target) : loadFile(target, parent);
    }
    require.resolve = function (specifier, options) {
        let base = from;
        if (options?.paths !== undefined) {
            for (const path of options.paths) {
                const inside = natives.relative(path);
                if (inside === undefined || inside === null) continue;
                base = inside === '' ? 'index.js' : `${inside}/index.js`;
                try {
                    return shown(resolve(specifier, base), specifier);
                } catch {
                    // The next folder may have it.
                }
            }
        }
        return shown(resolve(specifier, base), specifier);
    };
    require.resolve.paths = (specifier) => (/^\.\.?(\/|$)/.test(specifier) ? [parent.path] : lookupPaths(folderOf(from)));
    require.cache = cache;
    require.main = Module.main;
    require.extensions = Object.create(null);
    return require;
}

// What require.resolve answers: built-in modules keep their names.
function shown([kind, target], specifier) {
    return kind === 'builtin' ? specifier : absolute(target);
}

const library = require;

// ES modules that were loaded by `load`, and the script that it compiled and is about to run.
const namespaces = new Map();
let compiled = null;

function loadFile(path, parent) {
    const filename = absolute(path);
    const known = cache[filename];
    if (known !== undefined) {
        if (parent !== undefined && !parent.children.includes(known)) parent.children.push(known);
        return known.exports;
    }
    const module = new Module(path, parent);
    if (parent === undefined) {
        module.id = '.';
        Module.main ??= module;
    } else {
        module.id = filename;
        parent.children.push(module);
    }
    cache[filename] = module;
    try {
        evaluate(module, path);
    } catch (error) {
        delete cache[filename];
        throw error;
    }
    module.loaded = true;
    return module.exports;
}

function evaluate(module, path) {
    if (path.endsWith('.json')) {
        module.exports = parseJson(path);
        return;
    }
    const script = compiled ?? natives.compile(path);
    compiled = null;
    if (script === undefined || script === null) {
        module.exports = requireModule(path);
        return;
    }
    Reflect.apply(script, module.exports, [
        module.exports, makeRequire(module), module, module.filename, module.path,
    ]);
}

function parseJson(path) {
    const text = natives.text(path);
    try {
        return JSON.parse(text);
    } catch (error) {
        error.message = `${path}: ${error.message}`;
        throw error;
    }
}

// require() of an ES module, as since Node 22.
function requireModule(path) {
    const [promise, namespace] = natives.import(path);
    const [state, value] = binding('util').promiseState(promise);
    if (state === 'pending') {
        const error = new Error(
            `require() cannot be used on an ES module that awaits at its top level: ${path}. Use import() instead.`);
        error.code = 'ERR_REQUIRE_ASYNC_MODULE';
        throw error;
    }
    if (state === 'rejected') {
        promise.catch(() => {});
        throw value;
    }
    return 'module.exports' in namespace ? namespace['module.exports'] : namespace;
}

// Loads a script of the app by its path from the root: its exports, or a promise of the namespace of an ES module.
function load(path) {
    const filename = absolute(path);
    const known = cache[filename];
    if (known !== undefined) return known.exports;
    const imported = namespaces.get(path);
    if (imported !== undefined) return imported;
    if (!path.endsWith('.json')) {
        const script = natives.compile(path);
        if (script === undefined || script === null) {
            const [promise, namespace] = natives.import(path);
            const result = promise.then(() => namespace);
            namespaces.set(path, result);
            return result;
        }
        compiled = script;
    }
    return loadFile(path, undefined);
}

exports.load = load;
exports.Module = Module;
exports.cache = cache;
exports.makeRequire = (filename) => makeRequire(new Module(natives.relative(filename) ?? ''));
exports.requireFile = (path) => loadFile(path, undefined);
exports.describeModule = function (meta, path) {
    meta.resolve = function (specifier) {
        const [kind, target] = natives.resolve(String(specifier), path, true);
        return kind === 'builtin' ? `node:${target.replace(/^node\//, '')}` : natives.fileUrl(target);
    };
};
