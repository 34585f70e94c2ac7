// Errors as Node makes them: a code that programs compare, and the messages people search for.

/** What Node writes after "Received". */
function received(value) {
    if (value === null || value === undefined) return ` Received ${value}`;
    if (typeof value === 'function') return ` Received function ${value.name}`;
    if (typeof value === 'object') {
        const name = value.constructor && value.constructor.name;
        return name ? ` Received an instance of ${name}` : ` Received ${Object.prototype.toString.call(value)}`;
    }
    let text = typeof value === 'string' ? `'${value}'` : typeof value === 'bigint' ? `${value}n` : String(value);
    if (text.length > 28) text = `${text.slice(0, 25)}...${typeof value === 'string' ? "'" : ''}`;
    return ` Received type ${typeof value} (${text})`;
}

function withUnderscores(value) {
    if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value))) return String(value);
    const text = String(value);
    const large = typeof value === 'bigint' ? value > 2n ** 32n || value < -(2n ** 32n) : Math.abs(value) > 2 ** 32;
    return (large ? text.replace(/\B(?=(\d{3})+$)/g, '_') : text) + (typeof value === 'bigint' ? 'n' : '');
}

/** An error of class `Base` with a code. */
function nodeError(Base, code, message) {
    const error = new Base(message);
    error.code = code;
    Object.defineProperty(error, 'toString', {
        value() { return `${this.name} [${code}]: ${this.message}`; },
        writable: true, configurable: true, enumerable: false,
    });
    return error;
}

const PRIMITIVES = ['string', 'function', 'number', 'object', 'boolean', 'bigint', 'symbol', 'Function', 'Object'];

function listOf(words, last) {
    if (words.length < 3) return words.join(` ${last} `);
    return `${words.slice(0, -1).join(', ')}, ${last} ${words[words.length - 1]}`;
}

function invalidArgType(name, expected, actual) {
    const all = Array.isArray(expected) ? expected : [expected];
    const types = all.filter((word) => PRIMITIVES.includes(word)).map((word) => word.toLowerCase());
    const classes = all.filter((word) => !PRIMITIVES.includes(word) && /^[A-Z][A-Za-z0-9]*$/.test(word));
    const others = all.filter((word) => !PRIMITIVES.includes(word) && !/^[A-Z][A-Za-z0-9]*$/.test(word));
    const parts = [];
    if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${listOf(types, 'or')}`);
    if (classes.length > 0) parts.push(`an instance of ${listOf(classes, 'or')}`);
    if (others.length > 0) parts.push(listOf(others, 'or'));
    const subject = name.endsWith(' argument') ? `The ${name}`
        : `The "${name}" ${name.includes('.') ? 'property' : 'argument'}`;
    return nodeError(TypeError, 'ERR_INVALID_ARG_TYPE',
        `${subject} must be ${parts.join(' or ')}.${received(actual)}`);
}

function invalidArgValue(name, value, reason = 'is invalid') {
    let text = typeof value === 'string' ? `'${value}'` : typeof value === 'object' && value !== null
        ? require('node/internal/inspect').inspect(value) : String(value);
    if (text.length > 128) text = `${text.slice(0, 128)}...`;
    return nodeError(TypeError, 'ERR_INVALID_ARG_VALUE',
        `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${text}`);
}

function outOfRange(name, range, actual) {
    const text = typeof actual === 'string' ? `'${actual}'` : withUnderscores(actual);
    return nodeError(RangeError, 'ERR_OUT_OF_RANGE',
        `The value of "${name}" is out of range. It must be ${range}. Received ${text}`);
}

/** For what exists in Node and cannot exist here. `instead` says what to do. */
function notAvailable(what, instead) {
    return nodeError(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
        `${what} is not available in a function app's sandbox. ${instead}`);
}

function validateString(value, name) {
    if (typeof value !== 'string') throw invalidArgType(name, 'string', value);
}

function validateNumber(value, name, min, max) {
    if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
    if ((min !== undefined && value < min) || (max !== undefined && value > max) ||
        ((min !== undefined || max !== undefined) && Number.isNaN(value))) {
        throw outOfRange(name, [min !== undefined && `>= ${min}`, max !== undefined && `<= ${max}`]
            .filter(Boolean).join(' && '), value);
    }
}

function validateInteger(value, name, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
    if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
    if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
    if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

function validateFunction(value, name) {
    if (typeof value !== 'function') throw invalidArgType(name, 'function', value);
}

function validateObject(value, name) {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
        throw invalidArgType(name, 'Object', value);
}

function validateAbortSignal(value, name) {
    if (value !== undefined && (value === null || typeof value !== 'object' || !('aborted' in value))) {
        throw invalidArgType(name, 'AbortSignal', value);
    }
}

/** The rejection of what an AbortSignal ended. */
class AbortError extends Error {
    constructor(message = 'The operation was aborted', options = undefined) {
        super(message, options);
        this.code = 'ABORT_ERR';
        this.name = 'AbortError';
    }
}

module.exports = {
    AbortError, invalidArgType, invalidArgValue, nodeError, notAvailable, outOfRange, validateAbortSignal,
    validateFunction, validateInteger, validateNumber, validateObject, validateString,
};
