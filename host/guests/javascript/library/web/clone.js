// structuredClone (HTML 2.7): plain data, collections, buffers, errors and blobs; cycles and shared parts stay so. A
// call with a transfer list copies in two rounds: the first runs the user's getters and may fail, then the buffers
// are moved, then the copy, which has no code in it, is copied again with the moved buffers in place.
'use strict';

const { needArguments, toDictionary, isPlatformObject, isArrayBuffer } = require('web/idl');
const { DOMException, isDOMException } = require('web/dom-exception');
const { isBlob, copyBlob } = require('web/blob');
const { classOf } = binding('util');

const ERRORS = { __proto__: null, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function structuredClone(value, options = undefined) {
    needArguments(arguments.length, 1, 'structuredClone');
    const transfer = [...(toDictionary(options, 'structuredClone').transfer ?? [])];
    if (transfer.length === 0) return copy(value, new Map());
    for (const [index, buffer] of transfer.entries()) {
        if (!isArrayBuffer(buffer) || buffer.detached)
            throw refused('The transfer list holds something that cannot be moved.');
        if (transfer.indexOf(buffer) !== index) throw refused('The transfer list names an ArrayBuffer twice.');
    }
    const views = new Map();
    const first = copy(value, new Map(transfer.map((buffer) => [buffer, buffer])), views);
    const seen = new Map(transfer.map((buffer) => [buffer, buffer.transfer()]));
    for (const [view, { Class, offset, length }] of views) {
        seen.set(view, new Class(seen.get(view.buffer), offset, length));
    }
    return copy(first, seen);
}

/** `seen` maps originals to copies; `views`, when given, collects views of buffers that are about to be moved. */
function copy(value, seen, views = null) {
    if (typeof value !== 'object' || value === null) {
        if (typeof value === 'symbol' || typeof value === 'function')
            throw refused(`${describe(value)} could not be cloned.`);
        return value;
    }
    const known = seen.get(value);
    if (known !== undefined) return known;
    const remember = (made) => {
        seen.set(value, made);
        return made;
    };
    if (isPlatformObject(value)) {
        if (isBlob(value)) return remember(copyBlob(value));
        if (isDOMException(value)) return copyException(value, remember);
        throw refused(`${describe(value)} could not be cloned.`);
    }
    switch (classOf(value)) {
        case 'Array':
            return copyProperties(value, remember(new Array(value.length)), seen, views);
        case 'Object':
            return copyProperties(value, remember({}), seen, views);
        case 'Boolean':
        case 'Number':
        case 'String':
        case 'BigInt':
            return remember(Object(value.valueOf()));
        case 'Date':
            return remember(new Date(Date.prototype.getTime.call(value)));
        case 'RegExp':
            return remember(new RegExp(value.source, value.flags));
        case 'Map': {
            const made = remember(new Map());
            for (const [key, item] of [...Map.prototype.entries.call(value)]) {
                made.set(copy(key, seen, views), copy(item, seen, views));
            }
            return made;
        }
        case 'Set': {
            const made = remember(new Set());
            for (const item of [...Set.prototype.values.call(value)]) made.add(copy(item, seen, views));
            return made;
        }
        case 'ArrayBuffer':
            return remember(copyBuffer(value));
        case 'Error':
            return copyError(value, remember, seen, views);
    }
    if (ArrayBuffer.isView(value)) return copyView(value, remember, seen, views);
    throw refused(`${describe(value)} could not be cloned.`);
}

function copyProperties(value, made, seen, views) {
    const keys = Object.keys(value);
    for (let index = 0; index < keys.length; index++) {
        const key = keys[index];
        const item = copy(value[key], seen, views);
        // A getter that ran before may have removed it.
        if (item === undefined && !Object.hasOwn(value, key)) continue;
        if (key === '__proto__')
            Object.defineProperty(made, key, { value: item, writable: true, enumerable: true, configurable: true });
        else made[key] = item;
    }
    return made;
}

function copyBuffer(buffer) {
    if (buffer.detached) throw refused('An ArrayBuffer that was moved elsewhere could not be cloned.');
    if (!buffer.resizable) return buffer.slice(0);
    const made = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
    new Uint8Array(made).set(new Uint8Array(buffer));
    return made;
}

const typedArrayName = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
).get;

function copyView(view, remember, seen, views) {
    const name = typedArrayName.call(view);
    const Class = name === undefined ? DataView : globalThis[name];
    const offset = view.byteOffset;
    const length = name === undefined ? view.byteLength : view.length;
    if (views !== null && seen.get(view.buffer) === view.buffer) {
        views.set(view, { Class, offset, length });
        return view;
    }
    return remember(new Class(copy(view.buffer, seen, views), offset, length));
}

function copyError(error, remember, seen, views) {
    const Class = ERRORS[error.name] ?? Error;
    const { value: message } = Object.getOwnPropertyDescriptor(error, 'message') ?? {};
    const made = remember(message === undefined ? new Class() : new Class(`${message}`));
    hide(made, 'stack', `${error.stack}`);
    if (Object.hasOwn(error, 'cause')) hide(made, 'cause', copy(error.cause, seen, views));
    return made;
}

function copyException(exception, remember) {
    const made = remember(new DOMException(exception.message, exception.name));
    hide(made, 'stack', `${exception.stack}`);
    return made;
}

function hide(object, key, value) {
    Object.defineProperty(object, key, { value, configurable: true, writable: true });
}

function describe(value) {
    if (typeof value === 'symbol') return value.toString();
    if (typeof value === 'function') return `The function ${value.name || '(anonymous)'}`;
    return `An object of ${value.constructor?.name ?? classOf(value)}`;
}

function refused(message) {
    return new DOMException(message, 'DataCloneError');
}

exports.structuredClone = structuredClone;
exports.globals = { structuredClone };
