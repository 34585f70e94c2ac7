// The character encodings of Buffer, one object for each: from text to bytes, from bytes to text, and how many bytes a
// text takes.

const text = binding('text');
const { nodeError } = require('node/internal/errors');

function utf16Encode(string) {
    const units = new Uint16Array(string.length);
    for (let i = 0; i < string.length; i++) units[i] = string.charCodeAt(i);
    return new Uint8Array(units.buffer);
}

function utf16Decode(bytes) {
    const length = bytes.length >> 1;
    let out = '';
    for (let start = 0; start < length; start += 4096) {
        const units = [];
        for (let i = start; i < length && i < start + 4096; i++) units.push(bytes[2 * i] | bytes[2 * i + 1] << 8);
        out += String.fromCharCode.apply(null, units);
    }
    return out;
}

function asciiDecode(bytes) {
    const out = new Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) out[i] = bytes[i] & 0x7f;
    return text.latin1Decode(out);
}

function base64Length(string) {
    let length = string.length;
    while (length > 0 && string.charCodeAt(length - 1) === 0x3d) length--;
    return length * 3 >>> 2;
}

const utf8 = {
    name: 'utf8',
    encode: text.utf8Encode,
    decode: (bytes) => text.utf8Decode(bytes, false, false),
    length: text.utf8Length,
};
const utf16le = { name: 'utf16le', encode: utf16Encode, decode: utf16Decode, length: (string) => string.length * 2 };
const latin1 = {
    name: 'latin1', encode: text.latin1Encode, decode: text.latin1Decode, length: (string) => string.length,
};
const ascii = { name: 'ascii', encode: text.latin1Encode, decode: asciiDecode, length: (string) => string.length };
const base64 = {
    name: 'base64', encode: text.base64Decode, decode: (bytes) => text.base64Encode(bytes, false), length: base64Length,
};
const base64url = {
    name: 'base64url',
    encode: text.base64Decode,
    decode: (bytes) => text.base64Encode(bytes, true),
    length: base64Length,
};
const hex = { name: 'hex', encode: text.hexDecode, decode: text.hexEncode, length: (string) => string.length >>> 1 };

const byName = new Map(Object.entries({
    'utf8': utf8, 'utf-8': utf8, 'utf16le': utf16le, 'utf-16le': utf16le, 'ucs2': utf16le, 'ucs-2': utf16le,
    'latin1': latin1, 'binary': latin1, 'ascii': ascii, 'base64': base64, 'base64url': base64url, 'hex': hex,
}));

/** The encoding of that name (in any case), or undefined. */
function find(name) {
    return byName.get(name) ?? byName.get(String(name).toLowerCase());
}

/** As `find`, with UTF-8 for no name and an error for an unknown one. */
function get(name) {
    if (name === undefined || name === null || name === '' || name === 'utf8') return utf8;
    const encoding = find(name);
    if (encoding === undefined) throw nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);
    return encoding;
}

module.exports = { find, get, utf8, utf16le };
