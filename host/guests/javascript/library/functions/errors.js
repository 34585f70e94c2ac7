// Errors of the programming models themselves, and any thrown value as an error.
'use strict';

// The mark by which Azure's packages know errors that are not the function's own.
function marked(error) {
    error.isAzureFunctionsSystemError = true;
    return error;
}

function systemError(message) {
    return marked(new Error(message));
}

function rangeError(message) {
    return marked(new RangeError(message));
}

function readOnlyError(name) {
    return marked(new TypeError(`Cannot assign to read only property '${name}'`));
}

// What was thrown or handed to `done`: an error as it is, anything else as the message of one.
function toError(thrown) {
    if (thrown instanceof Error) return thrown;
    // An error of another realm or a class that only looks like one keeps its stack too.
    if (typeof thrown === 'object' && thrown !== null && typeof thrown.message === 'string') return thrown;
    return new Error(textOf(thrown));
}

function textOf(thrown) {
    if (thrown === undefined || thrown === null) return 'Unknown error';
    if (typeof thrown !== 'object') return String(thrown);
    try {
        return JSON.stringify(thrown) ?? String(thrown);
    } catch {
        return Object.prototype.toString.call(thrown);
    }
}

module.exports = { systemError, rangeError, readOnlyError, toError };
