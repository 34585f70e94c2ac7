// What Web IDL asks of every interface: enumerable members, a class string, argument conversions, pair iterators.
// Private fields do the brand checks: a method called on a foreign object throws a TypeError by itself.
'use strict';

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
const platformPrototypes = new Set();

/**
 * Gives a class the shape of a Web IDL interface. Objects of such classes cannot be cloned unless `clone` knows them.
 */
function defineInterface(Class, name = Class.name) {
    enumerate(Class.prototype, 'constructor');
    enumerate(Class, 'length', 'name', 'prototype');
    Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
    platformPrototypes.add(Class.prototype);
}

function enumerate(object, ...except) {
    for (const key of Object.getOwnPropertyNames(object)) {
        if (!except.includes(key)) Object.defineProperty(object, key, { enumerable: true });
    }
}

/** Whether an object is of an interface defined here (or a class derived from one). */
function isPlatformObject(object) {
    let prototype = Object.getPrototypeOf(object);
    while (prototype !== null && prototype !== Object.prototype) {
        if (platformPrototypes.has(prototype)) return true;
        prototype = Object.getPrototypeOf(prototype);
    }
    return false;
}

/** Constants live on the interface and on its prototype. */
function defineConstants(Class, constants) {
    for (const [key, value] of Object.entries(constants)) {
        Object.defineProperty(Class, key, { value, enumerable: true });
        Object.defineProperty(Class.prototype, key, { value, enumerable: true });
    }
}

/** Throws when a call has fewer arguments than its operation needs. */
function needArguments(given, needed, operation) {
    if (given < needed) {
        throw new TypeError(
            `${operation}: ${needed} argument${needed === 1 ? '' : 's'} required, but only ${given} present.`,
        );
    }
}

/** USVString: unpaired surrogates become U+FFFD. */
function toUSVString(value) {
    const text = typeof value === 'string' ? value : `${value}`;
    return text.isWellFormed() ? text : text.toWellFormed();
}

/** A dictionary argument: undefined and null are an empty one, other primitives are refused. */
function toDictionary(value, operation) {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' && typeof value !== 'function') {
        throw new TypeError(`${operation}: the options must be an object.`);
    }
    return value;
}

/** [EnforceRange] unsigned long long. */
function toEnforcedInteger(value, operation) {
    const number = Math.trunc(Number(value));
    if (!Number.isFinite(number) || number < 0 || number > Number.MAX_SAFE_INTEGER) {
        throw new TypeError(`${operation}: the value is out of range.`);
    }
    return number + 0;
}

/**
 * The bytes of a BufferSource as a view of the same memory (none when it was moved away), or null for anything else.
 */
function bytesOf(value) {
    if (value instanceof Uint8Array) return value;
    const view = ArrayBuffer.isView(value);
    if (!view && !isArrayBuffer(value)) return null;
    if ((view ? value.buffer : value).detached) return new Uint8Array(0);
    return view ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;

function isArrayBuffer(value) {
    if (typeof value !== 'object' || value === null) return false;
    if (typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer) return true;
    try {
        byteLength.call(value);
        return true;
    } catch {
        return false;
    }
}

/** Adds entries, keys, values, forEach and @@iterator; `pairsOf(object)` gives the pairs as they are at this moment. */
function definePairIterable(Class, pairsOf) {
    const name = Class.name;
    class PairIterator {
        #object;
        #kind;
        #index = 0;

        constructor(object, kind) {
            pairsOf(object);
            this.#object = object;
            this.#kind = kind;
        }

        next() {
            const pairs = pairsOf(this.#object);
            if (this.#index >= pairs.length) return { value: undefined, done: true };
            const pair = pairs[this.#index++];
            const value = this.#kind === 'keys' ? pair[0] : this.#kind === 'values' ? pair[1] : [pair[0], pair[1]];
            return { value, done: false };
        }
    }
    Object.setPrototypeOf(PairIterator.prototype, IteratorPrototype);
    delete PairIterator.prototype.constructor;
    enumerate(PairIterator.prototype);
    Object.defineProperty(PairIterator.prototype, Symbol.toStringTag, {
        value: `${name} Iterator`,
        configurable: true,
    });

    const methods = {
        entries() {
            return new PairIterator(this, 'entries');
        },
        keys() {
            return new PairIterator(this, 'keys');
        },
        values() {
            return new PairIterator(this, 'values');
        },
        forEach(callback, thisArgument = undefined) {
            needArguments(arguments.length, 1, `${name}.forEach`);
            if (typeof callback !== 'function')
                throw new TypeError(`${name}.forEach: the callback must be a function.`);
            for (let index = 0; index < pairsOf(this).length; index++) {
                const [key, value] = pairsOf(this)[index];
                callback.call(thisArgument, value, key, this);
            }
        },
    };
    for (const [key, value] of Object.entries(methods)) {
        Object.defineProperty(Class.prototype, key, { value, enumerable: true, configurable: true, writable: true });
    }
    Object.defineProperty(Class.prototype, Symbol.iterator, {
        value: Class.prototype.entries,
        configurable: true,
        writable: true,
    });
}

exports.defineInterface = defineInterface;
exports.defineConstants = defineConstants;
exports.definePairIterable = definePairIterable;
exports.isPlatformObject = isPlatformObject;
exports.needArguments = needArguments;
exports.toUSVString = toUSVString;
exports.toDictionary = toDictionary;
exports.toEnforcedInteger = toEnforcedInteger;
exports.bytesOf = bytesOf;
exports.isArrayBuffer = isArrayBuffer;
/** The method by which `util.inspect` and `console` let an object describe itself. */
exports.inspect = Symbol.for('nodejs.util.inspect.custom');
