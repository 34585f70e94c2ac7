// `assert`.

const { AssertionError } = require('node/internal/assertion_error');
const { inspect } = require('node/internal/inspect');
const { isDeepEqual, isDeepStrictEqual } = require('node/internal/equality');
const { types } = require('node/internal/types');
const { invalidArgType, invalidArgValue, nodeError, validateFunction } = require('node/internal/errors');

function fail(actual, expected, message, operator, stackStartFn) {
    if (message instanceof Error) throw message;
    throw new AssertionError({ actual, expected, message, operator, stackStartFn });
}

function check(start, values) {
    if (values[0]) return;
    const [value, given] = values;
    if (given instanceof Error) throw given;
    let message = given;
    if (values.length === 0) message = 'No value argument passed to `assert.ok()`';
    else if (message === undefined) message = `The expression evaluated to a falsy value: ${inspect(value)}`;
    const error = new AssertionError({ actual: value, expected: true, message, operator: '==', stackStartFn: start });
    error.generatedMessage = given === undefined;
    throw error;
}

function assert(...values) { check(assert, values); }
function ok(...values) { check(ok, values); }

/** Each comparison: whether it holds, and its operator. */
const comparisons = {
    // eslint-disable-next-line eqeqeq
    equal: [(a, b) => a == b || (Number.isNaN(a) && Number.isNaN(b)), '=='],
    // eslint-disable-next-line eqeqeq
    notEqual: [(a, b) => !(a == b || (Number.isNaN(a) && Number.isNaN(b))), '!='],
    strictEqual: [Object.is, 'strictEqual'],
    notStrictEqual: [(a, b) => !Object.is(a, b), 'notStrictEqual'],
    deepEqual: [isDeepEqual, 'deepEqual'],
    notDeepEqual: [(a, b) => !isDeepEqual(a, b), 'notDeepEqual'],
    deepStrictEqual: [isDeepStrictEqual, 'deepStrictEqual'],
    notDeepStrictEqual: [(a, b) => !isDeepStrictEqual(a, b), 'notDeepStrictEqual'],
};
for (const name of Object.keys(comparisons)) {
    const [holds, operator] = comparisons[name];
    const compare = {
        [name](actual, expected, message) {
            if (arguments.length < 2) {
                throw nodeError(
                    TypeError,
                    'ERR_MISSING_ARGS',
                    'The "actual" and "expected" arguments must be specified',
                );
            }
            if (!holds(actual, expected)) fail(actual, expected, message, operator, compare);
        },
    }[name];
    assert[name] = compare;
}

function checkErrorByFunction(error, expected, refuse) {
    if (expected.prototype !== undefined && error instanceof expected) return;
    const said = error?.message;
    if (expected === Error || Object.prototype.isPrototypeOf.call(Error, expected)) {
        const name = error?.constructor?.name;
        refuse(
            `The error is expected to be an instance of "${expected.name}". Received ` +
                `"${name || inspect(error, { depth: -1 })}"${said ? `\n\nError message:\n\n${said}` : ''}`,
        );
    }
    const verdict = Reflect.apply(expected, {}, [error]);
    if (verdict === true) return;
    const name = expected.name ? `"${expected.name}" ` : '';
    refuse(
        `The ${name}validation function is expected to return "true". Received ${inspect(verdict)}` +
            `${said ? `\n\nCaught error:\n\n${error}` : ''}`,
    );
}

/** Whether an error is what `throws` or `rejects` expects; throws when it is not. */
function checkError(error, expected, message, start) {
    const given = message instanceof Error ? undefined : message;
    const refuse = (text) => {
        if (message instanceof Error) throw message;
        fail(error, expected, given ?? text, start.name, start);
    };
    if (typeof expected === 'function') {
        checkErrorByFunction(error, expected, refuse);
        return;
    }
    if (types.isRegExp(expected)) {
        if (expected.exec(String(error)) !== null) return;
        const input = inspect(String(error));
        refuse(`The input did not match the regular expression ${inspect(expected)}. Input:\n\n${input}\n`);
    }
    if (error === null || typeof error !== 'object') {
        fail(error, expected, message, 'deepStrictEqual', start);
    }
    const keys = Object.keys(expected);
    if (expected instanceof Error) keys.push('name', 'message');
    else if (keys.length === 0) throw invalidArgValue('error', expected, 'may not be an empty object');
    for (const key of keys) {
        if (typeof error[key] === 'string' && types.isRegExp(expected[key]) && expected[key].exec(error[key]) !== null)
            continue;
        if (key in error && isDeepStrictEqual(error[key], expected[key])) continue;
        if (message instanceof Error) throw message;
        const actualPart = Object.fromEntries(keys.filter((name) => name in error).map((name) => [name,
            typeof error[name] === 'string' && types.isRegExp(expected[name]) && expected[name].test(error[name])
                ? expected[name] : error[name]]));
        const expectedPart = Object.fromEntries(keys.map((name) => [name, expected[name]]));
        const failure = new AssertionError({
            actual: actualPart,
            expected: expectedPart,
            operator: 'deepStrictEqual',
            message: given,
            stackStartFn: start,
        });
        failure.actual = error;
        failure.expected = expected;
        failure.operator = start.name;
        throw failure;
    }
}

function checkExpected(expected) {
    if (
        expected !== undefined &&
        typeof expected !== 'function' &&
        (expected === null || typeof expected !== 'object')
    ) {
        throw invalidArgType('error', ['Function', 'Error', 'RegExp', 'Object'], expected);
    }
}

function expectError(outcome, values, start) {
    let [expected, message] = values;
    if (typeof expected === 'string') {
        if (values.length > 1) throw invalidArgType('error', ['Function', 'Error', 'RegExp', 'Object'], expected);
        if (outcome !== undefined && (outcome.error === expected || outcome.error?.message === expected)) {
            throw nodeError(
                TypeError,
                'ERR_AMBIGUOUS_ARGUMENT',
                `The "error/message" argument is ambiguous. The error ${
                    outcome.error?.message === expected ? 'message' : ''
                } "${expected}" is identical to the message.`,
            );
        }
        message = expected;
        expected = undefined;
    }
    checkExpected(expected);
    if (outcome === undefined) {
        const what = start.name === 'rejects' ? 'rejection' : 'exception';
        if (message instanceof Error) throw message;
        const details = `${expected && expected.name ? ` (${expected.name})` : ''}${message ? `: ${message}` : '.'}`;
        fail(undefined, expected, `Missing expected ${what}${details}`, start.name, start);
    }
    if (expected !== undefined) checkError(outcome.error, expected, message, start);
}

function expectNoError(outcome, values, start) {
    if (outcome === undefined) return;
    let [expected, message] = values;
    if (typeof expected === 'string') [expected, message] = [undefined, expected];
    const { error } = outcome;
    const wanted =
        expected === undefined ||
        (typeof expected === 'function' && expected.prototype !== undefined && error instanceof expected) ||
        (types.isRegExp(expected) && expected.test(String(error)));
    if (!wanted) throw error;
    fail(error, expected, `Got unwanted ${start.name === 'doesNotReject' ? 'rejection' : 'exception'}${
        message ? `: ${message}` : '.'}\nActual message: "${error && error.message}"`, start.name, start);
}

function outcomeOf(run) {
    validateFunction(run, 'fn');
    try {
        run();
        return undefined;
    } catch (error) {
        return { error };
    }
}

async function outcomeOfPromise(source) {
    let promise = source;
    if (typeof source === 'function') {
        promise = source();
        if (promise === null || typeof promise !== 'object' || typeof promise.then !== 'function') {
            throw nodeError(TypeError, 'ERR_INVALID_RETURN_VALUE',
                `Expected instance of Promise to be returned from the "promiseFn" function but got ${typeof promise}.`);
        }
    } else if (source === null || typeof source !== 'object' || typeof source.then !== 'function') {
        throw invalidArgType('promiseFn', ['Function', 'Promise'], source);
    }
    try {
        await promise;
        return undefined;
    } catch (error) {
        return { error };
    }
}

function throws(run, ...values) { expectError(outcomeOf(run), values, throws); }
function doesNotThrow(run, ...values) { expectNoError(outcomeOf(run), values, doesNotThrow); }
async function rejects(source, ...values) { expectError(await outcomeOfPromise(source), values, rejects); }
async function doesNotReject(source, ...values) {
    expectNoError(await outcomeOfPromise(source), values, doesNotReject);
}

function matching(name, wanted, text) {
    return {
        [name](string, regexp, message) {
            if (!types.isRegExp(regexp)) throw invalidArgType('regexp', 'RegExp', regexp);
            if (typeof string === 'string' && (regexp.exec(string) !== null) === wanted) return;
            if (message instanceof Error) throw message;
            const shown = typeof string === 'string'
                ? `${text} the regular expression ${inspect(regexp)}. Input:\n\n${inspect(string)}\n`
                : `The "string" argument must be of type string. Received type ${typeof string} (${inspect(string)})`;
            const error = new AssertionError({
                actual: string, expected: regexp, message: message ?? shown, operator: name, stackStartFn: assert[name],
            });
            error.generatedMessage = message === undefined;
            throw error;
        },
    }[name];
}

function ifError(value) {
    if (value === null || value === undefined) return;
    let message = 'ifError got unwanted exception: ';
    message += typeof value === 'object' && typeof value.message === 'string'
        ? value.message || value.constructor?.name : inspect(value);
    const error = new AssertionError({
        actual: value,
        expected: null,
        operator: 'ifError',
        message,
        stackStartFn: ifError,
    });
    error.generatedMessage = true;
    throw error;
}

Object.assign(assert, {
    AssertionError, ok, throws, doesNotThrow, rejects, doesNotReject, ifError,
    match: matching('match', true, 'The input did not match'),
    doesNotMatch: matching('doesNotMatch', false, 'The input was expected to not match'),
    fail(message = 'Failed') {
        if (message instanceof Error) throw message;
        const error = new AssertionError({ message, operator: 'fail', stackStartFn: assert.fail });
        error.generatedMessage = arguments.length === 0;
        throw error;
    },
});

function strict(...values) { check(strict, values); }
assert.strict = Object.assign(strict, assert, {
    equal: assert.strictEqual, notEqual: assert.notStrictEqual, deepEqual: assert.deepStrictEqual,
    notDeepEqual: assert.notDeepStrictEqual,
});
strict.strict = strict;

module.exports = assert;
