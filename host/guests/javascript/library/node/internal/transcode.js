// What the module `buffer` has beside Buffer: from one encoding to another, and whether bytes are of one.

const text = binding('text');
const encodings = require('node/internal/encodings');
const { invalidArgType } = require('node/internal/errors');

function bytesOf(input) {
    return input instanceof Uint8Array ? input : new Uint8Array(input.buffer ?? input);
}

function transcode(source, from, to) {
    if (!(source instanceof Uint8Array)) throw invalidArgType('source', ['Buffer', 'Uint8Array'], source);
    const target = encodings.get(to);
    let string = encodings.get(from).decode(source);
    if (target.name === 'latin1') string = string.replace(/[^\0-\xff]/gu, '?');
    if (target.name === 'ascii') string = string.replace(/[^\0-\x7f]/gu, '?');
    return require('node/buffer').Buffer.from(string, to);
}

function isUtf8(input) {
    try {
        text.utf8Decode(bytesOf(input), true, false);
        return true;
    } catch {
        return false;
    }
}

function isAscii(input) {
    return !/[^\0-\x7f]/.test(text.latin1Decode(bytesOf(input)));
}

module.exports = { isAscii, isUtf8, transcode };
