// The way into an app: tells its functions and runs one of them. Functions are declared in code (v4) or by
// function.json files (v3); an instance loads what it runs when it runs it first, once.
'use strict';

const loader = require('internal/loader');
const { resets } = require('internal/resets');
const registry = require('functions/registry');
const retries = require('functions/retries');
const rpc = require('functions/rpc');
const v3 = require('functions/v3');
const { systemError, toError } = require('functions/errors');
const { entryPoint } = require('functions/v3/script');

const app = binding('app');
const { root } = binding('loader');

// The promise of a started app: entry files evaluated, start hooks run.
let starting = null;
let started = false;
// Set when the app's own programming model can't be asked for whole bodies; see `capabilities`.
let streams = false;
const warnings = [];
// Loaded functions of function.json files by name, or promises of them.
const scripts = new Map();

async function start() {
    const files = app.entryFiles();
    if (files.length === 0) return;
    const idle = [];
    for (const file of files) {
        const uses = registry.uses;
        registry.entryFile = file;
        try {
            await loader.load(file);
        } catch (thrown) {
            throw explained(thrown, `can't load entry file "${file}"`);
        } finally {
            registry.entryFile = null;
        }
        if (registry.uses === uses) idle.push(file);
    }
    if (registry.functions.size === 0) {
        warnings.push(
            `No function is declared by ${files.map((file) => `"${file}"`).join(', ')}, which "main" of ` +
                "package.json names. Declare functions there with app.http(...) and the like of '@azure/functions'.",
        );
    } else if (idle.length > 0 && idle.length < files.length) {
        for (const file of idle) warnings.push(`Entry file "${file}" declares nothing.`);
    }
    await capabilities();
    if (registry.hooks.appStart.length > 0) {
        await registry.run('appStart', registry.context(registry.startHookData, { functionAppDirectory: root }));
    }
    registry.locked = true;
}

// The same error, its message telling what the host was doing.
function explained(thrown, what) {
    const error = toError(thrown);
    try {
        error.message = `${what}: ${error.message}`;
    } catch {
        // A frozen error tells less.
    }
    return error;
}

// Settles the app's programming model. Where the app asks for HTTP streams, the npm package would wait for a connection
// of the host's; its functions are then run by our own model, with whole bodies.
async function capabilities() {
    const { model } = registry;
    if (typeof model?.getCapabilities !== 'function') return;
    try {
        streams = Boolean((await model.getCapabilities({})).HttpUri);
    } catch {
        streams = true;
    }
}

function ensureStarted() {
    starting ??= start().then(() => {
        started = true;
    }, retire);
    return starting;
}

// Modules that failed to load have been loaded by half: another instance begins anew.
function retire(error) {
    app.retire();
    throw error;
}

// Returns { functions, problems, warnings }.
async function index() {
    await ensureStarted();
    const problems = [];
    for (const definition of app.definitions()) {
        try {
            await script(definition);
        } catch (error) {
            problems.push({ function: definition.name, error });
        }
    }
    const functions = Array.from(registry.functions.values(), ({ metadata }) => ({
        name: metadata.name,
        entryPoint: metadata.functionId,
        bindings: metadata.rawBindings,
        retry: retries.policy(metadata.retryOptions),
    }));
    return { functions, problems, warnings };
}

// The function of a function.json, loaded; a promise the first time.
function script(definition) {
    const { name } = definition;
    const found = scripts.get(name) ?? loadScript(definition).catch(retire);
    scripts.set(name, found);
    return found;
}

async function loadScript(definition) {
    const exported = await loader.load(definition.scriptFile);
    const { callback, thisArg } = entryPoint(exported, definition);
    const bindings = definition.bindings.map((text) => JSON.parse(text));
    const loaded = {
        definition: v3.prepare({ name: definition.name, directory: absolute(definition.directory), bindings }),
        callback: thisArg === undefined ? callback : callback.bind(thisArg),
    };
    scripts.set(definition.name, loaded);
    return loaded;
}

// A path of the app as its code sees it.
function absolute(path) {
    return path === '' ? root : `${root}/${path}`;
}

// Returns a promise of { outputs, returnValue }.
function invoke(request) {
    for (const reset of resets) reset();
    return started ? run(request) : ensureStarted().then(() => run(request));
}

function run(request) {
    const declared = registry.functions.get(request.entryPoint) ?? registry.functions.get(request.functionName);
    if (declared) return runDeclared(declared, request);
    let loaded = scripts.get(request.functionName);
    if (loaded === undefined) {
        const definition = app.definition(request.functionName);
        if (!definition) throw systemError(`There is no function '${request.functionName}' in this app.`);
        loaded = script(definition);
    }
    return typeof loaded.then === 'function' ? loaded.then((ready) => call(ready, request)) : call(loaded, request);
}

function call({ definition, callback }, request) {
    return v3.invoke(definition, callback, request);
}

function runDeclared(declared, request) {
    if (typeof declared.callback !== 'function') {
        throw systemError(`Function '${declared.metadata.name}' has no handler that is a function.`);
    }
    const { model } = registry;
    if (model?.invoke) return model.invoke(declared, request);
    if (streams) return require('functions/model/invocation').invoke(declared, request);
    if (model) return rpc.invoke(declared, request, model);
    declared.prepared ??= v3.prepare({
        name: declared.metadata.name,
        directory: absolute(''),
        bindings: declared.bindings,
    });
    return v3.invoke(declared.prepared, declared.callback, request);
}

module.exports = { index, invoke };
