// What kind of object a value is, whatever its prototype and its tag say (`util.types`).

const { classOf: nativeClassOf } = binding('util');
const typedArrayTag = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
).get;

/** The engine's name of a value's class; undefined for what is no object. */
function classOf(value) {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
        ? nativeClassOf(value)
        : undefined;
}

/** `Uint8Array` and so on, or undefined. */
function typedArrayName(value) {
    return ArrayBuffer.isView(value) ? typedArrayTag.call(value) : undefined;
}

function isOneOf(...names) {
    return (value) => names.includes(classOf(value));
}

const types = {
    isAnyArrayBuffer: isOneOf('ArrayBuffer', 'SharedArrayBuffer'),
    isArgumentsObject: isOneOf('Arguments'),
    isArrayBuffer: isOneOf('ArrayBuffer'),
    isArrayBufferView: (value) => ArrayBuffer.isView(value),
    isAsyncFunction: isOneOf('AsyncFunction', 'AsyncGeneratorFunction'),
    isBigIntObject: isOneOf('BigInt'),
    isBooleanObject: isOneOf('Boolean'),
    isBoxedPrimitive: isOneOf('Number', 'String', 'Boolean', 'BigInt', 'Symbol'),
    isDataView: isOneOf('DataView'),
    isDate: isOneOf('Date'),
    isExternal: () => false,
    isGeneratorFunction: isOneOf('GeneratorFunction', 'AsyncGeneratorFunction'),
    isGeneratorObject: isOneOf('Generator', 'AsyncGenerator'),
    isMap: isOneOf('Map'),
    isMapIterator: isOneOf('Map Iterator'),
    isModuleNamespaceObject: (value) => classOf(value) === 'Object' && Object.getPrototypeOf(value) === null &&
        Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module',
    isNativeError: isOneOf('Error'),
    isNumberObject: isOneOf('Number'),
    isPromise: isOneOf('Promise'),
    isProxy: isOneOf('Proxy'),
    isRegExp: isOneOf('RegExp'),
    isSet: isOneOf('Set'),
    isSetIterator: isOneOf('Set Iterator'),
    isSharedArrayBuffer: isOneOf('SharedArrayBuffer'),
    isStringObject: isOneOf('String'),
    isSymbolObject: isOneOf('Symbol'),
    isTypedArray: (value) => typedArrayName(value) !== undefined,
    isWeakMap: isOneOf('WeakMap'),
    isWeakSet: isOneOf('WeakSet'),
    isKeyObject: () => false,
    isCryptoKey: (value) => typeof globalThis.CryptoKey === 'function' && value instanceof globalThis.CryptoKey,
};
for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
    'Uint32Array', 'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) {
    types[`is${name}`] = (value) => typedArrayName(value) === name;
}

module.exports = { classOf, typedArrayName, types };
