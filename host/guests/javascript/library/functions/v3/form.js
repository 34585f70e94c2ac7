// Form bodies of the v3 model: `multipart/form-data` (RFC 7578) and `application/x-www-form-urlencoded`, each part as
// bytes.
'use strict';

const { systemError } = require('functions/errors');

class Form {
    #parts;

    constructor(parts) {
        this.#parts = parts;
    }

    get(name) {
        return this.#parts.find((part) => part[0] === name)?.[1] ?? null;
    }

    getAll(name) {
        return this.#parts.filter((part) => part[0] === name).map((part) => part[1]);
    }

    has(name) {
        return this.#parts.some((part) => part[0] === name);
    }

    get length() {
        return this.#parts.length;
    }

    [Symbol.iterator]() {
        return this.#parts[Symbol.iterator]();
    }
}

function parse(body, contentType) {
    if (!contentType) throw systemError('"content-type" header must be defined.');
    const bytes = body ?? Buffer.alloc(0);
    const { type, parameters } = headerValue(contentType);
    switch (type) {
        case 'multipart/form-data':
            if (!parameters.boundary) throw systemError('Failed to find parameter with name "boundary".');
            return new Form(parts(bytes, parameters.boundary));
        case 'application/x-www-form-urlencoded':
            return new Form(
                Array.from(new URLSearchParams(bytes.toString()), ([name, value]) => {
                    return [name, { value: Buffer.from(value) }];
                }),
            );
        default:
            throw systemError(
                `Media type "${type}" does not match types supported for form parsing: "multipart/form-data", ` +
                    '"application/x-www-form-urlencoded".',
            );
    }
}

// `type; name=value; other="quoted"`, the names in lower case.
function headerValue(text) {
    const [type] = text.split(';', 1);
    const parameters = {};
    const pattern = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g;
    for (const [, name, quoted, plain] of text.matchAll(pattern)) {
        parameters[name.toLowerCase()] = quoted === undefined ? plain : quoted.replace(/\\"/g, '"');
    }
    return { type: type.trim().toLowerCase(), parameters };
}

function parts(bytes, boundary) {
    const found = [];
    const delimiter = Buffer.from(`--${boundary}`);
    let at = lineWith(bytes, delimiter, 0);
    while (at >= 0) {
        const start = bytes.indexOf('\n', at + delimiter.length) + 1;
        const next = start > 0 ? lineWith(bytes, delimiter, start) : -1;
        // After the last boundary, or without one at the end, nothing more is a part.
        if (next < 0) break;
        found.push(part(bytes.subarray(start, next)));
        at = next;
    }
    return found;
}

// Where a boundary begins that stands at the beginning of a line.
function lineWith(bytes, delimiter, from) {
    let at = bytes.indexOf(delimiter, from);
    while (at > 0 && bytes[at - 1] !== 0x0a) at = bytes.indexOf(delimiter, at + 1);
    return at;
}

function part(bytes) {
    const headers = {};
    let at = 0;
    for (;;) {
        const end = bytes.indexOf('\n', at);
        const line = bytes
            .subarray(at, end < 0 ? bytes.length : end)
            .toString()
            .trimEnd();
        at = end < 0 ? bytes.length : end + 1;
        if (line === '') break;
        const colon = line.indexOf(':');
        if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
    }
    const { name, filename } = headerValue(headers['content-disposition'] ?? '').parameters;
    if (!name) throw systemError('Expected part to have header "content-disposition" with parameter "name".');
    // The line break before the boundary belongs to the boundary.
    let end = bytes.length;
    if (end > at && bytes[end - 1] === 0x0a) end -= end - 1 > at && bytes[end - 2] === 0x0d ? 2 : 1;
    const result = { value: bytes.subarray(at, Math.max(at, end)) };
    if (filename !== undefined) result.fileName = filename;
    if (headers['content-type'] !== undefined) result.contentType = headers['content-type'];
    return [name, result];
}

module.exports = { parse };
