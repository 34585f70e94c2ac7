// One invocation between its hooks, for every programming model: the hooks before may change inputs and callback, those
// after may change the result or take back an error.
'use strict';

const { readOnlyError } = require('functions/errors');
const registry = require('functions/registry');

const { preInvocation, postInvocation } = registry.hooks;

// Calls `invoke(inputs, callback)` and returns what is the result in the end, or a promise of it. `entered(state)`
// hears where it stands.
function withHooks(invocationContext, inputs, callback, invoke, entered) {
    if (preInvocation.length === 0 && postInvocation.length === 0) return invoke(inputs, callback);
    return hooked(invocationContext, inputs, callback, invoke, entered);
}

async function hooked(invocationContext, inputs, callback, invoke, entered) {
    const hookData = {};
    const before = registry.context(hookData, { functionCallback: callback, inputs });
    unwritable(before, invocationContext);
    entered('preInvocationHooks');
    await registry.run('preInvocation', before);

    const after = registry.context(hookData, { inputs: before.inputs, result: null, error: null });
    unwritable(after, invocationContext);
    entered('invocation');
    let thrown = false;
    try {
        after.result = await invoke(before.inputs, before.functionCallback);
    } catch (error) {
        thrown = true;
        after.error = error;
    }
    const failed = thrown && (after.error === null || after.error === undefined);
    entered('postInvocationHooks');
    try {
        await registry.run('postInvocation', after);
    } finally {
        entered(undefined);
    }
    if (failed || (after.error !== null && after.error !== undefined)) throw after.error;
    return after.result;
}

function unwritable(context, invocationContext) {
    Object.defineProperty(context, 'invocationContext', {
        enumerable: true,
        get: () => invocationContext,
        set() {
            throw readOnlyError('invocationContext');
        },
    });
}

module.exports = { withHooks };
