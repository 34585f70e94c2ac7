// Values between the host's typed data and JavaScript, by the rules both programming models share
// (reference: Azure Functions, section 7.3): text that is JSON arrives parsed, bytes arrive as a Buffer.
'use strict';

function toBuffer(bytes) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// What may begin a JSON text: white space, a quote, a minus, a digit, a bracket, or the first letter of a literal. Most
// texts that are none are known by this, without the cost of a thrown error.
function mayBeJson(text) {
    const first = text.charCodeAt(0);
    return (
        first <= 0x22 ||
        first === 0x2d ||
        (first >= 0x30 && first <= 0x39) ||
        first === 0x5b ||
        first === 0x7b ||
        first === 0x66 ||
        first === 0x6e ||
        first === 0x74
    );
}

// A text as JSON if it is that, else as it is.
function parseText(text) {
    if (!mayBeJson(text)) return text;
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

// An input or a piece of metadata. Undefined when there is nothing, and for HTTP, which each model shapes itself.
function fromData(data) {
    const { kind, value } = data;
    switch (kind) {
        case 'text':
        case 'json':
            return parseText(value);
        case 'bytes':
            return toBuffer(value);
        case 'int':
        case 'double':
        case 'text-list':
            return value;
        case 'bytes-list':
            return value.map(toBuffer);
        default:
            return undefined;
    }
}

const nothing = Object.freeze({ kind: 'none', value: null });

// What a function returns or puts into an output. Undefined and null are nothing.
function toData(value) {
    switch (typeof value) {
        case 'string':
            return { kind: 'text', value };
        case 'number':
            if (Number.isSafeInteger(value)) return { kind: 'int', value };
            // JSON, by which it travels from here on, has no other numbers.
            return Number.isFinite(value) ? { kind: 'double', value } : { kind: 'json', value: 'null' };
        case 'undefined':
            return nothing;
        case 'object':
            if (value === null) return nothing;
            if (ArrayBuffer.isView(value)) {
                return { kind: 'bytes', value: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) };
            }
            if (value instanceof ArrayBuffer) return { kind: 'bytes', value: new Uint8Array(value) };
    }
    const json = JSON.stringify(value);
    return json === undefined ? nothing : { kind: 'json', value: json };
}

// Values whose keys begin with a small letter, all the way down; arrays stay as they are when `intoArrays` is false.
function camelCased(value, intoArrays) {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return intoArrays ? value.map((item) => camelCased(item, true)) : value;
    const result = {};
    for (const key of Object.keys(value)) result[camelCasedKey(key)] = camelCased(value[key], intoArrays);
    return result;
}

function camelCasedKey(key) {
    return key.charAt(0).toLowerCase() + key.slice(1);
}

module.exports = { fromData, toData, parseText, toBuffer, camelCased, camelCasedKey, nothing };
