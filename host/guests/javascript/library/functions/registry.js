// What an app has declared in code: functions, hooks and the programming model that runs them. One instance of the
// engine holds one app, so this is module state; it is empty in the image every instance begins with.
'use strict';

const { rangeError, readOnlyError, systemError } = require('functions/errors');

const host = binding('host');
const levels = { trace: 0, debug: 1, information: 2, warning: 3, error: 4, critical: 5 };

const functions = new Map();
const hooks = { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] };

const registry = {
    functions,
    hooks,
    // Set by `setProgrammingModel`; without one a registered function is called as in the v3 model.
    model: null,
    // The path of the entry file that is being evaluated.
    entryFile: null,
    // Functions are declared while the app starts, never later.
    locked: false,
    // Counts what entry files do with this module, to tell those that do nothing.
    uses: 0,
    // Shared by the hooks of one app, for its whole life.
    appHookData: {},
    // Shared by the hooks that are not about an invocation.
    startHookData: {},
    register,
    registerHook,
    log,
    context: hookContext,
    run,
};

// Returns what takes the function away again.
function register(metadata, callback) {
    registry.uses++;
    if (registry.locked) throw systemError('A function can only be registered during app startup.');
    const id = metadata.functionId || metadata.name;
    if (functions.has(id)) throw systemError(`A function with id "${id}" has already been registered.`);
    const bindings = Object.entries(metadata.bindings).map(([name, one]) => ({ ...one, name }));
    const file = registry.entryFile ?? 'unknown';
    const slash = file.lastIndexOf('/');
    functions.set(id, {
        metadata: {
            ...metadata,
            functionId: id,
            rawBindings: bindings.map((one) => JSON.stringify(one)),
            directory: slash < 0 ? '' : file.slice(0, slash),
            scriptFile: file.slice(slash + 1),
        },
        bindings,
        callback,
        // What a programming model derives from the metadata once and keeps.
        prepared: null,
    });
    return () => {
        if (registry.locked) throw systemError('A function can only be disposed during app startup.');
        functions.delete(id);
    };
}

function registerHook(name, callback) {
    registry.uses++;
    if (!Object.hasOwn(hooks, name)) throw rangeError(`Unrecognized hook "${name}"`);
    const list = hooks[name];
    list.push(callback);
    return () => {
        const index = list.indexOf(callback);
        if (index >= 0) list.splice(index, 1);
    };
}

// Writes a line, after the app's log hooks have seen it.
function log(level, category, message, invocationContext) {
    if (hooks.log.length > 0) {
        const context = hookContext(registry.startHookData, { level, message, category, invocationContext });
        for (const hook of hooks.log) hook(context);
        ({ level, message } = context);
    }
    if (level !== 'none') host.log(levels[level] ?? levels.information, message);
}

// What a hook is called with: the data hooks share cannot be replaced, only filled.
function hookContext(hookData, properties) {
    const fixed = (name, value) => ({
        enumerable: true,
        get: () => value,
        set() {
            throw readOnlyError(name);
        },
    });
    return Object.defineProperties(properties, {
        hookData: fixed('hookData', hookData),
        appHookData: fixed('appHookData', registry.appHookData),
    });
}

async function run(name, context) {
    for (const hook of hooks[name]) await hook(context);
}

module.exports = registry;
