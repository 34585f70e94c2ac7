// The programming model of our own `@azure/functions`: from the host's request to the handler's arguments, from its
// result to outputs.
'use strict';

const { camelCased, camelCasedKey, fromData, nothing, toData } = require('functions/data');
const { withHooks } = require('functions/invocation');
const registry = require('functions/registry');
const { HttpRequest } = require('functions/model/http-request');
const { toResponse } = require('functions/model/http-response');
const { InvocationContext } = require('functions/model/invocation-context');
const { isTrigger, returned } = require('functions/model/metadata');

// What is needed of a function's bindings for each call.
function prepare({ bindings }) {
    const trigger = bindings.find((binding) => isTrigger(binding.type));
    const type = trigger?.type.toLowerCase();
    const outputs = bindings.filter((binding) => binding.direction === 'out');
    return {
        isHttp: type === 'httptrigger',
        isTimer: type === 'timertrigger',
        outputs: outputs.map((binding) => ({ name: binding.name, isHttp: binding.type?.toLowerCase() === 'http' })),
        options: {
            trigger,
            return: outputs.find((binding) => binding.name === returned),
            extraInputs: bindings.filter((binding) => binding !== trigger && binding.direction === 'in'),
            extraOutputs: outputs.filter((binding) => binding.name !== returned),
        },
    };
}

async function invoke(declared, request) {
    declared.prepared ??= prepare(declared);
    const { isHttp, isTimer, outputs, options } = declared.prepared;
    const { name } = declared.metadata;
    const { invocationId, trace, retry, metadata, trigger } = request;

    let ended = false;
    const context = new InvocationContext({
        invocationId,
        functionName: name,
        logHandler(level, ...values) {
            if (ended) warnOfLateLog(name, invocationId, context);
            const only = values.length === 1 && typeof values[0] === 'string';
            registry.log(level, 'user', only ? values[0] : require('node/util').format(...values), context);
        },
        retryContext: retry ? retryContext(retry) : undefined,
        traceContext: trace ? { traceParent: trace.traceParent, traceState: trace.traceState } : undefined,
        triggerMetadata: isHttp || isTimer ? undefined : triggerMetadata(metadata),
        options,
    });
    for (const { name: input, data } of request.inputs) context.extraInputs.set(input, value(data));

    const first = value(trigger.data);
    const inputs = [isTimer ? camelCased(first, true) : first];
    let result;
    try {
        result = await withHooks(
            context,
            inputs,
            declared.callback,
            (given, handler) => handler(...given, context),
            () => {},
        );
    } finally {
        ended = true;
    }

    const answer = { outputs: [], returnValue: nothing };
    let usedResult = isHttp;
    for (const output of outputs) {
        const isReturn = output.name === returned;
        const given = isReturn ? result : context.extraOutputs.get(output.name);
        if (isReturn) usedResult = true;
        if (given === undefined || given === null) continue;
        const data = output.isHttp ? await toResponse(given) : toData(given);
        if (isReturn) answer.returnValue = data;
        else answer.outputs.push({ name: output.name, data });
    }
    // Without an output for it the result is the trigger's business; durable functions hand back their state this way.
    if (!usedResult) answer.returnValue = toData(result);
    return answer;
}

function value(data) {
    if (data.kind === 'http-request') return new HttpRequest(data.value);
    if (data.kind === 'text-list') return data.value.map((text) => fromData({ kind: 'text', value: text }));
    return fromData(data);
}

function retryContext({ retryCount, maxRetryCount, lastError }) {
    return { retryCount, maxRetryCount, ...(lastError ? { exception: { message: lastError } } : {}) };
}

function triggerMetadata(metadata) {
    const result = {};
    for (const { name, data } of metadata) result[camelCasedKey(name)] = camelCased(value(data), true);
    return result;
}

function warnOfLateLog(name, invocationId, context) {
    registry.log(
        'warning',
        'system',
        "Warning: Unexpected call to 'log' on the context object after function execution has completed. " +
            'Please check for asynchronous calls that are not awaited. ' +
            `Function name: ${name}. Invocation Id: ${invocationId}.`,
        context,
    );
}

module.exports = { name: '@azure/functions', version: '4.16.5', invoke };
