// `context` of the v3 model. What few functions look at is made when it is first read.
'use strict';

const { camelCased, camelCasedKey, fromData } = require('functions/data');
const { joined } = require('functions/http');
const { Request } = require('functions/v3/request');
const { Response } = require('functions/v3/response');

class Context {
    // `invocation` writes log lines and hears of `done`.
    constructor(definition, request, invocation) {
        const { invocationId, trace, retry } = request;
        const hidden = { definition, request, invocation };
        Object.defineProperty(this, 'hidden', { value: hidden });
        this.invocationId = invocationId;
        this.executionContext = {
            invocationId,
            functionName: definition.name,
            functionDirectory: definition.directory,
            retryContext: retry ? retryContext(retry) : undefined,
        };
        this.bindings = {};
        this.traceContext = trace
            ? { traceparent: trace.traceParent, tracestate: trace.traceState, attributes: {} }
            : {};
        this.done = (error, result) => invocation.done(error, result);
    }
}

// A property that is made when it is first read; from then on it is like any other.
function lazy(name, make) {
    const define = (context, value) => {
        Object.defineProperty(context, name, { value, writable: true, enumerable: true, configurable: true });
        return value;
    };
    Object.defineProperty(Context.prototype, name, {
        enumerable: true,
        configurable: true,
        get() {
            return define(this, make(this));
        },
        set(value) {
            define(this, value);
        },
    });
}

lazy('log', ({ hidden: { invocation } }) => {
    const log = (...values) => invocation.log('information', values);
    log.error = (...values) => invocation.log('error', values);
    log.warn = (...values) => invocation.log('warning', values);
    log.info = (...values) => invocation.log('information', values);
    log.verbose = (...values) => invocation.log('trace', values);
    log.metric = (name, value, properties) => {
        invocation.log('information', [`Metric ${name}: ${value}`, ...(properties === undefined ? [] : [properties])]);
    };
    return log;
});

lazy('bindingData', ({ bindings, hidden: { definition, request } }) => {
    const data = { invocationId: request.invocationId };
    for (const { name, data: value } of request.metadata) {
        data[camelCasedKey(name)] = camelCased(fromData(value), false);
    }
    if (request.trigger.data.kind === 'http-request') {
        const { value } = request.trigger.data;
        Object.assign(data, bodyProperties(bindings[request.trigger.name]?.body), joined(value.query));
        for (const [name, text] of value.params) data[name] = text;
        data.sys = { methodName: definition.name, utcNow: new Date().toISOString(), randGuid: crypto.randomUUID() };
        data.query = joined(value.query);
        data.headers = joined(value.headers);
    }
    return data;
});

// The properties of a JSON body that are binding data: all but arrays (reference: section 1.6).
function bodyProperties(body) {
    if (body === null || typeof body !== 'object' || ArrayBuffer.isView(body)) return {};
    return Object.fromEntries(Object.entries(body).filter(([, value]) => !Array.isArray(value)));
}

lazy('bindingDefinitions', ({ hidden: { definition } }) => {
    return definition.bindings.map(({ name, type, direction }) => ({ name, type, direction: direction ?? 'in' }));
});

function retryContext({ retryCount, maxRetryCount, lastError }) {
    return { retryCount, maxRetryCount, exception: lastError ? { message: lastError } : undefined };
}

// Fills `context.bindings`, `req` and `res` and returns the arguments that follow `context`. What has no value is
// undefined, and still an argument: those after it stay where the function expects them.
function takeInputs(context, definition, request) {
    const inputs = [];
    const take = ({ name, data }) => {
        let value;
        if (data.kind === 'http-request') {
            value = context.req = new Request(data.value);
            context.res = new Response(context.done);
        } else {
            value = fromData(data);
            if (name === definition.timer) value = camelCased(value, false);
        }
        context.bindings[name] = value;
        inputs.push(value);
    };
    take(request.trigger);
    request.inputs.forEach(take);
    return inputs;
}

module.exports = { Context, takeInputs };
