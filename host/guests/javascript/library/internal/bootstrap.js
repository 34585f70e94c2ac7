// The first file: gives the library its `require`, loads all of it so that it becomes part of the image, and puts what it
// offers on globalThis. Rust calls it with `require` = compile (id → function) and `module.ids`; `exports` become the
// functions that Rust calls.

const compile = require;
const { ids } = module;
const bindings = new Map();
const modules = new Map();

function nativeBinding(name) {
    let natives = bindings.get(name);
    if (natives === undefined) {
        natives = binding(name);
        bindings.set(name, natives);
    }
    return natives;
}

function requireBuiltin(id) {
    if (id.startsWith('node:')) id = `node/${id.slice(5)}`;
    let loaded = modules.get(id);
    if (loaded === undefined) {
        loaded = { id, exports: {} };
        modules.set(id, loaded);
        try {
            compile(id)(loaded.exports, requireBuiltin, loaded, nativeBinding);
        } catch (error) {
            modules.delete(id);
            throw error;
        }
    }
    return loaded.exports;
}

function install(globals) {
    for (const name of Object.keys(globals)) {
        Object.defineProperty(globalThis, name, {
            value: globals[name], writable: true, enumerable: false, configurable: true,
        });
    }
}

Math.random = nativeBinding('random').next;
Object.defineProperty(Math, 'random', { enumerable: false });
Object.defineProperty(globalThis, 'global', {
    value: globalThis, writable: true, enumerable: false, configurable: true,
});

const order = ['internal/', 'web/', 'node/', 'functions/'];
for (const prefix of order) {
    for (const id of ids) {
        if (id.startsWith(prefix) && id !== 'internal/bootstrap') {
            const { globals } = requireBuiltin(id);
            if (globals !== undefined) install(globals);
        }
    }
}

const timers = requireBuiltin('internal/timers');
const loader = requireBuiltin('internal/loader');
const errors = requireBuiltin('internal/errors');

exports.runTicks = timers.runTicks;
exports.runNext = timers.runNext;
exports.requireBuiltin = requireBuiltin;
exports.requireFile = loader.requireFile;
exports.describeModule = loader.describeModule;
exports.load = loader.load;
exports.rawStack = errors.rawStack;
exports.describe = errors.describe;

// Whether the app listens for rejections that nobody handles.
exports.unhandledRejection = function (reason, promise) {
    const { process } = globalThis;
    if (typeof process?.listenerCount !== 'function' || process.listenerCount('unhandledRejection') === 0) return false;
    process.emit('unhandledRejection', reason, promise);
    return true;
};

if (ids.includes('functions/index')) Object.assign(exports, requireBuiltin('functions/index'));
