// Between functions with callbacks and functions with promises, in both directions.

const { nodeError, validateFunction } = require('node/internal/errors');

const custom = Symbol.for('nodejs.util.promisify.custom');
const argumentNames = Symbol('customPromisifyArgs');

function promisify(original) {
    validateFunction(original, 'original');
    if (original[custom]) {
        const replacement = original[custom];
        validateFunction(replacement, 'util.promisify.custom');
        return Object.defineProperty(replacement, custom, { value: replacement, configurable: true });
    }
    const names = original[argumentNames];
    function promised(...values) {
        return new Promise((resolve, reject) => {
            Reflect.apply(original, this, [...values, (error, ...results) => {
                if (error) reject(error);
                else if (names === undefined) resolve(results[0]);
                else resolve(Object.fromEntries(names.map((name, index) => [name, results[index]])));
            }]);
        });
    }
    Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
    Object.defineProperty(promised, custom, { value: promised, configurable: true });
    const own = Object.getOwnPropertyDescriptors(original);
    for (const key of Reflect.ownKeys(own)) {
        if (key === 'prototype' || key === 'arguments' || key === 'caller') continue;
        Object.defineProperty(promised, key, own[key]);
    }
    return promised;
}
promisify.custom = custom;

function callbackify(original) {
    validateFunction(original, 'original');
    function withCallback(...values) {
        const callback = values.pop();
        validateFunction(callback, 'last argument');
        const { nextTick } = require('node/process');
        Reflect.apply(original, this, values).then(
            (result) => nextTick(callback, null, result),
            (reason) => {
                let error = reason;
                if (!error) {
                    error = nodeError(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
                    error.reason = reason;
                }
                nextTick(callback, error);
            });
    }
    Object.setPrototypeOf(withCallback, Object.getPrototypeOf(original));
    Object.defineProperties(withCallback, {
        length: { value: original.length + 1, configurable: true },
        name: { value: `${original.name}Callbackified`, configurable: true },
    });
    return withCallback;
}

module.exports = { argumentNames, callbackify, promisify };
