// `context` of the v4 model.
'use strict';

const unknown = 'unknown';

// Values of inputs or outputs besides the trigger and the return value, by binding or by name.
class Values {
    #values = {};

    get(bindingOrName) {
        return this.#values[typeof bindingOrName === 'string' ? bindingOrName : bindingOrName.name];
    }

    set(bindingOrName, value) {
        this.#values[typeof bindingOrName === 'string' ? bindingOrName : bindingOrName.name] = value;
    }
}

class InvocationContext {
    #log;

    constructor(init) {
        const given = init ?? {};
        this.invocationId = given.invocationId || unknown;
        this.functionName = given.functionName || unknown;
        this.extraInputs = new Values();
        this.extraOutputs = new Values();
        this.retryContext = given.retryContext;
        this.traceContext = given.traceContext;
        this.triggerMetadata = given.triggerMetadata;
        const { options } = given;
        this.options = {
            trigger: options?.trigger ?? { name: unknown, type: unknown },
            return: options?.return,
            extraInputs: options?.extraInputs ?? [],
            extraOutputs: options?.extraOutputs ?? [],
        };
        this.#log = given.logHandler || toConsole;
    }

    log(...values) {
        this.#log('information', ...values);
    }

    trace(...values) {
        this.#log('trace', ...values);
    }

    debug(...values) {
        this.#log('debug', ...values);
    }

    info(...values) {
        this.#log('information', ...values);
    }

    warn(...values) {
        this.#log('warning', ...values);
    }

    error(...values) {
        this.#log('error', ...values);
    }
}

// For a context that a test of the app's makes.
function toConsole(level, ...values) {
    const method = {
        trace: 'trace',
        debug: 'debug',
        information: 'info',
        warning: 'warn',
        error: 'error',
        critical: 'error',
    };
    console[method[level] ?? 'log'](...values);
}

module.exports = { InvocationContext };
