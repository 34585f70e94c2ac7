// The module `@azure/functions-core`: what Azure's Node worker offers to programming models, and `@azure/functions` and
// `durable-functions` build on. Only the host can supply it, whatever an app ships.
'use strict';

const { Disposable } = require('functions/disposable');
const registry = require('functions/registry');

// The worker and the host whose behaviour this is.
const version = '3.12.0';
const hostVersion = '4.1041.0';

module.exports = {
    version,
    workerVersion: version,
    hostVersion,
    Disposable,
    registerFunction(metadata, callback) {
        return new Disposable(registry.register(metadata, callback));
    },
    setProgrammingModel(model) {
        registry.model = model;
    },
    getProgrammingModel() {
        return registry.model;
    },
    registerHook(name, callback) {
        return new Disposable(registry.registerHook(name, callback));
    },
    log(level, category, message) {
        registry.uses++;
        registry.log(level, category, message);
    },
};
