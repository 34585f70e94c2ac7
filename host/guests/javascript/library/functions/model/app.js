// `app`: declares the functions of an app, by trigger.
'use strict';

const registry = require('functions/registry');
const { metadata } = require('functions/model/metadata');
const { output, trigger } = require('functions/model/bindings');
const hook = require('functions/model/hooks');
const model = require('functions/model/invocation');

function generic(name, options) {
    registry.model ??= model;
    registry.register(metadata(name, options), options.handler);
}

// What `options` holds for the function as a whole; the rest is the trigger's.
function declare(name, options, toTrigger) {
    const { handler, return: returned, trigger: given, extraInputs, extraOutputs, retry, ...rest } = options;
    const parts = { handler, return: returned, extraInputs, extraOutputs, retry };
    generic(name, { ...parts, trigger: given ?? toTrigger(rest) });
}

function http(name, options) {
    options.return ||= output.http({});
    declare(name, options, trigger.http);
}

function httpMethod(method) {
    return (name, optionsOrHandler) => {
        const options = typeof optionsOrHandler === 'function' ? { handler: optionsOrHandler } : optionsOrHandler;
        options.methods = [method];
        http(name, options);
    };
}

const app = {
    http,
    get: httpMethod('GET'),
    put: httpMethod('PUT'),
    post: httpMethod('POST'),
    patch: httpMethod('PATCH'),
    deleteRequest: httpMethod('DELETE'),
    generic,
    setup,
    hook: {
        appStart: hook.appStart,
        appTerminate: hook.appTerminate,
        preInvocation: hook.preInvocation,
        postInvocation: hook.postInvocation,
        log: hook.log,
    },
};

for (const kind of Object.keys(trigger)) {
    app[kind] ??= (name, options) => declare(name, options, trigger[kind]);
}

// Nothing to choose: bodies are whole, also where `enableHttpStream` asks for streams, which work as before.
function setup() {
    registry.uses++;
    if (registry.locked) {
        throw require('functions/errors').systemError("Setup options can't be changed after app startup has finished.");
    }
}

module.exports = app;
