// Deep equality for `assert` and `util.isDeepStrictEqual`: strict compares classes, prototypes, types and symbol keys;
// loose compares primitives with `==`.

const { classOf, typedArrayName } = require('node/internal/types');

function ownKeys(value, strict) {
    const keys = Object.keys(value);
    if (strict) {
        for (const symbol of Object.getOwnPropertySymbols(value)) {
            if (Object.prototype.propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
        }
    }
    return keys;
}

function isObject(value) {
    return typeof value === 'object' && value !== null;
}

function equal(a, b, strict, memory) {
    if (a === b) return a !== 0 || !strict || Object.is(a, b);
    if (strict) {
        if (!isObject(a)) return typeof a === 'number' && Number.isNaN(a) && Number.isNaN(b);
        if (!isObject(b)) return false;
        if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    } else {
        if (!isObject(a)) {
            // eslint-disable-next-line eqeqeq
            return !isObject(b) && typeof b !== 'function' && (a == b || (Number.isNaN(a) && Number.isNaN(b)));
        }
        if (!isObject(b)) return false;
    }
    if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
    return equalObjects(a, b, strict, memory ?? { a: [], b: [] });
}

function equalObjects(a, b, strict, memory) {
    const kind = classOf(a);
    const other = classOf(b);
    if (kind !== other && kind !== 'Proxy' && other !== 'Proxy') return false;
    if (Array.isArray(a)) {
        if (!Array.isArray(b) || a.length !== b.length) return false;
    } else if (typedArrayName(a) !== undefined) {
        if (!equalTyped(a, b, strict)) return false;
        const keysA = ownKeys(a, strict).filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
        const keysB = ownKeys(b, strict).filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
        return keysA.length === keysB.length && equalEntries(a, b, keysA, strict, memory, kind);
    } else if (!equalKind(a, b, kind)) {
        return false;
    }
    const keys = ownKeys(a, strict);
    if (keys.length !== ownKeys(b, strict).length) return false;
    return equalEntries(a, b, keys, strict, memory, kind);
}

/** What is in objects of a class beside their properties. */
function equalKind(a, b, kind) {
    switch (kind) {
        case 'Date': return Object.is(Date.prototype.getTime.call(a), Date.prototype.getTime.call(b));
        case 'RegExp': return a.source === b.source && a.flags === b.flags && a.lastIndex === b.lastIndex;
        case 'Error':
            return a.message === b.message && a.name === b.name && ('cause' in a) === ('cause' in b);
        case 'Number': case 'String': case 'Boolean': case 'BigInt': case 'Symbol': {
            const { valueOf } = globalThis[kind].prototype;
            return Object.is(valueOf.call(a), valueOf.call(b));
        }
        case 'ArrayBuffer': case 'SharedArrayBuffer': return equalTyped(new Uint8Array(a), new Uint8Array(b), true);
        case 'DataView':
            return equalTyped(new Uint8Array(a.buffer, a.byteOffset, a.byteLength),
                new Uint8Array(b.buffer, b.byteOffset, b.byteLength), true);
        case 'WeakMap': case 'WeakSet': case 'Promise': return false;
        default: return true;
    }
}

function equalTyped(a, b, strict) {
    if (a.length !== b.length || typedArrayName(a) !== typedArrayName(b)) return false;
    for (let i = 0; i < a.length; i++) {
        if (strict ? !Object.is(a[i], b[i]) : a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i])))
            return false;
    }
    return true;
}

function equalEntries(a, b, keys, strict, memory, kind) {
    for (const key of keys) if (!Object.prototype.propertyIsEnumerable.call(b, key)) return false;
    const known = memory.a.indexOf(a);
    if (known >= 0 && memory.b[known] === b) return true;
    memory.a.push(a);
    memory.b.push(b);
    const same =
        (kind !== 'Set' || equalSets(a, b, strict, memory)) &&
        (kind !== 'Map' || equalMaps(a, b, strict, memory)) &&
        (kind !== 'Error' || (equal(a.cause, b.cause, strict, memory) && equal(a.errors, b.errors, strict, memory))) &&
        keys.every((key) => equal(a[key], b[key], strict, memory));
    memory.a.pop();
    memory.b.pop();
    return same;
}

function equalSets(a, b, strict, memory) {
    if (a.size !== b.size) return false;
    const rest = [];
    for (const item of a) if (!b.has(item)) rest.push(item);
    if (rest.length === 0) return true;
    if (strict && rest.some((item) => !isObject(item))) return false;
    const open = [...b].filter((item) => !a.has(item));
    return rest.every((item) => {
        const at = open.findIndex((candidate) => equal(item, candidate, strict, memory));
        if (at >= 0) open.splice(at, 1);
        return at >= 0;
    });
}

function equalMaps(a, b, strict, memory) {
    if (a.size !== b.size) return false;
    const rest = [];
    for (const [key, value] of a) {
        if (!b.has(key)) rest.push([key, value]);
        else if (!equal(value, b.get(key), strict, memory)) return false;
    }
    if (rest.length === 0) return true;
    if (strict && rest.some(([key]) => !isObject(key))) return false;
    const open = [...b].filter(([key]) => !a.has(key));
    return rest.every(([key, value]) => {
        const at = open.findIndex(([otherKey, otherValue]) =>
            equal(key, otherKey, strict, memory) && equal(value, otherValue, strict, memory));
        if (at >= 0) open.splice(at, 1);
        return at >= 0;
    });
}

module.exports = {
    isDeepEqual: (a, b) => equal(a, b, false),
    isDeepStrictEqual: (a, b) => equal(a, b, true),
};
