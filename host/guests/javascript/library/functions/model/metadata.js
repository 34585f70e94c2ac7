// What is told about a declared function: its bindings by name, as `registerFunction` takes them.
'use strict';

const { systemError } = require('functions/errors');

const returned = '$return';

function metadata(name, options) {
    const bindings = {};
    const add = (key, binding) => {
        if (Object.hasOwn(bindings, key)) {
            throw systemError(
                `Duplicate bindings found for function "${name}". Remove a duplicate binding or manually specify the ` +
                    '"name" property to make it unique.',
            );
        }
        bindings[key] = binding;
    };

    const { trigger, retry } = options;
    const type = isTrigger(trigger.type) ? trigger.type : `${trigger.type}Trigger`;
    add(trigger.name, { ...trigger, direction: 'in', type });
    for (const input of options.extraInputs ?? []) add(input.name, { ...input, direction: 'in' });
    if (options.return) add(returned, { ...options.return, direction: 'out' });
    for (const output of options.extraOutputs ?? []) add(output.name, { ...output, direction: 'out' });
    return { name, bindings, retryOptions: retry ? retryOptions(retry) : undefined };
}

function isTrigger(type) {
    return /trigger$/i.test(type);
}

function retryOptions(retry) {
    return {
        ...retry,
        retryStrategy: retry.strategy,
        delayInterval: duration(retry.delayInterval, 'retry.delayInterval'),
        maximumInterval: duration(retry.maximumInterval, 'retry.maximumInterval'),
        minimumInterval: duration(retry.minimumInterval, 'retry.minimumInterval'),
    };
}

// Milliseconds or parts of a time, as seconds.
function duration(given, property) {
    if (given === undefined || given === null) return undefined;
    const { hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = given;
    const total = typeof given === 'number' ? given : ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
    if ((typeof given === 'number' || typeof given === 'object') && total >= 0)
        return { seconds: Math.round(total / 1000) };
    throw systemError(
        `A 'number' or 'Duration' object was expected instead of a '${typeof given}'. ` +
            `Cannot parse value of '${property}'.`,
    );
}

module.exports = { metadata, isTrigger, returned };
