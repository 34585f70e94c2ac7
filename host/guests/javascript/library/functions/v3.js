// The v3 model: function.json beside a script whose function gets `context` and the inputs, and ends by its promise or
// by `context.done` (reference: Azure Functions, sections 2.6, 2.7 and 7.3).
'use strict';

const { nothing, toData } = require('functions/data');
const { withHooks } = require('functions/invocation');
const registry = require('functions/registry');
const { Context, takeInputs } = require('functions/v3/context');
const { isUntouched, toResponse } = require('functions/v3/response');

const returned = '$return';
const learnMore = 'Learn more: https://go.microsoft.com/fwlink/?linkid=2097909';

// What is needed of a function.json for each call. `bindings` are objects.
function prepare({ name, directory, bindings }) {
    const typeIs = (binding, type) => binding.type?.toLowerCase() === type;
    const outputs = bindings.filter((binding) => (binding.direction ?? 'in').toLowerCase() !== 'in');
    return {
        name,
        directory,
        bindings,
        outputs: outputs.map((binding) => ({ name: binding.name, isHttp: typeIs(binding, 'http') })),
        httpOutput: outputs.findLast((binding) => typeIs(binding, 'http'))?.name,
        hasHttpTrigger: bindings.some((binding) => typeIs(binding, 'httptrigger')),
        timer: bindings.find((binding) => typeIs(binding, 'timertrigger'))?.name,
        // An activity's result is kept whatever it is.
        keepsFalsy: bindings.some((binding) => binding.name === 'name' && binding.type === 'activityTrigger'),
    };
}

// One call: who is called back by `context`, and what its answer is.
class Invocation {
    #name;
    #id;
    #ended = false;
    #async = false;
    #settle = null;
    #context = null;
    // Where a call with hooks stands.
    #state = undefined;

    constructor(definition, request) {
        this.#name = definition.name;
        this.#id = request.invocationId;
    }

    async run(callback, definition, request) {
        const context = new Context(definition, request, this);
        this.#context = context;
        const inputs = takeInputs(context, definition, request);
        const result = await withHooks(
            context,
            inputs,
            callback,
            (given, handler) => this.#call(handler, given),
            (state) => (this.#state = state),
        );
        return answer(definition, context, result);
    }

    #call(callback, inputs) {
        const { promise, resolve, reject } = Promise.withResolvers();
        this.#settle = { resolve, reject };
        let result;
        try {
            result = callback(this.#context, ...inputs);
        } catch (error) {
            this.#ended = true;
            // It counts also when `done` was called before.
            promise.catch(() => {});
            return Promise.reject(error);
        }
        if (typeof result?.then === 'function') {
            this.#async = true;
            result.then(
                (value) => {
                    this.#end();
                    resolve(value);
                },
                (error) => {
                    this.#ended = true;
                    reject(error);
                },
            );
        } else if (isGenerator(result)) {
            this.#ended = true;
            reject(
                new Error(
                    `Function '${this.#name}' is a generator function, which nothing runs here. ` +
                        'Make it async, or wrap it with the orchestrator() of durable-functions.',
                ),
            );
        }
        return promise;
    }

    // `context.done`.
    done(error, result) {
        this.#end();
        if (error !== undefined && error !== null) this.#settle?.reject(error);
        else this.#settle?.resolve(result);
    }

    // The function has ended; it may do so only once.
    #end() {
        if (this.#ended) {
            if (this.#async && this.#context.suppressAsyncDoneError) return;
            const message = this.#async
                ? `Choose either to return a promise or call 'done'. Do not use both in your script. ${learnMore}`
                : "'done' has already been called. Please check your script for extraneous calls to 'done'.";
            registry.log('error', 'system', `Error: ${message}`, this.#context);
        }
        this.#ended = true;
    }

    log(level, values) {
        if (this.#ended && this.#state !== 'postInvocationHooks') {
            registry.log(
                'warning',
                'system',
                "Warning: Unexpected call to 'log' on the context object after function execution has completed. " +
                    'Please check for asynchronous calls that are not awaited or calls to ' +
                    "'done' made before function execution completes. " +
                    `Function name: ${this.#name}. Invocation Id: ${this.#id}. ${learnMore}`,
                this.#context,
            );
        }
        const only = values.length === 1 && typeof values[0] === 'string';
        registry.log(level, 'user', only ? values[0] : require('node/util').format(...values), this.#context);
    }
}

function isGenerator(value) {
    return (
        typeof value === 'object' &&
        value !== null &&
        typeof value.next === 'function' &&
        (typeof value[Symbol.iterator] === 'function' || typeof value[Symbol.asyncIterator] === 'function')
    );
}

// Outputs by the rules of Azure's worker: a returned value goes to `$return`, else a returned object is spread over the
// outputs of its properties' names; `context.bindings` fills the rest.
function answer(definition, context, result) {
    const { outputs: defined, httpOutput, hasHttpTrigger, keepsFalsy } = definition;
    const { bindings } = context;
    const outputs = [];
    let returnValue = nothing;
    const hasResult = Boolean(result) || (keepsFalsy && result !== undefined && result !== null);
    const hasReturn = defined.some((output) => output.name === returned);
    const spread = hasResult && !hasReturn && typeof result === 'object' && result !== null;

    // Where nothing else says what the response is, a returned object that looks like one is it.
    if (
        spread &&
        httpOutput &&
        hasHttpTrigger &&
        isUntouched(context.res) &&
        bindings[httpOutput] === undefined &&
        looksLikeResponse(result) &&
        !defined.some(({ name }) => result[name] !== undefined)
    ) {
        bindings[httpOutput] = result;
    } else if (httpOutput && context.res && bindings[httpOutput] === undefined) {
        bindings[httpOutput] = context.res;
    }

    for (const { name, isHttp } of defined) {
        let value = bindings[name];
        if (name === returned && hasResult) value = result;
        else if (spread && result[name] !== undefined) value = result[name];
        if (value === undefined) continue;
        const data = isHttp ? toResponse(value) : toData(value);
        if (name === returned) returnValue = data;
        else outputs.push({ name, data });
    }
    const wasSpread = spread && defined.some(({ name }) => result[name] !== undefined);
    if (hasResult && !hasReturn && !wasSpread && !hasHttpTrigger) returnValue = toData(result);
    return { outputs, returnValue };
}

function looksLikeResponse(value) {
    return ['body', 'status', 'statusCode', 'headers', 'cookies'].some((name) => Object.hasOwn(value, name));
}

// `callback` is called with `thisArg` as `this`.
function invoke(definition, callback, request) {
    return new Invocation(definition, request).run(callback, definition, request);
}

module.exports = { invoke, prepare };
