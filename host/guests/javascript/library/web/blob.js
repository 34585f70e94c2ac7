// Blob and File (File API). The bytes of a blob never change, so slices share them and reading copies them.
'use strict';

const { defineInterface, needArguments, toUSVString, toDictionary, bytesOf, inspect } = require('web/idl');
const text = binding('text');

let contentOf;

class Blob {
    #bytes;
    #type;

    constructor(parts = undefined, options = undefined) {
        if (
            parts !== undefined &&
            (typeof parts !== 'object' || parts === null || typeof parts[Symbol.iterator] !== 'function')
        ) {
            throw new TypeError('Blob: the parts must be an iterable object.');
        }
        const { endings = 'transparent', type = '' } = toDictionary(options, 'Blob');
        if (`${endings}` !== 'transparent' && `${endings}` !== 'native') {
            throw new TypeError("Blob: endings must be 'transparent' or 'native'.");
        }
        this.#bytes = join(parts ?? [], `${endings}` === 'native');
        this.#type = normalizeType(type);
    }

    get size() {
        return this.#bytes.length;
    }

    get type() {
        return this.#type;
    }

    slice(start = undefined, end = undefined, contentType = '') {
        return exports.createBlob(
            this.#bytes.subarray(clamp(start, 0), clamp(end, this.size)),
            normalizeType(contentType),
        );
    }

    async arrayBuffer() {
        return this.#bytes.slice().buffer;
    }

    async bytes() {
        return this.#bytes.slice();
    }

    async text() {
        return text.utf8Decode(this.#bytes, false, true);
    }

    stream() {
        return require('web/streams/readable').createBytesStream(this.#bytes);
    }

    [inspect](depth, options, show) {
        const { size, type } = this;
        return `Blob ${show({ size, type }, options)}`;
    }

    static {
        contentOf = (blob) => blob.#bytes;
        exports.isBlob = (value) => typeof value === 'object' && value !== null && #bytes in value;
        /** A blob of bytes that nobody else changes. */
        exports.createBlob = (bytes, type) => {
            const blob = new Blob();
            blob.#bytes = bytes;
            blob.#type = type;
            return blob;
        };
    }
}
defineInterface(Blob);

class File extends Blob {
    #name;
    #lastModified;

    constructor(parts, name, options = undefined) {
        needArguments(arguments.length, 2, 'File');
        super(parts, options);
        this.#name = toUSVString(name);
        const { lastModified } = toDictionary(options, 'File');
        this.#lastModified = lastModified === undefined ? Date.now() : Math.trunc(Number(lastModified)) || 0;
    }

    get name() {
        return this.#name;
    }

    get lastModified() {
        return this.#lastModified;
    }

    [inspect](depth, options, show) {
        const { size, type, name, lastModified } = this;
        return `File ${show({ size, type, name, lastModified }, options)}`;
    }
}
defineInterface(File);

function join(parts, nativeEndings) {
    const pieces = [];
    let size = 0;
    for (const part of parts) {
        let piece;
        if (exports.isBlob(part)) {
            piece = contentOf(part);
        } else {
            piece = bytesOf(part);
            if (piece === null) {
                const string = toUSVString(part);
                piece = text.utf8Encode(nativeEndings ? string.replace(/\r\n?/g, '\n') : string);
            } else {
                piece = piece.slice();
            }
        }
        size += piece.length;
        pieces.push(piece);
    }
    if (pieces.length === 1) return pieces[0];
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
    }
    return bytes;
}

function normalizeType(type) {
    const given = `${type}`;
    return /[^\x20-\x7e]/.test(given) ? '' : given.toLowerCase();
}

/** [Clamp] long long, where absent stands for a default. */
function clamp(value, absent) {
    return value === undefined ? absent : Math.trunc(Number(value)) || 0;
}

/** A blob of the same class and bytes. */
exports.copyBlob = (blob) =>
    blob instanceof File
        ? new File([blob], blob.name, { type: blob.type, lastModified: blob.lastModified })
        : exports.createBlob(contentOf(blob), blob.type);
/** The bytes of a blob; not to be changed. */
exports.contentOf = contentOf;
exports.Blob = Blob;
exports.File = File;
exports.globals = { Blob, File };
