// `util`, with the tests of kinds that newer versions of Node removed and older packages still call.

const { inspect } = require('node/internal/inspect');
const { stripControl } = require('node/internal/inspect_text');
const { format, formatWithOptions } = require('node/internal/format');
const { types } = require('node/internal/types');
const { isDeepStrictEqual } = require('node/internal/equality');
const { callbackify, promisify } = require('node/internal/promisify');
const { parseArgs } = require('node/internal/parse_args');
const errors = require('node/internal/errors');

function inherits(constructor, parent) {
    if (typeof constructor !== 'function') throw errors.invalidArgType('ctor', 'Function', constructor);
    if (typeof parent !== 'function') throw errors.invalidArgType('superCtor', 'Function', parent);
    if (parent.prototype === undefined) throw errors.invalidArgType('superCtor.prototype', 'Object', parent.prototype);
    Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
    Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

const warned = new Set();

function deprecate(original, message, code) {
    let told = false;
    function deprecated(...values) {
        if (!told) {
            told = true;
            if (code === undefined || !warned.has(code)) {
                if (code !== undefined) warned.add(code);
                require('node/process').emitWarning(message, 'DeprecationWarning', code);
            }
        }
        return new.target ? Reflect.construct(original, values, new.target) : Reflect.apply(original, this, values);
    }
    Object.setPrototypeOf(deprecated, original);
    if (original.prototype) deprecated.prototype = original.prototype;
    return deprecated;
}

function matchesSection(section) {
    const wanted = String(require('node/process').env.NODE_DEBUG ?? '');
    return (
        wanted !== '' &&
        wanted.split(',').some((pattern) =>
            new RegExp(
                `^${pattern
                    .trim()
                    .replace(/[|\\{}()[\]^$+?.]/g, '\\$&')
                    .replace(/\*/g, '.*')}$`,
                'i',
            ).test(section),
        )
    );
}

/** NODE_DEBUG is read at the first call, so that it is the running app's. */
function debuglog(section, onReady) {
    let enabled;
    const isEnabled = () => {
        if (enabled === undefined) {
            enabled = matchesSection(section);
            if (onReady) onReady(log);
        }
        return enabled;
    };
    function log(...values) {
        if (isEnabled()) require('node/console').error(`${section.toUpperCase()}: ${format(...values)}`);
    }
    Object.defineProperty(log, 'enabled', { configurable: true, enumerable: true, get: isEnabled });
    return log;
}

const ERRNO = {
    1: ['EPERM', 'operation not permitted'],
    2: ['ENOENT', 'no such file or directory'],
    9: ['EBADF', 'bad file descriptor'],
    11: ['EAGAIN', 'resource temporarily unavailable'],
    12: ['ENOMEM', 'not enough memory'],
    13: ['EACCES', 'permission denied'],
    17: ['EEXIST', 'file already exists'],
    20: ['ENOTDIR', 'not a directory'],
    21: ['EISDIR', 'illegal operation on a directory'],
    22: ['EINVAL', 'invalid argument'],
    30: ['EROFS', 'read-only file system'],
    32: ['EPIPE', 'broken pipe'],
    98: ['EADDRINUSE', 'address already in use'],
    103: ['ECONNABORTED', 'software caused connection abort'],
    104: ['ECONNRESET', 'connection reset by peer'],
    110: ['ETIMEDOUT', 'connection timed out'],
    111: ['ECONNREFUSED', 'connection refused'],
    113: ['EHOSTUNREACH', 'host is unreachable'],
};

function styleText(style, text) {
    errors.validateString(text, 'text');
    let out = text;
    for (const name of Array.isArray(style) ? [...style].reverse() : [style]) {
        const color = inspect.colors[name];
        if (color === undefined)
            throw errors.invalidArgValue('format', name, 'must be one of the styles of util.inspect.colors');
        out = `\u001b[${color[0]}m${out}\u001b[${color[1]}m`;
    }
    return out;
}

async function aborted(signal, resource) {
    if (signal === undefined || resource === null || typeof resource !== 'object') {
        throw errors.invalidArgType(signal === undefined ? 'signal' : 'resource', 'Object', signal ?? resource);
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

const isOfType = (type) => (value) => typeof value === type;

module.exports = {
    inspect,
    format,
    formatWithOptions,
    types,
    isDeepStrictEqual,
    callbackify,
    promisify,
    parseArgs,
    inherits,
    deprecate,
    debuglog,
    debug: debuglog,
    styleText,
    aborted,
    stripVTControlCharacters(text) {
        errors.validateString(text, 'str');
        return stripControl(text);
    },
    toUSVString: (text) => String(text).toWellFormed(),
    getSystemErrorName: (number) => ERRNO[-number]?.[0],
    getSystemErrorMap: () => new Map(Object.entries(ERRNO).map(([number, entry]) => [-number, entry])),
    get TextEncoder() {
        return globalThis.TextEncoder;
    },
    get TextDecoder() {
        return globalThis.TextDecoder;
    },
    isArray: Array.isArray,
    isBoolean: isOfType('boolean'),
    isBuffer: (value) => require('node/buffer').Buffer.isBuffer(value),
    isDate: types.isDate,
    isError: (value) => types.isNativeError(value) || value instanceof Error,
    isFunction: isOfType('function'),
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: isOfType('number'),
    isObject: (value) => value !== null && typeof value === 'object',
    isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
    isRegExp: types.isRegExp,
    isString: isOfType('string'),
    isSymbol: isOfType('symbol'),
    isUndefined: (value) => value === undefined,
    log(...values) {
        require('node/console').log('%s - %s', new Date().toLocaleString(), format(...values));
    },
    _extend(target, source) {
        return source === null || typeof source !== 'object' ? target : Object.assign(target, source);
    },
    _errnoException(number, call, original) {
        const [code] = ERRNO[-number] ?? [`Unknown system error ${number}`];
        const error = new Error(`${call} ${code}${original ? ` ${original}` : ''}`);
        return Object.assign(error, { errno: number, code, syscall: call });
    },
};
